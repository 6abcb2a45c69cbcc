"""Detectors on pictures whose people are labelled with boxes, as most data sets have them.

The likeliest detection's mid-hip shall lie in the box of a labelled person. Whose hips lie below
the picture or behind a table has a box that ends above them, so boxes count half as long again.
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
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector

BELOW = 0.5
"""Share of the box's height by which hips may lie below it."""


def holds(boxes: NDArray[np.floating], x: float, y: float) -> bool:
    """Does one of the boxes [N, 4], made longer by `BELOW`, hold the point?"""
    left, top, right, bottom = boxes.T
    inside = (left <= x) & (x <= right) & (top <= y) & (y <= bottom + BELOW * (bottom - top))
    return bool(inside.any())


def evaluate_boxes(
    names: Sequence[str], labels: Path, pictures: Path, *, limit: int | None = None,
    backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on detector files over the pictures that have a person's box.

    labels: folder of YOLO or VOC files, by the names of the pictures.

    Raises:
        BadInputError: a file is no detector, a label file cannot be read, or nobody is labelled.
    """
    detectors = [Detector(find_model(n), threads=threads, backend=backend) for n in names]
    found, hit, count = np.zeros(len(names), int), np.zeros(len(names), int), 0
    bar: Any = tqdm(find_pictures(pictures)[:limit], unit="img", disable=not progress)
    for path in bar:
        frame = images.read_image(path)
        people = read_boxes(labels, path.relative_to(pictures), *frame.shape[:2])
        if not len(people):
            continue
        count += 1
        for i, detector in enumerate(detectors):
            for best in detector(frame, 1):
                found[i] += 1
                hit[i] += holds(people, best.roi.center_x, best.roi.center_y)
    if not count:
        raise BadInputError(f"{pictures}: no picture has a person's box in {labels}")
    return {
        "format": report.FORMAT,
        "mode": "boxes",
        "pictures": count,
        "score_threshold": detectors[0].score_threshold,
        "below": BELOW,
        "conditions": report.conditions(detectors[0].interpreter, threads),
        "results": [
            {**report.describe_file(name, detector.interpreter), "found": int(n), "hits": int(h)}
            for name, detector, n, h in zip(names, detectors, found, hit, strict=True)
        ],
    }


def markdown(content: dict[str, Any]) -> str:
    """One row for each detector."""
    count = content["pictures"]
    rows = [
        [r["file"], count, *(round(100 * r[key] / count, 1) for key in ("found", "hits"))]
        for r in content["results"]
    ]
    return report.table(["detector", "pictures", "found %", "mid-hip in a person's box %"], rows)
