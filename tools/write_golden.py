"""Write what the Android demo reads from Python: constants, golden vectors, Maven's versions.

The results are kept in the repository; run this after a change to the pipeline, and look at what
changed. A test compares them with what Python writes now.
"""

from __future__ import annotations

import json
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.files import write_atomically
from blazepose_tf.golden import maven
from blazepose_tf.golden.clip import write_clip
from blazepose_tf.golden.constants import constants
from blazepose_tf.golden.vectors import WRITERS
from blazepose_tf.runtime.default_models import find_default_model

ROOT = Path(__file__).resolve().parents[1]
CONSTANTS = Path("android_demo/core/src/main/resources/blazepose_tf/constants.json")
VERSIONS = Path("android_demo/gradle/libs.versions.toml")


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="write into this folder, laid out like a checkout"
    )
    parser.add_argument(
        "--clip",
        type=Path,
        metavar="DIR",
        help="write only the 60-frame clip for the JVM, large files for one test run, to DIR",
    )
    parser.add_argument("--landmark-model", type=Path, help="for --clip; default: lite in dist/")
    parser.add_argument("--detector-model", type=Path, help="for --clip; default: the one in dist/")
    arguments = parser.parse_args()
    if arguments.clip:
        landmarks = arguments.landmark_model or find_default_model("pose_landmark_lite")
        detector = arguments.detector_model or find_default_model("pose_detector")
        write_clip(arguments.clip, landmarks, detector)
        return
    write_atomically(arguments.root / CONSTANTS, _json(constants(), indent=1))
    config = maven.config((ROOT / VERSIONS).read_text(encoding="utf-8"))
    write_atomically(arguments.root / "android_demo/.mvn/maven.config", config.encode())
    for name, make in tqdm(WRITERS.items(), unit="file"):
        write_atomically(arguments.root / "tests/golden" / f"{name}.json", _json(make()))


def _json(value: object, indent: int | None = None) -> bytes:
    return (json.dumps(value, indent=indent) + "\n").encode()


if __name__ == "__main__":
    command_line.run(main)
