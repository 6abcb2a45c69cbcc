"""The simulated phone itself: a folder, properties, sensors, and processes that really run.

Its shell is this machine's /bin/sh. Paths such as /data or /sys in a command are moved into the
phone's folder, and Android's own commands (getprop, dumpsys, ...) come from `commands.py`.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.simulation import state as states
from benchmarks.simulation.commands import COMMANDS
from benchmarks.simulation.hardware import BOOT_ID, make_files, make_state

REPOSITORY = Path(__file__).resolve().parents[2]
_DEVICE_PATH = re.compile(r"(?<![\w.\-/])/(data|sdcard|sys|proc)(?=[/\s'\";|&)]|$)")
_STUB = '#!/bin/sh\nexec "$BLAZEPOSE_SIMULATED_PYTHON" -S -E "{script}" {name} "$@"\n'


class Phone:
    """A phone that exists as a folder. `faults` as in faults.py; `output` is the format that its
    benchmark_model prints: old, new or litert."""

    def __init__(
        self, *, faults: dict[str, int] | None = None, output: str = "new",
        serial: str = "SIMULATED", packages: Iterable[str] = (),
    ) -> None:  # fmt: skip
        self.root = Path(tempfile.mkdtemp(prefix="simulated-phone-"))
        self.faults = dict(faults or {})
        self.on_unplug: Callable[..., None] = lambda **_: None
        self.events: list[str] = []
        self._happened = threading.Condition()
        self._bytes = 0
        self._processes: list[subprocess.Popen[bytes]] = []
        self._make_folder()
        with states.locked(self.root) as state:
            state.update(make_state(self.faults, serial, output, list(packages)))
        self._inbox = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._inbox.bind(str(self.root / states.EVENTS))
        threading.Thread(target=self._listen, daemon=True).start()

    def _make_folder(self) -> None:
        make_files(self.root, busy="busy" in self.faults)
        commands = self.root / "system" / "bin"
        commands.mkdir(parents=True)
        script = Path(__file__).with_name("commands.py")
        for name in COMMANDS:
            (commands / name).write_text(_STUB.format(script=script, name=name))
            (commands / name).chmod(0o755)

    @property
    def unauthorized(self) -> bool:
        """True until somebody taps "allow" on the phone."""
        return "unauthorized" in self.faults

    def banner(self, features: str) -> str:
        """What the phone says of itself in the handshake."""
        if "offline" in self.faults:
            threading.Timer(0.2, self.on_unplug).start()
        with states.locked(self.root) as state:
            model = state["properties"]["ro.product.model"].replace(" ", "_")
        return f"device::ro.product.name=sim;ro.product.model={model};features={features}"

    def count_bytes(self, size: int) -> bool:
        """Count what came in; True when the cable shall break now."""
        self._bytes += size
        limit = self.faults.get("drop-after-bytes")
        return limit is not None and self._bytes > limit

    def push_refusal(self) -> str:
        """Why a push is refused; empty when it is not."""
        if "disk-full" in self.faults:
            return "No space left on device"
        return "Permission denied" if "push-denied" in self.faults else ""

    def path(self, device_path: str) -> Path:
        """Where a path of the phone lies on this machine; never outside the phone's folder."""
        inside = os.path.normpath("/" + device_path).lstrip("/")
        return self.root / inside

    def hide_folder(self, text: bytes) -> bytes:
        """Take the phone's folder out of what a command printed."""
        return text.replace(str(self.root).encode(), b"")

    def spawn(self, command: str) -> subprocess.Popen[bytes]:
        """Start a shell command on the phone."""
        moved = _DEVICE_PATH.sub(lambda match: f"{self.root}/{match[1]}", command)
        environment = {
            "PATH": f"{self.root}/system/bin:/usr/bin:/bin",
            "PYTHONPATH": str(REPOSITORY),
            "BLAZEPOSE_SIMULATED_PYTHON": sys.executable,
            "BLAZEPOSE_SIMULATED_ROOT": str(self.root),
            "LC_ALL": "C",
        }
        process = subprocess.Popen(
            ["/bin/sh", "-c", moved], cwd=self.root, env=environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        self._processes = [p for p in self._processes if p.poll() is None] + [process]
        return process

    def _listen(self) -> None:
        while True:
            try:
                event = self._inbox.recv(4096).decode()
            except OSError:
                return
            if event == "stop":
                return
            if event == "run started":
                self._break_cable()
            with self._happened:
                self.events.append(event)
                self._happened.notify_all()

    def _break_cable(self) -> None:
        if "reboot-during-run" in self.faults:
            (self.root / BOOT_ID).write_text(f"{uuid.uuid4()}\n")
            with states.locked(self.root) as state:
                state["fixed_performance"] = False  # a reboot forgets the mode
            self.on_unplug(back=True)
            self._kill_processes()
        elif "unplug-during-run" in self.faults:
            self.on_unplug()

    def wait_for(self, event: str, timeout: float = 30.0) -> bool:
        """Block until a command on the phone has announced `event`."""
        with self._happened:
            return self._happened.wait_for(lambda: event in self.events, timeout)

    def read_state(self, name: str) -> object:
        """One field of the state, for tests."""
        with states.locked(self.root) as state:
            return state[name]

    def _kill_processes(self) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """End every process and remove the folder."""
        states.announce(self.root, "stop")
        self._kill_processes()
        self._inbox.close()
        shutil.rmtree(self.root, ignore_errors=True)
