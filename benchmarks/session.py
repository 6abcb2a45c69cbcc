"""Runs a plan on one target: cool down, look, measure, look again, write down."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.conditions import Conditions, choose_cores
from benchmarks.errors import DeviceError, LostError, RunFailedError, StoppedError
from benchmarks.measurement import Combination, Measurement, Protocol, Request
from benchmarks.plan import Group, rounds_of
from benchmarks.records import failed_record, make_record
from benchmarks.results import Results, now
from benchmarks.runners.base import Runner
from benchmarks.targets import PhoneTarget, Target

RECONNECT_S = 10.0

Notify = Callable[[str], None]


@dataclass
class Progress:
    """What the caller is told: a line to show, and one more measurement done."""

    say: Notify
    advance: Notify


@dataclass
class Turns:
    """What has been collected for one combination so far."""

    combination: Combination
    started: float = 0.0
    started_at: str = ""
    measurements: list[Measurement] = field(default_factory=list)
    looks: list[Conditions] = field(default_factory=list)
    cooldown_s: float = 0.0


class Session:
    """One target, one runner, one plan."""

    def __init__(
        self, target: Target, runner: Runner, protocol: Protocol, results: Results,
        stop: threading.Event, progress: Progress, seed: int = 0,
    ) -> None:  # fmt: skip
        self.target, self.runner, self.protocol = target, runner, protocol
        self.results, self.progress = results, progress
        self._stop = stop
        self._order = random.Random(seed)
        self._fixed = ""
        self.failures: list[str] = []

    def run(self, plan: Sequence[Group]) -> None:
        """Measure everything in the plan that is not done yet.

        Raises:
            DeviceError: the target was lost; what was finished is on disk.
            StoppedError: the user asked to stop.
        """
        models = list({c.model.sha256: c.model for group in plan for c in group}.values())
        info = self.target.info
        try:
            tools = {"name": self.runner.name, **self.runner.prepare(models)}
            with self.target.fixed_performance() as fixed:
                self._fixed = fixed
                self.results.add_device({**info.to_json(), "fixed_performance": fixed}, tools)
                for group in plan:
                    self._run_group(group)
        except DeviceError as error:
            raise self._explain_loss(error) from error
        finally:
            self.runner.clean_up()

    def _run_group(self, group: Group) -> None:
        waiting = []
        for combination in group:
            if self.results.is_done(self.target.info.serial, combination):
                for _ in range(rounds_of(group, self.protocol)):
                    self.progress.advance(f"{combination} was measured before")
                continue
            reason = self.runner.supports(combination)
            if reason:
                self._fail(combination, reason, rounds_of(group, self.protocol))
            else:
                waiting.append(Turns(combination))
        rounds = rounds_of(group, self.protocol)
        for turn in range(rounds):
            for turns in list(waiting):
                try:
                    self._measure(turns, rounds)
                except RunFailedError as error:
                    self._fail(turns.combination, str(error), rounds - turn)
                    waiting.remove(turns)
            self._order.shuffle(waiting)
        for turns in sorted(waiting, key=lambda t: t.started):
            self.results.add_run(self._record(turns))

    def _fail(self, combination: Combination, reason: str, steps: int) -> None:
        self.failures.append(f"{combination}: {reason}")
        self.progress.say(f"{self.target.info.serial}: {combination}: {reason}")
        self.results.add_run(failed_record(self.target.info.serial, combination, reason))
        for _ in range(steps):
            self.progress.advance(str(combination))

    def _measure(self, turns: Turns, rounds: int) -> None:
        """One turn of one combination."""
        combination, protocol = turns.combination, self.protocol
        turns.cooldown_s += self._cool_down()
        if not turns.measurements:
            turns.started, turns.started_at = time.monotonic(), now()
        request = Request(
            combination, -(-protocol.min_inferences // rounds), protocol.seconds / rounds,
            protocol.warmup_limit_s, protocol.time_limit_s,
            choose_cores(self.target.info.core_max_khz, combination.threads), protocol.quick,
        )  # fmt: skip
        turns.looks.append(self.target.look(turns.started, load=True))
        at = time.monotonic() - turns.started
        with self._watch(turns):
            measurement = self.runner.measure(request)
        if measurement.warmup_s and self.runner.name != "benchmark_model":
            at += measurement.warmup_s
        segments = [replace(s, at_s=s.at_s + at) for s in measurement.segments]
        turns.measurements.append(replace(measurement, segments=segments))
        turns.looks.append(self.target.look(turns.started))
        for seen in measurement.extra.get("thermal", []):  # the app looks more often
            turns.looks.append(Conditions(at + seen["at_s"], thermal=seen["status"]))
        self.progress.advance(str(combination))

    @contextlib.contextmanager
    def _watch(self, turns: Turns) -> Iterator[None]:
        """Look at the conditions every few seconds while the block runs."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(self.protocol.poll_s):
                try:
                    turns.looks.append(self.target.look(turns.started))
                except DeviceError:
                    return  # the measurement itself meets the same loss and reports it

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _cool_down(self) -> float:
        """Wait until the thermal status is 0, at most the limit; seconds waited."""
        begin, told, serial = time.monotonic(), 0, self.target.info.serial
        while True:
            if self._stop.is_set():
                raise StoppedError
            level = self.target.look(begin).thermal
            waited = time.monotonic() - begin
            if not level or waited >= self.protocol.cooldown_limit_s:
                return waited
            if level != told:
                self.progress.say(f"{serial}: thermal status {level}, cooling down")
                told = level
            self._stop.wait(self.protocol.poll_s)

    def _record(self, turns: Turns) -> dict[str, Any]:
        cores = choose_cores(self.target.info.core_max_khz, turns.combination.threads)
        return make_record(
            self.target.info, turns.combination, turns.measurements, turns.looks, self.protocol,
            extra={
                "started": turns.started_at,
                "cooldown_s": turns.cooldown_s,
                "cores": list(cores),
                "mask": f"{sum(1 << core for core in cores):x}" if cores else "",
                "fixed_performance": self._fixed,
            },
            screen_needed=self.runner.needs_screen,
        )  # fmt: skip

    def _explain_loss(self, error: DeviceError) -> DeviceError:
        """Find out whether a lost phone has rebooted: then it comes back with a new boot id."""
        target = self.target
        if not isinstance(target, PhoneTarget) or not isinstance(error, LostError):
            return error
        after = target.device.boot_id_after_loss(RECONNECT_S, self._stop)
        if not after or after == target.info.boot_id:
            return error
        return DeviceError(
            f"{target.info.serial}: rebooted during the measurement; wait until it is up, unlock "
            "it, and run the same command with --resume"
        )
