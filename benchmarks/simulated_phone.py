"""Start a simulated phone that the real adb can talk to, for trying the benchmark tool without one.

Connect with `adb connect 127.0.0.1:PORT`. Models that are "measured on it" really run, on this
machine: every result is labelled simulated and is never a phone's number.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.simulation.daemon import Daemon  # noqa: E402
from benchmarks.simulation.faults import FAULTS, parse_faults  # noqa: E402
from benchmarks.simulation.phone import Phone  # noqa: E402
from blazepose_tf import command_line  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.epilog = "faults: " + "; ".join(f"{name}: {what}" for name, what in FAULTS.items())
    add = parser.add_argument
    add("--port", type=int, default=5565, help="TCP port on 127.0.0.1; 0 takes any free one")
    add("--fault", action="append", default=[], help="name or name=N, may be repeated; see below")
    add(
        "--output", choices=["old", "new", "litert"], default="new",
        help="format and flags of its benchmark_model",
    )  # fmt: skip
    arguments = parser.parse_args()
    phone = Phone(faults=parse_faults(arguments.fault), output=arguments.output)
    daemon = Daemon(phone, arguments.port)
    binary = Path(__file__).with_name("simulation") / "benchmark_model"
    print(
        f"simulated phone at {daemon.serial}; Ctrl-C ends it\n"
        f"  adb connect {daemon.serial}\n"
        f"  python benchmarks/run.py --serial {daemon.serial} --benchmark-model {binary} --quick "
        "--models FILE.tflite --out results/simulated\n"
        "  python benchmarks/run.py --runner app (the same) measures with its simulated demo app",
        flush=True,
    )
    try:
        threading.Event().wait()
    finally:
        daemon.stop()


if __name__ == "__main__":
    command_line.run(main)
