"""Losses against values worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.training import losses  # noqa: E402

NAN = float("nan")


def test_landmark_loss_is_the_formula_and_leaves_unknown_points_out() -> None:
    labels = np.full((1, 35, 3), NAN, np.float32)
    labels[0, 0] = [0.5, 0.5, NAN]
    predicted = np.zeros((1, 35, 3), np.float32)
    predicted[0, 0, :2] = [0.5 + 3 / 256, 0.5 + 4 / 256]  # 5 px away
    value = losses.landmark_loss(tf.constant(predicted), tf.constant(labels))
    assert float(value) == pytest.approx(math.log(1 + 5 / 3), rel=1e-4)


def test_no_label_gives_no_loss_and_no_gradient() -> None:
    predicted = tf.Variable(tf.random.stateless_normal((2, 35, 3), seed=(1, 1)))
    labels = tf.fill((2, 35, 3), NAN)
    with tf.GradientTape() as tape:
        value = losses.landmark_loss(predicted, labels) + losses.depth_loss(predicted, labels)
    assert float(value) == 0.0
    assert not np.any(tape.gradient(value, predicted).numpy())


def test_heatmap_peaks_at_the_landmark_and_offset_points_to_it() -> None:
    points = np.full((1, 35, 3), NAN, np.float32)
    points[0, 7, :2] = [0.3, 0.7]
    heat, offset, mask = (v.numpy() for v in losses.heatmap_targets(tf.constant(points), 64))
    row, column = np.unravel_index(heat[0, :, :, 7].argmax(), (64, 64))
    dx, dy = offset[0, row, column, 7]
    assert (column + 0.5 + dx) / 64 == pytest.approx(0.3, abs=1e-5)
    assert (row + 0.5 + dy) / 64 == pytest.approx(0.7, abs=1e-5)
    assert mask[0, 0, 0].tolist() == [float(i == 7) for i in range(33)]


def test_logit_inverts_the_sigmoid() -> None:
    values = tf.constant([-9.0, -1.0, 0.0, 2.5, 9.0])
    assert losses.logit(tf.sigmoid(values)).numpy() == pytest.approx(values.numpy(), rel=1e-2)


def test_perfect_heatmaps_cost_less_than_shifted_ones() -> None:
    points = np.full((1, 35, 3), 0.5, np.float32)
    moved = points + np.float32(0.1)
    for truth, better in ((points, True), (moved, False)):
        heat, _, _ = losses.heatmap_targets(tf.constant(truth), 64)
        logits = tf.math.log(heat + 1e-6) - tf.math.log(1 - heat + 1e-6)
        value, _ = losses.heatmap_loss(logits, tf.zeros((1, 64, 64, 66)), tf.constant(points))
        assert (float(value) < 0.1) == better


def _box_loss(people: list[tuple[float, int, float]]) -> float:
    """Pictures of one person each, (ROI's radius, anchors that fire, error), at 160 pixels."""
    targets, boxes = np.zeros((2, len(people), 9, 12), np.float32)
    scores = np.zeros((len(people), 9), np.float32)
    for i, (radius, anchors, error) in enumerate(people):
        scores[i, :anchors] = 1
        targets[i, :, 7] = -radius
        boxes[i] = targets[i] + error
    logits = tf.zeros(scores.shape)
    return float(losses.detection_loss(boxes, logits, targets, tf.constant(scores), 160.0)[1])


def test_a_detectors_error_counts_in_sizes_of_the_person() -> None:
    """Far from the target Huber's loss is |error| - 2.5, of a person with a radius of 40 px."""
    assert _box_loss([(40, 3, 20)]) == pytest.approx(17.5)
    assert _box_loss([(20, 3, 10)]) == pytest.approx(17.5)
    assert _box_loss([(80, 3, 40)]) == pytest.approx(17.5)
    assert _box_loss([(1, 3, 2.4)]) == pytest.approx(7.5), "smaller than 0.06 of the picture"


def test_every_picture_with_a_person_counts_the_same() -> None:
    assert _box_loss([(40, 8, 20), (40, 1, 0), (40, 0, 99)]) == pytest.approx(17.5 / 2)
