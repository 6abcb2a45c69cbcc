"""Reads what the official `benchmark_model` prints, builds of 2019 to today.

Formats (tensorflow/lite/tools/benchmark and LiteRT's tflite/tools/benchmark):
`count=50 first=.. curr=.. min=.. max=.. avg=.. std=..`, newer with ` p5=.. median=.. p95=..`;
`count=1 curr=N` for a single run and `curr=N(all same)` where all are equal; the last line is
`Inference timings in us: Init: ..` or, older, `Average inference timings in us: Warmup: ..`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from benchmarks.stats import Summary

_NUMBER = r"([0-9.]+(?:e[+-]?[0-9]+)?)"
_PAIR = re.compile(rf"\b([a-z]+[0-9]*)={_NUMBER}")
_COUNT = re.compile(r"\bcount=\d+ .*")
_NEW = re.compile(
    rf"Inference timings in us: Init: {_NUMBER}, First inference: {_NUMBER}, "
    rf"Warmup \(avg\): {_NUMBER}, Inference \(avg\): {_NUMBER}"
)
_OLD = re.compile(
    rf"Average inference timings in us: Warmup: {_NUMBER}, Init: {_NUMBER}, "
    rf"(?:Inference|no stats): {_NUMBER}"
)
_MEMORY = re.compile(
    rf"(?:Memory footprint delta from the start of the tool|Peak memory footprint) \(MB\): "
    rf"init={_NUMBER} overall={_NUMBER}"
)
_PEAK = re.compile(rf"Overall peak memory footprint \(MB\) via periodic monitoring: {_NUMBER}")
_APPLIED = re.compile(
    r"Explicitly applied (\S+) delegate, and the model graph will be "
    r"(completely|partially) executed by the delegate(?: w/ (\d+) delegate kernels)?"
)
_REFUSED = re.compile(r"Though (\S+) delegate is explicitly applied, the model graph will not be")
_NODES = re.compile(r"Replacing (\d+) (?:out of|of) (\d+) node\(s\) with delegate \((\S+)\)")
_IGNORED = re.compile(r"Unconsumed cmdline flags:\s*(.*)")


class UnknownOutputError(ValueError):
    """No timing line was found."""


@dataclass(frozen=True)
class Delegation:
    """How much of the graph a delegate took: 'full', 'partial', 'none' or 'unknown'."""

    delegate: str
    extent: str
    kernels: int | None = None
    nodes: int | None = None
    nodes_total: int | None = None


@dataclass(frozen=True)
class BenchmarkLog:
    """One run of benchmark_model. Times in milliseconds, memory in MB."""

    init_ms: float
    first_ms: float | None
    warmup_mean_ms: float
    summary: Summary
    memory_mb: float | None
    peak_memory_mb: float | None
    delegations: tuple[Delegation, ...]
    ignored_flags: tuple[str, ...]


def _summary(line: str) -> Summary:
    values = {name: float(value) / 1000 for name, value in _PAIR.findall(line)}
    count = round(values["count"] * 1000)
    current = values["curr"]
    if "avg" not in values:  # one run, or all equal: only the current one is printed
        return Summary(count, current, 0.0, current, current, current, None, None, None)
    return Summary(
        count, values["avg"], values.get("std"), values["min"], values["max"],
        values.get("median"), None, values.get("p95"), None,
    )  # fmt: skip


def _delegations(text: str) -> tuple[Delegation, ...]:
    """What each delegate took; node counts are printed by builds that log verbosely."""
    nodes = {name: (int(taken), int(total)) for taken, total, name in _NODES.findall(text)}
    found = []
    for name, extent, kernels in _APPLIED.findall(text):
        taken = next((n for key, n in nodes.items() if name.lower() in key.lower()), (None, None))
        word = {"completely": "full", "partially": "partial"}[extent]
        found.append(Delegation(name, word, int(kernels) if kernels else None, *taken))
    found += [Delegation(name, "none") for name in _REFUSED.findall(text)]
    if not found:  # LiteRT's tool prints node counts at most
        for name, (some, total) in nodes.items():
            kind = next((k for k in ("GPU", "XNNPACK", "NPU") if k.lower() in name.lower()), name)
            word = "full" if some == total else "partial" if some else "none"
            found.append(Delegation(kind, word, None, some, total))
    return tuple(found)


def parse_log(text: str) -> BenchmarkLog:
    """Read the whole output (stdout and stderr together).

    Raises:
        UnknownOutputError: the timing line or the statistics are missing.
    """
    counts = _COUNT.findall(text)
    new, old = _NEW.search(text), _OLD.search(text)
    if not counts or not (new or old):
        raise UnknownOutputError("no `Inference timings` or `count=` line")
    first: float | None = None
    if new:
        init, first, warmup = (float(new[i]) / 1000 for i in (1, 2, 3))
    else:
        assert old
        warmup, init = (float(old[i]) / 1000 for i in (1, 2))
        if len(counts) > 1:  # the first inference is the first of the warm-up
            values = dict(_PAIR.findall(counts[0]))
            first = float(values["first" if "first" in values else "curr"]) / 1000
    memory, peak, ignored = _MEMORY.search(text), _PEAK.search(text), _IGNORED.search(text)
    return BenchmarkLog(
        init, first, warmup, _summary(counts[-1]),
        float(memory[2]) if memory else None, float(peak[1]) if peak else None,
        _delegations(text), tuple(ignored[1].split()) if ignored else (),
    )  # fmt: skip


def known_flags(help_text: str) -> frozenset[str]:
    """Flag names in what `benchmark_model --help` prints (`\\t--num_runs=50 ...`)."""
    return frozenset(re.findall(r"^\s*--([a-z0-9_]+)=", help_text, re.MULTILINE))


def first_words(text: str, limit: int = 160) -> str:
    """The last line that is not empty, shortened: what a one-line message quotes."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:limit] if lines else "(no output)"
