"""Drives the demo app's benchmark mode through adb. The contract stands in benchmarks/README.md."""

from __future__ import annotations

import shlex
import threading
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.app_result import read_result
from benchmarks.device import FOLDER, Device
from benchmarks.errors import DeviceError, RunFailedError, StoppedError, TimeLimitError
from benchmarks.measurement import Combination, Measurement, Model, Request
from blazepose_tf.files import sha256

PACKAGE = "io.github.blazepose_tf.demo"
ACTIVITY = ".BenchmarkActivity"
LOG_TAG = "BlazePoseBenchmark"
RESULT_FOLDER = f"/sdcard/Android/data/{PACKAGE}/files/benchmark"
POLL_S, QUICK_POLL_S = 2.0, 0.2
START_S = 20.0
"""The app must show up as a process within this time."""


class AppRunner:
    """Runs models inside the demo app: whole frames, from picture to landmarks."""

    name = "app"
    needs_screen = True

    def __init__(
        self, device: Device, stop: threading.Event, detector: Path | None = None, *,
        keep: bool = False,
    ) -> None:  # fmt: skip
        """`detector`: a detector .tflite, so that re-detection is measured too. `keep`: leave the
        models on the phone.

        Raises:
            DeviceError: the app is not installed.
        """
        self._device, self._stop, self._detector, self._keep = device, stop, detector, keep
        self._apk = device.shell(f"pm path {PACKAGE}").stdout.strip().removeprefix("package:")
        if not self._apk:
            raise DeviceError(
                f"{device.serial}: the demo app is not installed; run: adb install "
                "dist/blazepose-demo.apk (or give --benchmark-model PATH)"
            )

    def prepare(self, models: Sequence[Model]) -> dict[str, Any]:
        self._device.shell(f"mkdir -p {FOLDER}")
        for model in models:
            self._push(model.path, model.sha256)
        if self._detector:
            self._push(self._detector, sha256(self._detector))
        apk = self._device.shell(f"sha256sum {shlex.quote(self._apk)}").stdout.split()
        return {"app": {"package": PACKAGE, "apk_sha256": apk[0] if apk else ""}}

    def _push(self, source: Path, digest: str) -> None:
        target = _remote(digest)
        if digest not in self._device.shell(f"sha256sum {target}").stdout:
            self._device.push(source, target)
            self._device.shell(f"chmod 644 {target}")

    def supports(self, combination: Combination) -> str:
        return "the app has no NPU delegate" if combination.delegate == "npu" else ""

    def _start(self, request: Request, identity: str) -> None:
        extras: list[tuple[str, str, object]] = [
            ("--es", "benchmark", identity),
            ("--es", "model", _remote(request.combination.model.sha256)),
            ("--es", "delegate", request.combination.delegate),
            ("--ei", "threads", request.combination.threads),
            ("--es", "frames", "bundled"),
            ("--ei", "min_inferences", request.min_inferences),
            ("--ef", "min_seconds", request.min_seconds),
            ("--ef", "max_seconds", request.time_limit_s / 2),
            ("--ef", "warmup_limit_s", request.warmup_limit_s),
            ("--ez", "quick", "true" if request.quick else "false"),
        ]
        if self._detector:
            extras.append(("--es", "detector", _remote(sha256(self._detector))))
        words = [word for flag, name, value in extras for word in (flag, name, str(value))]
        command = ["am", "start", "-S", "-W", "-n", f"{PACKAGE}/{ACTIVITY}", *words]
        done = self._device.shell(shlex.join(command), timeout=START_S + 30)
        if done.code != 0 or "Error" in done.text:
            raise RunFailedError(f"the app does not start ({' '.join(done.text.split())[:160]})")

    def measure(self, request: Request) -> Measurement:
        identity = f"run-{uuid.uuid4().hex[:12]}"
        self._start(request, identity)
        path = self._wait(request, identity)
        try:
            content = self._device.pull(path)
        finally:
            self._device.shell(f"rm -f {shlex.quote(path)}")
        return read_result(content, identity, request.combination.model.sha256)

    def _wait(self, request: Request, identity: str) -> str:
        """Wait for the log line that announces the result; the file's path on the phone."""
        begin = time.monotonic()
        while True:
            log = self._device.shell(f"logcat -d -v raw -s {LOG_TAG}:I").stdout
            for line in log.splitlines():
                words = line.split(None, 2)
                if words[:2] == ["result", identity] and len(words) == 3:
                    return words[2].strip()
            waited = time.monotonic() - begin
            running = self._device.shell(f"pidof {PACKAGE}").code == 0
            if not running and waited > START_S / (10 if request.quick else 1):
                raise RunFailedError(
                    "the app ended without a result; look at: adb logcat -d -b crash"
                )
            if self._stop.is_set() or waited > request.time_limit_s:
                self._device.shell(f"am force-stop {PACKAGE}")
                if self._stop.is_set():
                    raise StoppedError
                raise TimeLimitError(
                    f"the app announced no result within {request.time_limit_s:.0f} s; is it "
                    "current, and is the phone unlocked?"
                )
            self._stop.wait(QUICK_POLL_S if request.quick else POLL_S)

    def clean_up(self) -> None:
        if self._keep:
            return
        try:
            self._device.shell(f"am force-stop {PACKAGE}; rm -rf {FOLDER}")
        except DeviceError:
            pass  # the phone is gone


def _remote(digest: str) -> str:
    return f"{FOLDER}/{digest[:16]}.tflite"
