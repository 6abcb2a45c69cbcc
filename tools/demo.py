"""Draw the poses of people over a picture, a video or what a camera sees, and write the landmarks.

--jsonl has one line per frame: {"frame", "timestamp_s", "pose"}, "pose" null where nobody is found;
with --people 2 and more "people", a list. Exit code 2 when nobody is found in any frame of a file;
what was asked for is written all the same. The sound of a video is not copied.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from blazepose_tf import command_line
from blazepose_tf.demo.outputs import Targets
from blazepose_tf.demo.run import run_camera, run_file
from blazepose_tf.demo.tracking import Choices
from blazepose_tf.errors import BadInputError
from blazepose_tf.video import PICTURE_SUFFIXES

RESULTS = Path("results/demo")


def _arguments() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("input", type=Path, metavar="INPUT", nargs="?", help="a picture or a video")
    add("--camera", type=int, metavar="N", help="a camera instead, 0 is the first; q quits")
    models = "npm:lite|full|heavy for MediaPipe's; None: dist/pose_landmark_lite_float32.tflite"
    add("--landmark", help=f"landmark .tflite, or {models}")
    add("--detector", help="detector .tflite, or npm:detector; None: from dist/")
    add("--people", type=int, default=1, metavar="N", help="follow at most so many")
    add("--out", "--output", type=Path,
        help=f"picture or .mp4; None: {RESULTS}/INPUT's name, of a camera none")  # fmt: skip
    add("--jsonl", type=Path, help="landmarks; None: beside --out, of a camera none")
    add("--csv", type=Path, help="landmarks as a table with MediaPipe's names and units")
    add("--view-3d", type=Path, metavar="FILE.html", help="world landmarks, to turn and play")
    add("--no-smoothing", action="store_true", help="raw landmarks of every frame")
    add("--no-window", action="store_true", help="of a camera: only write files; Ctrl-C ends")
    add("--roi", action="store_true", help="also draw the region of interest")
    add("--threads", type=int, default=1, help="of the interpreter")
    add("--backend", default="auto", help="ai-edge-litert or tflite-runtime")
    add("--json", action="store_true", help="print the summary as JSON")
    given = parser.parse_args()
    if (given.input is None) == (given.camera is None):
        raise BadInputError("give a picture, a video or --camera 0, one of them")
    return given


def _targets(given: argparse.Namespace, is_video: bool) -> Targets:
    out, jsonl = given.out, given.jsonl
    if given.input is not None:
        suffix = given.input.suffix.lower()
        if is_video or suffix not in PICTURE_SUFFIXES:
            suffix = ".mp4" if is_video else ".png"
        out = out or RESULTS / (given.input.stem + suffix)
        jsonl = jsonl or out.with_suffix(".jsonl")
    targets = Targets(out, jsonl, given.csv, given.view_3d)
    targets.check(given.input)
    return targets


def main() -> None:
    given = _arguments()
    choices = Choices(
        given.landmark, given.detector, given.people, not given.no_smoothing, given.threads,
        given.backend, given.roi,
    )  # fmt: skip
    if given.camera is None:
        run_file(given.input, lambda is_video: _targets(given, is_video), choices, given.json)
    else:
        targets = _targets(given, is_video=True)
        run_camera(given.camera, targets, choices, given.json, not given.no_window)


if __name__ == "__main__":
    command_line.run(main)
