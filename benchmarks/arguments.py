"""The command line of run.py: options, and the measuring protocol they make."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmarks.measurement import DELEGATES, Protocol
from blazepose_tf import command_line
from blazepose_tf.errors import BadInputError

QUICK = {"min_inferences": 50, "min_seconds": 2.0, "warmup_limit_s": 3.0}


def parse_arguments(description: str | None) -> argparse.Namespace:
    """Read the command line.

    Raises:
        BadInputError: options that do not go together.
    """
    parser = command_line.parser(description)
    add = parser.add_argument
    add("--models", type=Path, nargs="+", required=True, help=".tflite files")
    add("--baseline", type=Path, nargs="+", default=[], help="files that take turns with --models")
    add(
        "--delegates", nargs="+", choices=list(DELEGATES), default=["xnnpack"], help="who runs them"
    )
    add("--threads", type=int, nargs="+", default=[1], help="CPU threads")
    add("--out", type=Path, required=True, help="folder for results.json, .csv, report.html, .md")
    add(
        "--runner", choices=["auto", "benchmark_model", "app", "host"], default="auto",
        help="official binary or demo app on a phone, or this machine; auto: the binary if "
        "--benchmark-model is given, else the app",
    )  # fmt: skip
    add("--benchmark-model", type=Path, help="official binary, built for the phone's ABI")
    add("--detector", type=Path, help="detector .tflite for --runner app: whole frames")
    add("--backend", default="auto", help="for --runner host: ai-edge-litert or tflite-runtime")
    add("--serial", nargs="+", default=[], help="phones, as `adb devices` names them")
    add("--all-devices", action="store_true", help="every attached phone, side by side")
    add("--quick", action="store_true", help="a short look; every output says quick")
    add("--sustained", type=float, default=0.0, metavar="SECONDS", help="measure so long (300)")
    add("--min-inferences", type=int, help="default 1024, with --quick 50")
    add("--min-seconds", type=float, help="default 60, with --quick 2")
    add("--rounds", type=int, default=5, help="turns each file takes when there is a --baseline")
    add("--warmup-limit", type=float, help="seconds; default 30, with --quick 3")
    add("--cooldown-limit", type=float, default=300.0, help="longest wait for thermal status 0, s")
    add("--time-limit", type=float, default=900.0, help="longest measurement, s; then it is ended")
    add("--poll", type=float, default=5.0, help="seconds between looks at heat and battery")
    add("--seed", type=int, default=0, help="of the order of combinations")
    add("--resume", action="store_true", help="go on with the session in --out")
    add("--keep-files", action="store_true", help="leave models and binary on the phone")
    add("--plan-only", action="store_true", help="show the plan and its time, measure nothing")
    arguments = parser.parse_args()
    if arguments.runner == "auto":
        arguments.runner = "benchmark_model" if arguments.benchmark_model else "app"
    if arguments.runner == "benchmark_model" and not arguments.benchmark_model:
        raise BadInputError("give --benchmark-model PATH; benchmarks/README.md says where it is")
    return arguments


def make_protocol(arguments: argparse.Namespace) -> Protocol:
    """Durations from the command line; anything below a headline's length is quick.

    Raises:
        BadInputError: numbers that make no sense.
    """
    default = Protocol()
    values: dict[str, Any] = {
        "min_inferences": arguments.min_inferences,
        "min_seconds": arguments.min_seconds,
        "warmup_limit_s": arguments.warmup_limit,
    }
    for name, value in values.items():
        if value is None:
            values[name] = QUICK[name] if arguments.quick else getattr(default, name)
    short = (
        values["min_inferences"] < default.min_inferences
        or values["min_seconds"] < default.min_seconds
    )
    if min(*arguments.threads, arguments.rounds, values["min_inferences"]) < 1:
        raise BadInputError("--threads, --rounds and --min-inferences must be at least 1")
    if min(values["min_seconds"], arguments.poll, arguments.time_limit) <= 0:
        raise BadInputError("--min-seconds, --poll and --time-limit must be above 0")
    protocol = Protocol(
        **values, sustained_seconds=arguments.sustained, cooldown_limit_s=arguments.cooldown_limit,
        time_limit_s=arguments.time_limit, poll_s=arguments.poll, rounds=arguments.rounds,
        quick=arguments.quick or short,
    )  # fmt: skip
    if arguments.sustained and not protocol.quick and arguments.sustained < 120:
        raise BadInputError("--sustained needs at least 120 s: its first and its last minute")
    if arguments.sustained and arguments.baseline:
        raise BadInputError("--sustained needs an unbroken run; measure the --baseline on its own")
    return protocol
