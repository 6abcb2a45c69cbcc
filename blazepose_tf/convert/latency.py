"""One-thread latency of a file on this machine: a sanity figure, no substitute for a phone."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.interpreter import Interpreter

WARM_UP = 3
MIN_RUNS, MAX_RUNS = 10, 60
SECONDS = 1.0
"""Runs go on for this long, within the two limits above."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one inference on one thread, pre- and post-processing left out."""

    median: float
    p90: float
    minimum: float
    runs: int


def measure(path: str | Path, picture: NDArray[np.uint8], backend: str) -> Latency:
    """Time a file on a picture uint8 [S, S, 3].

    Raises:
        BadInputError: the file cannot be loaded by `backend`.
    """
    interpreter = Interpreter(path, backend=backend)
    values = picture[None].astype(np.float32) / 255
    for _ in range(WARM_UP):
        interpreter.run(image=values)
    times: list[float] = []
    while len(times) < MIN_RUNS or (len(times) < MAX_RUNS and sum(times) < SECONDS):
        start = time.perf_counter()
        interpreter.run(image=values)
        times.append(time.perf_counter() - start)
    ms = 1000 * np.array(times)
    return Latency(
        float(np.median(ms)), float(np.percentile(ms, 90)), float(ms.min()), len(times)
    )  # fmt: skip
