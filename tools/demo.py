"""Draw the pose of one person over a picture or a video, and write the landmarks as JSON lines.

One line per frame: {"frame", "timestamp_s", "pose"}; "pose" is null where nobody is found. Exit
code 2 when nobody is found in any frame; both files are written all the same.
"""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.draw import draw_pose
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import replacing
from blazepose_tf.image import Image
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.tracker import PoseTracker
from blazepose_tf.video import PICTURE_SUFFIXES, FrameSource, video_writer, write_picture

RESULTS = Path("results/demo")


def _arguments() -> argparse.Namespace:
    parser = command_line.parser(__doc__)
    parser.add_argument("input", type=Path, metavar="INPUT", help="a picture or a video")
    models = "npm:lite|full|heavy for MediaPipe's; None: dist/pose_landmark_lite_float32.tflite"
    parser.add_argument("--landmark", help=f"landmark .tflite, or {models}")
    parser.add_argument("--detector", help="detector .tflite, or npm:detector; None: from dist/")
    parser.add_argument("--out", type=Path, help=f"picture or .mp4; None: {RESULTS}/INPUT's name")
    parser.add_argument("--jsonl", type=Path, help="landmarks; None: beside --out")
    parser.add_argument("--no-smoothing", action="store_true", help="raw landmarks of every frame")
    parser.add_argument("--roi", action="store_true", help="also draw the region of interest")
    parser.add_argument("--threads", type=int, default=1, help="of the interpreter")
    parser.add_argument("--backend", default="auto", help="ai-edge-litert or tflite-runtime")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON")
    return parser.parse_args()


def _outputs(arguments: argparse.Namespace, is_video: bool) -> tuple[Path, Path]:
    suffix = arguments.input.suffix.lower()
    if is_video or suffix not in PICTURE_SUFFIXES:
        suffix = ".mp4" if is_video else ".png"
    out = arguments.out or RESULTS / (arguments.input.stem + suffix)
    lines = arguments.jsonl or out.with_suffix(".jsonl")
    if (
        arguments.input.resolve() in (out.resolve(), lines.resolve())
        or out.resolve() == lines.resolve()
    ):
        raise BadInputError(f"{out}: would overwrite another file; give a different --out")
    return out, lines


def main() -> None:
    arguments = _arguments()
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(FrameSource(arguments.input))
        out, jsonl = _outputs(arguments, source.is_video)
        tracker = PoseTracker(
            arguments.landmark and find_model(arguments.landmark),
            arguments.detector and find_model(arguments.detector),
            smoothing=not arguments.no_smoothing,
            threads=arguments.threads,
            backend=arguments.backend,
        )
        lines = stack.enter_context(open(stack.enter_context(replacing(jsonl)), "w"))
        write: Callable[[Image], None] = lambda image: write_picture(out, image)  # noqa: E731
        if source.is_video:
            write = stack.enter_context(video_writer(out, source.fps))
        for frame in tqdm(source, total=source.count or None, unit="frame", disable=None):
            pose = tracker.process(frame.image, frame.timestamp_s)
            record = {"frame": frame.index, "timestamp_s": round(frame.timestamp_s, 6)}
            print(json.dumps({**record, "pose": pose and pose.to_dict()}), file=lines)
            drawn = frame.image
            if pose:
                roi = pose.roi if arguments.roi else None
                drawn = draw_pose(drawn, pose.landmarks, pose.visibility, roi=roi)
            write(drawn)
    found = tracker.statistics
    if arguments.json:
        print(json.dumps({"out": str(out), "jsonl": str(jsonl), "statistics": found.to_dict()}))
    else:
        stages = found.milliseconds.items()
        times = ", ".join(f"{name} {stage.median:.1f}" for name, stage in stages if stage.count)
        print(f"{out} and {jsonl}: a person in {found.poses} of {found.frames} frames;")
        print(f"detector ran {found.detector_runs} times, lost {found.lost_frames}; ms: {times}")
    if not found.poses:
        raise BadInputError(f"{arguments.input}: no person found; give a picture that shows one")


if __name__ == "__main__":
    command_line.run(main)
