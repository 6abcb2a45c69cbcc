"""Trackers on moving sequences with exact truth: jitter, lost frames, lag, PCK.

Jitter of a track p with truth t, both [T, 33, 2]: mean |p(i-1) - 2 p(i) + p(i+1)| minus the same of
t, over landmarks that are visible in all three frames, in percent of the torso. `shake` is the mean
of the second difference of the error p - t: it also counts a filter that flattens true motion.
`tremor` is the jitter of points that are right (within 0.2 torsos) in all three frames: noise
without the jumps of mistakes.
Lag is the delay that best explains the error: sum of velocity times (t - p) over sum of velocity
squared, constant offsets taken out (so that steady motion, alone, says nothing of it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import pck, report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.evaluation.recorded import Recorded, find_sequences
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.tracker import PoseTracker
from blazepose_tf.topology import NUM_LANDMARKS

Array = NDArray[np.floating]


def second_difference(track: Array) -> Array:
    """|p(i-1) - 2 p(i) + p(i+1)| of a track [T, N, 2]: [T - 2, N]."""
    return np.asarray(np.linalg.norm(track[:-2] - 2 * track[1:-1] + track[2:], axis=2))


@dataclass(frozen=True)
class Track:
    """What a tracker said of a sequence of one person: points [T, 33, 2] px, NaN where lost."""

    points: Array
    detector_runs: int

    @property
    def lost(self) -> int:
        """Frames without the person."""
        return int(np.isnan(self.points[:, 0, 0]).sum())


def follow(tracker: PoseTracker, sequence: Recorded) -> Track:
    """Run a tracker, frame after frame."""
    points = np.full((len(sequence.times), NUM_LANDMARKS, 2), np.nan)
    tracker.reset()
    runs = 0
    for i, (path, time) in enumerate(zip(sequence.pictures, sequence.times, strict=True)):
        result = tracker.process(images.read_image(path), float(time))
        runs += result.detector_ran if result else 1
        if result is not None:
            points[i] = result.landmarks[:, :2]
    return Track(points, runs)


def _truth(sequence: Recorded) -> tuple[Array, NDArray[np.bool_], float]:
    """Points [T, 33, 2], visible [T, 33], the torso's median length in pixels."""
    samples = sequence.people[0]
    points = np.stack([s.points[:NUM_LANDMARKS] for s in samples]).astype(float)
    visible = np.stack([s.visibility for s in samples]) > 0.5
    return points, visible, float(np.median([s.torso for s in samples]))


def lag_s(track: Array, truth: Array, visible: NDArray[np.bool_], times: Array) -> float:
    """Seconds by which `track` runs behind `truth`; NaN if nothing moves."""
    velocity = np.gradient(truth, times, axis=0)
    known = visible & np.isfinite(track).all(axis=2)
    error = np.where(known[..., None], truth - track, 0.0)
    weight = known.sum(axis=0)[:, None]
    error -= error.sum(axis=0) / np.maximum(weight, 1)
    velocity, error = velocity[known], error[known]
    moved = float((velocity**2).sum())
    return float((velocity * error).sum()) / moved if moved > 0 else float("nan")


def measure(track: Track, sequence: Recorded) -> dict[str, Any]:
    """The numbers of one track; see the head of this module."""
    truth, visible, torso = _truth(sequence)
    known = visible & np.isfinite(track.points).all(axis=2)
    steady = known[:-2] & known[1:-1] & known[2:]
    jumps = second_difference(track.points)[steady]
    true_jumps = second_difference(truth)[steady]
    shake = second_difference(track.points - truth)[steady]
    right = known & (np.linalg.norm(track.points - truth, axis=2) <= pck.THRESHOLDS[0] * torso)
    calm = (right[:-2] & right[1:-1] & right[2:])[steady]
    scores = pck.score(track.points, sequence.people[0])
    return {
        "sequence": sequence.name,
        "frames": len(truth),
        "lost": track.lost,
        "detector_runs": track.detector_runs,
        "jitter": _share((jumps - true_jumps).sum() / max(len(jumps), 1), torso),
        "shake": _share(shake.sum() / max(len(shake), 1), torso),
        "tremor": _share((jumps - true_jumps)[calm].sum() / max(int(calm.sum()), 1), torso),
        "true_motion": _share(true_jumps.sum() / max(len(jumps), 1), torso),
        "lag_ms": round(1e3 * lag_s(track.points, truth, visible, sequence.times), 2),
        "pck_0.2": round(scores.pck(0.2), 2),
        "pck_0.1": round(scores.pck(0.1), 2),
    }


def _share(pixels: float, torso: float) -> float:
    return round(100 * float(pixels) / torso, 4)


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All sequences together: sums of counts, means of the rest, frames as weights."""
    frames = np.array([row["frames"] for row in rows])
    sums = {key: int(sum(row[key] for row in rows)) for key in ("frames", "lost", "detector_runs")}
    keys = ("jitter", "shake", "tremor", "true_motion", "lag_ms", "pck_0.2", "pck_0.1")
    values = {key: np.array([row[key] for row in rows]) for key in keys}
    means = {key: round(float(np.average(v, weights=frames)), 4) for key, v in values.items()}
    return {**sums, **means}


def evaluate_sequences(
    names: Sequence[str], folders: Sequence[Path], *, detector: str,
    their_detector: str = "npm:detector", backend: str = "auto", threads: int = 1,
    progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files, raw and smoothed; MediaPipe's files use `their_detector`.

    Sequences of several people are left out: a tracker of one person may follow any of them.

    Raises:
        BadInputError: a file is no model, or a folder holds no sequence of one person.
    """
    found = find_sequences(folders)
    chosen = [sequence for sequence in found if len(sequence.people) == 1]
    if not chosen:
        raise BadInputError(f"{folders[0]}: every sequence shows several people; give others")
    models = [open_landmarker(n, threads=threads, backend=backend) for n in names]
    finders = {
        which: Detector(find_model(name), threads=threads, backend=backend)
        for which, name in ((False, detector), (True, their_detector))
        if any(model.is_mediapipe == which for model in models)
    }
    rows = []
    bar: Any = tqdm(total=2 * len(models) * len(chosen), unit="track", disable=not progress)
    for name, model in zip(names, models, strict=True):
        for smoothing in (False, True):
            # MediaPipe's files run in MediaPipe's loop, which believes its network in every frame.
            tracker = PoseTracker(
                model, finders[model.is_mediapipe], smoothing=smoothing,
                hold_sides=not model.is_mediapipe, hold_jumps=not model.is_mediapipe,
            )  # fmt: skip
            values = []
            for sequence in chosen:
                values.append(measure(follow(tracker, sequence), sequence))
                bar.update()
            row = report.describe_file(name, model.interpreter)
            rows.append({**row, "smoothing": smoothing, **summary(values), "sequences": values})
    bar.close()
    return {
        "format": report.FORMAT,
        "mode": "sequences",
        "detectors": {"ours": detector, "mediapipe": their_detector},
        "conditions": report.conditions(models[0].interpreter, threads),
        "sequences": [sequence.name for sequence in chosen],
        "left_out": [sequence.name for sequence in found if len(sequence.people) != 1],
        "results": rows,
    }


def markdown(content: dict[str, Any]) -> str:
    """The table of `evaluate_sequences`, and jitter by sequence."""
    keys = ("frames", "lost", "detector_runs", "jitter", "shake", "tremor", "lag_ms", "pck_0.2",
            "pck_0.1")  # fmt: skip
    head = ["file", "smoothed", "frames", "lost", "detector runs", "jitter %", "shake %",
            "tremor %", "lag ms", "PCK@0.2", "PCK@0.1"]  # fmt: skip
    results = content["results"]
    digits = {"jitter": 3, "shake": 3, "tremor": 3}
    rows = [
        [r["file"], "yes" if r["smoothing"] else "no",
         *(f"{r[k]:.{digits[k]}f}" if k in digits else r[k] for k in keys)]
        for r in results
    ]  # fmt: skip
    text = report.table(head, rows)
    names = [f"{r['file']}{' smoothed' if r['smoothing'] else ''}" for r in results]
    parts = [
        [name, *(f"{r['sequences'][i]['jitter']:.3f}" for r in results)]
        for i, name in enumerate(content["sequences"])
    ]
    return f"{text}\n\n{report.table(['jitter % of', *names], parts)}"
