"""One run of the demo: a file from the first frame to the last, or a camera until it is stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from blazepose_tf.demo.camera import CameraSource
from blazepose_tf.demo.live import run_live
from blazepose_tf.demo.outputs import Targets, open_outputs
from blazepose_tf.demo.tracking import Choices, Tracking
from blazepose_tf.demo.window import OpenCvWindow
from blazepose_tf.errors import BadInputError
from blazepose_tf.video import FrameSource


def run_file(
    path: Path, targets_of: Callable[[bool], Targets], choices: Choices, as_json: bool
) -> None:
    """A picture or a video, frame by frame; prints what was found.

    targets_of: what to write, told whether it is a video.

    Raises:
        BadInputError: a file cannot be read or written, or nobody is found (all is written then).
    """
    with FrameSource(path) as source:
        targets = targets_of(source.is_video)
        tracking = Tracking(choices)
        with open_outputs(targets, source, several=choices.people > 1) as add:
            for frame in tqdm(source, total=source.count or None, unit="frame", disable=None):
                people = tracking.process(frame.image, frame.timestamp_s)
                add(frame, people, tracking.draw(frame.image, people))
    found = tracking.statistics
    if as_json:
        names = {"out": str(targets.drawn), "jsonl": str(targets.jsonl)}
        names |= {k: str(p) for k in ("csv", "view_3d") if (p := getattr(targets, k))}
        print(json.dumps({**names, "statistics": found.to_dict()}))
    else:
        stages = found.milliseconds.items()
        times = ", ".join(f"{name} {stage.median:.1f}" for name, stage in stages if stage.count)
        files = " and ".join(map(str, targets.paths))
        print(f"{files}: a person in {found.poses} of {found.frames} frames;")
        print(f"detector ran {found.detector_runs} times, lost {found.lost_frames}; ms: {times}")
    if not found.poses:
        raise BadInputError(f"{path}: no person found; give a picture that shows one")


def run_camera(
    number: int, targets: Targets, choices: Choices, as_json: bool, with_window: bool
) -> None:
    """What a camera sees, until it or the user ends it; prints what was seen.

    Raises:
        BadInputError: no camera, no window, or the camera went away (all is written then).
    """
    tracking = Tracking(choices)
    with CameraSource(number) as source:
        window = OpenCvWindow() if with_window else None
        with open_outputs(targets, source, several=choices.people > 1, steady=True) as add:
            count = run_live(source, tracking, window, add)
    files = ", ".join(map(str, targets.paths)) or "no file"
    text = f"{count.frames} frames at {count.fps:.1f} FPS, people in {count.frames_with_people}"
    if source.gone:
        raise BadInputError(
            f"camera {number}: gives no more pictures, is it unplugged? {text}; they are in {files}"
        )
    if as_json:
        print(json.dumps({"files": [str(path) for path in targets.paths], **vars(count)}))
    else:
        print(f"{text}; in {files}")
