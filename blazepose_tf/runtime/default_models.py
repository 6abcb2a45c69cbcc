"""Which .tflite files are used when nobody names one."""

from __future__ import annotations

from pathlib import Path

from blazepose_tf.errors import BadInputError

PACKAGE = Path(__file__).resolve().parents[1]
PRECISIONS = ("float32", "float16")
"""Preferred first. int8 is never taken unasked: it is slow on x86 with tflite-runtime."""


def model_folders() -> tuple[Path, ...]:
    """Searched in this order: the package, dist/ of the checkout, dist/ of the current folder."""
    return PACKAGE / "assets", PACKAGE.parent / "dist", Path.cwd() / "dist"


def find_default_model(name: str) -> Path:
    """Path of `name` (`pose_landmark_lite`, `pose_detector`), e.g. dist/NAME_float32.tflite.

    Raises:
        BadInputError: there is none; it says how to make one.
    """
    for folder in model_folders():
        for precision in PRECISIONS:
            path = folder / f"{name}_{precision}.tflite"
            if path.is_file():
                return path
    raise BadInputError(
        f"no {name}_float32.tflite found in dist/; run `make convert`, or give a .tflite file"
    )
