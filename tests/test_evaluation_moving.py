"""Jitter, lag, hard cases and false detections against tracks whose numbers are known."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic.records import Entry, write_annotations
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import false_detections, hard_cases, sequences
from blazepose_tf.evaluation.recorded import Recorded, find_sequences, read_sequence
from blazepose_tf.evaluation.sequences import Track, lag_s, measure, second_difference
from blazepose_tf.geometry import Roi

ROOT = Path(__file__).resolve().parents[1]
CALIBRATION = ROOT / "blazepose_tf" / "assets" / "calibration"
TORSO = 50.0


def recorded(track: np.ndarray, fps: float = 20.0) -> Recorded:
    """A sequence whose truth is `track` [T, 2] plus a body with a torso of 50 px."""
    body = np.zeros((35, 2), np.float32)
    body[[11, 12]] = [0, -TORSO]
    people = [
        PoseSample(
            Path(f"{i}.jpg"),
            (body + at).astype(np.float32),
            np.zeros(35, np.float32),
            np.ones(33, np.float32),
        )
        for i, at in enumerate(track)
    ]
    times = np.arange(len(track)) / fps
    return Recorded("known", times, [p.image for p in people], [people])


def truth_of(sequence: Recorded) -> np.ndarray:
    return np.stack([s.points[:33] for s in sequence.people[0]]).astype(float)


SINE = np.column_stack([30 * np.sin(np.arange(80) * 0.2), np.arange(80.0)])


def test_second_differences_are_accelerations() -> None:
    steps = np.arange(9.0)
    track = np.stack(
        [np.column_stack([1.5 * steps**2, 2 * steps**2]), np.column_stack([steps] * 2)], 1
    )
    found = second_difference(track)
    np.testing.assert_allclose(found, np.tile([5.0, 0.0], (7, 1)), atol=1e-9)  # 2 |(1.5, 2)|


def test_the_truth_itself_neither_jitters_nor_lags() -> None:
    sequence = recorded(SINE)
    row = measure(Track(truth_of(sequence), 1), sequence)
    assert row["jitter"] == pytest.approx(0, abs=1e-3) and row["shake"] == pytest.approx(
        0, abs=1e-3
    )
    assert row["lag_ms"] == pytest.approx(0, abs=1e-3)
    assert row["lost"] == 0 and row["pck_0.2"] == 100
    assert row["true_motion"] > 0.5


def test_noise_is_measured_in_percent_of_the_torso() -> None:
    """One pixel up and down in turn: the second difference is 4 px, 8 % of 50."""
    sequence = recorded(np.zeros((40, 2)))
    zigzag = truth_of(sequence)
    zigzag[::2, :, 1] += 1
    zigzag[1::2, :, 1] -= 1
    row = measure(Track(zigzag, 1), sequence)
    for key in ("jitter", "shake", "tremor"):
        assert row[key] == pytest.approx(8.0)
    # A point that jumps to the other side of the body now and then is a mistake, not a tremor.
    zigzag[10::10, 15] += 40
    row = measure(Track(zigzag, 1), sequence)
    assert row["jitter"] > 9 and row["tremor"] == pytest.approx(8.0)


def test_a_flattened_motion_has_less_than_no_jitter_and_still_shakes() -> None:
    sequence = recorded(SINE)
    still = np.tile(truth_of(sequence)[:1], (80, 1, 1))
    row = measure(Track(still, 1), sequence)
    assert row["jitter"] == pytest.approx(-row["true_motion"])
    assert row["shake"] == pytest.approx(row["true_motion"])


@pytest.mark.parametrize("frames", [1, 2])
def test_a_late_track_lags_by_its_delay(frames: int) -> None:
    sequence = recorded(SINE * [1, 0])
    truth = truth_of(sequence)
    late = np.roll(truth, frames, axis=0) + [3.0, -2.0]  # a constant offset is no lag
    visible = np.ones(truth.shape[:2], bool)
    visible[:3] = False
    found = lag_s(late, truth, visible, sequence.times)
    assert found == pytest.approx(frames / 20, rel=0.05)


def test_lost_frames_count_as_wrong_and_not_as_still() -> None:
    sequence = recorded(np.zeros((20, 2)))
    points = truth_of(sequence)
    points[5:9] = np.nan
    row = measure(Track(points, 3), sequence)
    assert row["lost"] == 4 and row["detector_runs"] == 3
    assert row["pck_0.2"] == pytest.approx(80)
    assert row["jitter"] == 0


def test_all_sequences_together_weigh_by_frames() -> None:
    long, short = recorded(np.zeros((30, 2))), recorded(np.zeros((10, 2)))
    lost = truth_of(short)
    lost[:5] = np.nan
    rows = [measure(Track(truth_of(long), 1), long), measure(Track(lost, 2), short)]
    total = sequences.summary(rows)
    assert total["frames"] == 40 and total["lost"] == 5 and total["detector_runs"] == 3
    assert total["pck_0.2"] == pytest.approx((30 * 100 + 10 * 50) / 40)


@pytest.fixture(scope="module")
def panned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sequence: a rendered person, the camera panning 3 px a frame."""
    sample = read_coco(CALIBRATION / "annotations.json", CALIBRATION / "images")[0]
    picture = images.read_image(sample.image)
    folder = tmp_path_factory.mktemp("sequences") / "pan"
    (folder / "images").mkdir(parents=True)
    entries = []
    for i in range(6):
        move = np.array([3.0 * i, 0.0], np.float32)
        height, width = picture.shape[:2]
        moved = images.crop(
            picture, Roi(width / 2 - move[0], height / 2, float(max(width, height))), 384
        )
        offset = (384 - np.array([width, height])) / 2
        path = folder / "images" / f"{i:06d}.png"
        cv2.imwrite(str(path), moved[:, :, ::-1])
        points = (sample.points + move + offset).astype(np.float32)
        changed = dataclasses.replace(sample, image=path, points=points, roi=None)
        entries.append(Entry(changed, {"track": 0}, {"timestamp_s": i / 30}))
    write_annotations(folder / "annotations.json", entries, "a test")
    return folder.parent


def test_trackers_are_measured_side_by_side(
    panned: Path, mediapipe_file: Callable[[str], Path]
) -> None:
    names = [str(mediapipe_file("lite")), str(mediapipe_file("full"))]
    content = sequences.evaluate_sequences(names, [panned], detector="npm:detector")
    assert [r["smoothing"] for r in content["results"]] == [False, True, False, True]
    for row in content["results"]:
        assert row["frames"] == 6 and row["lost"] == 0 and row["detector_runs"] == 1
        assert row["true_motion"] == pytest.approx(0, abs=1e-3)
        assert row["pck_0.2"] > 60
        assert 0 <= row["jitter"] < 10
    raw, smoothed = content["results"][:2]
    assert smoothed["jitter"] < raw["jitter"]
    assert "npm" not in sequences.markdown(content) and "pan" in sequences.markdown(content)


def test_folders_that_hold_no_sequence_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no sequence"):
        find_sequences([tmp_path])
    with pytest.raises(BadInputError, match="is no sequence"):
        read_sequence(CALIBRATION)


# Hard cases.


@pytest.mark.parametrize(
    ("up", "degrees"), [((0, -1), 0), ((1, 0), 90), ((-1, 0), 90), ((0, 1), 180), ((1, -1), 45)]
)
def test_tilt_is_the_trunks_angle_from_upright(up: tuple[int, int], degrees: float) -> None:
    sample = PoseSample(Path("x"))
    sample.points[[23, 24]] = 100
    sample.points[[11, 12]] = 100 + 30 * np.array(up)
    assert hard_cases.tilt(sample) == pytest.approx(degrees)


def test_lsp_people_are_chosen_by_their_trunks(lsp_root: Path) -> None:
    from blazepose_tf.data.lsp import read_lsp

    people = read_lsp(lsp_root, "held-out")
    cases = hard_cases.lsp_cases(people)
    assert 20 < len(cases["lsp-lying"]) < 500 and 5 < len(cases["lsp-upside-down"]) < 300
    for sample in cases["lsp-upside-down"]:
        assert sample.mid_shoulder[1] > sample.mid_hip[1]


def test_points_outside_the_picture_are_not_scored(
    tmp_path: Path, mediapipe_file: Callable[[str], Path]
) -> None:
    folder = tmp_path / "half"
    (folder / "images").mkdir(parents=True)
    sample = read_coco(CALIBRATION / "annotations.json", CALIBRATION / "images")[0]
    picture = images.read_image(sample.image)
    middle = int(sample.points[0, 0])  # cut at the nose
    cv2.imwrite(str(folder / "images" / "a.png"), np.ascontiguousarray(picture[:, :middle, ::-1]))
    half = dataclasses.replace(sample, image=folder / "images" / "a.png")
    write_annotations(folder / "annotations.json", [Entry(half, {}, {})], "a test")
    inside = int((sample.points[:33, 0] < middle).sum())
    assert 5 < inside < 28
    content = hard_cases.evaluate_hard_cases([str(mediapipe_file("lite"))], tmp_path)
    assert content["results"][0]["cases"]["half"]["points"] == inside
    assert content["people"] == {"half": 1}
    assert "half" in hard_cases.markdown(content)
    with pytest.raises(BadInputError, match="holds no cases"):
        hard_cases.read_cases(tmp_path / "half" / "images")


# False detections.


def test_people_are_detected_and_grey_pictures_are_not(
    tmp_path: Path, mediapipe_file: Callable[[str], Path]
) -> None:
    for i in range(3):
        cv2.imwrite(str(tmp_path / f"{i}.png"), np.full((200, 300, 3), 60 * i, np.uint8))
    upright = [
        s for s in read_coco(CALIBRATION / "annotations.json", CALIBRATION / "images")
        if s.visibility[0] and s.mid_shoulder[1] < s.mid_hip[1] - 40
    ][:4]  # fmt: skip
    for i, sample in enumerate(upright):
        (tmp_path / f"person{i}{sample.image.suffix}").write_bytes(sample.image.read_bytes())
    content = false_detections.evaluate_false_detections(
        [str(mediapipe_file("detector"))], [tmp_path], landmarks=[str(mediapipe_file("lite"))]
    )
    row = content["results"][0]
    assert row["pictures"] == 7
    assert 1 <= row["detections"] <= 4
    assert {f["picture"][:6] for f in row["found"]} == {"person"}
    assert next(iter(row["survive"].values())) == row["detections"]
    assert json.loads(json.dumps(content)) == content
