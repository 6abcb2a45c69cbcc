"""The tracker's decisions with networks made up for the purpose, and on a moving real person."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf import PoseTracker
from blazepose_tf import image as images
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi, alignment_points
from blazepose_tf.runtime import default_models
from blazepose_tf.runtime import tracker as module
from blazepose_tf.runtime.detector import Detection, Detector
from blazepose_tf.runtime.landmarker import Landmarker, Landmarks
from blazepose_tf.runtime.tracker import PoseResult, is_usable
from blazepose_tf.topology import INDEX

Find = Callable[[str], Path]
FRAME = np.zeros((100, 200, 3), np.uint8)
PERSON = Roi(100, 50, 80)


class World:
    """A made-up person and the two networks that see it; `calls` is what was run, in order."""

    def __init__(self) -> None:
        self.person: Roi | None = PERSON
        self.next: Roi | None = None
        self.presence = 0.9
        self.damage: Callable[[Landmarks], Landmarks] = lambda landmarks: landmarks
        self.calls = ""
        self.looked: list[Roi] = []

    def detect(self, frame: images.Image) -> list[Detection]:
        self.calls += "D"
        if self.person is None:
            return []
        keypoints = np.vstack([alignment_points(self.person)] * 2).astype(np.float32)
        return [Detection(0.9, np.zeros(4, np.float32), keypoints)]

    def landmarks(self, frame: images.Image, roi: Roi) -> Landmarks:
        """Sees the person only where it stands."""
        self.calls += "L"
        self.looked.append(roi)
        person = self.next or self.person or roi
        near = math.dist((roi.center_x, roi.center_y), (person.center_x, person.center_y))
        seen = self.person is not None and near < 0.2 * person.size
        points = np.zeros((35, 3), np.float32)
        points[:, :2] = person.center_x, person.center_y
        points[33:, :2] = alignment_points(person)
        presence = self.presence if seen else 0.1
        found = Landmarks(points, np.ones(33, np.float32), presence, np.zeros((33, 3), np.float32))
        return self.damage(found)

    def tracker(self, **options: bool) -> PoseTracker:
        return PoseTracker(self.landmarks, self.detect, **options)  # type: ignore[arg-type]


def _counts(tracker: PoseTracker) -> tuple[int, int, int, int]:
    found = tracker.statistics
    return found.frames, found.poses, found.detector_runs, found.lost_frames


@pytest.mark.parametrize("smoothing", [True, False])
def test_the_detector_runs_once_while_the_person_stays(smoothing: bool) -> None:
    world = World()
    tracker = world.tracker(smoothing=smoothing)
    results = [tracker.process(FRAME, i / 30) for i in range(5)]
    assert world.calls == "DLLLLL"
    assert [result is not None and result.detector_ran for result in results] == [True] + 4 * [
        False
    ]
    assert _counts(tracker) == (5, 5, 1, 0)
    assert all(dataclasses.astuple(roi) == pytest.approx((100, 50, 80, 0)) for roi in world.looked)


def test_a_person_that_jumps_is_found_again_in_the_same_frame() -> None:
    world = World()
    tracker = world.tracker()
    tracker.process(FRAME, 0.0)
    world.person = Roi(30, 40, 60)
    result = tracker.process(FRAME, 0.1)
    assert world.calls == "DL" + "LDL"
    assert result is not None and result.detector_ran and result.roi.center_x == pytest.approx(30)
    # Found anew is not smoothed towards where the person was.
    assert result.landmarks[0, :2] == pytest.approx([30, 40])
    assert _counts(tracker) == (2, 2, 2, 1)


def test_without_a_person_the_detector_runs_in_every_frame_once() -> None:
    world = World()
    tracker = world.tracker()
    tracker.process(FRAME, 0.0)
    world.person = None
    assert tracker.process(FRAME, 0.1) is None
    assert tracker.process(FRAME, 0.2) is None
    world.person = PERSON
    assert tracker.process(FRAME, 0.3) is not None
    assert world.calls == "DL" + "LD" + "D" + "DL"
    assert _counts(tracker) == (4, 2, 4, 1)


def test_a_detection_in_which_no_landmarks_are_present_is_no_person() -> None:
    world = World()
    world.presence = 0.49
    tracker = world.tracker()
    assert tracker.process(FRAME, 0.0) is None
    assert world.calls == "DL"
    world.presence = 0.5
    assert tracker.process(FRAME, 0.1) is not None


def test_the_presence_threshold_can_be_chosen() -> None:
    world = World()
    world.presence = 0.3
    assert PoseTracker(world.landmarks, world.detect, presence_threshold=0.2).process(FRAME, 0)
    for wrong in (-0.1, 1.1, math.nan):
        with pytest.raises(BadInputError, match="presence_threshold"):
            PoseTracker(world.landmarks, world.detect, presence_threshold=wrong)
    with pytest.raises(BadInputError, match="threads"):
        PoseTracker(world.landmarks, world.detect, threads=0)


@pytest.mark.parametrize("part", ["points", "visibility", "world", "presence"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_numbers_gone_wrong_never_come_out(part: str, value: float) -> None:
    world = World()
    tracker = world.tracker()
    assert tracker.process(FRAME, 0.0) is not None

    def damage(landmarks: Landmarks) -> Landmarks:
        if part == "presence":
            return dataclasses.replace(landmarks, presence=math.nan)
        array = getattr(landmarks, part).copy()
        array.flat[5] = value
        return dataclasses.replace(landmarks, **{part: array})

    world.damage = damage
    assert tracker.process(FRAME, 0.1) is None
    world.damage = lambda landmarks: landmarks
    result = tracker.process(FRAME, 0.2)
    assert result is not None and np.isfinite(result.landmarks).all()
    assert world.calls == "DL" + "LDL" + "DL"


@pytest.mark.parametrize(
    "absurd", [Roi(100, 50, 1e7), Roi(100, 50, 1.5), Roi(5000, 50, 80), Roi(100, -5000, 80)]
)
def test_an_absurd_next_roi_calls_the_detector(absurd: Roi) -> None:
    world = World()
    tracker = world.tracker(smoothing=False)
    tracker.process(FRAME, 0.0)
    world.damage = lambda found: dataclasses.replace(
        found, points=np.vstack([found.points[:33], np.c_[alignment_points(absurd), [0, 0]]])
    )
    assert tracker.process(FRAME, 0.1) is not None  # this frame is good; the next look is not
    world.damage = lambda found: found
    assert tracker.process(FRAME, 0.2) is not None
    assert world.calls == "DL" + "L" + "DL"


def test_usable_rois() -> None:
    assert is_usable(Roi(100, 50, 80), 100, 200)
    assert is_usable(Roi(100, 240, 500, 1.0), 100, 200)  # a close-up, hips below the picture
    assert not is_usable(Roi(100, 50, 2001), 100, 200)
    assert not is_usable(Roi(0.5, 0.5, 1), 1, 1)
    assert not is_usable(Roi(100, 50, math.nan), 100, 200)
    assert not is_usable(Roi(-41, 50, 80), 100, 200)


def test_another_picture_size_and_reset_start_anew() -> None:
    world = World()
    tracker = world.tracker()
    tracker.process(FRAME, 0.0)
    tracker.process(FRAME[:90], 0.1)
    assert world.calls == "DLDL"
    assert _counts(tracker) == (2, 2, 2, 0)
    tracker.reset()
    assert _counts(tracker) == (0, 0, 0, 0)
    tracker.process(FRAME[:90], 0.2)
    assert world.calls == "DLDLDL"


def test_smoothing_damps_a_trembling_person_and_can_be_switched_off() -> None:
    spread = {}
    for smoothing in (True, False):
        world = World()
        tracker = world.tracker(smoothing=smoothing)
        xs = []
        for i in range(60):
            world.person = Roi(100 + (-1) ** i, 50, 80)
            result = tracker.process(FRAME, i / 30)
            assert result is not None
            xs.append(float(result.landmarks[0, 0]))
        spread[smoothing] = np.std(xs[30:])
    assert spread[False] == pytest.approx(1)
    assert spread[True] < 0.7


def test_a_timestamp_that_stands_still_gives_raw_values() -> None:
    world = World()
    tracker = world.tracker()
    tracker.process(FRAME, 1.0)
    world.person = Roi(104, 50, 80)
    result = tracker.process(FRAME, 1.0)
    assert result is not None and result.landmarks[0, 0] == pytest.approx(104)


@pytest.mark.parametrize("timestamp", [math.nan, math.inf])
def test_bad_frames_and_times_are_refused_and_change_nothing(timestamp: float) -> None:
    world = World()
    tracker = world.tracker()
    tracker.process(FRAME, 0.0)
    with pytest.raises(BadInputError):
        tracker.process(FRAME.astype(float), 0.1)
    with pytest.raises(BadInputError, match="timestamp_s"):
        tracker.process(FRAME, timestamp)
    tracker.process(FRAME, 0.1)
    assert world.calls == "DLL"
    assert _counts(tracker) == (2, 2, 1, 0)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((100, 200), np.uint8), np.zeros((100, 200, 4), np.uint8),
        np.zeros((100, 200, 3), np.uint16), np.zeros((1, 1), np.uint8),
    ],
)  # fmt: skip
def test_frames_of_every_kind_reach_the_networks_as_rgb(frame: np.ndarray) -> None:
    world = World()
    seen = []
    tracker = PoseTracker(world.landmarks, lambda image: seen.append(image) or [])
    assert tracker.process(frame, 0.0) is None
    assert seen[0].dtype == np.uint8 and seen[0].shape == (*frame.shape[:2], 3)


def test_times_are_counted_per_stage() -> None:
    world = World()
    tracker = world.tracker()
    for i in range(4):
        result = tracker.process(FRAME, i / 30)
        assert result is not None
        spent = result.milliseconds
        parts = [spent.detector or 0.0, spent.landmarks or 0.0, spent.smoothing or 0.0]
        assert (spent.detector is not None) == (i == 0)
        assert 0 < sum(parts) <= spent.total
    times = tracker.statistics.milliseconds
    assert {name: stage.count for name, stage in times.items()} == {
        "detector": 1, "landmarks": 4, "smoothing": 4, "total": 4,
    }  # fmt: skip
    assert times["total"].mean >= times["landmarks"].mean > 0
    assert times["detector"].mean == pytest.approx(times["detector"].median)


def test_results_and_statistics_become_json() -> None:
    tracker = World().tracker()
    result = tracker.process(FRAME, 0.5)
    assert result is not None
    line = json.loads(json.dumps(result.to_dict()))
    assert set(line) == {"presence", "detector_ran", "roi", "landmarks"}
    assert len(line["landmarks"]) == 33
    assert line["landmarks"][0] == {
        "name": "nose", "x": 100.0, "y": 50.0, "z": 0.0, "visibility": 1.0, "world": [0, 0, 0],
    }  # fmt: skip
    assert json.loads(json.dumps(tracker.statistics.to_dict()))["detector_runs"] == 1


def test_default_models_are_those_of_dist(
    mediapipe_file: Find, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(default_models, "model_folders", lambda: (tmp_path / "a", tmp_path))
    with pytest.raises(BadInputError, match="make convert") as caught:
        PoseTracker()
    assert "\n" not in str(caught.value)
    for name, preset in {"landmark_lite_float16": "lite", "detector_float32": "detector"}.items():
        (tmp_path / f"pose_{name}.tflite").symlink_to(mediapipe_file(preset))
    loaded: list[Path] = []

    def load(path: Path, **_: object) -> Callable[..., list[Detection]]:
        loaded.append(path)
        return lambda *_: []

    monkeypatch.setattr(module, "Landmarker", load)
    monkeypatch.setattr(module, "Detector", load)
    PoseTracker()
    names = [path.name for path in loaded]
    assert names == ["pose_landmark_lite_float16.tflite", "pose_detector_float32.tflite"]


def test_a_model_of_the_wrong_kind_or_none_is_refused(mediapipe_file: Find) -> None:
    with pytest.raises(BadInputError, match="is no pose landmark model"):
        PoseTracker(mediapipe_file("detector"), mediapipe_file("lite"))
    with pytest.raises(BadInputError, match="cannot be read"):
        PoseTracker("missing.tflite", mediapipe_file("detector"))


@dataclasses.dataclass
class _Moving:
    """A real picture of a person on the move: frames and the exact motion."""

    picture: images.Image

    def motion(self, t: float) -> np.ndarray:
        """2x3 affine from picture to frame at time t: slides, sways, comes nearer."""
        angle, scale = 0.15 * math.sin(3 * t), 1.5 + 0.2 * t
        linear = scale * np.array(
            [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        )
        height, width = self.picture.shape[:2]
        middle = np.array([width / 2, height / 2])
        return np.column_stack([linear, np.array([200 + 40 * t, 180]) - linear @ middle])

    def frame(self, t: float) -> images.Image:
        return cv2.warpAffine(  # type: ignore[return-value]
            self.picture, self.motion(t), (400, 360), borderMode=cv2.BORDER_REPLICATE
        )


@pytest.fixture(scope="module")
def networks(mediapipe_file: Find) -> tuple[Landmarker, Detector]:
    return Landmarker(mediapipe_file("lite")), Detector(mediapipe_file("detector"))


@pytest.fixture(scope="module")
def moving(lsp_samples: list[PoseSample]) -> _Moving:
    return _Moving(images.read_image(lsp_samples[6].image))


@pytest.mark.parametrize("smoothing", [True, False])
def test_a_moving_real_person_is_followed(
    networks: tuple[Landmarker, Detector], moving: _Moving, smoothing: bool
) -> None:
    tracker = PoseTracker(*networks, smoothing=smoothing)
    results: list[PoseResult] = []
    times = [i / 25 for i in range(25)]
    for t in times:
        result = tracker.process(moving.frame(t), t)
        assert result is not None
        results.append(result)
    assert _counts(tracker) == (25, 25, 1, 0)
    # Where the motion takes the last frame's landmarks from, every frame should see the same body.
    body = []
    for t, result in zip(times, results, strict=True):
        matrix = moving.motion(t)
        back = (result.landmarks[:, :2] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
        body.append(back[11:])
    torso = np.linalg.norm(np.mean(body, axis=0)[[0, 1]] - np.mean(body, axis=0)[[12, 13]])
    wander = np.linalg.norm(body - np.median(body, axis=0), axis=2)
    assert np.median(wander) < 0.1 * torso
    assert all(abs(r.roi.size / results[0].roi.size - 1) < 0.4 for r in results)


def test_smoothing_calms_a_real_still_person(
    networks: tuple[Landmarker, Detector], moving: _Moving
) -> None:
    generator = np.random.default_rng(0)
    still = moving.frame(0.3)
    frames = [
        np.clip(still + generator.normal(0, 8, still.shape), 0, 255).astype(np.uint8)
        for _ in range(20)
    ]
    jitter = {}
    for smoothing in (True, False):
        tracker = PoseTracker(*networks, smoothing=smoothing)
        found = [tracker.process(frame, i / 30) for i, frame in enumerate(frames)]
        points = np.array([result.landmarks[:, :2] for result in found if result])[8:]
        jitter[smoothing] = np.abs(np.diff(points, axis=0)).mean()
    assert jitter[True] < 0.6 * jitter[False]


def test_a_cut_and_a_black_frame_in_a_real_video(
    networks: tuple[Landmarker, Detector], moving: _Moving
) -> None:
    tracker = PoseTracker(*networks)
    frame = moving.frame(0.0)
    elsewhere = np.ascontiguousarray(np.roll(frame, 130, axis=1))
    black = np.zeros_like(frame)
    found = [
        tracker.process(f, i / 30) for i, f in enumerate([frame, frame, black, black, elsewhere])
    ]
    assert [result is not None for result in found] == [True, True, False, False, True]
    assert _counts(tracker) == (5, 3, 4, 1)


@pytest.mark.parametrize(
    ("options", "held"),
    [({}, True), ({"hold_sides": False}, False), ({"smoothing": False}, False)],
)
def test_exchanged_sides_are_put_back_unless_told_otherwise(
    options: dict[str, bool], held: bool
) -> None:
    world = World()

    def sides(landmarks: Landmarks) -> Landmarks:
        left = [130, 70][frame == 5]
        points = landmarks.points.copy()
        points[INDEX["left_ankle"], 0], points[INDEX["right_ankle"], 0] = left, 200 - left
        points[INDEX["left_heel"], 0], points[INDEX["right_heel"], 0] = left, 200 - left
        points[INDEX["left_knee"], 0], points[INDEX["right_knee"], 0] = left, 200 - left
        return dataclasses.replace(landmarks, points=points)

    world.damage = sides
    tracker = world.tracker(hold_jumps=False, **options)
    x = []
    for frame in range(10):  # noqa: B007  # `sides` reads it
        result = tracker.process(FRAME, frame / 30)
        assert result is not None
        x.append(result.landmarks[INDEX["left_ankle"], 0])
    assert (min(x) > 125) == held


@pytest.mark.parametrize(
    ("options", "held"),
    [({}, True), ({"hold_jumps": False}, False), ({"smoothing": False}, False)],
)
def test_a_point_that_leaves_for_one_frame_stays_unless_told_otherwise(
    options: dict[str, bool], held: bool
) -> None:
    world = World()
    wrist = INDEX["left_wrist"]

    def leave(landmarks: Landmarks) -> Landmarks:
        points = landmarks.points.copy()
        points[wrist, 0] += [0, 90][frame == 5]
        return dataclasses.replace(landmarks, points=points)

    world.damage = leave
    tracker = world.tracker(**options)
    x = []
    for frame in range(10):  # noqa: B007  # `leave` reads it
        result = tracker.process(FRAME, frame / 30)
        assert result is not None
        x.append(result.landmarks[wrist, 0])
    assert (max(x) - min(x) < 5) == held
