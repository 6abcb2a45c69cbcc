"""Training of the detector: taught by a detector, corrected by labelled people.

The teacher (MediaPipe's imported weights, or for int8 our own float ones) says which anchors fire
and where their boxes lie. Where it means a labelled person (its mid-hip or its face box is the
person's), its alignment points are replaced by the labels', and if it overlooked the person, its
three likeliest anchors near the face are told to fire. Where it takes a limb of the person for a
face, they are told not to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.anchors import AnchorOptions, generate_anchors
from blazepose_tf.data.augment import Augmentation
from blazepose_tf.data.pipeline import Batch
from blazepose_tf.models.detector import build_detector
from blazepose_tf.models.presets import DETECTOR
from blazepose_tf.models.weights import Weights, apply_weights
from blazepose_tf.training import losses
from blazepose_tf.training.freezing import is_frozen

Tensor = Any

FACE_POINTS = 11
FACE_BOX = 0.195
"""Side of MediaPipe's face box as a share of the ROI's side (measured on its own detections)."""
ROI_SIDE = 2.5
"""Side of the ROI as a multiple of |34 - 33|."""
FORCED_ANCHORS = 3
FORCED_SCORE = 0.95
NEAR = 0.5
"""Torso lengths within which the teacher's mid-hip counts as the labelled person's."""
BOX_WEIGHT = 0.2
SAME_FACE = 0.75
"""Sides of the face box within which the teacher's face counts as the labelled person's."""
ON_BODY = 0.5
"""Sides of the face box within which a face lies on a limb of the labelled person: a mistake."""
TEACHER = "detector"
"""Preset of the teacher: MediaPipe's."""
CANDIDATES = 4
"""Anchors of the teacher around an anchor of another grid, the likeliest of which it takes over."""


@dataclass(frozen=True)
class DetectorTraining:
    """What a run trains; see `landmark.LandmarkTraining` for the fields."""

    preset: str = "detector"
    freeze_above: int = 0
    quantization_aware: bool = False

    needs_teacher = True
    keep_zeros = False
    """MediaPipe's detector is pruned (seven of ten weights); what starts from it needs them all."""
    augmentation = Augmentation(rotation=0.2, scale=0.2, shift=0.08, occlusion=0.2)

    @property
    def teacher_preset(self) -> str:
        """Simulated int8 follows its own float network, everything else MediaPipe's layout."""
        return self.preset if self.quantization_aware else TEACHER

    @property
    def picture_size(self) -> int:
        """Side of the pictures in a batch: the teacher's; smaller networks' are shrunk."""
        return DETECTOR[self.teacher_preset].anchors.input_size

    def build(self) -> tf_keras.Model:
        """The training graph."""
        return build_detector(self.preset, quantization_aware=self.quantization_aware)

    def float_model(self, heads: bool = False) -> tf_keras.Model:
        """The teacher's graph."""
        del heads  # the detector has no training-only outputs
        return build_detector(self.teacher_preset)

    def trains(self, variable: str) -> bool:
        """Whether the variable `layer/weight:0` is trained."""
        return not is_frozen(variable.split("/")[0], self.freeze_above)

    def make_loss(self, teacher: tf_keras.Model) -> Callable[..., Any]:
        """Loss of a batch of whole pictures; for int8 the teacher alone is followed."""
        row, theirs = DETECTOR[self.preset].anchors, DETECTOR[self.teacher_preset].anchors
        anchors = tf.constant(generate_anchors(row) * row.input_size)

        def loss(model: tf_keras.Model, batch: Any) -> dict[str, Tensor]:
            image = tf.cast(batch["image"], tf.float32) / 255.0
            said = {k: tf.stop_gradient(v) for k, v in teacher(image, training=False).items()}
            boxes, scores = said["boxes"], said["scores"]
            if row != theirs:
                boxes, scores = move_anchors(boxes, scores, theirs, row)
                image = shrink(image, row.input_size, vary=True)
            if not self.quantization_aware:
                boxes, scores = correct(boxes, scores, batch, anchors, float(row.input_size))
            out = model(image, training=True)
            logits = losses.logit(out["scores"])
            score, box = losses.detection_loss(
                out["boxes"], logits, boxes, scores, float(row.input_size)
            )
            return {"score": score, "box": box, "loss": score + BOX_WEIGHT * box}

        return loss

    def validator(self, batches: list[Batch]) -> DetectorValidator:
        """See `DetectorValidator`."""
        return DetectorValidator(self, batches)


def shrink(image: Tensor, size: int, vary: bool = False) -> Tensor:
    """Pictures [B, S, S, 3] at `size` x `size`, averaged where they get smaller.

    With `vary` now and then sampled instead, as where a phone's large frame is cut to the input.
    """
    if image.shape[1] == size:
        return image

    def resized(method: str, antialias: bool = False) -> Tensor:
        return tf.image.resize(image, (size, size), method, antialias=antialias)

    if not vary:
        return resized("bilinear", antialias=True)
    return tf.switch_case(
        tf.random.uniform((), 0, 3, tf.int32),
        [lambda: resized("bilinear", antialias=True), lambda: resized("bilinear"),
         lambda: resized("nearest")],
    )  # fmt: skip


def nearest_anchors(theirs: AnchorOptions, ours: AnchorOptions) -> NDArray[np.intp]:
    """[A, CANDIDATES]: for each of our anchors the nearest of theirs, same stride, same slot."""
    rows, first = [], 0
    for stride in sorted(set(ours.strides)):
        slots = ours.per_layer * ours.strides.count(stride)
        old_cells, cells = (-(-o.input_size // stride) for o in (theirs, ours))
        old, new = (
            np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
            for axis in ((np.arange(n) + 0.5) / n for n in (old_cells, cells))
        )
        distance = np.linalg.norm(new[:, None] - old[None], axis=-1)
        near = np.argsort(distance, axis=1, kind="stable")[:, :CANDIDATES]
        rows.append(
            (first + near[:, None] * slots + np.arange(slots)[:, None]).reshape(-1, CANDIDATES)
        )
        first += old_cells**2 * slots
    return np.concatenate(rows)


def move_anchors(
    boxes: Tensor, scores: Tensor, theirs: AnchorOptions, ours: AnchorOptions
) -> tuple[Tensor, Tensor]:
    """What a detector said on its anchors [B, A', ...] as targets for other ones [B, A, ...].

    Each anchor takes over the likeliest of the teacher's nearest ones. Boxes are in pixels of the
    respective input, relative to the anchor.
    """
    near = nearest_anchors(theirs, ours)
    around = tf.gather(scores, near, axis=1)
    best = tf.gather(
        tf.broadcast_to(near, tf.shape(around)), tf.argmax(around, axis=2), axis=2, batch_dims=2
    )
    scores = tf.gather(scores, best, axis=1, batch_dims=1)
    old = tf.gather(tf.constant(generate_anchors(theirs)), best)
    moved = (old - generate_anchors(ours)) * float(ours.input_size)
    boxes = tf.gather(boxes, best, axis=1, batch_dims=1) * (ours.input_size / theirs.input_size)
    nothing = tf.zeros_like(moved)
    return boxes + tf.concat([moved, nothing, *[moved] * 4], axis=-1), scores


def correct(
    boxes: Tensor, scores: Tensor, batch: Any, anchors: Tensor, size: float
) -> tuple[Tensor, Tensor]:
    """The teacher's boxes [B, A, 12] and scores [B, A], mended by the labelled person.

    Anchors [A, 2] and boxes in pixels of the input, labels (`points` [B, 35, 3]) in crop units.
    """
    points, mask = losses.known(batch["points"][..., :2])
    points = points * size
    needed = [0, topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER, topology.MID_HIP,
              topology.FULL_BODY_CIRCLE]  # fmt: skip
    labelled = tf.reduce_all(tf.gather(mask[..., 0], needed, axis=1) > 0, axis=1)[:, None]

    face_mask = mask[:, :FACE_POINTS]
    face = tf.reduce_sum(points[:, :FACE_POINTS] * face_mask, axis=1)
    face = face / tf.maximum(tf.reduce_sum(face_mask, axis=1), 1.0)
    hip, circle = points[:, topology.MID_HIP], points[:, topology.FULL_BODY_CIRCLE]
    shoulder = (points[:, topology.LEFT_SHOULDER] + points[:, topology.RIGHT_SHOULDER]) / 2
    torso = tf.norm(shoulder - hip, axis=-1)[:, None]
    side = FACE_BOX * ROI_SIDE * tf.norm(circle - hip, axis=-1)[:, None]

    # The three anchors near the face that the teacher likes best.
    distance = tf.norm(anchors[None] - face[:, None], axis=-1)
    candidate = labelled & (distance < tf.maximum(side, 24.0))
    liked = tf.where(candidate, scores, -tf.ones_like(scores))
    worst = tf.math.top_k(liked, FORCED_ANCHORS).values[:, -1:]
    overlooked = tf.reduce_max(liked, axis=1, keepdims=True) < FORCED_SCORE
    forced = candidate & overlooked & (liked >= worst)

    teacher_face, teacher_hip = boxes[..., :2] + anchors, boxes[..., 4:6] + anchors
    same = tf.norm(teacher_hip - hip[:, None], axis=-1) < NEAR * torso
    # Of people who lie or turn away it often knows the face, but not where the hips are.
    face_there = tf.norm(teacher_face - face[:, None], axis=-1)
    same |= face_there < SAME_FACE * side
    mended = forced | (labelled & same & (scores > losses.SEEN))
    relative = tf.stack([hip, circle, shoulder], axis=1)[:, None] - anchors[None, :, None]
    labels = tf.reshape(relative, [tf.shape(boxes)[0], -1, 6])
    face_box = tf.concat(
        [face[:, None] - anchors, tf.broadcast_to(side[..., None], tf.shape(teacher_hip))], axis=-1
    )
    # The upper-body circle is nobody's label: the teacher's stays, as does a face box it fired on.
    box = tf.where((forced & (scores < 0.5))[..., None], face_box, boxes[..., :4])
    points_target = tf.where(mended[..., None], labels, boxes[..., 4:10])
    boxes = tf.concat([box, points_target, boxes[..., 10:]], axis=-1)
    # No face is where the person's hand, hip or foot is.
    limbs = points[:, FACE_POINTS : topology.NUM_LANDMARKS]
    limb_mask = mask[:, FACE_POINTS : topology.NUM_LANDMARKS, 0]
    away = tf.norm(teacher_face[:, :, None] - limbs[:, None], axis=-1)
    near = tf.reduce_min(tf.where(limb_mask[:, None] > 0, away, np.inf), axis=-1)
    misplaced = labelled & ~same & (near < ON_BODY * side) & (scores > losses.SEEN)
    scores = tf.where(misplaced, tf.zeros_like(scores), scores)
    scores = tf.where(forced, tf.maximum(scores, FORCED_SCORE), scores)
    return boxes, scores * batch["presence"]


class DetectorValidator:
    """Share of labelled people that the best anchor finds: mid-hip within half a torso."""

    def __init__(self, training: DetectorTraining, batches: list[Batch]) -> None:
        self.batches = batches
        # In float32, whatever training computes in.
        self.model = build_detector(training.preset, quantization_aware=training.quantization_aware)
        row = DETECTOR[training.preset].anchors
        self.anchors, self.size = generate_anchors(row), row.input_size
        self._function = tf.function(
            lambda image: self.model(shrink(tf.cast(image, tf.float32) / 255.0, self.size))
        )

    def __call__(self, weights: Weights) -> dict[str, float]:
        """`hit` in percent, `false` percent of empty pictures with a score of at least 0.5."""
        apply_weights(self.model, weights)
        hits, false = [], []
        for batch in self.batches:
            out = {name: value.numpy() for name, value in self._function(batch["image"]).items()}
            best = out["scores"].argmax(axis=1)
            rows = np.arange(len(best))
            found = out["scores"][rows, best] >= 0.5
            hip = out["boxes"][rows, best, 4:6] / self.size + self.anchors[best]
            labels = batch["points"][..., :2]
            shoulder = labels[:, [topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER]].mean(axis=1)
            torso = np.linalg.norm(shoulder - labels[:, topology.MID_HIP], axis=1)
            near = np.linalg.norm(hip - labels[:, topology.MID_HIP], axis=1) < NEAR * torso
            person = batch["presence"][:, 0] > 0.5
            hits.append((found & near)[person & np.isfinite(torso)])
            false.append(found[~person])
        return {
            "hit": float(np.concatenate(hits).mean()) * 100,
            "false": float(np.concatenate(false).mean()) * 100 if any(map(len, false)) else 0.0,
        }
