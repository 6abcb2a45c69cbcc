"""Training of what stands beside the regression encoder: heatmaps, mask, the rest of 39 points.

Fine-tuning moves the encoder's features, and the branches that read them, imported from
MediaPipe's file, no longer fit. Here encoder and regression encoder stay as they are, bit by bit,
and the branches learn from a larger network's outputs (distillation, Hinton et al. 2015,
arXiv 1503.02531): no labels are needed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from blazepose_tf import topology
from blazepose_tf.data.augment import Augmentation
from blazepose_tf.data.pipeline import Batch
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.weights import Weights, apply_weights
from blazepose_tf.runtime.heatmap import refine
from blazepose_tf.training import losses

Tensor = Any

TEACHER = "heavy"
"""Preset of the teacher. On 200 LSP pictures its own heatmaps give 64.2 PCK@0.2, full's 60.2."""
PARTS: dict[str, re.Pattern[str]] = {
    "heads": re.compile(r"(rest|point_presence)_.*|heatmap"),
    "all": re.compile(r"(decoder|mask|rest|point_presence)_.*|heatmap"),
}
"""What is trained: the last convolutions, or the decoder and the mask's layers with them. Measured
on Lite, fine-tuned from 32x32 on, imported branches: masks agree with the teacher's to 88.9 % IoU
(MediaPipe's own Lite 90.0), but points 33 and 34 have lost their heatmaps. 2,400 crops at a step
of 4e-3 brought these back, and `all` brought the masks down to 83.0 %: it needs small steps and
many crops."""
LOGIT = "mask_logit"
SHARP = 4.0
"""MediaPipe's lite and full give mask logits of +-1000 (RMS of the last kernel 12 and 20, heavy
1.1): no soft edge, and nothing that 8 bits could hold. They start tempered to an RMS of 1."""
WEIGHTS = {"heatmap": 1.0, "mask": 1.0, "point_presence": 0.05, "rest": 0.05}


def temper(weights: Weights) -> Weights:
    """The same masks with soft edges: a last kernel that is far too large is scaled down."""
    kernel = weights.arrays["mask_conv/kernel"]
    size = float(np.sqrt(np.mean(np.square(kernel))))
    if size <= SHARP:
        return weights
    bias = weights.arrays["mask_conv/bias"]
    scaled = {"mask_conv/kernel": kernel / size, "mask_conv/bias": bias / size}
    return Weights({**weights.arrays, **scaled}, weights.about)


def _graph(preset: str) -> tf_keras.Model:
    """All outputs, and the mask's logits."""
    base = build_landmark(preset, heads=True, mask=True, rest=True)
    outputs = {**base.output, LOGIT: base.get_layer("mask_conv").output}
    return tf_keras.Model(base.input, outputs, name=base.name)


@dataclass(frozen=True)
class BranchTraining:
    """What a run trains; see `landmark.LandmarkTraining` for the fields.

    part: `heads` or `all`, see `PARTS`.
    """

    preset: str
    part: str = "heads"

    needs_teacher = True
    keep_zeros = False
    quantization_aware = False
    augmentation = Augmentation(occlusion=0.2, color=0.6, blur=0.1)

    def build(self) -> tf_keras.Model:
        """The training graph."""
        return _graph(self.preset)

    @staticmethod
    def complete(weights: Weights, imported: Weights | None) -> Weights:
        """Weights to start from: what `weights` lack is taken from `imported`."""
        arrays = {**(imported.arrays if imported else {}), **weights.arrays}
        full = Weights(arrays, weights.about)
        return temper(full) if "mask_conv/kernel" in arrays else full

    def float_model(self, heads: bool = False) -> tf_keras.Model:
        """The teacher's graph."""
        del heads
        return _graph(TEACHER)

    def trains(self, variable: str) -> bool:
        """Whether the variable `layer/weight:0` is trained."""
        return bool(PARTS[self.part].fullmatch(variable.split("/")[0]))

    def make_loss(self, teacher: tf_keras.Model) -> Callable[..., Any]:
        """Loss of a batch of crops against what the teacher says of them."""

        def loss(model: tf_keras.Model, batch: Any) -> dict[str, Tensor]:
            image = tf.cast(batch["image"], tf.float32) / 255.0
            out = model(image, training=True)
            parts = distillation_losses(out, taught(teacher, image, out), batch["presence"])
            parts["loss"] = tf.add_n([WEIGHTS[name] * value for name, value in parts.items()])
            return parts

        return loss

    def validator(self, batches: list[Batch]) -> BranchValidator:
        """See `BranchValidator`."""
        return BranchValidator(self, batches)


def taught(teacher: tf_keras.Model, image: Tensor, out: Any) -> dict[str, Tensor]:
    """What the teacher says of crops, which it sees at its own input size: maps of the size of the
    student's outputs `out`."""
    said = teacher(tf.image.resize(image, teacher.input_shape[1:3]), training=False)

    def fitting(name: str, value: Tensor) -> Tensor:
        is_map = value.shape.rank == 4
        return tf.stop_gradient(tf.image.resize(value, out[name].shape[1:3]) if is_map else value)

    return {name: fitting(name, value) for name, value in said.items()}


def distillation_losses(out: Any, said: Any, presence: Tensor) -> dict[str, Tensor]:
    """Named parts: `heatmap`, `mask`, `point_presence`, `rest`.

    presence [B, 1]: labels; of crops without anybody only heatmaps and masks count.
    """
    person = presence[:, 0]

    def heat(values: Any) -> Tensor:
        return tf.concat([values["heatmap"], values["rest_heatmap"]], axis=-1)

    def entropy(target: Tensor, logits: Tensor) -> Tensor:
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=target, logits=logits)

    # Soft targets need the focal weight of Li et al. 2020 (arXiv 2006.04388): |target - p|^2.
    target, logits = tf.sigmoid(heat(said)), heat(out)
    focus = tf.square(target - tf.sigmoid(logits)) + 0.05 * target
    near = tf.maximum(tf.reduce_sum(target), 1.0)
    mask = tf.sigmoid(said[LOGIT])

    def where_somebody(values: Tensor) -> Tensor:
        flat = tf.reduce_mean(tf.reshape(values, [tf.shape(values)[0], -1]), axis=1)
        return losses.masked_mean(flat, person)

    inside = entropy(tf.sigmoid(said["point_presence"]), out["point_presence"])
    seen = entropy(tf.sigmoid(said["rest_visibility"]), out["rest_visibility"])
    place = tf.abs(out["rest_landmarks"] - said["rest_landmarks"])[..., :2] * 10.0
    world = tf.abs(out["rest_world"] - said["rest_world"])
    return {
        "heatmap": tf.reduce_sum(entropy(target, logits) * focus) / near,
        "mask": tf.reduce_mean(entropy(mask, out[LOGIT])),
        "point_presence": where_somebody(inside),
        "rest": where_somebody(seen) + where_somebody(place) + where_somebody(world),
    }


class BranchValidator:
    """PCK of the regressed points and of those refined by the heatmaps, on validation crops."""

    def __init__(self, training: BranchTraining, batches: list[Batch]) -> None:
        self.model = build_landmark(training.preset, heads=True)
        self.batches = [batch for batch in batches if batch["presence"].any()]
        self._function = tf.function(lambda image: self.model(tf.cast(image, tf.float32) / 255.0))

    def __call__(self, weights: Weights) -> dict[str, float]:
        """`pck_raw`, `pck_refined`: percent of known limb points within 0.1 of the torso."""
        apply_weights(self.model, weights)
        limbs = list(topology.LSP_LIMBS)
        near: dict[str, list[Any]] = {"pck_raw": [], "pck_refined": []}
        for batch in self.batches:
            out = {name: value.numpy() for name, value in self._function(batch["image"]).items()}
            points = out["landmarks"][:, : topology.NUM_LANDMARKS]
            refined = np.stack([refine(p, h) for p, h in zip(points, out["heatmap"], strict=True)])
            labels = batch["points"][:, : topology.NUM_LANDMARKS, :2]
            hips = labels[:, [topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=1)
            shoulders = labels[:, [topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER]].mean(axis=1)
            torso = np.linalg.norm(hips - shoulders, axis=1)[:, None]
            for name, found in (("pck_raw", points), ("pck_refined", refined)):
                distance = np.linalg.norm(found[:, limbs, :2] - labels[:, limbs], axis=2)
                known = np.isfinite(distance) & np.isfinite(torso)
                near[name].append((distance < 0.1 * torso)[known])
        return {name: 100 * float(np.concatenate(hits).mean()) for name, hits in near.items()}
