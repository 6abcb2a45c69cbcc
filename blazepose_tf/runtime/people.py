"""Follows several people: one ROI each, kept apart by their poses, numbered while they stay.

In every frame the landmark network looks once at everybody who is followed. Where two looks show
one person (someone walks behind another), the look that fits its own past worse is dropped and its
person is missing. A missing person is looked for in the expected place for MEMORY_S, then
forgotten. The detector runs only when fewer than the wanted number are seen, and while somebody is
seen at most every DETECTOR_INTERVAL_S; MediaPipe's graph (pose_landmarker_graph.cc) runs it in
every such frame. Its best-scored people are new ones, unless their pose is that of somebody seen,
or they stand about where a missing person is expected and so get that number back. Whoever comes to
just that place within MEMORY_S after somebody has left is taken for the one who left; after that,
is new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.association import GAMMA, pose_similarity, same_place, torso_middle
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.follower import FindLandmarks, Follower, is_usable, look
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.person import MEMORY_S, REACH, Person
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.timing import StageClock, Statistics
from blazepose_tf.topology import NUM_LANDMARKS

DETECTOR_INTERVAL_S = 0.2
"""Least time between two runs of the detector while somebody is followed."""
COMEBACK = 0.2
"""So far (in sides of the ROI) from the expected place may a missing person be who is looked for
there, if the pose is clearly nobody else's. (Rendered people who cross are off by less than 0.03
while they are by themselves, by up to 0.17 after half a second behind another.)"""
HOLD = 0.02
"""By so much (in sides of the ROI) a missing person's look must fit better to replace another's."""
SIZE_RATIO = 1.6
"""Somebody who seems so many times larger or smaller is somebody else."""


@dataclass(frozen=True)
class _Look:
    """What the landmark network saw of a person, in which ROI.

    doubt: how badly that fits the person's past, sides of the ROI. missing: the person was not seen
    in the last frame.
    """

    person: Person
    found: Landmarks
    roi: Roi
    doubt: float = 0.0
    missing: bool = False


class People:
    """At most `max_people` people, frame by frame. `PoseTracker` checks and counts."""

    def __init__(
        self, find_landmarks: FindLandmarks, find_people: Callable[..., list[Detection]],
        max_people: int, presence_threshold: float, new_follower: Callable[[], Follower],
    ) -> None:  # fmt: skip
        self._find_landmarks, self._find_people = find_landmarks, find_people
        self._max_people, self._new_follower = max_people, new_follower
        self._presence_threshold = presence_threshold
        self.forget()

    def forget(self) -> None:
        """Nobody is known; numbers start from 1."""
        self._people: list[Person] = []
        self._last_id = 0
        self._detected_s: float | None = None

    def process(
        self, image: images.Image, timestamp_s: float, statistics: Statistics
    ) -> list[PoseResult]:
        """Everybody in the next frame, RGB uint8 [H, W, 3], ordered by id."""
        clock = StageClock()
        height, width = image.shape[:2]
        followed = {person.id for person in self._people if person.follower.roi is not None}
        looks = self._look_at_everybody(image, timestamp_s)
        if self._people:
            clock.stop("landmarks")
        lost = bool(followed - {seen.person.id for seen in looks})
        detector_ran = len(looks) < self._max_people and self._is_due(bool(looks), timestamp_s)
        if detector_ran:
            self._detected_s = timestamp_s
            # Those who are seen come out again: enough for them and for all who are wanted.
            detections = self._find_people(image, self._max_people + len(looks))
            clock.stop("detector")
            self._add_newcomers(image, timestamp_s, detections, looks)
            if detections:
                clock.stop("landmarks")
        smoothed = []
        for seen in sorted(looks, key=lambda seen: seen.person.id):
            seen.person.saw(seen.found, timestamp_s)
            found = seen.person.follower.follow(seen.found, timestamp_s, height, width)
            smoothed.append((seen, found))
        if looks:
            clock.stop("smoothing")
        milliseconds = clock.milliseconds()
        statistics.add(milliseconds, bool(looks), detector_ran, lost)
        return [
            PoseResult(
                timestamp_s, found.points[:NUM_LANDMARKS], found.visibility, found.presence,
                found.world, seen.roi, detector_ran, milliseconds, seen.person.id,
            )
            for seen, found in smoothed
        ]  # fmt: skip

    def _look_at_everybody(self, image: images.Image, timestamp_s: float) -> list[_Look]:
        """What is seen of the people known, each look another person; the rest is missing."""
        self._people = [
            person
            for person in self._people
            if person.follower.roi is not None or 0 <= timestamp_s - person.seen_s <= MEMORY_S
        ]
        looks = []
        for person in self._people:
            roi, missing = person.next_roi(timestamp_s), person.follower.roi is None
            found = self._look(image, roi)
            if found is not None:
                doubt = person.surprise(found, timestamp_s)
                looks.append(_Look(person, found, roi, doubt + missing * HOLD, missing))
        # What fits its past best is believed first; who was missing must come out clearly.
        kept: list[_Look] = []
        for seen in sorted(looks, key=lambda seen: seen.doubt):
            limit, furthest = (GAMMA / 2, COMEBACK) if seen.missing else (GAMMA, np.inf)
            full = len(kept) == self._max_people
            if not full and seen.doubt <= furthest and not _is_among(seen.found, kept, limit):
                kept.append(seen)
        for seen in kept:
            others = [other for other in looks if other is not seen]
            seen.person.is_touched = _is_among(seen.found, others, GAMMA / 2)
        seen_ids = {seen.person.id for seen in kept}
        for person in self._people:
            if person.id not in seen_ids:
                person.follower.forget()
        return kept

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
            if any(same_place(detection.roi, seen.found.roi) for seen in looks):
                continue  # followed already; spares a look
            found = self._look(image, detection.roi)
            if found is None or _is_among(found, looks):
                continue
            person = self._identify(found, timestamp_s, looks)
            if person is None:
                person = self._new_person(found, timestamp_s)
            elif _is_among(found, looks, GAMMA / 2):
                continue  # half of somebody else: wait until it is clear
            person.is_touched = False
            looks.append(_Look(person, found, detection.roi))

    def _identify(self, found: Landmarks, timestamp_s: float, looks: list[_Look]) -> Person | None:
        """The missing person that this is, if any."""
        seen_ids = {seen.person.id for seen in looks}
        near = [
            (surprise, person.id, person)
            for person in self._people
            if person.id not in seen_ids
            and (surprise := person.surprise(found, timestamp_s)) <= REACH
            and 1 / SIZE_RATIO <= found.roi.size / person.roi.size <= SIZE_RATIO
        ]
        return min(near)[2] if near else None

    def _new_person(self, found: Landmarks, timestamp_s: float) -> Person:
        self._last_id += 1
        person = Person(
            self._last_id, self._new_follower(), found.roi, torso_middle(found.points),
            timestamp_s,
        )  # fmt: skip
        self._people.append(person)
        return person

    def _look(self, image: images.Image, roi: Roi) -> Landmarks | None:
        if not is_usable(roi, *image.shape[:2]):
            return None
        return look(self._find_landmarks, image, roi, self._presence_threshold)


def _is_among(found: Landmarks, looks: list[_Look], limit: float = GAMMA) -> bool:
    """Whether one of the looks shows the same person."""
    return any(pose_similarity(found, other.found) > limit for other in looks)
