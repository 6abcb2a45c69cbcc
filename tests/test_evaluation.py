"""PCK against hand-computed cases, the modes against scripted models, MediaPipe against itself."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import loadmat

from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import pck, predict, report
from blazepose_tf.evaluation.run import evaluate_landmarks
from blazepose_tf.geometry import Roi
from blazepose_tf.image import Image
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.interpreter import load_backend
from blazepose_tf.runtime.landmarker import CropLandmarks
from blazepose_tf.topology import INDEX, LSP_LIMBS, NUM_LANDMARKS, NUM_POINTS


def person(x: float = 100, y: float = 150, image: str | Path = "none.png") -> PoseSample:
    """Upright, hips around (x, y), shoulders 100 px above: a torso of exactly 100 px."""
    sample = PoseSample(Path(image))
    for name, dx, dy in (
        ("left_hip", 10, 0), ("right_hip", -10, 0), ("left_shoulder", 20, -100),
        ("right_shoulder", -20, -100), ("left_wrist", 60, -50),
    ):  # fmt: skip
        sample.points[INDEX[name]] = x + dx, y + dy
    return sample


def exactly(sample: PoseSample) -> NDArray[np.float32]:
    """A prediction [33, 2] that is right everywhere and far off where nobody labelled."""
    return np.nan_to_num(sample.points[:NUM_LANDMARKS], nan=1e6)


def moved(sample: PoseSample, joint: str, dx: float, dy: float = 0) -> NDArray[np.float32]:
    points = exactly(sample)
    points[INDEX[joint]] += dx, dy
    return points


def test_a_point_is_correct_up_to_the_threshold_and_wrong_beyond_it() -> None:
    sample = person()
    shifts = [0, 10, 10.5, 20, 20.5, 300]
    scores = pck.score(np.stack([moved(sample, "left_wrist", s) for s in shifts]), [sample] * 6)
    assert scores.pck(0.2, "left_wrist") == pytest.approx(100 * 4 / 6)
    assert scores.pck(0.1, "left_wrist") == pytest.approx(100 * 2 / 6)
    # 6 people x 5 labelled points; 2 wrists are wrong at 0.2 and 4 at 0.1.
    assert scores.points.sum() == 30
    assert scores.pck(0.2) == pytest.approx(100 * 28 / 30)
    assert scores.pck(0.1) == pytest.approx(100 * 26 / 30)


def test_distance_is_euclidean_and_measured_in_the_persons_own_torso() -> None:
    near, far = person(), person()
    far.points[:] = far.points * 2  # torso of 200 px: 30 px are now within 20 %
    errors = pck.torso_errors(
        np.stack([moved(near, "left_wrist", 18, 24), moved(far, "left_wrist", 18, 24)]), [near, far]
    )
    assert errors[:, INDEX["left_wrist"]] == pytest.approx([0.30, 0.15], abs=1e-6)


def test_what_nobody_labelled_does_not_count() -> None:
    sample = person()
    sample.points[INDEX["left_wrist"]] = np.nan
    scores = pck.score(exactly(sample)[None], [sample])
    assert scores.joints == ["left_shoulder", "right_shoulder", "left_hip", "right_hip"]
    assert scores.points.sum() == 4
    assert math.isnan(scores.pck(0.2, "left_wrist"))
    assert scores.pck(0.2) == 100


def test_what_the_model_did_not_find_is_wrong() -> None:
    sample = person()
    found = exactly(sample)
    missing = np.full_like(found, np.nan)
    scores = pck.score(np.stack([found, missing]), [sample, sample])
    assert scores.pck(0.2) == 50
    assert scores.pck(0.2, "left_hip") == 50


def test_people_without_a_torso_are_skipped_and_counted() -> None:
    whole, torn, flat = person(), person(), person()
    torn.points[INDEX["left_hip"]] = np.nan
    flat.points[[INDEX["left_shoulder"], INDEX["right_shoulder"]]] = flat.mid_hip
    people = [whole, torn, flat]
    scores = pck.score(np.stack([exactly(p) for p in people]), people)
    assert (scores.people, scores.skipped, int(scores.points.sum())) == (1, 2, 5)
    with pytest.raises(BadInputError, match="hips and both shoulders"):
        pck.score(exactly(torn)[None], [torn])


def test_alignment_points_are_never_scored() -> None:
    sample = person()
    sample.points[NUM_LANDMARKS:] = 50, 50
    predicted = np.full((1, NUM_POINTS, 3), 1e6, np.float32)
    predicted[0, :NUM_LANDMARKS, :2] = exactly(sample)
    assert pck.score(predicted, [sample]).points.sum() == 5


def test_an_empty_data_set_is_refused() -> None:
    with pytest.raises(BadInputError, match="empty"):
        pck.score(np.zeros((0, 33, 2)), [])


@dataclasses.dataclass
class DotModel:
    """Says that every point is where the brightest pixel of the crop is."""

    input_size: int = 128

    def run_crop(self, crop: NDArray[np.uint8], /) -> CropLandmarks:
        grey = crop.sum(axis=2)
        y, x = np.unravel_index(grey.argmax(), grey.shape)
        points = np.zeros((NUM_POINTS, 3), np.float32)
        points[:, :2] = (np.array([x, y]) + 0.5) / self.input_size
        return CropLandmarks(
            points,
            np.ones(NUM_LANDMARKS, np.float32),
            1.0,
            np.zeros((NUM_LANDMARKS, 3), np.float32),
        )


def draw_wrists(path: Path, people: list[PoseSample]) -> list[PoseSample]:
    """A dark picture with a white dot on each left wrist, and the people in it."""
    canvas = np.full((400, 600, 3), 40, np.uint8)
    for sample in people:
        x, y = sample.points[INDEX["left_wrist"]]
        cv2.circle(canvas, (round(float(x)), round(float(y))), 4, (255, 255, 255), -1)
    cv2.imwrite(str(path), canvas)
    return [dataclasses.replace(sample, image=path) for sample in people]


def leaning(sample: PoseSample, angle: float) -> PoseSample:
    """The same person turned about the hips."""
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    hips = sample.mid_hip
    points = ((sample.points - hips) @ turn.T + hips).astype(np.float32)
    return dataclasses.replace(sample, points=points)


def test_roi_mode_brings_points_back_through_the_crop(tmp_path: Path) -> None:
    samples = draw_wrists(tmp_path / "a.png", [leaning(person(300, 220), 0.7)])
    points = predict.predict_roi([DotModel(128), DotModel(256)], samples)
    assert points.shape == (2, 1, NUM_POINTS, 2)
    wrist = INDEX["left_wrist"]
    assert np.abs(points[:, 0, wrist] - samples[0].points[wrist]).max() < 4
    assert pck.score(points[1], samples).pck(0.1, "left_wrist") == 100
    assert pck.score(points[1], samples).pck(0.1, "left_hip") == 0


def detection(sample: PoseSample, shift: float = 0) -> Detection:
    hips = sample.mid_hip + np.array([shift, 0], np.float32)
    circle = hips + np.array([0, -120], np.float32)
    return Detection(0.9, np.zeros(4, np.float32), np.stack([hips, circle, hips, circle]))


def test_pipeline_mode_takes_the_detectors_roi_and_counts_misses_as_wrong(tmp_path: Path) -> None:
    seen, unseen = person(300, 220), person(310, 220)
    samples = draw_wrists(tmp_path / "a.png", [seen]) + draw_wrists(tmp_path / "b.png", [unseen])
    answers = iter([[detection(seen)], []])

    def detect(frame: Image, limit: int) -> list[Detection]:
        assert frame.shape == (400, 600, 3) and limit == 1
        return next(answers)

    points, found = predict.predict_pipeline([DotModel()], detect, samples)
    assert pck.score(points[0], samples).pck(0.1, "left_wrist") == 50
    assert np.isnan(points[0, 1]).all()
    assert found.found.tolist() == [True, False]
    assert found.hits.tolist() == [True, False]


def test_each_labelled_person_of_a_picture_gets_the_detection_nearest_to_it(tmp_path: Path) -> None:
    left, right = draw_wrists(tmp_path / "two.png", [person(150, 200), person(450, 200)])
    both = [detection(right), detection(left)]
    _, found = predict.predict_pipeline(
        [DotModel()], lambda frame, limit: both[:limit], [left, right]
    )
    assert found.distance == pytest.approx([0, 0])
    assert predict.assign([detection(right)], [left, right])[0] is None


def test_a_hit_is_a_mid_hip_within_half_a_torso(tmp_path: Path) -> None:
    sample = person(300, 220)
    unlabelled = person(300, 220)
    unlabelled.points[INDEX["left_hip"]] = np.nan
    samples = [draw_wrists(tmp_path / f"{i}.png", [sample])[0] for i in range(4)]
    samples += draw_wrists(tmp_path / "4.png", [unlabelled])
    good = iter([[detection(sample, s)] for s in (0, 49, 51)] + [[], [detection(sample)]])
    other = iter([[detection(sample, s)] for s in (0, 60, 0)] + [[detection(sample)], []])
    ours, reference = predict.predict_detectors(
        [lambda frame, limit: next(good), lambda frame, limit: next(other)], samples
    )
    assert report.detector_result(ours, reference) == {
        "people": 4, "found": 3, "hits": 2, "hit_rate": 50.0, "hit_distance_torso": 0.5,
        "reference_hits": 3, "hits_of_reference": 1, "share_of_reference": 33.33,
    }  # fmt: skip


def test_the_markdown_table_says_what_the_json_says() -> None:
    sample = person()
    wrong = pck.score(np.stack([moved(sample, "left_wrist", 99), exactly(sample)]), [sample] * 2)
    row = {"file": "x.tflite"} | report.landmark_result(wrong)
    lines = report.markdown({"mode": "roi", "results": [row]}).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert cells[2] == ["x.tflite", "90.0", "90.0", "2", "10"]
    assert ["left_wrist", "2", "50.0"] in cells
    assert row["correct_0.2"] == 9 and row["per_joint"]["left_wrist"]["pck_0.2"] == 50


def independent_pck(file: Path, root: Path, names: list[str]) -> tuple[int, int]:
    """Points of MediaPipe's file within 0.2 torso, written down once more without our code.

    Returns (correct, all): interpreter by tensor shape, crop by three corner points.
    """
    joints = loadmat(str(root / "joints.mat"))["joints"]  # (14, 3, 10000)
    interpreter = load_backend()[1].Interpreter(model_path=str(file), num_threads=1)
    interpreter.allocate_tensors()
    output = next(d for d in interpreter.get_output_details() if d["shape"].tolist() == [1, 195])
    correct = total = 0
    for name in names:
        x, y = joints[:, 0, int(name[2:7]) - 1], joints[:, 1, int(name[2:7]) - 1]
        hip = np.array([(x[2] + x[3]) / 2, (y[2] + y[3]) / 2])
        shoulder = np.array([(x[8] + x[9]) / 2, (y[8] + y[9]) / 2])
        up = (shoulder - hip) / np.hypot(*(shoulder - hip))
        right = np.array([-up[1], up[0]])
        half = 1.25 * np.hypot(x - hip[0], y - hip[1]).max()
        corners = np.stack(
            [hip + half * (up - right), hip + half * (up + right), hip - half * (up + right)]
        )
        square = np.array([[0, 0], [256, 0], [0, 256]])
        to_image = cv2.getAffineTransform(
            (square - 0.5).astype(np.float32), (corners - 0.5).astype(np.float32)
        )
        picture = cv2.imread(str(root / "images" / name))[:, :, ::-1]
        crop = cv2.warpAffine(
            picture, to_image, (256, 256), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        index = interpreter.get_input_details()[0]["index"]
        interpreter.set_tensor(index, (crop[None] / 255).astype(np.float32))
        interpreter.invoke()
        points = interpreter.get_tensor(output["index"]).reshape(39, 5)[list(LSP_LIMBS), :2] / 256
        there = corners[0] + points[:, :1] * 2 * half * right - points[:, 1:] * 2 * half * up
        distance = np.hypot(there[:, 0] - x[:12], there[:, 1] - y[:12])
        correct += int((distance <= 0.2 * np.hypot(*(shoulder - hip))).sum())
        total += 12
    return correct, total


def test_mediapipe_lite_scores_what_an_independent_computation_says(
    mediapipe_file, lsp_root
) -> None:
    from blazepose_tf.data.lsp import read_lsp

    samples = read_lsp(lsp_root, "held-out")[:100]
    result = evaluate_landmarks([str(mediapipe_file("lite"))], samples)["results"][0]
    names = (lsp_root / "held-out.txt").read_text().split()[:100]
    correct, total = independent_pck(mediapipe_file("lite"), lsp_root, names)
    assert result["points"] == total == 1200
    # Bilinear sampling rounds differently through another matrix; a few points sit on the edge.
    assert abs(result["correct_0.2"] - correct) <= 6
    assert result["pck_0.2"] == pytest.approx(55.3, abs=1)  # the whole split: 51.8


def test_a_roi_of_a_broken_detection_gives_no_points(tmp_path: Path) -> None:
    samples = draw_wrists(tmp_path / "a.png", [person(300, 220)])
    broken = dataclasses.replace(samples[0], roi=Roi(float("nan"), 0, 10))
    points = predict.predict_roi([DotModel()], [broken])
    assert pck.score(points[0], samples).pck(0.2) == 0
