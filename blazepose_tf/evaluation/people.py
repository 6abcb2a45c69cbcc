"""Trackers of several people on sequences with exact truth: switched numbers, lost frames.

In every frame the poses found are given to the true people, nearest first; a pose belongs to a
person if its 12 limb points are on average at most MATCH torso lengths off. As in CLEAR MOT
(Bernardin, Stiefelhagen 2008) a person whose pose has another number than his last one had is a
switch, a visible person without a pose is lost, a pose without a person is false, and MOTA is
1 - (lost + false + switches) / frames of visible people. A person is visible while at least half of
the limb points are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.evaluation.recorded import Recorded, find_sequences
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.tracker import PoseTracker
from blazepose_tf.topology import LSP_LIMBS

Array = NDArray[np.floating]

MATCH = 0.5
LIMBS = list(LSP_LIMBS)


def give(people: Sequence[PoseSample], poses: Sequence[Array]) -> list[int | None]:
    """Which pose ([33, >=2] pixels) each true person has, each at most one, nearest first."""
    cost = np.full((len(people), len(poses)), np.inf)
    for row, person in enumerate(people):
        for column, pose in enumerate(poses):
            off = np.linalg.norm(pose[LIMBS, :2] - person.points[LIMBS], axis=1)
            cost[row, column] = float(off.mean()) / person.torso
    given: list[int | None] = [None] * len(people)
    while cost.size and cost.min() <= MATCH:
        row, column = divmod(int(cost.argmin()), len(poses))
        given[row] = column
        cost[row, :] = cost[:, column] = np.inf
    return given


@dataclass
class Tally:
    """Counts over one sequence or several. frames: of visible people; covered: of the others."""

    frames: int = 0
    lost: int = 0
    covered: int = 0
    found_covered: int = 0
    false: int = 0
    switches: int = 0
    numbers: int = 0
    detector_runs: int = 0
    _last: dict[int, int] = field(default_factory=dict)

    def add(self, people: Sequence[PoseSample], results: Sequence[PoseResult]) -> None:
        """Count one frame; `people` always in one order."""
        given = give(people, [r.landmarks for r in results])
        for who, (person, column) in enumerate(zip(people, given, strict=True)):
            visible = float((person.visibility[LIMBS] > 0.5).mean()) >= 0.5
            self.frames += visible
            self.covered += not visible
            if column is None:
                self.lost += visible
                continue
            self.found_covered += not visible
            number = results[column].id
            self.switches += self._last.get(who, number) != number
            self._last[who] = number
        self.false += len(results) - sum(column is not None for column in given)

    def __add__(self, other: Tally) -> Tally:
        names = [name for name in vars(self) if name != "_last"]
        return Tally(*(getattr(self, name) + getattr(other, name) for name in names))

    def to_dict(self) -> dict[str, Any]:
        """Counts and MOTA in percent."""
        counts = {name: value for name, value in vars(self).items() if name != "_last"}
        wrong = self.lost + self.false + self.switches
        return {**counts, "mota": round(100 * (1 - wrong / max(1, self.frames)), 2)}


def tally(tracker: PoseTracker[list[PoseResult]], sequence: Recorded) -> Tally:
    """Run a tracker of several people over a sequence."""
    tracker.reset()
    counts, numbers = Tally(), set()
    for i, (path, time) in enumerate(zip(sequence.pictures, sequence.times, strict=True)):
        results = tracker.process(images.read_image(path), float(time))
        counts.add([track[i] for track in sequence.people], results)
        numbers |= {r.id for r in results}
    counts.numbers, counts.detector_runs = len(numbers), tracker.statistics.detector_runs
    return counts


def evaluate_people(
    names: Sequence[str], folders: Sequence[Path], *, detector: str,
    their_detector: str = "npm:detector", max_people: int = 2, backend: str = "auto",
    threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files over sequences of several people; MediaPipe's use `their_detector`.

    Raises:
        BadInputError: a file is no model, or no sequence shows several people.
    """
    if max_people < 2:
        raise BadInputError(f"max_people is {max_people}; give 2 or more")
    found = [s for s in find_sequences(folders) if len(s.people) > 1]
    if not found:
        raise BadInputError(
            f"{folders[0]}: no sequence shows several people; make some with "
            "tools/synthesize.py --sequence --script two-crossing"
        )
    results = []
    bar: Any = tqdm(total=len(names) * len(found), unit="track", disable=not progress)
    for name in names:
        model = open_landmarker(name, threads=threads, backend=backend)
        file = find_model(their_detector if model.is_mediapipe else detector)
        finder = Detector(file, threads=threads, backend=backend)
        tracker = PoseTracker(model, finder, max_people=max_people)
        total, rows = Tally(), []
        for sequence in found:
            counts = tally(tracker, sequence)
            total += counts
            rows.append({"sequence": sequence.name, **counts.to_dict()})
            bar.update()
        row = report.describe_file(name, model.interpreter)
        results.append({**row, **total.to_dict(), "sequences": rows})
        condition = report.conditions(model.interpreter, threads)
    bar.close()
    return {
        "format": report.FORMAT, "mode": "people", "max_people": max_people,
        "match_torso": MATCH, "detectors": {"ours": detector, "mediapipe": their_detector},
        "conditions": condition, "results": results,
    }  # fmt: skip


def markdown(content: dict[str, Any]) -> str:
    """One row for each file, then one for each sequence of the first."""
    keys = ("frames", "lost", "covered", "found_covered", "false", "switches", "numbers",
            "detector_runs", "mota")  # fmt: skip
    head = ["visible", "lost", "covered", "of these found", "false", "switches", "numbers",
            "detector runs", "MOTA %"]  # fmt: skip
    results = content["results"]
    text = report.table(["file", *head], [[r["file"], *(r[k] for k in keys)] for r in results])
    parts = [[r["sequence"], *(r[k] for k in keys)] for r in results[0]["sequences"]]
    return f"{text}\n\n{report.table([results[0]['file'], *head], parts)}"
