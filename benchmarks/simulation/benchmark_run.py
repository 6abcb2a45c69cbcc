"""One run of the simulated benchmark_model: the model really runs, on this machine.

What it prints follows tensorflow/lite/tools/benchmark and LiteRT's tflite/tools/benchmark.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.runners.host_worker import fill_inputs, make_interpreter, peak_memory_kb
from benchmarks.runners.loop import measure
from benchmarks.simulation.state import announce, locked

ROOT = Path(os.environ["BLAZEPOSE_SIMULATED_ROOT"])
EXPLICITLY = "Explicitly applied {} delegate, and the model graph will be "
COMPLETELY = EXPLICITLY + "completely executed by the delegate."
PARTIALLY = EXPLICITLY + "partially executed by the delegate w/ 3 delegate kernels."
REFUSED = "Though {} delegate is explicitly applied, the model graph will not be executed by "
REFUSED += "the delegate."
REPLACING = "Replacing {} out of 58 node(s) with delegate ({}) node, yielding 1 partitions"
_Say = Callable[[str], None]


class Benchmark:
    """One run of the tool."""

    def __init__(
        self, flags: dict[str, str], output: str, faults: dict[str, int], say: _Say
    ) -> None:
        self.flags, self.output, self.faults, self.say = flags, output, faults, say
        wanted = [n for n in ("gpu", "xnnpack", "npu") if flags.get(f"use_{n}") == "true"]
        self.delegate = wanted[0] if wanted else "xnnpack" if "use_cpu" in flags else "cpu"

    def run(self) -> None:
        self.say(f"Graph: [{self.flags['graph']}]")
        begin = time.perf_counter()
        content = Path(self.flags["graph"]).read_bytes()
        kernels = "cpu" if self.delegate == "cpu" else "xnnpack"
        interpreter, _ = make_interpreter(content, kernels, int(self.flags["num_threads"]), "auto")
        init_us = round((time.perf_counter() - begin) * 1e6)
        self._meet_faults()
        self._say_delegation()
        self.say(f"The input model file size (MB): {len(content) / 1e6:g}")
        self.say(f"Initialized session in {init_us / 1000:g}ms.")
        fill_inputs(interpreter)
        warm = self._loop(interpreter, "warmup_runs", "warmup_min_secs")
        self._count(warm)
        main = self._loop(interpreter, "num_runs", "min_secs")
        self._count(main)
        if self.output == "old":
            self.say(
                f"Average inference timings in us: Warmup: {np.mean(warm):g}, Init: {init_us}, "
                f"no stats: {np.mean(main):g}"
            )
            return
        self.say(
            f"Inference timings in us: Init: {init_us}, First inference: {warm[0]}, "
            f"Warmup (avg): {np.mean(warm):g}, Inference (avg): {np.mean(main):g}"
        )
        megabytes = (peak_memory_kb() or 0) / 1024
        self.say(
            "Memory footprint delta from the start of the tool (MB): "
            f"init={megabytes / 2:g} overall={megabytes:g}"
        )
        if self.flags["report_peak_memory_footprint"] == "true":
            self.say(f"Overall peak memory footprint (MB) via periodic monitoring: {megabytes:g}")

    def _meet_faults(self) -> None:
        with locked(ROOT) as state:
            state["runs"] += 1
            if "thermal-rise" in self.faults:
                state["thermal"] = 2
        announce(ROOT, "run started")
        if "crash" in self.faults:
            os.kill(os.getpid(), signal.SIGSEGV)
        if "hang" in self.faults:
            threading.Event().wait()
        if "unknown-output" in self.faults:
            print("benchmark finished: everything is fine")
            sys.exit(0)

    def _say_delegation(self) -> None:
        """Who took how much. LiteRT's tool knows only node counts, in its verbose log."""
        if self.delegate == "cpu":
            return
        name = self.delegate.upper()
        if self.output == "litert":
            kind = "TfLiteGpuDelegateV2" if name == "GPU" else f"TfLite{name}Delegate"
            taken = 41 if "partial-delegation" in self.faults else 58
            print("VERBOSE:", REPLACING.format(taken, kind), flush=True)
        elif "delegation-refused" in self.faults:
            self.say(REFUSED.format(name))
        elif "partial-delegation" in self.faults:
            self.say(PARTIALLY.format(name))
        else:
            self.say(COMPLETELY.format(name))

    def _loop(self, interpreter: Any, runs: str, seconds: str) -> list[int]:
        least, limit = float(self.flags[seconds]), float(self.flags["max_secs"])
        self.say(
            f"Running benchmark for at least {self.flags[runs]} iterations and at least {least:g} "
            f"seconds but terminate if exceeding {limit:g} seconds."
        )

        def step() -> bool:
            interpreter.invoke()
            return False

        return measure(step, int(self.flags[runs]), least, limit).latency_us

    def _count(self, latencies: list[int]) -> None:
        values = np.sort(latencies)
        text = f"count={len(values)}"
        if len(values) > 1:
            text += (
                f" first={latencies[0]} curr={latencies[-1]} min={values[0]} max={values[-1]} "
                f"avg={values.mean():g} std={values.std():.0f}"
            )
        else:
            text += f" curr={latencies[-1]}"
        if self.output != "old":
            p5, p50, p95 = (values[len(values) * p // 100] for p in (5, 50, 95))
            text += f" p5={p5} median={p50} p95={p95}"
        self.say(text + "\n")
