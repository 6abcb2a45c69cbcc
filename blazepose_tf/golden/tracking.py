"""Vectors of what remembers the past: the smoother and the tracker's decisions.

The tracker runs with made-up networks. A frame's script says what the detector finds and what the
landmark network answers to the first and the second look.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi, alignment_points
from blazepose_tf.golden.encoding import array
from blazepose_tf.golden.encoding import roi as encoded
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.filters import LandmarkSmoother
from blazepose_tf.runtime.jumps import JumpGuard
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.sides import PARTS, SideGuard
from blazepose_tf.runtime.tracker import PoseTracker
from blazepose_tf.topology import MID_HIP, NUM_LANDMARKS, NUM_POINTS

FRAMES = 40


def _person(random: np.random.Generator, roi: Roi, presence: float = 0.9) -> Landmarks:
    """Landmarks anywhere in `roi`, whose alignment points imply it."""
    points = random.uniform(0, 1, (NUM_POINTS, 3))
    points[:, :2] = roi.to_image(points[:, :2])
    points[:, 2] *= roi.size
    points[MID_HIP:, :2] = alignment_points(roi)
    return Landmarks(
        points.astype(np.float32), random.uniform(0, 1, NUM_LANDMARKS).astype(np.float32),
        presence, random.normal(0, 0.5, (NUM_LANDMARKS, 3)).astype(np.float32),
    )  # fmt: skip


def _encoded(landmarks: Landmarks | None) -> dict[str, Any] | None:
    if landmarks is None:
        return None
    return {
        "points": array(landmarks.points, "float32"),
        "visibility": array(landmarks.visibility, "float32"),
        "presence": landmarks.presence,
        "world": array(landmarks.world, "float32"),
    }


def smoother_case(random: np.random.Generator) -> dict[str, Any]:
    """A body that moves, stands on one point in the middle, and meets a clock that stops."""
    smoother = LandmarkSmoother()
    steps = []
    for number in range(12):
        roi = Roi(200 + 9 * number, 300 - 4 * number, 180 + number, 0.02 * number)
        given = _person(random, roi)
        if number == 5:
            points = given.points.copy()
            points[MID_HIP + 1] = points[MID_HIP]
            given = dataclasses.replace(given, points=points)
        time = 0.3 if number == 9 else number / 29.0
        steps.append(
            {"time": time, "given": _encoded(given), "smoothed": _encoded(smoother(given, time))}
        )
    return {"steps": steps}


Damage = Callable[[Landmarks, int], Landmarks]


def _guarded(random: np.random.Generator, guard: Any, damage: Damage) -> dict[str, Any]:
    """A body that drifts and is damaged by frame number; gaps, a clock that stops, a flat body."""
    person = _person(random, Roi(200, 300, 180))
    steps, time = [], 0.0
    for number in range(50):
        time += {13: 0.2, 20: 0.0}.get(number, 1 / 30)
        drift = random.normal(0, 1.5, (NUM_POINTS, 3)).astype(np.float32)
        person = dataclasses.replace(person, points=person.points + drift)
        given = damage(person, number)
        if number == 33:
            points = given.points.copy()
            points[MID_HIP + 1] = points[MID_HIP]
            given = dataclasses.replace(given, points=points)
        steps.append({"time": time, "given": _encoded(given), "held": _encoded(guard(given, time))})
    return {"steps": steps}


def sides_case(random: np.random.Generator) -> dict[str, Any]:
    """Parts are exchanged for a while."""

    def exchange(person: Landmarks, number: int) -> Landmarks:
        for i, part in enumerate(PARTS):
            if number % (7 + i) in (3, 4) or (i == 2 and number > 25):
                person = person.exchanged(part)
        return person

    return _guarded(random, SideGuard(), exchange)


def jumps_case(random: np.random.Generator) -> dict[str, Any]:
    """Points leave for one frame or for three, walk off in large steps, or leave for good."""
    way = random.normal(0, 60, (NUM_POINTS, 3)).astype(np.float32)
    numbers = np.arange(NUM_POINTS)

    def scatter(person: Landmarks, number: int) -> Landmarks:
        short = (number + numbers) % 9 == 4
        longer = (numbers % 5 == 1) & (number % 11 > 7)
        away = (numbers % 6 == 2) & (number > 27)
        steps = np.where(numbers % 7 == 3, max(0, number - 38), 0)
        points = person.points + way * (short | longer | away)[:, None] + way * steps[:, None]
        return dataclasses.replace(
            person, points=points.astype(np.float32), world=person.world + np.float32(number)
        )

    return _guarded(random, JumpGuard(), scatter)


@dataclass(frozen=True)
class Script:
    """One frame: size, time, where the detector finds somebody, the answers to one or two looks."""

    height: int
    width: int
    time: float
    detected: Roi | None
    looks: tuple[Landmarks, Landmarks]


def _damaged(random: np.random.Generator, found: Landmarks) -> Landmarks:
    """Now and then the network sees nobody, goes wrong, or sends the tracker off the picture."""
    kind = random.integers(0, 12)
    if kind <= 2:
        return dataclasses.replace(found, presence=float(random.uniform(0, 0.499)))
    points, world = found.points.copy(), found.world.copy()
    if kind == 3:
        points[7, 1] = np.nan
    if kind == 4:
        world[3, 2] = np.inf
    if kind == 5:
        points[MID_HIP:, 0] += 5000
    return dataclasses.replace(found, points=points, world=world)


def _scripts(random: np.random.Generator) -> list[Script]:
    scripts = []
    for number in range(FRAMES):
        height, width = (240, 320) if number < 30 else (320, 240)  # the phone is turned
        roi = Roi(160 + 40 * np.sin(number / 5), 120, 150 + number, 0.1 * np.cos(number / 3))
        looks = [_damaged(random, _person(random, roi)) for _ in range(2)]
        kind = random.integers(0, 6)
        detected = None if kind == 0 else Roi(-900, 0, 100) if kind == 1 else roi
        time = 0.5 if number == 17 else number / 30.0
        scripts.append(Script(height, width, time, detected, (looks[0], looks[1])))
    return scripts


class _Networks:
    """Answers as the script of the current frame says; `calls` is what was asked."""

    def __init__(self) -> None:
        self.script: Script | None = None
        self.calls = ""

    def detect(self, frame: images.Image) -> list[Detection]:
        self.calls += "D"
        assert self.script is not None
        if self.script.detected is None:
            return []
        keypoints = np.vstack([alignment_points(self.script.detected)] * 2).astype(np.float32)
        return [Detection(0.9, np.zeros(4, np.float32), keypoints)]

    def landmarks(self, frame: images.Image, roi: Roi) -> Landmarks:
        self.calls += "L"
        assert self.script is not None
        return self.script.looks[self.calls.count("L") - 1]


def tracking() -> dict[str, Any]:
    """Runs with and without smoothing over the same scripts."""
    scripts = _scripts(np.random.default_rng(7))
    frames = [
        {
            "height": script.height, "width": script.width, "time": script.time,
            "keypoints": None if script.detected is None
            else array(alignment_points(script.detected), "float32"),
            "looks": [_encoded(look) for look in script.looks],
        }
        for script in scripts
    ]  # fmt: skip
    runs = [{"smoothing": smoothing, **_run(scripts, smoothing)} for smoothing in (True, False)]
    return {"frames": frames, "runs": runs}


def _run(scripts: list[Script], smoothing: bool) -> dict[str, Any]:
    networks = _Networks()
    tracker = PoseTracker(networks.landmarks, networks.detect, smoothing=smoothing)
    results = []
    for script in scripts:
        networks.script, networks.calls = script, ""
        frame = np.zeros((script.height, script.width, 3), np.uint8)
        result = tracker.process(frame, script.time)
        results.append({"calls": networks.calls, "pose": _pose(result)})
    counts = tracker.statistics
    return {
        "results": results,
        "frames": counts.frames, "poses": counts.poses,
        "detector_runs": counts.detector_runs, "lost_frames": counts.lost_frames,
    }  # fmt: skip


def _pose(result: PoseResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    found = Landmarks(result.landmarks, result.visibility, result.presence, result.world)
    return {
        "landmarks": _encoded(found),
        "roi": encoded(result.roi),
        "detector_ran": result.detector_ran,
    }
