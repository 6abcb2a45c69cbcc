"""Drives TFLite's or LiteRT's official `benchmark_model` binary on a phone.

The binary keeps no raw samples and prints no p90/p99, so a run is cut into segments of a few
seconds: each gives a mean (newer builds: a median and p95), and together they show latency over
time. Warm-up uses segments too, until they agree.
"""

from __future__ import annotations

import shlex
import struct
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.adb import Output
from benchmarks.device import FOLDER, Device
from benchmarks.errors import DeviceError, RunFailedError, TimeLimitError
from benchmarks.logs import (
    BenchmarkLog,
    Delegation,
    UnknownOutputError,
    first_words,
    known_flags,
    parse_log,
)
from benchmarks.measurement import Combination, Measurement, Model, Request, Segment
from benchmarks.stats import STEADY_WINDOWS, is_steady
from blazepose_tf.files import sha256

SEGMENT_S = 10.0
BINARY = f"{FOLDER}/benchmark_model"
ELF_MACHINES = {3: "x86", 40: "armeabi-v7a", 62: "x86_64", 183: "arm64-v8a"}
"""ELF e_machine (ELF specification) -> Android's name of the ABI."""


def binary_abi(path: Path) -> str:
    """ABI of an executable, 'script' for one that begins with #!.

    Raises:
        DeviceError: missing, or no program that Android could run.
    """
    try:
        head = path.open("rb").read(20)
    except OSError as error:
        raise DeviceError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if head[:2] == b"#!":
        return "script"
    if head[:4] != b"\x7fELF" or len(head) < 20:
        raise DeviceError(f"{path}: is no program; give TFLite's android_aarch64_benchmark_model")
    return ELF_MACHINES.get(struct.unpack_from("<H", head, 18)[0], "unknown")


class BenchmarkModelRunner:
    """Runs models with the official binary through adb."""

    name = "benchmark_model"
    needs_screen = False

    def __init__(
        self, device: Device, binary: Path, abis: str, stop: threading.Event, *, keep: bool = False
    ) -> None:
        """`abis`: ABIs the phone runs, from ro.product.cpu.abilist. `keep`: leave the files there.

        Raises:
            DeviceError: the binary is missing or of the wrong ABI.
        """
        self._device, self._binary, self._stop, self._keep = device, binary, stop, keep
        abi = binary_abi(binary)
        if abi != "script" and abi not in abis.split(","):
            raise DeviceError(
                f"{binary}: is built for {abi}, {device.serial} runs {abis}; get the build for it"
            )
        self._flags: frozenset[str] = frozenset()

    def prepare(self, models: Sequence[Model]) -> dict[str, Any]:
        digest = sha256(self._binary)
        self._push(self._binary, BINARY, digest)
        for model in models:
            self._push(model.path, _remote(model), model.sha256)
        self._device.shell(f"chmod 755 {BINARY}")
        text = self._device.shell(f"{BINARY} --help").text
        self._flags = known_flags(text)
        if "graph" not in self._flags:
            raise DeviceError(
                f"{self._binary}: does not run as benchmark_model on {self._device.serial} "
                f"({first_words(text)}); get the build for its ABI"
            )
        generation = "LiteRT" if "use_cpu" in self._flags else "TFLite"
        return {"benchmark_model": {"sha256": digest, "generation": generation}}

    def _push(self, source: Path, target: str, digest: str) -> None:
        """Copy a file unless the phone has it already; check what arrived."""
        if digest not in self._device.shell(f"sha256sum {shlex.quote(target)}").stdout:
            self._device.push(source, target)
            if digest not in self._device.shell(f"sha256sum {shlex.quote(target)}").stdout:
                raise DeviceError(f"{source}: arrived damaged on {self._device.serial}; try again")

    def supports(self, combination: Combination) -> str:
        wanted = {"gpu": "use_gpu", "npu": "use_npu"}.get(combination.delegate)
        if wanted and self._flags and wanted not in self._flags:
            return f"this benchmark_model has no --{wanted}"
        return ""

    def _command(self, request: Request, *, runs: int, seconds: float, memory: bool) -> str:
        combination = request.combination
        flags: dict[str, object] = {
            "graph": _remote(combination.model),
            "num_threads": combination.threads,
            "num_runs": runs,
            "min_secs": seconds,
            "max_secs": max(request.time_limit_s / 2, seconds),
            "warmup_runs": 1,
            "warmup_min_secs": 0.05 if request.quick else 0.5,
        }
        on = {True: "true", False: "false"}
        if "use_cpu" in self._flags:  # LiteRT's build
            for kind in ("cpu", "gpu", "npu"):
                chosen = combination.delegate == kind or (
                    kind == "cpu" and combination.delegate == "xnnpack"
                )
                flags[f"use_{kind}"] = on[chosen]
        else:
            flags["use_gpu"] = on[combination.delegate == "gpu"]
            flags["use_xnnpack"] = on[combination.delegate == "xnnpack"]
        if memory:
            flags["report_peak_memory_footprint"] = "true"
        words = [f"--{name}={value}" for name, value in flags.items() if name in self._flags]
        pinned = f"taskset {request.mask} " if request.mask else ""
        return f"{pinned}{BINARY} {' '.join(shlex.quote(word) for word in words)}"

    def _run(self, request: Request, **options: Any) -> BenchmarkLog:
        command = self._command(request, **options)
        try:
            output = self._device.run_long(command, request.time_limit_s, self._stop)
        except TimeLimitError:
            raise TimeLimitError(
                f"benchmark_model did not end within {request.time_limit_s:.0f} s and was stopped; "
                "raise --time-limit, or try another delegate"
            ) from None
        return _read(output, request.combination)

    def measure(self, request: Request) -> Measurement:
        started = time.monotonic()
        segment_s = min(SEGMENT_S, request.min_seconds)
        short = min(1.0, segment_s)
        first = self._run(request, runs=1, seconds=short, memory=True)
        medians = [first.summary.typical]
        while time.monotonic() - started < request.warmup_limit_s and not is_steady(medians):
            warm = self._run(request, runs=1, seconds=short, memory=False)
            medians.append(warm.summary.typical)
        warmup_s = time.monotonic() - started
        segments: list[Segment] = []
        begin = time.monotonic()
        log = first
        while _count(segments) < request.min_inferences or _seconds(segments) < request.min_seconds:
            at = time.monotonic() - begin
            missing = request.min_inferences - _count(segments)
            per_segment = max(1, round(segment_s * 1000 / medians[-1]))
            log = self._run(
                request, runs=max(1, min(missing, per_segment)), seconds=segment_s, memory=False
            )
            lasted = log.summary.count * log.summary.mean / 1000
            segments.append(Segment(at, lasted, summary=log.summary))
            if time.monotonic() - begin > request.time_limit_s:
                break
        steady = is_steady(medians) or (request.quick and len(medians) < STEADY_WINDOWS)
        return Measurement(
            segments, _delegation(log, request.combination.delegate), init_ms=first.init_ms,
            first_ms=first.first_ms, warmup_s=warmup_s, warmup_ms=medians[-1], steady=steady,
            peak_memory_mb=first.peak_memory_mb or first.memory_mb,
            notes=("no raw samples: benchmark_model prints statistics of each segment only",),
        )  # fmt: skip

    def clean_up(self) -> None:
        if self._keep:
            return
        try:
            self._device.shell(f"rm -rf {FOLDER}")
        except DeviceError:
            pass  # the phone is gone; what lies there is overwritten next time


def _remote(model: Model) -> str:
    return f"{FOLDER}/{model.sha256[:16]}.tflite"


def _count(segments: Sequence[Segment]) -> int:
    return sum(s.summary.count for s in segments if s.summary)


def _seconds(segments: Sequence[Segment]) -> float:
    return sum(s.seconds for s in segments)


def _read(output: Output, combination: Combination) -> BenchmarkLog:
    """Read the output, or say in one line what went wrong on the phone."""
    if output.code != 0:
        signal = f", signal {output.code - 128}" if output.code > 128 else ""
        words = first_words(output.stdout)
        if output.code == 126 or "not executable" in words or "Exec format" in words:
            raise DeviceError(f"benchmark_model cannot be executed ({words}); get the ABI's build")
        raise RunFailedError(
            f"benchmark_model ended with code {output.code}{signal} ({words}); "
            "try another delegate or build"
        )
    try:
        log = parse_log(output.stdout)
    except UnknownOutputError as error:
        raise RunFailedError(
            f"benchmark_model's output is not understood: {error} ({first_words(output.stdout)}); "
            "use a build of TFLite 1.14 or later"
        ) from error
    ignored = [f for f in log.ignored_flags if f.startswith(("--use_", "--num_", "--min_"))]
    if ignored:
        raise RunFailedError(
            f"benchmark_model ignored {' '.join(ignored)}, so {combination.delegate} was not "
            "measured; use a newer build"
        )
    return log


def _delegation(log: BenchmarkLog, delegate: str) -> Delegation:
    """What the wanted delegate took; XNNPACK may take what the GPU leaves over."""
    for found in log.delegations:
        if found.delegate.lower() == delegate:
            return found
    return Delegation(delegate, "full" if delegate == "cpu" else "unknown")
