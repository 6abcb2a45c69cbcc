"""Batches for training, made in processes of their own: Python threads would take half of the
training's time. Nothing here imports TensorFlow, so a worker starts in a second."""

from __future__ import annotations

import multiprocessing
import queue
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.augment import PLAIN, Augmentation, TrainingExample, augment
from blazepose_tf.data.crops import CropPack
from blazepose_tf.errors import BadInputError

Batch = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class StreamOptions:
    """What a stream yields; the same options and step give the same batch, on any machine."""

    batch_size: int = 32
    input_size: int = 256
    seed: int = 0
    augmentation: Augmentation = Augmentation()
    source_weights: tuple[float, ...] = ()
    """How often each data set is drawn per sample, 1 where not given."""


def _probabilities(pack: CropPack, indices: NDArray[np.intp], weights: tuple[float, ...]) -> Any:
    table = np.ones(int(pack.labels.source.max()) + 1)
    table[: len(weights)] = weights
    chances = table[pack.labels.source[indices]]
    return chances / chances.sum()


def make_batch(
    pack: CropPack, chosen: NDArray[np.intp], options: StreamOptions, seed: Any
) -> Batch:
    """Batch of crops `chosen`: image uint8 [B, S, S, 3], points [B, 35, 3], visibility [B, 33],
    world [B, 33, 3], presence [B, 1], source [B] (which data set); unknown = NaN."""
    random = np.random.default_rng(seed)
    labels = pack.labels
    examples = [
        augment(
            TrainingExample(pack.image(i), labels.points[i], labels.visibility[i], labels.world[i]),
            options.input_size, options.augmentation, random,
        )
        for i in chosen
    ]  # fmt: skip
    keys = ("image", "points", "visibility", "world")
    batch: Batch = {key: np.stack([getattr(e, key) for e in examples]) for key in keys}
    batch["presence"] = labels.presence[chosen][:, None]
    batch["source"] = labels.source[chosen]
    return batch


class TrainingBatches:
    """Augmented batches of a pack's training crops by step, computed when asked for."""

    def __init__(self, path: Path, options: StreamOptions) -> None:
        self._pack, self._options = CropPack(path), options
        self._indices = self._pack.indices(validation=False)
        self._chances = _probabilities(self._pack, self._indices, options.source_weights)

    def __getitem__(self, step: int) -> Batch:
        seed = [self._options.seed, step]
        random = np.random.default_rng(seed)
        chosen = random.choice(self._indices, self._options.batch_size, p=self._chances)
        return make_batch(self._pack, chosen, self._options, seed)


def _hand_over(out: Queue[Any], item: Any) -> bool:
    """Put `item` into the queue; False once training is gone (killed, say) and nobody takes it."""
    parent = multiprocessing.parent_process()
    while parent is None or parent.is_alive():
        try:
            out.put(item, timeout=2)
            return True
        except queue.Full:
            continue
    out.cancel_join_thread()
    return False


def _work(path: Path, options: StreamOptions, first: int, stride: int, out: Queue[Any]) -> None:
    cv2.setNumThreads(1)
    batches = TrainingBatches(path, options)
    step = first
    while True:
        if not _hand_over(out, (step, batches[step])):
            return
        step += stride


class BatchStream:
    """Endless training batches in the order of their steps, from `workers` processes."""

    def __init__(
        self, path: Path, options: StreamOptions, *, first_step: int = 0, workers: int = 1
    ) -> None:
        if not len(CropPack(path).indices(validation=False)):
            raise BadInputError("no training crops are left besides validation; add pictures")
        context = multiprocessing.get_context("spawn")
        self._queues = [context.Queue(4) for _ in range(workers)]
        self._processes = [
            context.Process(
                target=_work, args=(path, options, first_step + i, workers, q), daemon=True
            )
            for i, q in enumerate(self._queues)
        ]
        for process in self._processes:
            process.start()

    def __iter__(self) -> Iterator[Batch]:
        turn = 0
        while True:
            worker = turn % len(self._queues)
            try:
                yield self._queues[worker].get(timeout=5)[1]
                turn += 1
            except queue.Empty:
                if not self._processes[worker].is_alive():
                    raise BadInputError(
                        "a process that prepares batches has died; see its message above"
                    ) from None

    def close(self) -> None:
        """Stop the workers."""
        for process in self._processes:
            process.terminate()


def validation_batches(path: Path, options: StreamOptions, limit: int = 1000) -> Iterator[Batch]:
    """`limit` validation crops of all data sets, not augmented; the last batch may be smaller."""
    pack = CropPack(path)
    plain = StreamOptions(options.batch_size, options.input_size, 0, PLAIN)
    people = pack.indices(validation=True)
    if len(people) > limit:
        people = people[np.linspace(0, len(people) - 1, limit).astype(int)]
    for start in range(0, len(people), options.batch_size):
        yield make_batch(pack, people[start : start + options.batch_size], plain, start)
