"""The training loop that landmark network and detector share.

Averages weights (EMA), writes checkpoints and TensorBoard curves, goes on after a kill at any
moment, stops on NaN, and leaves `run.json` behind.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
import tf_keras
from tqdm import tqdm

from blazepose_tf.data.pipeline import Batch
from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.files import write_atomically
from blazepose_tf.models.weights import RANGE_SUFFIX, Weights, get_weights, save_weights
from blazepose_tf.training.optimizer import RelativeAdam
from blazepose_tf.training.recipe import CLIP_NORM, LAST_RATE, early_decay

Metrics = dict[str, Any]
LossFunction = Callable[[tf_keras.Model, Metrics], Metrics]


@dataclass(frozen=True)
class LoopOptions:
    """steps: optimizer steps in all; learning_rate: relative (see RelativeAdam), falls by a cosine
    to a fiftieth after `warmup` steps; ema: weight of the past per step; intervals in steps."""

    steps: int
    learning_rate: float
    warmup: int = 100
    ema: float = 0.998
    checkpoint_every: int = 200
    log_every: int = 20
    clip_norm: float = CLIP_NORM


def cosine(options: LoopOptions) -> tf_keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up, then a cosine down to a fiftieth."""
    return tf_keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=options.learning_rate / 50, warmup_target=options.learning_rate,
        warmup_steps=options.warmup, decay_steps=max(options.steps - options.warmup, 1),
        alpha=LAST_RATE,
    )  # fmt: skip


class Loop:
    """Trains `model` on batches; `loss` returns named losses whose `loss` entry is minimised.

    `trainable` says by name which variables are trained; `keep_zeros` leaves a weight that is
    zero at the start at zero (pruned networks stay pruned); variables that are nothing but zeros
    have not begun yet and are trained.
    """

    def __init__(
        self, model: tf_keras.Model, loss: LossFunction, folder: Path, options: LoopOptions,
        strategy: tf.distribute.Strategy, trainable: Callable[[str], bool] = lambda name: True,
        keep_zeros: bool = False,
    ) -> None:  # fmt: skip
        self.model, self.loss, self.folder, self.options = model, loss, folder, options
        self.strategy = strategy
        with strategy.scope():
            self.variables = [v for v in model.trainable_variables if trainable(v.name)]
            self.optimizer = RelativeAdam(cosine(options))
            self.optimizer.build(self.variables)
            self.averages = [tf.Variable(v, trainable=False) for v in self.variables]
            self.step = tf.Variable(0, dtype=tf.int64, trainable=False)
        self.masks = [_kept(v) for v in self.variables] if keep_zeros else None
        self.checkpoint = tf.train.Checkpoint(
            model=model, optimizer=self.optimizer, averages=self.averages, step=self.step
        )
        self.manager = tf.train.CheckpointManager(self.checkpoint, str(folder / "checkpoints"), 2)
        self._function = tf.function(self._distributed)

    def reset_averages(self) -> None:
        """Start averaging from the weights as they are now."""
        for average, variable in zip(self.averages, self.variables, strict=True):
            average.assign(variable)

    def restore(self) -> int:
        """Go on from the newest checkpoint, if there is one; the step to go on with."""
        if self.manager.latest_checkpoint:
            self.checkpoint.restore(self.manager.latest_checkpoint).expect_partial()
        return int(self.step.numpy())

    def _replica(self, batch: Metrics) -> Metrics:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(self.variables)
            losses = self.loss(self.model, batch)
        # An unused head (no label in this batch, say) has no gradient: zero.
        gradients = [
            tf.zeros_like(v) if g is None else g
            for g, v in zip(
                tape.gradient(losses["loss"], self.variables), self.variables, strict=True
            )
        ]
        if self.masks is not None:
            gradients = [g * mask for g, mask in zip(gradients, self.masks, strict=True)]
        gradients, norm = tf.clip_by_global_norm(gradients, self.options.clip_norm)
        finite = tf.math.is_finite(losses["loss"]) & tf.math.is_finite(norm)
        # A bad step is not taken; the loop sees the NaN in the log and stops.
        gradients = [tf.where(finite, g, tf.zeros_like(g)) for g in gradients]
        self.optimizer.apply_gradients(zip(gradients, self.variables, strict=True))
        decay = tf.minimum(self.options.ema, early_decay(tf.cast(self.step, tf.float32)))
        for average, variable in zip(self.averages, self.variables, strict=True):
            average.assign(decay * average + (1 - decay) * variable)
        return {**losses, "gradient_norm": norm}

    def _distributed(self, batch: Metrics) -> Metrics:
        results = self.strategy.run(self._replica, args=(batch,))
        mean = tf.distribute.ReduceOp.MEAN
        reduced = {k: self.strategy.reduce(mean, v, axis=None) for k, v in results.items()}
        self.step.assign_add(1)
        return reduced

    def averaged_weights(self, about: dict[str, Any]) -> Weights:
        """The model's weights with the trained ones replaced by their averages."""
        weights = get_weights(self.model, about)
        for variable, average in zip(self.variables, self.averages, strict=True):
            name = "/".join(variable.name.split(":")[0].split("/")[-2:])
            weights.arrays[name] = average.numpy()
        return weights

    def _save(self, about: dict[str, Any]) -> None:
        self.manager.save(checkpoint_number=self.step)
        save_weights(self.folder / "weights.npz", self.averaged_weights(about))

    def run(
        self, batches: Iterable[Batch], about: dict[str, Any],
        validate: Callable[[Weights], dict[str, float]] | None = None, validate_every: int = 0,
    ) -> dict[str, float]:  # fmt: skip
        """Train to the end; the last validation metrics.

        Raises:
            CheckFailedError: the loss became NaN or infinite.
        """
        writer = tf.summary.create_file_writer(str(self.folder / "tensorboard"))
        start = int(self.step.numpy())
        bar = tqdm(total=self.options.steps, initial=start, unit="step")
        metrics: dict[str, float] = {}
        began, images = time.monotonic(), 0
        for batch in batches:
            step = int(self.step.numpy())
            if step >= self.options.steps:
                break
            losses = self._function(self._feed(batch))
            step += 1
            images += len(batch["image"])
            bar.update()
            if step % self.options.log_every == 0 or step == self.options.steps:
                values = {name: float(value) for name, value in losses.items()}
                if not all(map(math.isfinite, values.values())):
                    bar.close()
                    raise CheckFailedError(
                        f"the loss is not finite at step {step} ({values}); lower --learning-rate, "
                        f"the last checkpoint in {self.folder} is good"
                    )
                values["images_per_second"] = images / (time.monotonic() - began)
                bar.set_postfix({k: f"{v:.3f}" for k, v in values.items() if "norm" not in k})
                with writer.as_default(step=step):
                    for name, value in values.items():
                        tf.summary.scalar(name, value)
            if (
                validate
                and validate_every
                and step % validate_every == 0
                and step < self.options.steps
            ):
                self._report(validate(self.averaged_weights(about)), step, writer)
            if step % self.options.checkpoint_every == 0:
                self._save(about)
        bar.close()
        self._save(about)
        if validate:
            metrics = validate(self.averaged_weights(about))
            self._report(metrics, int(self.step.numpy()), writer)
        writer.close()
        return metrics

    def _feed(self, batch: Batch) -> Any:
        """The batch as tensors; each of this machine's replicas gets its share."""
        if self.strategy.num_replicas_in_sync == 1:
            return {name: tf.constant(value) for name, value in batch.items()}
        replicas = len(self.strategy.extended.worker_devices)

        def share(context: Any) -> dict[str, Any]:
            index = context.replica_id_in_sync_group % replicas
            return {name: tf.constant(value[index::replicas]) for name, value in batch.items()}

        return self.strategy.experimental_distribute_values_from_function(share)

    @staticmethod
    def _report(metrics: dict[str, float], step: int, writer: Any) -> None:
        tqdm.write(f"step {step}: " + ", ".join(f"{k} {v:.3f}" for k, v in metrics.items()))
        with writer.as_default(step=step):
            for name, value in metrics.items():
                tf.summary.scalar(f"validation/{name}", value)


def _kept(variable: tf.Variable) -> Any:
    """1 where a weight may change, 0 where it stays zero; same shape.

    Ranges of simulated int8 start at zero and are no pruned weights.
    """
    changes = tf.cast(variable != 0, variable.dtype)
    is_range = variable.name.split(":")[0].endswith(f"{RANGE_SUFFIX}/range")
    begun = bool(tf.reduce_any(variable != 0))
    return changes if begun and not is_range else tf.ones_like(changes)


def make_strategy(name: str) -> tf.distribute.Strategy:
    """`none`, `mirrored` (all devices of the machine) or `multiworker` (TF_CONFIG names peers)."""
    if name == "none":
        return tf.distribute.get_strategy()
    if name == "mirrored":
        return tf.distribute.MirroredStrategy()
    if name == "multiworker":
        return tf.distribute.MultiWorkerMirroredStrategy()
    raise BadInputError(f"unknown strategy {name!r}; choose none, mirrored or multiworker")


def write_run(folder: Path, record: dict[str, Any]) -> None:
    """Write `run.json`, the record of a run."""
    write_atomically(folder / "run.json", json.dumps(record, indent=1, default=str).encode())
