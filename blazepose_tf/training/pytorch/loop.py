"""Training by the clock: a lent machine is there for minutes, and every one of them should count.

The learning rate follows the share of the time that is gone, so a run always ends at its foot,
however fast the machine is. Several networks learn from the same batches side by side.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from blazepose_tf.data.pipeline import StreamOptions, TrainingBatches
from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.models.weights import Weights, save_weights
from blazepose_tf.training.pytorch.losses import regression_losses
from blazepose_tf.training.pytorch.network import Network
from blazepose_tf.training.pytorch.optimizer import RelativeAdam
from blazepose_tf.training.recipe import LAST_RATE, early_decay

Tensor = Any

TOLERANCE = 1e-3
"""How far this side's outputs may be from Keras's (crop units, metres, probabilities)."""
KEYS = ("image", "points", "visibility", "world", "presence")


@dataclass(frozen=True)
class ClockOptions:
    """seconds: of training; learning_rate: relative, a cosine over the time after `warmup` steps;
    ema: weight of the past per step; landmark_scale: see `LandmarkTraining`."""

    seconds: float
    learning_rate: float
    warmup: int = 100
    ema: float = 0.999
    landmark_scale: float = 10.0
    save_every: float = 60.0
    log_every: int = 200

    def rate(self, step: int, elapsed: float) -> float:
        """The learning rate of a step that begins `elapsed` seconds after the first."""
        gone = min(elapsed / self.seconds, 1.0)
        fall = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * gone))
        return self.learning_rate * fall * min((step + 1) / self.warmup, 1.0)


class Batches(Dataset[dict[str, Tensor]]):
    """Batch `i` of a pack, the one that `data.pipeline.BatchStream` gives at step `i`."""

    def __init__(self, pack: Path, options: StreamOptions) -> None:
        self.path, self.options = pack, options
        self._batches: TrainingBatches | None = None

    def __len__(self) -> int:
        return 1 << 30

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        if self._batches is None:  # opened by the worker
            cv2.setNumThreads(1)
            self._batches = TrainingBatches(self.path, self.options)
        batch = self._batches[step]
        return {name: torch.from_numpy(np.ascontiguousarray(batch[name])) for name in KEYS}


def stream(pack: Path, options: StreamOptions, workers: int) -> Iterator[dict[str, Tensor]]:
    """Batches from `workers` processes, in pinned memory where there is a GPU."""
    loader = DataLoader(
        Batches(pack, options), batch_size=None, num_workers=workers,
        pin_memory=torch.cuda.is_available(), prefetch_factor=4 if workers else None,
    )  # fmt: skip
    return iter(loader)


class Learner:
    """One network, its optimizer and its step; on a GPU the step is a recorded graph of kernels."""

    def __init__(self, folder: Path, name: str, options: ClockOptions, device: str) -> None:
        self.name, self.options, self.device = name, options, device
        try:
            description = json.loads((folder / f"{name}.json").read_text())
            with np.load(folder / f"{name}.npz") as file:
                arrays = {key: file[key] for key in file.files}
        except (OSError, ValueError) as error:
            raise BadInputError(
                f"{folder}: holds no network {name} ({error}); make it with tools/parcel.py"
            ) from error
        self.about = description["about"]
        self.network = Network(description, arrays, device == "cuda").to(device)
        self.weights = list(self.network.weights.values())
        self.optimizer = RelativeAdam(self.weights, options.learning_rate)
        self.averages = [w.detach().clone() for w in self.weights]
        self.decay = torch.zeros((), device=device)
        self.losses: dict[str, Tensor] = {}
        self._recorded: Any = None
        self._inputs: dict[str, Tensor] = {}

    def check(self, folder: Path) -> float:
        """Largest distance from Keras's outputs on the pictures of the parcel, in float32.

        Raises:
            CheckFailedError: more than TOLERANCE.
        """
        with np.load(folder / f"{self.name}_check.npz") as file:
            wanted = {key: file[key] for key in file.files}
        low, self.network.bfloat16 = self.network.bfloat16, False
        with torch.no_grad():
            said = self.network(torch.from_numpy(wanted.pop("image")).to(self.device))
        self.network.bfloat16 = low
        worst = max(float(np.abs(said[key].cpu().numpy() - wanted[key]).max()) for key in wanted)
        if not worst <= TOLERANCE:
            raise CheckFailedError(f"{self.name}: PyTorch is {worst:.2g} away from Keras")
        return worst

    def _step(self) -> None:
        outputs = self.network(self._inputs["image"])
        losses = regression_losses(outputs, self._inputs, self.options.landmark_scale)
        gradients = torch.autograd.grad(losses["loss"], self.weights, allow_unused=True)
        norm = self.optimizer.step(list(gradients), losses["loss"].detach())
        self._average()
        self.losses = {k: v.detach() for k, v in losses.items()} | {"gradient_norm": norm}

    @torch.no_grad()
    def _average(self) -> None:
        away = torch._foreach_sub(self.weights, self.averages)
        torch._foreach_mul_(away, 1 - self.decay)
        torch._foreach_add_(self.averages, away)

    def learn(self, batch: dict[str, Tensor], step: int, elapsed: float) -> None:
        """One step."""
        self.optimizer.rate.fill_(self.options.rate(step, elapsed))
        self.decay.fill_(min(self.options.ema, early_decay(step)))
        if self.device != "cuda":
            self._inputs = batch
            self._step()
            return
        if not self._inputs:
            self._inputs = {name: value.clone() for name, value in batch.items()}
        for name, value in batch.items():
            self._inputs[name].copy_(value)
        if self._recorded is None and step >= 3:  # kernels are chosen in the first steps
            self._recorded = torch.cuda.CUDAGraph()
            # Other threads pin memory meanwhile.
            with torch.cuda.graph(self._recorded, capture_error_mode="thread_local"):
                self._step()
        if self._recorded is None:
            self._step()
        else:
            self._recorded.replay()

    def save(self, folder: Path, run: dict[str, Any]) -> None:
        """Write the averaged weights as `NAME.npz`."""
        arrays = self.network.keras_arrays(self.averages)
        save_weights(folder / f"{self.name}.npz", Weights(arrays, {**self.about, "run": run}))


def train(
    learners: list[Learner], batches: Iterator[dict[str, Tensor]], options: ClockOptions,
    out: Path, run: dict[str, Any], say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """Train until the time is over; what the run has seen.

    Raises:
        CheckFailedError: a loss became NaN.
    """
    device = learners[0].device
    step, images, began, saved = 0, 0, time.monotonic(), time.monotonic()
    curve: list[dict[str, Any]] = []
    while (elapsed := time.monotonic() - began) < options.seconds:
        batch = {k: v.to(device, non_blocking=True) for k, v in next(batches).items()}
        for learner in learners:
            learner.learn(batch, step, elapsed)
        step += 1
        images += len(batch["image"])
        if step % options.log_every == 0:
            entry = {
                learner.name: {k: float(v) for k, v in learner.losses.items()}
                for learner in learners
            }
            seconds = time.monotonic() - began
            curve.append({"step": step, "seconds": round(seconds, 1), **entry})
            parts = ", ".join(f"{n} {v['loss']:.4f}" for n, v in entry.items())
            say(f"step {step}: {seconds:.0f} s, {images / seconds:.0f} img/s, {parts}")
            if not all(math.isfinite(v["loss"]) for v in entry.values()):
                raise CheckFailedError("the loss is not finite; lower --learning-rate")
        if time.monotonic() - saved > options.save_every:
            saved = time.monotonic()
            for learner in learners:
                learner.save(out, run)
    for learner in learners:
        learner.save(out, {**run, "steps": step, "images": images})
    return {"steps": step, "images": images, "seconds": time.monotonic() - began, "curve": curve}
