"""Training of the landmark network: heatmaps first, then the regression encoder, or both."""

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
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import CROP_PIXELS
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.weights import Weights, apply_weights
from blazepose_tf.training import losses
from blazepose_tf.training.freezing import is_frozen
from blazepose_tf.training.recipe import LOG_SCALE, LOSS_WEIGHTS

Tensor = Any

STAGES = ("heatmap", "regression", "both")
HEAD_LAYERS = re.compile(
    r"(landmarks|visibility|presence|world)_conv|regression_.*|refine_.*|evidence|refinement"
)


@dataclass(frozen=True)
class LandmarkTraining:
    """What a run trains.

    stage: `heatmap` (stage 1: encoder, decoder, heatmap and offset heads), `regression` (stage 2:
        regression encoder, visibility, presence) or `both`.
    stop_gradient: the paper's cut between the two; without it regression trains the encoder too,
        which is what fine-tuning published weights wants.
    freeze_above: encoder layers at a resolution above this one are not trained (0 = train all).
    quantization_aware: simulate int8 while training.
    landmark_scale: pixels (of 256) up to which a landmark's error counts in full.
    """

    preset: str
    stage: str = "both"
    stop_gradient: bool = True
    freeze_above: int = 0
    quantization_aware: bool = False
    landmark_scale: float = LOG_SCALE

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise BadInputError(f"unknown stage {self.stage!r}; choose one of {', '.join(STAGES)}")

    needs_teacher = False
    """Whether there is nothing to learn without one."""
    keep_zeros = True
    augmentation = Augmentation()

    def build(self) -> tf_keras.Model:
        """The training graph."""
        return build_landmark(
            self.preset, heads=self.stage != "regression", stop_gradient=self.stop_gradient,
            quantization_aware=self.quantization_aware, regressed=self.stage != "heatmap",
        )  # fmt: skip

    def float_model(self, heads: bool = False) -> tf_keras.Model:
        """The same network without simulated int8: the teacher's graph."""
        return build_landmark(self.preset, heads=heads and self.stage != "regression")

    def make_loss(self, teacher: tf_keras.Model | None) -> Callable[..., Any]:
        """See `make_loss`."""
        return make_loss(self, teacher)

    def validator(self, batches: list[Batch]) -> Validator:
        """See `Validator`."""
        return Validator(self, batches)

    def trains(self, variable: str) -> bool:
        """Whether the variable `layer/weight:0` is trained."""
        layer = variable.split("/")[0]
        if is_frozen(layer, self.freeze_above):
            return False
        regression = bool(HEAD_LAYERS.match(layer))
        if self.stage == "heatmap":
            return not regression
        if self.stage == "regression" and self.stop_gradient:
            return regression
        return True


def make_loss(
    training: LandmarkTraining, teacher: tf_keras.Model | None = None
) -> Callable[..., Any]:
    """The loss function of a batch (see `data.pipeline`): named parts and their sum `loss`.

    With a `teacher` (the float network, for quantisation-aware training) its outputs replace the
    labels: the int8 network shall say what the float one says.
    """

    def regression(outputs: Any, batch: Any) -> dict[str, Tensor]:
        return {
            "landmark": losses.landmark_loss(
                outputs["landmarks"], batch["points"], training.landmark_scale
            ),
            # Without a refinement these are the landmarks again.
            "regressed": losses.landmark_loss(
                outputs["regressed"], batch["points"], training.landmark_scale
            ),
            "depth": losses.depth_loss(outputs["landmarks"], batch["points"]),
            "world": losses.world_loss(outputs["world"], batch["world"]),
            "visibility": losses.probability_loss(
                losses.logit(outputs["visibility"]), batch["visibility"]
            ),
            "presence": losses.probability_loss(
                losses.logit(outputs["presence"]), batch["presence"]
            ),
        }

    def loss(model: tf_keras.Model, batch: Any) -> dict[str, Tensor]:
        image = tf.cast(batch["image"], tf.float32) / 255.0
        if teacher is not None:
            said = teacher(image, training=False)
            said = {name: tf.stop_gradient(value) for name, value in said.items()}
            replaced = {name: said[name] for name in ("visibility", "presence", "world")}
            batch = {**batch, **replaced, "points": said["landmarks"]}
        outputs = model(image, training=True)
        parts: dict[str, Tensor] = {}
        if training.stage != "heatmap":
            parts.update(regression(outputs, batch))
        if "heatmap" in outputs:
            heat, offset = losses.heatmap_loss(
                outputs["heatmap"], outputs["offset"], batch["points"]
            )
            parts.update(heatmap=heat, offset=offset)
        parts["loss"] = tf.add_n([LOSS_WEIGHTS[name] * value for name, value in parts.items()])
        return parts

    return loss


class Validator:
    """PCK of averaged weights on validation crops, in a float (or simulated int8) graph."""

    def __init__(self, training: LandmarkTraining, batches: list[Batch]) -> None:
        self.model = build_landmark(
            training.preset, heads=training.stage == "heatmap",
            quantization_aware=training.quantization_aware,
        )  # fmt: skip
        self.stage = training.stage
        self.batches = batches
        self._function = tf.function(lambda image: self.model(tf.cast(image, tf.float32) / 255.0))

    def __call__(self, weights: Weights) -> dict[str, float]:
        """`pck` (share of known limb points within 0.2 torso), `pixels` (mean distance), the `pck`
        of each data set by its number, and `world_mm`, the mean distance of world landmarks
        where any are labelled."""
        apply_weights(self.model, weights)
        limbs = list(topology.LSP_LIMBS)
        near, far, sources, world = [], [], [], []
        for batch in self.batches:
            outputs = self._function(batch["image"])
            away = np.linalg.norm(outputs["world"].numpy() - batch["world"], axis=2)
            world.append(away[np.isfinite(away)])
            if self.stage == "heatmap":
                predicted = heatmap_points(outputs["heatmap"].numpy(), outputs["offset"].numpy())
            else:
                predicted = outputs["landmarks"].numpy()[:, :, :2]
            labels = batch["points"][:, : topology.NUM_LANDMARKS, :2]
            hips = labels[:, [topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=1)
            shoulders = labels[:, [topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER]].mean(axis=1)
            torso = np.linalg.norm(hips - shoulders, axis=1)[:, None]
            distance = np.linalg.norm(predicted[:, limbs] - labels[:, limbs], axis=2)
            scored = np.isfinite(distance) & np.isfinite(torso)
            near.append((distance < 0.2 * torso)[scored])
            far.append(distance[scored] * CROP_PIXELS)
            sources.append(np.repeat(batch["source"], scored.sum(axis=1)))
        hits, source = np.concatenate(near) * 100.0, np.concatenate(sources)
        metres = np.concatenate(world)
        return {
            "pck": float(hits.mean()),
            "pixels": float(np.concatenate(far).mean()),
            **{f"pck_{i}": float(hits[source == i].mean()) for i in np.unique(source)},
            **({"world_mm": 1000.0 * float(metres.mean())} if len(metres) else {}),
        }


def heatmap_points(
    heatmap: np.ndarray[Any, Any], offset: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Peak plus offset: heatmap [B, S, S, 33], offset [B, S, S, 66] -> crop units [B, 33, 2]."""
    batch, size, _, count = heatmap.shape
    peaks = heatmap.reshape(batch, -1, count).argmax(axis=1)
    rows, columns = np.divmod(peaks, size)
    offsets = offset.reshape(batch, size, size, count, 2)
    b, k = np.meshgrid(np.arange(batch), np.arange(count), indexing="ij")
    moved = offsets[b, rows, columns, k]
    return (np.stack([columns, rows], axis=-1) + 0.5 + moved) / size
