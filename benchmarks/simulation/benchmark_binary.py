"""The simulated phone's benchmark_model: reads the flags as the official tool does.

The phone's state chooses the format (old: 2019, new: 2025 with percentiles, litert: LiteRT's flags)
and the fault.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from benchmarks.simulation.state import locked

ROOT = Path(os.environ["BLAZEPOSE_SIMULATED_ROOT"])
DEFAULTS = {
    "graph": "", "num_runs": "50", "min_secs": "1", "max_secs": "150", "num_threads": "1",
    "warmup_runs": "1", "warmup_min_secs": "0.5", "report_peak_memory_footprint": "false",
}  # fmt: skip
DELEGATE_FLAGS = {
    "old": ("use_gpu", "use_xnnpack"),
    "new": ("use_gpu", "use_xnnpack"),
    "litert": ("use_cpu", "use_gpu", "use_npu"),
}


def main() -> None:
    with locked(ROOT) as state:
        output, faults = state["output"], state["faults"]
    flags = dict(DEFAULTS)
    delegates = () if "unknown-flags" in faults else DELEGATE_FLAGS[output]
    flags |= dict.fromkeys(delegates, "false")
    arguments = sys.argv[1:]
    if arguments == ["--help"]:
        print(f"usage: {sys.argv[0]} <flags>\nFlags:")
        for name, value in flags.items():
            # A build that does not know the flag still lists it when the fault is on: the
            # harness shall then trust the "Unconsumed" line, not the help.
            print(f"\t--{name}={value}\tsome type\toptional\tas in the official tool")
        for name in DELEGATE_FLAGS[output] if not delegates else ():
            print(f"\t--{name}=false\tbool\toptional\tas in the official tool")
        sys.exit(1)  # as the official tool does
    from benchmarks.simulation.benchmark_run import Benchmark  # slow to import: not for --help

    pairs = [argument.removeprefix("--").split("=", 1) for argument in arguments]
    ignored = [f"--{name}={value}" for name, value in pairs if name not in flags]
    flags |= {name: value for name, value in pairs if name in flags}
    say = _say_old if output == "old" else _say_new
    say("STARTING!")
    if ignored:
        say(f"Unconsumed cmdline flags: {' '.join(ignored)}")
    Benchmark(flags, output, faults, say).run()


def _say_new(text: str) -> None:
    print(f"INFO: {text}", flush=True)


def _say_old(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main()
