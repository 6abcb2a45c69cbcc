"""Ratios of every model to every baseline it took turns with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.report.plots import run_series
from benchmarks.stats import Ratio, latency_ratio


@dataclass(frozen=True)
class BaselineRatio:
    """Latency of `run` / latency of `baseline`, on the same delegate and threads: < 1 is faster."""

    run: dict[str, Any]
    baseline: dict[str, Any]
    ratio: Ratio


def baseline_ratios(runs: list[dict[str, Any]]) -> list[BaselineRatio]:
    """All pairs that were measured alternating."""
    done = [run for run in runs if run["status"] == "ok"]
    found = []
    for run in done:
        for other in done:
            same = all(run[name] == other[name] for name in ("device", "delegate", "threads"))
            if same and run["role"] == "model" and other["role"] == "baseline":
                values = [run_series(r)[1].tolist() for r in (other, run)]
                found.append(BaselineRatio(run, other, latency_ratio(*values)))
    return found
