"""Measure .tflite files on phones over adb, or on this machine.

Shows a plan with its time, measures every combination of model, delegate and thread count, and
writes results.json (after each combination), results.csv, report.md and report.html.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

if not __package__:  # `python benchmarks/run.py` from any folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from tqdm import tqdm  # noqa: E402

from benchmarks import plan as plans  # noqa: E402
from benchmarks.arguments import make_protocol, parse_arguments  # noqa: E402
from benchmarks.device import choose_devices  # noqa: E402
from benchmarks.errors import DeviceError, StoppedError  # noqa: E402
from benchmarks.report.files import write_reports  # noqa: E402
from benchmarks.report.table import screen_table  # noqa: E402
from benchmarks.results import Results  # noqa: E402
from benchmarks.runners.app import AppRunner  # noqa: E402
from benchmarks.runners.base import Runner  # noqa: E402
from benchmarks.runners.benchmark_model import BenchmarkModelRunner  # noqa: E402
from benchmarks.runners.host import HostRunner  # noqa: E402
from benchmarks.session import Progress, Session  # noqa: E402
from benchmarks.targets import HostTarget, PhoneTarget, Target  # noqa: E402
from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.errors import BadInputError, CheckFailedError  # noqa: E402


def find_targets(
    arguments: argparse.Namespace, stop: threading.Event
) -> list[tuple[Target, Runner]]:
    """Every place to measure on, with what measures there.

    Raises:
        DeviceError: no phone, one not ready, no app or binary for it.
    """
    if arguments.runner == "host":
        return [(HostTarget(), HostRunner(stop, arguments.backend))]
    pairs: list[tuple[Target, Runner]] = []
    for device in choose_devices(arguments.serial, arguments.all_devices):
        phone = PhoneTarget(device)
        if arguments.runner == "app":
            app = AppRunner(device, stop, arguments.detector, keep=arguments.keep_files)
            pairs.append((phone, app))
        else:
            tool = BenchmarkModelRunner(
                device, arguments.benchmark_model, phone.info.abis, stop, keep=arguments.keep_files
            )
            pairs.append((phone, tool))
    return pairs


def make_progress(bar: tqdm[Any]) -> Progress:
    """Shows lines above the bar, and moves it on."""

    def advance(text: str) -> None:
        bar.set_postfix_str(text)
        bar.update()

    return Progress(lambda text: tqdm.write(text, file=sys.stderr), advance)


def run_sessions(
    sessions: Sequence[Session], groups: list[plans.Group], stop: threading.Event
) -> None:
    """Run all sessions side by side until each has ended; Ctrl-C ends them in order.

    Raises:
        DeviceError: a phone was lost (the others were finished first).
        KeyboardInterrupt: the user stopped.
    """
    errors: list[BaseException] = []

    # Not Thread.join: in Python 3.10 and 3.11 a Ctrl-C in the middle of it makes a running thread
    # look as if it had ended.
    ended = threading.Semaphore(0)

    def work(session: Session) -> None:
        try:
            session.run(groups)
        except StoppedError:
            pass
        except BaseException as error:  # handed to the main thread
            errors.append(error)
        finally:
            ended.release()

    for session in sessions:
        threading.Thread(target=work, args=(session,)).start()
    waiting = len(sessions)
    while waiting:
        try:
            waiting -= ended.acquire(timeout=0.2)
        except KeyboardInterrupt:
            stop.set()  # the sessions clean up on their phones, then end
    if stop.is_set():
        raise KeyboardInterrupt
    unexpected = [error for error in errors if not isinstance(error, BadInputError)]
    if unexpected:
        raise unexpected[0]
    if errors:
        raise DeviceError("; ".join(str(error) for error in errors))


def main() -> None:
    arguments = parse_arguments(__doc__)
    protocol = make_protocol(arguments)
    models = plans.find_models(arguments.models, arguments.baseline)
    groups = plans.make_plan(models, arguments.delegates, arguments.threads, arguments.seed)
    seconds = plans.estimate_seconds(groups, protocol)
    count = sum(map(len, groups))
    print(
        f"{count} combinations, about {plans.describe_seconds(seconds)} per device, cool-downs "
        f"extra{' - QUICK: no headline numbers' * protocol.quick}"
    )
    for group in groups:
        print("  " + "  <->  ".join(str(combination) for combination in group), flush=True)
    if arguments.plan_only:
        return
    stop = threading.Event()
    results = Results.create(
        arguments.out, runner=arguments.runner, protocol=protocol, models=models, plan=groups,
        seed=arguments.seed, resume=arguments.resume,
    )  # fmt: skip
    targets = find_targets(arguments, stop)
    total = sum(len(group) * plans.rounds_of(group, protocol) for group in groups)
    bars = [
        tqdm(total=total, unit="run", desc=target.info.serial, position=position)
        for position, (target, _) in enumerate(targets)
    ]
    sessions = [
        Session(target, runner, protocol, results, stop, make_progress(bar), arguments.seed)
        for (target, runner), bar in zip(targets, bars, strict=True)
    ]
    try:
        run_sessions(sessions, groups, stop)
    finally:
        for bar in bars:
            bar.close()
        if results.data["runs"]:
            write_reports(results.data, arguments.out)
            print(screen_table(results.data))
            print(f"{arguments.out}: results.json, results.csv, report.md, report.html")
    failures = [failure for session in sessions for failure in session.failures]
    if failures:
        raise CheckFailedError(f"{len(failures)} of {count} failed, the first: {failures[0]}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up as after Ctrl-C
    command_line.run(main)
