"""Losses of the landmark network and the detector. Unknown labels (NaN) weigh nothing."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from blazepose_tf.geometry import CROP_PIXELS
from blazepose_tf.topology import NUM_LANDMARKS
from blazepose_tf.training.recipe import DEPTH_SCALE, LOG_SCALE, WORLD_SCALE

Tensor = Any

PERSON, SMALLEST_PERSON = 0.25, 0.06
"""Radius of a person's ROI as a share of the detector's picture: the yardstick, the smallest."""
SEEN = 0.3
"""Score from which an anchor of the teacher means somebody."""
BOX_SHARES = (0.75,) * 4 + (1.5,) * 4 + (0.75,) * 4
"""Weights of face box, mid-hip and full-body circle, mid-shoulder and upper-body circle."""


def known(labels: Tensor) -> tuple[Tensor, Tensor]:
    """(labels with NaN replaced by 0, mask of 1 and 0), same shape."""
    mask = tf.math.is_finite(labels)
    return tf.where(mask, labels, tf.zeros_like(labels)), tf.cast(mask, labels.dtype)


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of `values` where `mask` is 1, 0 where nothing is."""
    return tf.reduce_sum(values * mask) / tf.maximum(tf.reduce_sum(mask), 1.0)


def landmark_loss(predicted: Tensor, labels: Tensor, scale: float = LOG_SCALE) -> Tensor:
    """log(1 + distance / `scale` px) of points [B, 35, 3] in crop units, averaged over known ones.

    Times `scale` / 3, so that the pull of a small error does not depend on the scale.
    """
    target, mask = known(labels)
    squared = tf.reduce_sum(tf.square((predicted - target)[..., :2]), axis=-1)
    distance = CROP_PIXELS * tf.sqrt(squared + 1e-12)
    values = tf.math.log1p(distance / scale) * (scale / LOG_SCALE)
    return masked_mean(values, mask[..., 0] * mask[..., 1])


def depth_loss(predicted: Tensor, labels: Tensor) -> Tensor:
    """log(1 + |dz| / 10 px) over known depths."""
    target, mask = known(labels[..., 2])
    error = CROP_PIXELS * tf.abs(predicted[..., 2] - target)
    return masked_mean(tf.math.log1p(error / DEPTH_SCALE), mask)


def world_loss(predicted: Tensor, labels: Tensor) -> Tensor:
    """log(1 + distance / 3 cm) of world points [B, 33, 3] in metres."""
    target, mask = known(labels)
    distance = tf.sqrt(tf.reduce_sum(tf.square(predicted - target), axis=-1) + 1e-12)
    return masked_mean(tf.math.log1p(distance / WORLD_SCALE), mask[..., 0])


def probability_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Binary cross-entropy of logits against probabilities, over known labels."""
    target, mask = known(labels)
    values = tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)
    return masked_mean(values, mask)


def logit(probability: Tensor) -> Tensor:
    """Inverse of the sigmoid in the graph, kept finite; the gradient is that of the logit."""
    p = tf.clip_by_value(probability, 1e-6, 1 - 1e-6)
    return tf.math.log(p) - tf.math.log1p(-p)


def heatmap_targets(points: Tensor, size: int, sigma: float = 1.5) -> tuple[Tensor, Tensor, Tensor]:
    """Gaussian heatmaps [B, size, size, 33], offsets [B, size, size, 33, 2], mask [B, 1, 1, 33].

    `points` [B, 35, 3] in crop units. Offsets point from a cell's centre to the landmark, in cells.
    Standard deviation in cells.
    """
    target, mask = known(points[:, :NUM_LANDMARKS, :2])
    cells = target * size - 0.5
    axis = tf.range(size, dtype=points.dtype)
    dx = cells[:, None, None, :, 0] - axis[None, None, :, None]
    dy = cells[:, None, None, :, 1] - axis[None, :, None, None]
    heat = tf.exp(-(tf.square(dx) + tf.square(dy)) / (2 * sigma**2))
    full = tf.ones_like(heat)
    return heat, tf.stack([dx * full, dy * full], axis=-1), mask[:, None, None, :, 0]


def heatmap_loss(logits: Tensor, offsets: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
    """(heatmap loss, offset loss): focal cross-entropy of the logits, L1 of offsets near the peak.

    The cross-entropy is weighted as CornerNet's (arXiv 1808.01244): cells are mostly empty.
    """
    size = logits.shape[1]
    heat, target, mask = heatmap_targets(points, size)
    near = tf.cast(heat > 0.3, logits.dtype) * mask
    entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=heat, logits=logits)
    focus = tf.square(heat - tf.sigmoid(logits)) * mask
    heat_loss = tf.reduce_sum(entropy * focus) / tf.maximum(tf.reduce_sum(near), 1.0)
    predicted = tf.reshape(offsets, tf.shape(target))
    error = tf.reduce_sum(tf.abs(predicted - target), axis=-1)
    return heat_loss, masked_mean(error, near)


def detection_loss(
    boxes: Tensor, logits: Tensor, box_targets: Tensor, score_targets: Tensor, size: float
) -> tuple[Tensor, Tensor]:
    """(score loss, box loss) of the detector on pictures of `size` pixels, taught by another.

    Scores [B, A]: cross-entropy with the teacher's probabilities, focal so that the thousands of
    empty anchors do not drown the few full ones. Boxes [B, A, 12] in pixels: Huber on the anchors
    where the teacher sees a person, weighted by its score. Every picture counts the same, and
    people of every size do: errors are enlarged as if the ROI's radius were PERSON of the picture
    (a hit is counted in torso lengths too), and the points that make the ROI count double.
    """
    error = tf.nn.sigmoid_cross_entropy_with_logits(labels=score_targets, logits=logits)
    focus = tf.square(score_targets - tf.sigmoid(logits)) + 0.05 * score_targets
    count = tf.maximum(tf.reduce_sum(score_targets), 1.0)
    score = tf.reduce_sum(focus * error) / count
    weight = score_targets * tf.cast(score_targets > SEEN, score_targets.dtype)
    radius = tf.norm(box_targets[..., 6:8] - box_targets[..., 4:6], axis=-1, keepdims=True)
    scale = PERSON * size / tf.clip_by_value(radius, SMALLEST_PERSON * size, size)
    difference = tf.abs(boxes - box_targets) * scale
    huber = tf.where(difference < 5.0, 0.5 * tf.square(difference) / 5.0, difference - 2.5)
    each = tf.reduce_mean(huber * tf.constant(BOX_SHARES), axis=-1)
    people = tf.reduce_sum(weight, axis=1)
    box = tf.reduce_sum(each * weight, axis=1) / tf.maximum(people, 1.0)
    seen = tf.reduce_sum(tf.cast(people > 0, box.dtype))
    return score, tf.reduce_sum(box) / tf.maximum(seen, 1.0)
