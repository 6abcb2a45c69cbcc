"""One finished combination as results.json holds it: numbers, flags, conditions, samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.conditions import Conditions
from benchmarks.flags import flags_of, is_headline
from benchmarks.logs import Delegation
from benchmarks.measurement import Combination, Measurement, Protocol, Segment
from benchmarks.stats import SUSTAINED_WINDOW_S, Summary, combine, summarize, sustained
from benchmarks.targets import TargetInfo

_EXTENTS = ("none", "partial", "unknown", "full")


def series(segments: Sequence[Segment]) -> tuple[np.ndarray, np.ndarray]:
    """Start times (s from the run's start) and latencies (ms): one point per frame, or one per
    segment where a tool keeps no samples."""
    starts: list[float] = []
    latencies: list[float] = []
    for segment in segments:
        if segment.summary:
            starts.append(segment.at_s)
            latencies.append(segment.summary.typical)
        else:
            starts += [segment.at_s + start / 1e6 for start in segment.start_us]
            latencies += [latency / 1000 for latency in segment.latency_us]
    return np.array(starts), np.array(latencies)


def _summary(segments: Sequence[Segment]) -> Summary:
    """Over all frames of all segments."""
    kept = [segment.summary for segment in segments if segment.summary]
    return combine(kept) if kept else summarize(series(segments)[1])


def _frames(segments: Sequence[Segment], redetected: bool) -> dict[str, Any] | None:
    """Summary of the frames in which the detector ran, or of the others; None without any."""
    values = []
    for segment in segments:
        chosen = set(segment.redetected)
        for index, latency in enumerate(segment.latency_us):
            if (index in chosen) == redetected:
                values.append(latency / 1000)
    return _with_fps(summarize(values)) if values else None


def _with_fps(summary: Summary) -> dict[str, Any]:
    return {**asdict(summary), "fps": 1000 / summary.mean if summary.mean else None}


def _worst(measurements: Sequence[Measurement]) -> Delegation:
    return min((m.delegation for m in measurements), key=lambda d: _EXTENTS.index(d.extent))


def make_record(
    info: TargetInfo, combination: Combination, measurements: Sequence[Measurement],
    looks: Sequence[Conditions], protocol: Protocol, *, extra: dict[str, Any], screen_needed: bool,
) -> dict[str, Any]:  # fmt: skip
    """Everything known of one measured combination, with stable keys."""
    segments = [segment for m in measurements for segment in m.segments]
    first = measurements[0]
    seconds = sum(segment.seconds for segment in segments)
    summary = _summary(segments)
    looks = sorted(looks, key=lambda look: look.at_s)
    flags = {
        flag.code: flag
        for measurement in measurements
        for flag in flags_of(info, measurement, looks, screen_needed)
    }
    window = SUSTAINED_WINDOW_S if not protocol.quick else protocol.sustained_seconds / 5
    held = sustained(*series(segments), window) if protocol.sustained_seconds else None
    redetected = _frames(segments, True)
    peaks = [m.peak_memory_mb for m in measurements if m.peak_memory_mb is not None]
    return {
        "key": combination.key,
        "device": info.serial,
        "model": combination.model.name,
        "role": "baseline" if combination.model.is_baseline else "model",
        "delegate": combination.delegate,
        "threads": combination.threads,
        "status": "ok",
        "error": None,
        "quick": protocol.quick,
        "simulated": info.is_simulated,
        "headline": is_headline(list(flags.values()), protocol, summary.count, seconds),
        "flags": [asdict(flag) for flag in flags.values()],
        "notes": sorted({note for m in measurements for note in m.notes}),
        "latency_ms": _with_fps(summary),
        "tracked_ms": _frames(segments, False) if redetected else None,
        "redetect_ms": redetected,
        "measured_s": seconds,
        "sustained": asdict(held) if held else None,
        "load_ms": first.load_ms,
        "init_ms": first.init_ms,
        "first_ms": first.first_ms,
        "warmup_s": first.warmup_s,
        "warmup_ms": first.warmup_ms,
        "steady": all(m.steady for m in measurements),
        "peak_memory_mb": max(peaks, default=None),
        "delegation": asdict(_worst(measurements)),
        "stages_ms": first.stages_ms,
        "runtime": first.runtime,
        "conditions": [asdict(look) for look in looks],
        "segments": [asdict(segment) for segment in segments],
        **extra,
    }


def failed_record(serial: str, combination: Combination, reason: str) -> dict[str, Any]:
    """A combination that could not be measured."""
    return {
        "key": combination.key,
        "device": serial,
        "model": combination.model.name,
        "role": "baseline" if combination.model.is_baseline else "model",
        "delegate": combination.delegate,
        "threads": combination.threads,
        "status": "failed",
        "error": reason,
        "headline": False,
        "flags": [],
    }
