"""Parity: right files pass, deliberately broken ones fail, nothing to measure is no pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blazepose_tf.anchors import AnchorOptions, generate_anchors
from blazepose_tf.convert import parity, quantize
from blazepose_tf.convert.calibration import COCO_POINTS, Crops, pck
from blazepose_tf.convert.check import Check, flag
from tests.convert.conftest import scaled

BACKEND = "ai-edge-litert"


def failed(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.passed]


@pytest.fixture(scope="module")
def reference(tiny: Any) -> Any:
    return parity.run_keras(tiny.model, tiny.pictures)


@pytest.mark.parametrize("precision", ["float32", "float16"])
def test_float_files_pass(tiny: Any, reference: Any, write: Any, precision: str) -> None:
    path = write(getattr(tiny, precision))
    file = parity.run_file(path, tiny.pictures, BACKEND)
    assert failed(parity.landmark_float(file, reference, precision)) == []


def test_a_float_file_with_one_wrong_kernel_fails(tiny: Any, reference: Any, write: Any) -> None:
    path = write(scaled(tiny.float32, "encoder_32_0_project", 1.05))
    file = parity.run_file(path, tiny.pictures, BACKEND)
    assert "parity" in failed(parity.landmark_float(file, reference, "float32"))


def test_an_int8_file_with_one_wrong_range_fails(tiny: Any, reference: Any, write: Any) -> None:
    crops = Crops(tiny.pictures, np.full((len(tiny.pictures), 35, 2), np.nan, np.float32),
                  np.full(len(tiny.pictures), np.nan, np.float32))  # fmt: skip
    right = parity.run_file(write(tiny.int8.content), tiny.pictures, BACKEND)
    learned = {"encoder_8_0_project": (-0.01, 0.01)}
    content = quantize.to_int8(
        tiny.float32, tiny.samples[:2], kind="landmark", learned=learned
    ).content  # fmt: skip
    wrong = parity.run_file(write(content, "wrong.tflite"), tiny.pictures, BACKEND)
    checks = [parity.landmark_int8(file, reference, crops)[0] for file in (right, wrong)]
    assert checks[1].value > 5 * checks[0].value and not checks[1].passed


def people(count: int, random: np.random.Generator) -> Crops:
    """Labelled people without pictures; a torso is 0.2 of the crop."""
    points = random.uniform(0.2, 0.8, (count, 35, 2)).astype(np.float32)
    pictures = np.zeros((count, 256, 256, 3), np.uint8)
    return Crops(pictures, points, np.full(count, 0.2, np.float32))


def landmarks(points: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    count = len(points)
    depth = np.zeros((count, 35, 1), np.float32)
    return {
        "landmarks": np.concatenate([points, depth], axis=2),
        "visibility": np.ones((count, 33), np.float32),
        "presence": np.ones((count, 1), np.float32),
    }


def test_pck_counts_points_within_a_fifth_of_the_torso(random: np.random.Generator) -> None:
    crops = people(10, random)
    shifted = crops.points.copy()
    shifted[:, COCO_POINTS[:4], 0] += 0.041  # just beyond 0.2 x 0.2
    shifted[:, COCO_POINTS[4:], 0] += 0.039
    assert pck(shifted, crops) == pytest.approx(100 * 13 / 17)
    crops.points[:, COCO_POINTS[:4]] = np.nan  # what nobody labelled does not count
    assert pck(shifted, crops) == 100


def test_int8_checks_on_made_up_outputs(random: np.random.Generator) -> None:
    crops = people(20, random)
    exact = landmarks(crops.points)
    near = landmarks(crops.points + np.float32([0.9 / 256, 0]))
    far = landmarks(crops.points + np.float32([1.1 / 256, 0]))
    assert failed(parity.landmark_int8(near, exact, crops)) == []
    assert failed(parity.landmark_int8(far, exact, crops)) == ["parity"]
    lost = crops.points.copy()
    lost[:6, COCO_POINTS[0]] += 0.1  # 6 of 340 points: 1.76 points of PCK, 0.8 px in the mean
    assert failed(parity.landmark_int8(landmarks(lost), exact, crops)) == ["pck_loss"]
    vague = {**exact, "visibility": exact["visibility"] - np.float32(0.06)}
    assert failed(parity.landmark_int8(vague, exact, crops)) == ["parity_probability"]


def detections(points: NDArray[np.float32], scores: list[float]) -> dict[str, NDArray[np.float32]]:
    """One picture per score: anchor 7 holds a person with key points [4, 2] (0..1)."""
    anchor = generate_anchors()[7]
    boxes = np.zeros((len(scores), 2254, 12), np.float32)
    boxes[:, 7, 2:4] = 20
    boxes[:, 7, 4:] = ((points - anchor) * 224).reshape(-1)
    probabilities = np.zeros((len(scores), 2254), np.float32)
    probabilities[:, 7] = scores
    return {"boxes": boxes, "scores": probabilities}


def test_detector_checks_on_made_up_outputs() -> None:
    options = AnchorOptions()
    points = np.float32([[0.5, 0.6], [0.5, 0.2], [0.5, 0.4], [0.5, 0.3]])  # the ROI's side: 1.0
    expected = detections(points, [0.9] * 20)

    def names(shift: float, scores: list[float]) -> list[str]:
        file = detections(points + np.float32([shift, 0]), scores)
        return failed(parity.detector_int8(file, expected, options))

    assert names(0.02, [0.6] * 20) == []
    assert names(0.04, [0.6] * 20) == ["parity"]
    assert names(0.0, [0.6] * 19 + [0.4]) == []
    assert names(0.0, [0.6] * 18 + [0.4] * 2) == ["found"]
    nobody = detections(points, [0.1] * 20)
    some = detections(points, [0.9] * 2 + [0.1] * 18)
    assert "false_finds" in failed(parity.detector_int8(some, nobody, options))


def test_nothing_to_measure_is_no_pass() -> None:
    """No person in any picture: NaN, which passes no limit from either side."""
    nobody = detections(np.zeros((4, 2), np.float32), [0.1] * 3)
    checks = parity.detector_int8(nobody, nobody, AnchorOptions())
    assert {"parity", "found"} <= set(failed(checks))


def test_check_says_what_failed() -> None:
    assert str(Check("parity", 2.5, 1, "px")) == "parity: 2.5 > 1 px"
    assert str(Check("found", 0.9, 0.95, "of all", at_least=True)) == "found: 0.9 < 0.95 of all"
    assert flag("contract", True).passed and not flag("contract", False, "no image").passed
