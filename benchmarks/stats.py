"""Numbers from raw latencies: percentiles, steadiness, sustained speed, ratios with intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

STEADY_WINDOWS = 3
STEADY_TOLERANCE = 0.03
"""Warm-up is over when the medians of the last three windows lie within 3 % of each other."""
SUSTAINED_WINDOW_S = 60.0
BOOTSTRAP_SAMPLES = 1000
BOOTSTRAP_BLOCKS = 200


@dataclass(frozen=True)
class Summary:
    """Latencies in milliseconds. Percentiles a tool does not give (see logs.py) are None."""

    count: int
    mean: float
    std: float | None
    min: float | None
    max: float | None
    p50: float | None
    p90: float | None
    p95: float | None
    p99: float | None

    @property
    def typical(self) -> float:
        """The median, or the mean where a tool gives no median."""
        return self.mean if self.p50 is None else self.p50


def summarize(latencies_ms: Sequence[float] | Array) -> Summary:
    """Summary of raw latencies. Percentiles interpolate linearly between the two nearest samples.

    Raises:
        ValueError: no samples.
    """
    values = np.asarray(latencies_ms, np.float64)
    if not values.size:
        raise ValueError("no samples")
    p50, p90, p95, p99 = (float(v) for v in np.percentile(values, [50, 90, 95, 99]))
    return Summary(
        len(values), float(values.mean()), float(values.std()), float(values.min()),
        float(values.max()), p50, p90, p95, p99,
    )  # fmt: skip


def combine(summaries: Sequence[Summary]) -> Summary:
    """One summary of several whose raw samples are gone.

    Count, mean, standard deviation and extremes are exact; the median is the weighted median of
    the parts' medians, and the tails are left out, because nothing exact can be said of them.
    """
    counts = np.array([s.count for s in summaries], np.float64)
    means = np.array([s.mean for s in summaries])
    mean = float(np.average(means, weights=counts))
    stds = [s.std for s in summaries]
    std = None
    if all(value is not None for value in stds):
        within = np.average(np.square(np.array(stds, np.float64)), weights=counts)
        std = math.sqrt(float(within + np.average((means - mean) ** 2, weights=counts)))
    lows = [s.min for s in summaries if s.min is not None]
    highs = [s.max for s in summaries if s.max is not None]
    medians = [s.p50 for s in summaries]
    p50 = None
    if all(value is not None for value in medians):
        order = np.argsort(np.array(medians, np.float64))
        reached = np.cumsum(counts[order]) >= counts.sum() / 2
        p50 = medians[int(order[int(np.argmax(reached))])]
    only = summaries[0] if len(summaries) == 1 else None
    return Summary(
        int(counts.sum()), mean, std, min(lows, default=None), max(highs, default=None), p50,
        only.p90 if only else None, only.p95 if only else None, only.p99 if only else None,
    )  # fmt: skip


def is_steady(window_medians: Sequence[float], tolerance: float = STEADY_TOLERANCE) -> bool:
    """True when the last windows agree: warm-up is over."""
    last = window_medians[-STEADY_WINDOWS:]
    return len(last) == STEADY_WINDOWS and max(last) <= min(last) * (1 + tolerance)


@dataclass(frozen=True)
class Sustained:
    """How speed holds up: medians of the first and of the last window, in ms, and their ratio."""

    window_s: float
    first_ms: float
    last_ms: float
    ratio: float


def sustained(
    starts_s: Sequence[float] | Array, latencies_ms: Sequence[float] | Array,
    window_s: float = SUSTAINED_WINDOW_S,
) -> Sustained | None:  # fmt: skip
    """Last-window median / first-window median; None when the run is shorter than two windows."""
    starts = np.asarray(starts_s, np.float64)
    values = np.asarray(latencies_ms, np.float64)
    if not len(starts):
        return None
    end = float(starts[-1] + values[-1] / 1000)
    if end - float(starts[0]) < 2 * window_s:
        return None
    # Frames that begin in the first window, and that end in the last: each has at least one.
    first = float(np.median(values[starts < starts[0] + window_s]))
    last = float(np.median(values[starts + values / 1000 > end - window_s]))
    return Sustained(window_s, first, last, last / first)


@dataclass(frozen=True)
class Ratio:
    """`value` = B / A of the typical latency, with a 95 % interval [low, high]."""

    value: float
    low: float
    high: float


def _blocks(values: Array) -> Array:
    """Cut a series into equal blocks of neighbours, [blocks, length]; the tail is dropped.

    Latencies of one run depend on their neighbours (heat, clocks), so whole blocks are drawn.
    """
    length = max(1, len(values) // BOOTSTRAP_BLOCKS, math.isqrt(len(values)) // 2)
    count = len(values) // length
    return values[: count * length].reshape(count, length)


def latency_ratio(a_ms: Sequence[float], b_ms: Sequence[float], seed: int = 0) -> Ratio:
    """Ratio of medians, B / A, with a 95 % block-bootstrap percentile interval.

    It covers the noise within the two runs, not what differs between two sessions.
    """
    random = np.random.default_rng(seed)
    medians = []
    for series in (a_ms, b_ms):
        blocks = _blocks(np.asarray(series, np.float64))
        picks = random.integers(0, len(blocks), (BOOTSTRAP_SAMPLES, len(blocks)))
        at_once = max(1, 1_000_000 // blocks.size)  # keeps the drawn samples in a few megabytes
        parts = [picks[start : start + at_once] for start in range(0, len(picks), at_once)]
        drawn = [np.median(blocks[part].reshape(len(part), -1), axis=1) for part in parts]
        medians.append(np.concatenate(drawn))
    low, high = np.percentile(medians[1] / medians[0], [2.5, 97.5])
    return Ratio(float(np.median(b_ms) / np.median(a_ms)), float(low), float(high))
