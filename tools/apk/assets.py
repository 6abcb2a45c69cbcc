"""What the app carries: models, and pictures of people for its benchmark mode."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from blazepose_tf.data.coco import read_coco
from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.files import write_atomically
from blazepose_tf.runtime.model_file import read_model_file
from tools.apk import places

MODELS = tuple(
    f"pose_{name}_{precision}.tflite"
    for name in ("landmark_lite", "landmark_full", "detector")
    for precision in ("float32", "float16", "int8")
)
"""What `tools/convert.py` writes into dist/."""
PICTURES = 12
"""How many of the package's rendered people go along, for the benchmark mode."""


def convert_missing() -> list[Path]:
    """Landmark networks and the large detector in dist/; converted when one is missing.

    Raises:
        CheckFailedError: converting failed; it has said why.
    """
    files = [places.DIST / name for name in MODELS]
    if not all(path.exists() for path in files):
        done = subprocess.run([sys.executable, places.ROOT / "tools" / "convert.py"], check=False)
        if done.returncode != 0:
            raise CheckFailedError("models cannot be converted; see above")
    return files


def models_in(folder: Path) -> list[Path]:
    """Model files of a folder.

    Raises:
        BadInputError: no landmark model or no detector among them, or a file is damaged.
    """
    files = sorted(folder.glob("*.tflite"))
    kinds = {read_model_file(path).description.get("kind") for path in files}
    if not {"landmark", "detector"} <= kinds:
        raise BadInputError(
            f"{folder}: needs a pose_landmark_*.tflite and a pose_detector_*.tflite file"
        )
    return files


def collect(models: list[Path]) -> None:
    """Lay models, pictures and the pictures' regions of interest out as assets."""
    shutil.rmtree(places.ASSETS, ignore_errors=True)
    (places.ASSETS / "models").mkdir(parents=True)
    for path in models:
        shutil.copyfile(path, places.ASSETS / "models" / path.name)
    _collect_pictures()


def _collect_pictures() -> None:
    folder = places.ROOT / "blazepose_tf" / "assets" / "calibration"
    samples = read_coco(folder / "annotations.json", folder / "images")
    target = places.ASSETS / "pictures"
    target.mkdir()
    rows = []
    for sample in samples[:: len(samples) // PICTURES][:PICTURES]:
        roi = sample.default_roi
        assert roi is not None, "every person of the calibration set is labelled"
        shutil.copyfile(sample.image, target / sample.image.name)
        rows.append(
            {
                "file": sample.image.name,
                "roi": [round(v, 4) for v in (roi.center_x, roi.center_y, roi.size, roi.rotation)],
            }
        )
    write_atomically(target / "pictures.json", json.dumps(rows, indent=1).encode())
