"""Trackers of several people on single pictures with labelled boxes (YOLO's or VOC's files).

A person counts if the box is at least MIN_SHARE of the picture high. A pose belongs to the box that
it overlaps most, its own box being that of its visible points: IoU of at least MATCH_IOU. Labels
are boxes, so what is scored is who is found, how often twice, and how often where no box is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.boxes import read_boxes
from blazepose_tf.data.sources import find_pictures
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.tracker import PoseTracker

Array = NDArray[np.floating]

MIN_SHARE = 0.25
"""Smaller people are not what the networks are for: of the detector's 224 pixels the face of such a
person takes 8."""
MATCH_IOU = 0.3
VISIBLE = 0.5


def pose_box(pose: PoseResult, height: int, width: int) -> Array:
    """Box [4] of the visible points, inside the picture; of all of them if fewer than 3 are."""
    points = pose.landmarks[:, :2]
    seen = points[pose.visibility >= VISIBLE]
    points = np.clip(seen if len(seen) >= 3 else points, 0, [width, height])
    return np.concatenate([points.min(axis=0), points.max(axis=0)])


def box_iou(first: Array, second: Array) -> Array:
    """IoU of boxes [N, 4] and [M, 4]: [N, M]."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    both = np.clip(high - low, 0, None).prod(axis=2)
    areas = [np.clip(b[:, 2:] - b[:, :2], 0, None).prod(axis=1) for b in (first, second)]
    union = areas[0][:, None] + areas[1][None] - both
    return np.asarray(both / np.maximum(union, 1e-9))


def score_picture(boxes: Array, poses: Array, height: int) -> dict[str, int]:
    """people of countable size, those found, poses of a person already found, poses of no box."""
    if not len(poses):
        nobody = {"found": 0, "twice": 0, "elsewhere": 0}
        return {"people": int(_countable(boxes, height).sum()), **nobody}
    if not len(boxes):
        return {"people": 0, "found": 0, "twice": 0, "elsewhere": len(poses)}
    overlap = box_iou(boxes, poses)
    owner = np.where(overlap.max(axis=0) >= MATCH_IOU, overlap.argmax(axis=0), -1)
    taken = set(owner[owner >= 0].tolist())
    countable = _countable(boxes, height)
    return {
        "people": int(countable.sum()),
        "found": sum(bool(countable[i]) for i in taken),
        "twice": int((owner >= 0).sum()) - len(taken),
        "elsewhere": int((owner < 0).sum()),
    }


def _countable(boxes: Array, height: int) -> NDArray[np.bool_]:
    return np.asarray(boxes[:, 3] - boxes[:, 1] >= MIN_SHARE * height)


def evaluate_crowds(
    names: Sequence[str], pictures: Path, labels: Path, *, detector: str,
    their_detector: str = "npm:detector", counts: Sequence[int] = (1, 2, 3, 5, 10),
    least: int = 2, backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files over pictures of at least `least` countable people.

    counts: values of max_people. MediaPipe's files use `their_detector`.

    Raises:
        BadInputError: a file is no model, or no picture shows so many people.
    """
    chosen = []
    for path in find_pictures(pictures):
        height, width = images.read_image(path).shape[:2]
        boxes = read_boxes(labels, path.relative_to(pictures), height, width)
        if int(_countable(boxes, height).sum()) >= least:
            chosen.append((path, boxes))
    if not chosen:
        raise BadInputError(f"{pictures}: no picture has {least} people labelled in {labels}")
    results = []
    bar: Any = tqdm(total=len(names) * len(counts), unit="pass", disable=not progress)
    for name in names:
        model = open_landmarker(name, threads=threads, backend=backend)
        file = find_model(their_detector if model.is_mediapipe else detector)
        finder = Detector(file, threads=threads, backend=backend)
        for most in counts:
            row = {"people": 0, "found": 0, "twice": 0, "elsewhere": 0}
            tracker: PoseTracker[Any] = PoseTracker(model, finder, max_people=most)
            for path, boxes in chosen:
                tracker.reset()
                frame = images.read_image(path)
                height, width = frame.shape[:2]
                found = tracker.process(frame, 0.0)
                poses = [found] if isinstance(found, PoseResult) else found or []
                bodies = np.reshape([pose_box(p, height, width) for p in poses], (-1, 4))
                for key, value in score_picture(boxes, bodies, height).items():
                    row[key] += value
            share = round(100 * row["found"] / row["people"], 1)
            described = report.describe_file(name, model.interpreter)
            results.append({**described, "max_people": most, **row, "found_percent": share})
            bar.update()
    bar.close()
    return {
        "format": report.FORMAT, "mode": "crowds", "pictures": len(chosen), "least": least,
        "min_share": MIN_SHARE, "match_iou": MATCH_IOU,
        "detectors": {"ours": detector, "mediapipe": their_detector},
        "conditions": report.conditions(model.interpreter, threads), "results": results,
    }  # fmt: skip


def markdown(content: dict[str, Any]) -> str:
    """One row for each file and number of people."""
    keys = ("max_people", "people", "found", "found_percent", "twice", "elsewhere")
    head = ["file", "max_people", "people", "found", "%", "twice", "elsewhere"]
    return report.table(head, [[r["file"], *(r[k] for k in keys)] for r in content["results"]])
