"""Measures on this machine: one worker process per measurement."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.app_result import read_result
from benchmarks.errors import RunFailedError, StoppedError, TimeLimitError
from benchmarks.logs import first_words
from benchmarks.measurement import Combination, Measurement, Model, Request
from blazepose_tf.runtime.interpreter import load_backend

REPOSITORY = Path(__file__).resolve().parents[2]


class HostRunner:
    """Runs models in Python's TFLite interpreter on this machine."""

    name = "host"
    needs_screen = False

    def __init__(self, stop: threading.Event, backend: str = "auto") -> None:
        """`backend`: auto, ai-edge-litert or tflite-runtime.

        Raises:
            BadInputError: it is not installed.
        """
        self._stop = stop
        self._backend, _ = load_backend(backend)

    def prepare(self, models: Sequence[Model]) -> dict[str, Any]:
        return {"runtime": self._backend}

    def supports(self, combination: Combination) -> str:
        if combination.delegate in ("xnnpack", "cpu"):
            return ""
        return f"the {combination.delegate} delegate is not to be had on this machine"

    def measure(self, request: Request) -> Measurement:
        model = request.combination.model
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder) / "request.json", Path(folder) / "result.json"
            details = {
                "id": "host",
                "model": str(model.path.resolve()),
                "delegate": request.combination.delegate,
                "threads": request.combination.threads,
                "backend": self._backend,
                "cores": list(request.cores),
                "min_inferences": request.min_inferences,
                "min_seconds": request.min_seconds,
                "max_seconds": request.time_limit_s / 2,
                "warmup_limit_s": request.warmup_limit_s,
                "quick": request.quick,
            }
            source.write_text(json.dumps(details))
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.runners.host_worker", str(source), str(target)],
                cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            output = _wait(process, request.time_limit_s, self._stop)
            if process.returncode != 0 or not target.exists():
                raise RunFailedError(
                    f"the worker ended with code {process.returncode} ({first_words(output)})"
                )
            return read_result(target.read_bytes(), "host", model.sha256)

    def clean_up(self) -> None:
        pass


def _wait(process: subprocess.Popen[bytes], limit_s: float, stop: threading.Event) -> str:
    """Wait for the worker; its output. Ends it when it takes too long or the user stops."""
    deadline = time.monotonic() + limit_s
    while True:
        try:
            return process.communicate(timeout=0.1)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            late = time.monotonic() > deadline
            if not late and not stop.is_set():
                continue
            process.kill()
            process.communicate()
            if stop.is_set():
                raise StoppedError from None
            raise TimeLimitError(
                f"took longer than {limit_s:.0f} s; raise --time-limit or measure less"
            ) from None
