"""Follows several people: one ROI each, kept apart by their poses, numbered while they stay.

In every frame the landmark network looks once at everybody who is followed. Where two looks show
one person (someone walks behind another), the look that fits its own past worse is dropped and its
person counts as missing. The detector runs only when fewer than the wanted number are followed, and
while somebody is followed at most every DETECTOR_INTERVAL_S; MediaPipe's graph
(pose_landmarker_graph.cc) runs it in every such frame. Its best-scored people become new ones,
unless their pose is that of somebody followed. Whoever is missing for at most MEMORY_S and appears
about where he was expected keeps his number: another person who comes to just that place within
that time takes it over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.association import same_pose, torso_middle
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.follower import FindLandmarks, Follower, is_usable, look
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.timing import StageClock, Statistics
from blazepose_tf.topology import NUM_LANDMARKS

Array = NDArray[np.floating]

DETECTOR_INTERVAL_S = 0.2
"""Least time between two runs of the detector while somebody is followed."""
MEMORY_S = 1.0
"""So long somebody who is not seen keeps his number."""
REACH = 0.5
"""A missing person is looked for so far (in sides of the ROI) from where he is expected."""
SIZE_RATIO = 1.6
"""Somebody who seems so many times larger or smaller is somebody else."""
VELOCITY_WEIGHT = 0.3
"""Of the newest frame in the running average of a person's speed."""


@dataclass
class _Person:
    """Somebody with a number. middle: of the torso, pixels; velocity: its pixels per second."""

    id: int
    follower: Follower
    middle: Array
    size: float
    seen_s: float
    velocity: Array = dataclasses.field(default_factory=lambda: np.zeros(2))

    def expected(self, timestamp_s: float) -> Array:
        """Where the middle should be by now, at most REACH sides of the ROI away."""
        way = self.velocity * max(0.0, timestamp_s - self.seen_s)
        share = REACH * self.size / max(1e-9, float(np.linalg.norm(way)))
        return np.asarray(self.middle + way * min(1.0, share))

    def surprise(self, found: Landmarks, timestamp_s: float) -> float:
        """How far from the expected place, in sides of the ROI."""
        way = torso_middle(found.points) - self.expected(timestamp_s)
        return float(np.linalg.norm(way)) / max(self.size, 1e-9)

    def saw(self, found: Landmarks, timestamp_s: float) -> None:
        """Remember where the person was seen."""
        middle, period = torso_middle(found.points), timestamp_s - self.seen_s
        if period > 0:
            step = (middle - self.middle) / period
            self.velocity = self.velocity + VELOCITY_WEIGHT * (step - self.velocity)
        self.middle, self.size, self.seen_s = middle, found.roi.size, timestamp_s


@dataclass(frozen=True)
class _Look:
    """What the landmark network saw of a person, and the ROI it looked at."""

    person: _Person
    found: Landmarks
    roi: Roi


class People:
    """At most `max_people` people, frame by frame. `PoseTracker` checks and counts."""

    def __init__(
        self, find_landmarks: FindLandmarks, find_people: Callable[..., list[Detection]],
        max_people: int, presence_threshold: float, smoothing: bool,
    ) -> None:  # fmt: skip
        self._find_landmarks, self._find_people = find_landmarks, find_people
        self._max_people, self._smoothing = max_people, smoothing
        self._presence_threshold = presence_threshold
        self.forget()

    def forget(self) -> None:
        """Nobody is followed or missing; numbers start from 1."""
        self._followed: list[_Person] = []
        self._missing: list[_Person] = []
        self._last_id = 0
        self._detected_s: float | None = None

    def process(
        self, image: images.Image, timestamp_s: float, statistics: Statistics
    ) -> list[PoseResult]:
        """Everybody in the next frame, RGB uint8 [H, W, 3], ordered by id."""
        clock = StageClock()
        looks, lost = self._look_at_everybody(image, timestamp_s)
        if self._followed:
            clock.stop("landmarks")
        self._missing = [
            person for person in [*self._missing, *lost]
            if 0 <= timestamp_s - person.seen_s <= MEMORY_S
        ]  # fmt: skip
        detector_ran = len(looks) < self._max_people and self._is_due(bool(looks), timestamp_s)
        if detector_ran:
            self._detected_s = timestamp_s
            # Those who are followed come out again: enough for them and for all who are wanted.
            detections = self._find_people(image, self._max_people + len(looks))
            clock.stop("detector")
            self._add_newcomers(image, timestamp_s, detections, looks)
            if detections:
                clock.stop("landmarks")
        height, width = image.shape[:2]
        smoothed = []
        for seen in sorted(looks, key=lambda seen: seen.person.id):
            seen.person.saw(seen.found, timestamp_s)
            found = seen.person.follower.follow(seen.found, timestamp_s, height, width)
            smoothed.append((seen, found))
        if looks:
            clock.stop("smoothing")
        self._followed = [seen.person for seen in looks if seen.person.follower.roi is not None]
        gone = [seen.person for seen in looks if seen.person.follower.roi is None]
        self._missing += gone
        milliseconds = clock.milliseconds()
        statistics.add(milliseconds, bool(looks), detector_ran, bool(lost))
        return [
            PoseResult(
                timestamp_s, found.points[:NUM_LANDMARKS], found.visibility, found.presence,
                found.world, seen.roi, detector_ran, milliseconds, seen.person.id,
            )
            for seen, found in smoothed
        ]  # fmt: skip

    def _look_at_everybody(
        self, image: images.Image, timestamp_s: float
    ) -> tuple[list[_Look], list[_Person]]:
        """What is seen of the followed, each of whom is another person; and who is lost."""
        looks, lost = [], []
        for person in self._followed:
            assert person.follower.roi is not None
            found = self._look(image, person.follower.roi)
            if found is None:
                lost.append(person)
            else:
                looks.append(_Look(person, found, person.follower.roi))
        # Who fits his own past best is believed first.
        kept: list[_Look] = []
        for seen in sorted(looks, key=lambda seen: seen.person.surprise(seen.found, timestamp_s)):
            if any(same_pose(seen.found, other.found) for other in kept):
                lost.append(seen.person)
            else:
                kept.append(seen)
        for person in lost:
            person.follower.forget()
        return kept, lost

    def _is_due(self, somebody: bool, timestamp_s: float) -> bool:
        """Whether the detector may run; where time stands still it may."""
        if not somebody or self._detected_s is None:
            return True
        return not 0 < timestamp_s - self._detected_s < DETECTOR_INTERVAL_S

    def _add_newcomers(
        self, image: images.Image, timestamp_s: float, detections: list[Detection],
        looks: list[_Look],
    ) -> None:  # fmt: skip
        """Look at detected people until enough are followed, best score first."""
        for detection in detections:
            if len(looks) == self._max_people:
                return
            roi = detection.roi
            found = self._look(image, roi) if is_usable(roi, *image.shape[:2]) else None
            if found is None or any(same_pose(found, other.found) for other in looks):
                continue
            looks.append(_Look(self._identify(found, timestamp_s), found, roi))

    def _identify(self, found: Landmarks, timestamp_s: float) -> _Person:
        """The missing person whom this is, or somebody new."""
        size = found.roi.size
        near = [
            (surprise, person.id, person)
            for person in self._missing
            if (surprise := person.surprise(found, timestamp_s)) <= REACH
            and 1 / SIZE_RATIO <= size / max(person.size, 1e-9) <= SIZE_RATIO
        ]
        if near:
            person = min(near)[2]
            self._missing.remove(person)
            return person
        self._last_id += 1
        middle = torso_middle(found.points)
        return _Person(self._last_id, Follower(self._smoothing), middle, size, timestamp_s)

    def _look(self, image: images.Image, roi: Roi) -> Landmarks | None:
        return look(self._find_landmarks, image, roi, self._presence_threshold)
