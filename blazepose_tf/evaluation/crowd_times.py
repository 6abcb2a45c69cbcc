"""Milliseconds that a frame takes with N people, N = 1 to 5, on this machine.

N rendered people (the package's calibration pictures) stand side by side; the frame trembles by a
pixel, so that nothing is the same twice. Trackers of all N take turns, frame by frame, and medians
are compared: whatever else the machine does falls on all alike. Five people side by side are small
and the detector may miss some: it runs on the whole frame for its time, and what it is taken to
find is what it finds in every person's part of the frame by itself.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detection, Detector
from blazepose_tf.runtime.landmarker import Landmarker
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.tracker import PoseTracker

PICTURES = Path(__file__).parents[1] / "assets" / "calibration" / "images"
CELL = (360, 256)
"""Height and width in pixels that one person gets."""
FPS = 30.0
SURE = 0.9
"""Presence of a person who is taken."""


class Row:
    """People side by side whom the networks find one by one: a frame and a detector that knows."""

    def __init__(self, count: int, model: Landmarker, finder: Detector) -> None:
        """Choose `count` of the calibration pictures.

        Raises:
            BadInputError: the networks do not find so many.
        """
        self._finder, self._known = finder, list[Detection]()
        cells: list[images.Image] = []
        for path in sorted(PICTURES.glob("*.jpg")):
            picture = images.read_image(path)
            cell: images.Image = cv2.resize(picture, CELL[::-1], interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
            found = finder(cell) if picture.shape[0] > picture.shape[1] else []
            if found and model(cell, found[0].roi).presence > SURE:
                shift = np.array([len(cells) * CELL[1], 0], np.float32)
                keypoints = found[0].keypoints + shift
                self._known.append(dataclasses.replace(found[0], keypoints=keypoints))
                cells.append(cell)
            if len(cells) == count:
                break
        else:
            raise BadInputError(f"{PICTURES}: {count} people are not found; use other models")
        self.frame: images.Image = np.hstack(cells)

    def __call__(self, image: images.Image, limit: int = 1) -> list[Detection]:
        """Run the detector for its time; the people known to be in the image."""
        self._finder(image, limit)
        return self._known[: image.shape[1] // CELL[1]][:limit]


def evaluate_times(
    name: str, *, detector: str, most: int = 5, frames: int = 150, backend: str = "auto",
    threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on one landmark file: medians of a frame's milliseconds for N = 1 to `most` people.

    full: max_people = N, all found, the detector rests. searching: max_people = N + 1, so that the
    detector looks for one more at its interval.

    Raises:
        BadInputError: a file is no model.
    """
    model = open_landmarker(name, threads=threads, backend=backend)
    finder = Detector(find_model(detector), threads=threads, backend=backend)
    row = Row(most, model, finder)
    runs: dict[tuple[int, bool], PoseTracker[Any]] = {
        (n, searching): PoseTracker(model, row, max_people=n + searching)
        for n in range(1, most + 1)
        for searching in (False, True)
    }
    times: dict[tuple[int, bool], list[float]] = {key: [] for key in runs}
    seen: dict[tuple[int, bool], list[int]] = {key: [] for key in runs}
    generator = np.random.default_rng(0)
    bar: Any = tqdm(range(frames), unit="frame", disable=not progress)
    for i in bar:
        dx, dy = generator.integers(-1, 2, 2)
        frame = np.roll(row.frame, (int(dy), int(dx)), axis=(0, 1))
        for (n, searching), tracker in runs.items():
            found = tracker.process(np.ascontiguousarray(frame[:, : n * CELL[1]]), i / FPS)
            people = [found] if isinstance(found, PoseResult) else found or []
            if i and people:  # the first frame is the detector's
                times[n, searching].append(people[0].milliseconds.total)
                seen[n, searching].append(len(people))
    rows = [
        {
            "people": n,
            "found": float(np.mean(seen[n, False])),
            "full_ms": round(float(np.median(times[n, False])), 2),
            "searching_ms": round(float(np.median(times[n, True])), 2),
            "searching_mean_ms": round(float(np.mean(times[n, True])), 2),
            "detector_runs": runs[n, True].statistics.detector_runs,
        }
        for n in range(1, most + 1)
    ]
    return {
        "format": report.FORMAT, "mode": "times", "frames": frames, "detector": detector,
        **report.describe_file(name, model.interpreter),
        "conditions": report.conditions(model.interpreter, threads), "results": rows,
    }  # fmt: skip


def markdown(content: dict[str, Any]) -> str:
    """One row for each number of people."""
    keys = ("people", "found", "full_ms", "searching_ms", "searching_mean_ms")
    head = ["people", "found", "median ms", "median ms, looking for one more", "mean of that"]
    rows: Sequence[Sequence[Any]] = [
        [str(r["people"]), *(f"{r[key]:.2f}" for key in keys[1:])] for r in content["results"]
    ]
    return f"{content['file']}\n\n{report.table(head, rows)}"
