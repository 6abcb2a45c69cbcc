"""Compare landmarks of .tflite files on ARM64 (under qemu) with the same files on this machine.

On crops of the calibration set. float32 and float16 files must agree within 1e-4 crop units, int8
files within one quantisation step. The first run fetches Debian's arm64 Python into the cache.

int8 files are judged against TFLite's reference kernels, which define its int8 arithmetic: the
optimised kernels of x86 round otherwise. x and y are judged; z is shown: rounding alone moves it by
several per cent of the crop, from any kernels to any others.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

if not __package__:  # `benchmarks` is not installed with the package
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
from tqdm import tqdm

from benchmarks.arm64 import Array, find_qemu, prepare_sysroot, run_here, run_on_arm64
from blazepose_tf import command_line
from blazepose_tf.convert.calibration import landmark_crops, shipped_people
from blazepose_tf.errors import CheckFailedError
from blazepose_tf.files import write_atomically
from blazepose_tf.models.packages import cache_folder, find_model
from blazepose_tf.runtime.landmarker import MEDIAPIPE_POINTS, Landmarker
from blazepose_tf.topology import NUM_POINTS

FLOAT_TOLERANCE = 1e-4
"""Crop units: 0.03 px of 256."""
STEPS = 255
"""An int8 tensor divides its range into 255 steps. The head itself stays float in our files, so the
step is the one that `landmarks` would have as int8: its range (x, y, z) on these crops / 255."""


def points_of(outputs: dict[str, Array], size: int) -> Array:
    """x, y, z [N, 35, 3] in crop units, from our `landmarks` or MediaPipe's 195 pixel numbers."""
    if "landmarks" in outputs:
        return outputs["landmarks"].reshape(-1, NUM_POINTS, 3)
    (raw,) = [v for v in outputs.values() if v[0].size == MEDIAPIPE_POINTS * 5]
    return raw.reshape(-1, MEDIAPIPE_POINTS, 5)[:, :NUM_POINTS, :3] / size


def compare(path: Path, count: int, sysroot: Path) -> dict[str, Any]:
    """Largest differences over `count` crops, in crop units, and what is allowed in x and y."""
    landmarker = Landmarker(path)
    size = landmarker.input_size
    crops = landmark_crops(shipped_people().check[:count], size).pictures
    values = crops.astype(np.float32) / 255
    precision = landmarker.interpreter.file.description.get("precision", "float32")
    is_int8 = "int8" in precision
    there = points_of(run_on_arm64(path, values, sysroot), size)
    default = points_of(run_here(path, values), size)
    wanted = points_of(run_here(path, values, reference=True), size) if is_int8 else default
    step = float(wanted.max() - wanted.min()) / STEPS
    apart = np.abs(there - wanted)
    difference = float(apart[..., :2].max())
    allowed = step if is_int8 else FLOAT_TOLERANCE
    return {
        "file": path.name, "precision": precision, "crops": len(values),
        "against": "reference kernels" if is_int8 else "default kernels",
        "difference": difference, "allowed": allowed, "passed": difference <= allowed,
        "z_difference": float(apart[..., 2].max()),
        "difference_default_kernels": float(np.abs(there - default)[..., :2].max()),
    }  # fmt: skip


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("models", nargs="+", help="landmark .tflite files, or npm:lite")
    parser.add_argument("--count", type=int, default=3, help="crops of the calibration set")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where ARM's files lie")
    parser.add_argument("--json", type=Path, help="write the figures here")
    arguments = parser.parse_args()
    find_qemu()
    paths = [find_model(name) for name in arguments.models]
    sysroot = prepare_sysroot(arguments.cache)
    rows = [compare(path, arguments.count, sysroot) for path in tqdm(paths, unit="file")]
    for row in rows:
        print("{file}: {precision}, largest difference {difference:.1e} crop units from {against} "
              "(allowed {allowed:.1e}), z {z_difference:.1e}; {difference_default_kernels:.1e} "
              "from default kernels".format(**row))  # fmt: skip
    if arguments.json:
        write_atomically(arguments.json, json.dumps(rows, indent=1).encode())
    failed = [str(row["file"]) for row in rows if not row["passed"]]
    if failed:
        raise CheckFailedError(f"ARM64 differs from this machine: {', '.join(failed)}")


if __name__ == "__main__":
    command_line.run(main)
