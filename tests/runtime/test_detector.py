"""Decoding and suppression against hand-made cases; the detector on real pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime import detector as module
from blazepose_tf.runtime.detector import Detector, decode, weighted_nms
from blazepose_tf.topology import LEFT_HIP, RIGHT_HIP

Find = Callable[[str], Path]


def _row(x0: float, y0: float, x1: float, y1: float, point: float = 0.0) -> list[float]:
    return [x0, y0, x1, y1, *[point] * 8]


def test_decode_is_relative_to_the_anchor_in_pixels_of_the_input() -> None:
    raw = np.array([[10, -20, 40, 80, 0, 0, 5, 0, 0, 5, -10, -10]], np.float32)
    anchor = np.array([[0.5, 0.25]], np.float32)
    expected = [
        0.5 + (10 - 20) / 100, 0.25 + (-20 - 40) / 100, 0.5 + (10 + 20) / 100,
        0.25 + (-20 + 40) / 100, 0.5, 0.25, 0.55, 0.25, 0.5, 0.30, 0.4, 0.15,
    ]  # fmt: skip
    assert decode(raw, anchor, 100)[0] == pytest.approx(expected, abs=1e-6)


def test_overlapping_boxes_are_averaged_by_score() -> None:
    # IoU of the first two: 9 / (10 + 10 - 9) = 0.82; of the first and the third: 1 / 19 = 0.05.
    values = np.array(
        [_row(0, 0, 10, 1, 3), _row(1, 0, 11, 1, 6), _row(9, 0, 19, 1, 9)], np.float32
    )
    scores = np.array([0.8, 0.4, 0.6], np.float32)
    (best, first), (second, other) = weighted_nms(values, scores, limit=2)
    assert (best, second) == pytest.approx((0.8, 0.6))
    weight = 0.4 / 1.2
    assert first == pytest.approx(_row(weight, 0, 10 + weight, 1, 3 + 3 * weight), abs=1e-5)
    assert other == pytest.approx(_row(9, 0, 19, 1, 9), abs=1e-5)
    assert len(weighted_nms(values, scores)) == 1


def test_suppression_keeps_to_its_group_whatever_the_order() -> None:
    generator = np.random.default_rng(0)
    for _ in range(20):
        corner = generator.uniform(0, 0.7, (30, 2))
        points = generator.uniform(0, 1, (30, 8))
        values = np.hstack([corner, corner + 0.3, points]).astype(np.float32)
        scores = generator.uniform(0.5, 1, 30).astype(np.float32)
        people = weighted_nms(values, scores, limit=30)
        found = [score for score, _ in people]
        assert found[0] == scores.max() and found == sorted(found, reverse=True)
        for _, person in people:
            assert (person >= values.min(axis=0) - 1e-5).all()
            assert (person <= values.max(axis=0) + 1e-5).all()
        order = generator.permutation(30)
        again = weighted_nms(values[order], scores[order], limit=30)
        assert [score for score, _ in again] == found
        for (_, one), (_, two) in zip(people, again, strict=True):
            assert one == pytest.approx(two, abs=1e-5)


def test_boxes_without_area_and_no_boxes_at_all() -> None:
    assert weighted_nms(np.zeros((0, 12), np.float32), np.zeros(0, np.float32)) == []
    flat = np.array([_row(1, 1, 1, 1, 2), _row(1, 1, 1, 1, 4)], np.float32)
    people = weighted_nms(flat, np.array([0.6, 0.9], np.float32), limit=5)
    assert [score for score, _ in people] == pytest.approx([0.9, 0.6])
    assert people[0][1] == pytest.approx(flat[1])


@pytest.fixture(scope="module")
def detector(mediapipe_file: Find) -> Detector:
    return Detector(mediapipe_file("detector"))


def test_real_people_are_found_where_they_are_labelled(
    detector: Detector, lsp_samples: list[PoseSample]
) -> None:
    hits = 0
    for sample in lsp_samples:
        found = detector(images.read_image(sample.image))
        hips = sample.points[[LEFT_HIP, RIGHT_HIP]].mean(axis=0)
        roi = sample.default_roi
        assert roi is not None
        # Half a torso is about a tenth of the ROI's side.
        hits += bool(found) and np.linalg.norm(found[0].keypoints[0] - hips) < 0.1 * roi.size
    assert hits >= 0.7 * len(lsp_samples)


def test_detection_moves_with_the_picture(
    detector: Detector, lsp_samples: list[PoseSample]
) -> None:
    frame = images.read_image(lsp_samples[0].image)
    height, width = frame.shape[:2]
    grown = np.zeros((height, width + 60, 3), np.uint8)
    grown[:, 60:] = frame
    here, there = detector(frame)[0], detector(grown)[0]
    assert there.keypoints - here.keypoints == pytest.approx(np.tile([60, 0], (4, 1)), abs=6)
    assert there.roi.size == pytest.approx(here.roi.size, rel=0.1)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (300, 300)])
def test_nobody_is_found_in_a_plain_picture(detector: Detector, shape: tuple[int, int]) -> None:
    assert detector(np.full((*shape, 3), 128, np.uint8)) == []


def test_a_network_gone_wrong_finds_nobody(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> dict[str, np.ndarray]:
        return {
            name: np.full(info.shape, np.nan, np.float32)
            for name, info in detector.interpreter.outputs.items()
        }

    monkeypatch.setattr(detector.interpreter, "run", broken)
    assert detector(np.zeros((20, 20, 3), np.uint8)) == []


def test_another_kind_of_model_is_refused(mediapipe_file: Find) -> None:
    with pytest.raises(BadInputError, match="is no pose detector"):
        Detector(mediapipe_file("lite"))


def test_our_own_layout_is_read_by_name_with_its_own_anchors(
    fake_interpreter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One anchor per cell of 2x2; the last one, at (0.75, 0.75), sees a person.
    stored = {"input_size": 64, "strides": [32], "per_layer": 1, "comment": "ignored"}
    boxes = np.zeros((1, 4, 12))
    boxes[0, 3] = [0, 0, 8, 8, -16, 0, -16, -8, 0, 0, 0, 0]
    fake = fake_interpreter(
        64, {"boxes": boxes, "scores": np.array([[0.1, 0.2, 0.3, 0.9]])}, {"anchors": stored}
    )
    monkeypatch.setattr(module, "Interpreter", fake)
    detector = Detector("ours.tflite")
    # A picture of 128x64 becomes a square of 128, of which 64 pixels are 2 picture pixels each.
    found = detector(np.full((64, 128, 3), 51, np.uint8))
    assert fake.seen[0].max() == pytest.approx(0.2) and fake.seen[0].min() == 0  # 0..1, black bars
    assert len(found) == 1 and found[0].score == pytest.approx(0.9)
    assert found[0].keypoints[:2] == pytest.approx(np.array([[64, 64], [64, 48]]))
    assert found[0].box == pytest.approx([88, 56, 104, 72])
    assert found[0].roi.size == pytest.approx(2.5 * 16)


def test_boxes_must_fit_the_anchors(fake_interpreter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = fake_interpreter(224, {"boxes": np.zeros((1, 4, 12)), "scores": np.zeros((1, 4))})
    monkeypatch.setattr(module, "Interpreter", fake)
    with pytest.raises(BadInputError, match="is no pose detector"):
        Detector("ours.tflite")
