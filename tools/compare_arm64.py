"""Compare landmarks of .tflite files on ARM64 (under qemu) with the same files on this machine.

float32 and float16 files must agree within 1e-4 crop units, int8 files within one quantisation step
of the landmarks. The first run fetches Debian's arm64 Python and the aarch64 wheels into the cache.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if not __package__:  # `benchmarks` is not installed with the package
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np  # noqa: E402
from tqdm import tqdm  # noqa: E402

from benchmarks.arm64 import Array, find_qemu, prepare_sysroot, run_on_arm64  # noqa: E402
from blazepose_tf import command_line  # noqa: E402
from blazepose_tf import image as images  # noqa: E402
from blazepose_tf.errors import CheckFailedError  # noqa: E402
from blazepose_tf.files import write_atomically  # noqa: E402
from blazepose_tf.models.packages import cache_folder, find_model  # noqa: E402
from blazepose_tf.runtime.landmarker import MEDIAPIPE_POINTS, Landmarker  # noqa: E402
from blazepose_tf.topology import NUM_POINTS  # noqa: E402

FLOAT_TOLERANCE = 1e-4
"""Crop units: 0.03 px of 256."""
STEPS = 255
"""An int8 tensor divides its range into 255 steps."""


def points_of(outputs: dict[str, Array], size: int) -> Array:
    """x, y [N, 35, 2] in crop units, from our `landmarks` or MediaPipe's 195 numbers in pixels."""
    if "landmarks" in outputs:
        return outputs["landmarks"].reshape(-1, NUM_POINTS, 3)[..., :2]
    (raw,) = [v for v in outputs.values() if v[0].size == MEDIAPIPE_POINTS * 5]
    return raw.reshape(-1, MEDIAPIPE_POINTS, 5)[:, :NUM_POINTS, :2] / size


def compare(path: Path, crops: list[images.Image], sysroot: Path) -> dict[str, Any]:
    """Largest difference of x, y over all crops, in crop units, and what is allowed."""
    landmarker = Landmarker(path, backend="tflite-runtime")
    size = landmarker.input_size
    pictures = [images.letterbox(crop, size)[0] for crop in crops]
    here = np.stack([landmarker.run_crop(picture).points[:, :2] for picture in pictures])
    values = np.stack(pictures).astype(np.float32) / 255
    there = points_of(run_on_arm64(path, values, sysroot), size)
    precision = landmarker.interpreter.file.description.get("precision", "float32")
    allowed = FLOAT_TOLERANCE
    if "int8" in precision:  # the landmarks' own range, in as many steps as an int8 head would have
        info = landmarker.interpreter.outputs.get("landmarks")
        spread = float(here.max() - here.min()) / STEPS
        allowed = info.scale if info and info.scale else spread
    difference = float(np.abs(here - there).max())
    return {
        "file": path.name, "precision": precision, "crops": len(crops),
        "difference": difference, "allowed": allowed, "passed": difference <= allowed,
    }  # fmt: skip


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("models", nargs="+", help="landmark .tflite files, or npm:lite")
    parser.add_argument("--images", type=Path, nargs="+", required=True, help="pictures of people")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where ARM's files lie")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    find_qemu()
    crops = [images.read_image(path) for path in arguments.images]
    paths = [find_model(name) for name in arguments.models]
    sysroot = prepare_sysroot(arguments.cache)
    rows = [compare(path, crops, sysroot) for path in tqdm(paths, unit="file")]
    for row in rows:
        print("{file}: {precision}, largest difference {difference:.2e} crop units, "
              "allowed {allowed:.2e}".format(**row))  # fmt: skip
    if arguments.json:
        write_atomically(arguments.json, json.dumps(rows, indent=1).encode())
    failed = [str(row["file"]) for row in rows if not row["passed"]]
    if failed:
        raise CheckFailedError(f"ARM64 differs from this machine: {', '.join(failed)}")


if __name__ == "__main__":
    command_line.run(main)
