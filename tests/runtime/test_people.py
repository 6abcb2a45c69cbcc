"""Several people in a made-up world: numbers, crossings, comers and goers, the budget of runs."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from blazepose_tf import PoseTracker
from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi, alignment_points
from blazepose_tf.runtime import people as module
from blazepose_tf.runtime.association import GAMMA, pose_similarity, same_place
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.tracker import PoseResult

FRAME = np.zeros((300, 900, 3), np.uint8)
FPS = 30


def _figure() -> np.ndarray:
    """[33, 2] a standing person in crop units, hips in the middle."""
    points = np.full((33, 2), [0.5, 0.2])
    rows = {11: 0.28, 13: 0.4, 15: 0.52, 17: 0.54, 19: 0.55, 21: 0.53, 23: 0.5, 25: 0.68, 27: 0.84,
            29: 0.86, 31: 0.87}  # fmt: skip
    for left, y in rows.items():
        reach = 0.05 if left >= 23 else 0.08
        points[left], points[left + 1] = (0.5 + reach, y), (0.5 - reach, y)
    return points


FIGURE = _figure()


def landmarks_of(person: Roi, presence: float = 0.9) -> Landmarks:
    """What a perfect network sees of the person."""
    points = np.zeros((35, 3), np.float32)
    points[:33, :2] = person.to_image(FIGURE)
    points[33:, :2] = alignment_points(person)
    return Landmarks(points, np.ones(33, np.float32), presence, np.zeros((33, 3), np.float32))


class Stage:
    """People at places, front to back, and the two networks that see them.

    The landmark network takes the frontmost person about the middle of its ROI; the detector sees
    everybody whose middle nobody covers. `calls` is what was run, in order.
    """

    def __init__(self, *people: Roi) -> None:
        self.people = list(people)
        self.scores = [0.9 - 0.01 * i for i in range(9)]
        self.calls = ""
        self.limits: list[int] = []

    def _is_covered(self, index: int) -> bool:
        x = self.people[index].center_x
        return any(abs(x - other.center_x) < 0.1 * other.size for other in self.people[:index])

    def detect(self, frame: images.Image, limit: int = 1) -> list[Detection]:
        self.calls += "D"
        self.limits.append(limit)
        found = []
        for index, person in enumerate(self.people):
            if not self._is_covered(index):
                keypoints = np.vstack([alignment_points(person)] * 2).astype(np.float32)
                found.append(Detection(self.scores[index], np.zeros(4, np.float32), keypoints))
        return sorted(found, key=lambda detection: -detection.score)[:limit]

    def landmarks(self, frame: images.Image, roi: Roi) -> Landmarks:
        self.calls += "L"
        for person in self.people:
            if abs(roi.center_x - person.center_x) < 0.2 * person.size:
                return landmarks_of(person)
        return landmarks_of(roi, presence=0.1)

    def tracker(self, max_people: int = 2, **options: bool) -> PoseTracker[list[PoseResult]]:
        return PoseTracker(self.landmarks, self.detect, max_people=max_people, **options)


def _places(results: list[PoseResult]) -> dict[int, float]:
    """id -> x of the hips."""
    return {r.id: float(r.landmarks[23:25, 0].mean()) for r in results}


def test_everybody_gets_a_number_and_keeps_it() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(500, 150, 220), Roi(800, 150, 180))
    tracker = stage.tracker(3)
    for i in range(10):
        results = tracker.process(FRAME, i / FPS)
        assert _places(results) == pytest.approx({1: 200, 2: 500, 3: 800})
        assert [r.detector_ran for r in results] == [i == 0] * 3
    assert stage.calls == "DLLL" + 9 * "LLL"
    found = tracker.statistics
    assert (found.frames, found.poses, found.detector_runs, found.lost_frames) == (10, 10, 1, 0)


def test_one_wanted_person_is_the_tracker_of_one() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(500, 150, 220))
    result = PoseTracker(stage.landmarks, stage.detect, max_people=1).process(FRAME, 0.0)
    assert isinstance(result, PoseResult) and result.id == 1
    assert stage.limits == [1]
    for wrong in (0, -1):
        with pytest.raises(BadInputError, match="max_people"):
            PoseTracker(stage.landmarks, stage.detect, max_people=wrong)


def test_while_somebody_is_missing_the_detector_keeps_its_interval() -> None:
    stage = Stage(Roi(200, 150, 200))
    tracker = stage.tracker(4)
    times = []
    for i in range(61):
        results = tracker.process(FRAME, i / FPS)
        assert list(_places(results)) == [1]
        if results[0].detector_ran:
            times.append(i / FPS)
    intervals = np.diff(times)
    assert stage.calls.count("L") == 61  # who is followed is not looked at twice
    assert intervals.min() >= module.DETECTOR_INTERVAL_S - 1e-9
    assert intervals.max() < module.DETECTOR_INTERVAL_S + 1.1 / FPS


def test_with_nobody_the_detector_runs_in_every_frame() -> None:
    stage = Stage()
    tracker = stage.tracker()
    assert [tracker.process(FRAME, i / FPS) for i in range(4)] == [[]] * 4
    assert stage.calls == "DDDD"
    stage.people = [Roi(300, 150, 200)]
    assert _places(tracker.process(FRAME, 5 / FPS)) == pytest.approx({1: 300})


def test_of_more_people_than_asked_for_the_surest_come_first_and_stay() -> None:
    stage = Stage(*(Roi(100 + 170 * i, 150, 160) for i in range(5)))
    stage.scores = [0.6, 0.9, 0.7, 0.8, 0.65]
    tracker = stage.tracker(2)
    assert sorted(_places(tracker.process(FRAME, 0.0)).values()) == pytest.approx([270, 610])
    stage.scores = stage.scores[::-1]
    stage.scores[0] = 0.99
    for i in range(1, 30):
        assert sorted(_places(tracker.process(FRAME, i / FPS)).values()) == pytest.approx(
            [270, 610]
        )
    # Only one who leaves makes room; the surest of the others comes in.
    del stage.people[1], stage.scores[1]
    for i in range(30, 75):
        results = tracker.process(FRAME, i / FPS)
    assert sorted(_places(results).values()) == pytest.approx([100, 610])


def test_people_who_are_followed_do_not_crowd_out_those_who_come() -> None:
    """The detector names the followed again, with better scores: it is asked for enough."""
    stage = Stage(Roi(200, 150, 200))
    tracker = stage.tracker(2)
    tracker.process(FRAME, 0.0)
    stage.people.append(Roi(600, 150, 200))
    results = tracker.process(FRAME, 0.25)
    assert _places(results) == pytest.approx({1: 200, 2: 600})
    assert stage.limits == [2, 3]


def test_a_person_who_is_detected_twice_is_one() -> None:
    stage = Stage(Roi(200, 150, 200))
    detect = stage.detect

    def twice(frame: images.Image, limit: int) -> list[Detection]:
        (found,) = detect(frame, limit)
        moved = found.keypoints + np.float32([12, 5])
        return [found, Detection(0.8, found.box, moved)]

    tracker = PoseTracker(stage.landmarks, twice, max_people=3)
    for i in range(20):
        assert list(_places(tracker.process(FRAME, i / FPS))) == [1]


@pytest.mark.parametrize("front", [0, 1])
@pytest.mark.parametrize("speed", [120, 250, 400])
@pytest.mark.parametrize("smoothing", [True, False])
def test_people_who_cross_keep_their_numbers(front: int, speed: float, smoothing: bool) -> None:
    """While one covers the other, both ROIs show the one in front."""

    def places(t: float) -> list[float]:
        return [450 - speed * (1 - t), 450 + speed * (1 - t)]

    stage = Stage()
    tracker = stage.tracker(2, smoothing=smoothing)
    ids: dict[int, int] = {}
    seen = np.zeros(2)
    for i in range(2 * FPS):
        x = places(i / FPS)
        order = [front, 1 - front]
        stage.people = [Roi(x[who], 150, 220) for who in order]
        for number, place in _places(tracker.process(FRAME, i / FPS)).items():
            who = int(np.argmin(np.abs(np.array(x) - place)))
            if abs(x[0] - x[1]) > 60:  # well apart
                assert ids.setdefault(who, number) == number, f"frame {i}"
                seen[who] += 1
    assert sorted(ids.values()) == [1, 2]
    apart = sum(abs(np.diff(places(i / FPS))[0]) > 60 for i in range(2 * FPS))
    assert seen.min() >= 0.9 * apart


def test_who_is_hidden_for_a_moment_comes_back_with_the_same_number() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(600, 150, 200))
    tracker = stage.tracker()
    for i in range(10):
        tracker.process(FRAME, i / FPS)
    gone = stage.people.pop()
    for i in range(10, 25):
        assert list(_places(tracker.process(FRAME, i / FPS))) == [1]
    stage.people.append(dataclasses.replace(gone, center_x=615))
    results = tracker.process(FRAME, 25 / FPS)
    assert _places(results)[2] == pytest.approx(615)  # not pulled back to where the past was


@pytest.mark.parametrize(("pause", "number"), [(0.5, 2), (1.6, 3)])
def test_another_person_at_the_same_place(pause: float, number: int) -> None:
    """Within MEMORY_S the one who comes is taken for the one who left; later is somebody new."""
    stage = Stage(Roi(200, 150, 200), Roi(600, 150, 200))
    tracker = stage.tracker()
    tracker.process(FRAME, 0.0)
    (left,) = stage.people[1:]
    stage.people = stage.people[:1]
    for i in range(1, round(pause * FPS)):
        tracker.process(FRAME, i / FPS)
    stage.people.append(dataclasses.replace(left, size=210))
    ids: set[int] = set()
    for i in range(round(pause * FPS), round(pause * FPS) + 10):
        ids |= set(_places(tracker.process(FRAME, i / FPS)))
    assert ids == {1, number}


def test_somebody_at_another_place_or_of_another_size_is_somebody_new() -> None:
    for other in (Roi(780, 150, 200), Roi(600, 150, 90)):
        stage = Stage(Roi(200, 150, 200), Roi(600, 150, 200))
        tracker = stage.tracker()
        tracker.process(FRAME, 0.0)
        stage.people = [stage.people[0]]
        tracker.process(FRAME, 0.1)
        stage.people.append(other)
        # The small one stands where the lost one was expected: the ROI is right, the person not.
        stage.landmarks = _only_near(stage.landmarks, other)  # type: ignore[method-assign]
        tracker._people._find_landmarks = stage.landmarks  # type: ignore[union-attr]
        assert set(_places(tracker.process(FRAME, 0.4))) == {1, 3}


def _only_near(look: Callable[..., Landmarks], person: Roi) -> Callable[..., Landmarks]:
    """A network that finds `person` only in a ROI of about the right size."""

    def found(frame: images.Image, roi: Roi) -> Landmarks:
        near = abs(roi.center_x - person.center_x) < person.size
        if near and not 0.7 < roi.size / person.size < 1.4:
            return landmarks_of(roi, presence=0.1)
        return look(frame, roi)

    return found


def test_a_cut_finds_everybody_again_in_the_same_frame() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(450, 150, 200))
    tracker = stage.tracker()
    tracker.process(FRAME, 0.0)
    stage.people = [Roi(700, 150, 200), Roi(320, 150, 60)]
    results = tracker.process(FRAME, 0.1)
    assert sorted(_places(results).values()) == pytest.approx([320, 700])
    assert tracker.statistics.lost_frames == 1


def test_slow_and_standing_and_backward_time() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(600, 150, 200))
    tracker = stage.tracker(3)
    for t in (0.0, 2.5, 5.0, 5.0, 4.0, 4.1):  # more than MEMORY_S between frames
        assert _places(tracker.process(FRAME, t)) == pytest.approx({1: 200, 2: 600})
    with pytest.raises(BadInputError, match="timestamp_s"):
        tracker.process(FRAME, math.nan)


def test_another_picture_size_and_reset_start_numbering_anew() -> None:
    stage = Stage(Roi(200, 150, 200))
    tracker = stage.tracker()
    for start in (lambda: None, lambda: None, tracker.reset):
        stage.people = [Roi(200, 150, 200)]
        tracker.process(FRAME, 0.0)
        stage.people = [Roi(700, 150, 200)]
        assert max(_places(tracker.process(FRAME, 0.5))) >= 1
        start()
        frame = np.ascontiguousarray(FRAME[:280])
        assert list(_places(tracker.process(frame, 1.0))) == [1]


def test_numbers_gone_wrong_lose_only_their_person() -> None:
    stage = Stage(Roi(200, 150, 200), Roi(600, 150, 200))
    tracker = stage.tracker()
    tracker.process(FRAME, 0.0)
    look = stage.landmarks

    def broken(frame: images.Image, roi: Roi) -> Landmarks:
        found = look(frame, roi)
        if roi.center_x < 400:
            return found
        return dataclasses.replace(found, points=found.points * np.float32(np.nan))

    tracker._people._find_landmarks = broken  # type: ignore[union-attr]
    assert _places(tracker.process(FRAME, 0.1)) == pytest.approx({1: 200})
    tracker._people._find_landmarks = look  # type: ignore[union-attr]
    assert _places(tracker.process(FRAME, 0.2)) == pytest.approx({1: 200, 2: 600})


def test_similarity_is_alphapose_s() -> None:
    person = Roi(300, 150, 200)
    one = landmarks_of(person)
    most = 17 * math.tanh(1) ** 2 + 1.7 * 17
    assert pose_similarity(one, one) == pytest.approx(most) and GAMMA == 22.48
    height = float(np.ptp(one.points[[0, 11, 12, 27, 28], 1]))
    for tenths in (0.5, 1.5, 3.0):
        other = landmarks_of(dataclasses.replace(person, center_x=300 + tenths * height / 10))
        expected = 17 * 1.7 * math.exp(-tenths / 2.65)
        if tenths <= 1:
            expected += 17 * math.tanh(1) ** 2
        assert pose_similarity(one, other) == pytest.approx(expected, rel=0.02)
        assert pose_similarity(other, one) == pytest.approx(pose_similarity(one, other))
    with_scale = dataclasses.replace(person, size=240)
    assert same_place(person, dataclasses.replace(with_scale, center_x=312))
    assert not same_place(person, dataclasses.replace(with_scale, center_x=320))
    assert not same_place(person, dataclasses.replace(person, size=260))
    point = dataclasses.replace(one, points=np.zeros_like(one.points))
    assert pose_similarity(point, point) == 0
