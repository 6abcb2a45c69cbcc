"""Values that pass between runners, session, results and report. All plain, all JSON-able."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.logs import Delegation
from benchmarks.stats import Summary

DELEGATES: dict[str, str] = {
    "xnnpack": "CPU, XNNPACK delegate",
    "cpu": "CPU, TFLite's own kernels",
    "gpu": "GPU delegate",
    "npu": "NPU (LiteRT builds of benchmark_model)",
}


@dataclass(frozen=True)
class Model:
    """A .tflite file to measure. `name` is unique within a session."""

    name: str
    path: Path
    sha256: str
    size: int
    is_baseline: bool = False


@dataclass(frozen=True)
class Combination:
    """What is measured: one model on one delegate with so many threads."""

    model: Model
    delegate: str
    threads: int

    @property
    def key(self) -> str:
        """Identity across sessions: model name, delegate, threads."""
        return f"{self.model.name} | {self.delegate} | {self.threads} threads"

    def __str__(self) -> str:
        threads = f", {self.threads} thread{'s' * (self.threads != 1)}"
        return f"{self.model.name} on {self.delegate}{threads * (self.delegate != 'gpu')}"


@dataclass(frozen=True)
class Protocol:
    """How long and how carefully is measured. Defaults: MLPerf Mobile's minimum (>= 1024 samples
    and >= 60 s, cool-downs of up to 5 minutes)."""

    min_inferences: int = 1024
    min_seconds: float = 60.0
    sustained_seconds: float = 0.0
    warmup_limit_s: float = 30.0
    cooldown_limit_s: float = 300.0
    time_limit_s: float = 900.0
    poll_s: float = 5.0
    rounds: int = 1
    quick: bool = False

    @property
    def seconds(self) -> float:
        """Seconds measured at least."""
        return max(self.min_seconds, self.sustained_seconds)


@dataclass(frozen=True)
class Request:
    """One measurement that a runner shall make: a whole run, or one round of it."""

    combination: Combination
    min_inferences: int
    min_seconds: float
    warmup_limit_s: float
    time_limit_s: float
    cores: tuple[int, ...] = ()
    quick: bool = False

    @property
    def mask(self) -> str:
        """`taskset` mask of the cores, hexadecimal; empty when the run is not pinned."""
        return f"{sum(1 << core for core in self.cores):x}" if self.cores else ""


@dataclass(frozen=True)
class Segment:
    """Latencies measured without a break. `at_s`: seconds from the run's start to the segment's.

    Either raw (`start_us` from the segment's start, `latency_us`, and `redetected`: the indices of
    frames in which the detector ran), or only the `summary` of a tool that keeps no samples.
    """

    at_s: float
    seconds: float
    start_us: list[int] = field(default_factory=list)
    latency_us: list[int] = field(default_factory=list)
    redetected: list[int] = field(default_factory=list)
    summary: Summary | None = None


@dataclass(frozen=True)
class Measurement:
    """What a runner brings back for one request."""

    segments: list[Segment]
    delegation: Delegation
    load_ms: float | None = None
    init_ms: float | None = None
    first_ms: float | None = None
    warmup_s: float | None = None
    warmup_ms: float | None = None
    steady: bool = True
    peak_memory_mb: float | None = None
    runtime: str = ""
    screen_on: bool | None = None
    notes: tuple[str, ...] = ()
    stages_ms: dict[str, float] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
