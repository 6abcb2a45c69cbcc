"""Import MediaPipe's published BlazePose weights (Apache-2.0) into a weights file of ours."""

from __future__ import annotations

import argparse
import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import json  # noqa: E402
from pathlib import Path  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.files import sha256  # noqa: E402
from blazepose_tf.models.weights import Weights  # noqa: E402

PRESETS = ("lite", "full", "heavy", "detector")


def _import(arguments: argparse.Namespace) -> Weights:
    from blazepose_tf.models.mediapipe import import_weights
    from blazepose_tf.models.packages import find_model
    from blazepose_tf.models.weights import save_weights

    path = Path(arguments.path) if arguments.path else find_model(f"npm:{arguments.preset}")
    weights = import_weights(path, arguments.preset)
    weights.about["source_sha256"] = sha256(path)
    save_weights(arguments.out, weights)
    return weights


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("path", nargs="?", help="MediaPipe's .tflite (or packed_assets.data) file")
    parser.add_argument(
        "--package", choices=["npm"], help="fetch the file from npm's @mediapipe/pose"
    )
    parser.add_argument("--preset", required=True, choices=PRESETS)
    parser.add_argument("--out", type=Path, required=True, help="weights .npz to write")
    parser.add_argument("--json", action="store_true", help="print what was imported as JSON")
    arguments = parser.parse_args()
    if bool(arguments.path) == bool(arguments.package):
        raise BadInputError("give either the path of a file or --package npm")

    with quiet():
        weights = _import(arguments)
    count = sum(array.size for array in weights.arrays.values())
    record = {**weights.about, "out": str(arguments.out), "parameters": int(count)}
    if arguments.json:
        print(json.dumps(record, indent=1))
    else:
        print(f"{arguments.out}: {count:,} parameters of {arguments.preset}, heads included")


if __name__ == "__main__":
    command_line.run(main)
