"""The measuring loop that the host worker and the simulated app share: warm up, then measure."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from benchmarks.stats import STEADY_WINDOWS, is_steady

WINDOW_S = 1.0
QUICK_WINDOW_S = 0.1
"""Length of a warm-up window; the medians of three in a row must agree."""


@dataclass(frozen=True)
class WarmUp:
    """How warming up went. `medians_ms`: one per window."""

    frames: int
    seconds: float
    steady: bool
    medians_ms: list[float]


@dataclass
class Samples:
    """Raw latencies: microseconds, and the indices of frames in which the detector ran."""

    start_us: list[int] = field(default_factory=list)
    latency_us: list[int] = field(default_factory=list)
    redetected: list[int] = field(default_factory=list)


Step = Callable[[], bool]
"""Processes one frame; True when the detector ran."""


def warm_up(step: Step, limit_s: float, quick: bool) -> WarmUp:
    """Run until the last three windows' medians agree within 3 %, at most `limit_s` seconds."""
    window_s = QUICK_WINDOW_S if quick else WINDOW_S
    medians: list[float] = []
    frames, begin = 0, time.perf_counter()
    while True:
        window: list[float] = []
        window_begin = time.perf_counter()
        while not window or time.perf_counter() - window_begin < window_s:
            start = time.perf_counter()
            step()
            window.append(time.perf_counter() - start)
        frames += len(window)
        medians.append(float(np.median(window)) * 1000)
        seconds = time.perf_counter() - begin
        if is_steady(medians):
            return WarmUp(frames, seconds, True, medians)
        if seconds >= limit_s and len(medians) >= (1 if quick else STEADY_WINDOWS):
            return WarmUp(frames, seconds, False, medians)


def measure(step: Step, min_inferences: int, min_seconds: float, limit_s: float) -> Samples:
    """Run at least `min_inferences` times and `min_seconds` seconds, but not beyond `limit_s`."""
    samples = Samples()
    begin = time.perf_counter_ns()
    measured_us = 0  # as recorded: what the samples add up to must reach `min_seconds` too
    while (measured_us < min_seconds * 1e6 or len(samples.latency_us) < min_inferences) and (
        measured_us < limit_s * 1e6 or not samples.latency_us
    ):
        start = time.perf_counter_ns()
        redetected = step()
        end = time.perf_counter_ns()
        if redetected:
            samples.redetected.append(len(samples.latency_us))
        samples.start_us.append((start - begin) // 1000)
        samples.latency_us.append((end - start) // 1000)
        measured_us = samples.start_us[-1] + samples.latency_us[-1]
    return samples
