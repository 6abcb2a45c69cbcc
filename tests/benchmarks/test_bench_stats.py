"""Statistics against their definitions, and intervals against many repetitions."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.stats import combine, is_steady, latency_ratio, summarize, sustained


def by_definition(values: list[float], percent: float) -> float:
    """Linear interpolation between the two nearest of n sorted samples at rank p (n - 1)."""
    rank = percent / 100 * (len(values) - 1)
    low = int(rank)
    ordered = sorted(values) + [max(values)]
    return ordered[low] + (rank - low) * (ordered[low + 1] - ordered[low])


def test_summary_by_definition():
    values = np.random.default_rng(0).gamma(9, 1, 357).tolist()
    summary = summarize(values)
    for percent, found in ((50, summary.p50), (90, summary.p90), (99, summary.p99)):
        assert found == pytest.approx(by_definition(values, percent))
    mean = sum(values) / len(values)
    assert summary.mean == pytest.approx(mean)
    assert summary.std == pytest.approx((sum((v - mean) ** 2 for v in values) / len(values)) ** 0.5)
    assert (summary.count, summary.min, summary.max) == (357, min(values), max(values))


def test_no_samples_is_an_error():
    with pytest.raises(ValueError):
        summarize([])


def test_combined_parts_equal_the_whole():
    random = np.random.default_rng(1)
    parts = [random.normal(10 + k, 1 + k, 50 * (k + 1)) for k in range(3)]
    whole, combined = summarize(np.concatenate(parts)), combine([summarize(p) for p in parts])
    assert combined.count == whole.count
    assert (combined.mean, combined.std) == pytest.approx((whole.mean, whole.std))
    assert (combined.min, combined.max) == (whole.min, whole.max)
    assert combined.p99 is None  # cannot be known


def test_one_part_keeps_its_tail():
    part = summarize([1.0, 2.0, 9.0])
    assert combine([part]) == part


@pytest.mark.parametrize("medians, steady", [
    ([10.0, 10.1], False), ([20.0, 10.0, 10.1, 10.2], True), ([10.0, 10.2, 10.5], False),
    ([10.0, 10.0, 10.0, 12.0], False),
])  # fmt: skip
def test_steady(medians, steady):
    assert is_steady(medians) is steady


def test_sustained_compares_the_first_and_the_last_window():
    """A phone that runs 10 ms frames for a minute and then slows down to 13 ms."""
    latencies = [10.0] * 6000 + [13.0] * 10000
    starts = np.concatenate([[0], np.cumsum(latencies)[:-1]]) / 1000
    held = sustained(starts, latencies, 60)
    assert held is not None
    assert (held.first_ms, held.last_ms, held.ratio) == pytest.approx((10, 13, 1.3))
    assert sustained(starts[:6000], latencies[:6000], 60) is None  # too short to say


def test_sustained_with_one_frame_longer_than_the_window():
    held = sustained([0.0, 0.01, 0.02], [10.0, 10.0, 900.0], 0.1)
    assert held is not None and (held.first_ms, held.last_ms) == (10.0, 900.0)


def test_ratio_interval_holds_the_truth_about_95_times_in_100():
    hits = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        a, b = random.normal(10, 1, 600), random.normal(12, 1.2, 600)
        ratio = latency_ratio(a.tolist(), b.tolist(), seed)
        hits += ratio.low <= 1.2 <= ratio.high
        assert ratio.low <= ratio.value <= ratio.high
    assert 34 <= hits <= 40


def test_ratio_interval_widens_when_neighbours_depend_on_each_other():
    random = np.random.default_rng(0)
    free = random.normal(10, 1, 2000)
    drifting = 10 + np.repeat(random.normal(0, 1, 40), 50)
    widths = [
        (r := latency_ratio(free.tolist(), b.tolist())).high - r.low for b in (free, drifting)
    ]
    assert widths[1] > 2 * widths[0]
