"""A phone behind the real `adb`: commands, files, and every failure as one line with its remedy."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks.adb import (
    COMMAND_TIMEOUT_S,
    MESSAGES,
    Output,
    call_adb,
    find_adb,
    list_devices,
)
from benchmarks.errors import DeviceError, LostError, StoppedError, TimeLimitError

FOLDER = "/data/local/tmp/blazepose_tf"
"""Where models and binaries lie on the phone; any app and the shell may read it."""
BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id"
END = "--blazepose_tf-exit-code-"
"""Printed behind every command with its exit code: without it the output is not whole."""
PUSH_TIMEOUT_S = 300.0

_LOST = (
    "lost the phone; plug it in again, wait until `adb devices` shows it, "
    "and run the same command with --resume"
)


def choose_devices(serials: Sequence[str], every: bool) -> list[Device]:
    """The phones to measure.

    Raises:
        DeviceError: none attached, one not ready, or several and none chosen.
    """
    states = list_devices()
    if not states:
        raise DeviceError("no phone attached; plug one in with USB debugging on, or --runner host")
    if not serials and not every and len(states) > 1:
        known = " ".join(sorted(states))
        raise DeviceError(
            f"{len(states)} phones attached ({known}); give --serial or --all-devices"
        )
    chosen = list(serials) or sorted(states)
    devices = [Device(serial) for serial in chosen]
    for device in devices:
        device.require_ready()
    return devices


class Device:
    """One phone, by its adb serial."""

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def require_ready(self) -> None:
        """Check that the phone answers.

        Raises:
            DeviceError: it does not; the message says why.
        """
        done = call_adb(["get-state"], self.serial, COMMAND_TIMEOUT_S)
        if done.code != 0 or done.stdout.strip() != "device":
            text = next((m for pattern, m in MESSAGES if pattern in done.text), "")
            text = text or f"is not ready ({' '.join(done.text.split())}); restart it"
            raise DeviceError(f"{self.serial}: {text}")

    def is_attached(self) -> bool:
        """True when adb can reach the phone now."""
        done = call_adb(["get-state"], self.serial, COMMAND_TIMEOUT_S)
        return done.code == 0 and done.stdout.strip() == "device"

    def check_attached(self) -> None:
        """Raise LostError when the phone is gone: unplugged, rebooting, or adb died."""
        if not self.is_attached():
            raise LostError(f"{self.serial}: {_LOST}")

    def boot_id(self) -> str:
        """Identity of the current boot; it changes with every reboot."""
        return self.shell(f"cat {BOOT_ID_FILE}").stdout.strip()

    def boot_id_after_loss(self, wait_s: float, stop: threading.Event) -> str:
        """Wait for a lost phone to come back; its boot id, empty when it does not."""
        deadline = time.monotonic() + wait_s
        while True:
            with contextlib.suppress(DeviceError):
                if ":" in self.serial:  # over the network adb does not come back by itself at once
                    call_adb(["connect", self.serial], None, COMMAND_TIMEOUT_S)
                if self.is_attached():
                    return self.boot_id()
            if time.monotonic() > deadline or stop.wait(0.5):
                return ""

    def shell(self, command: str, *, timeout: float = COMMAND_TIMEOUT_S) -> Output:
        """Run a command in the phone's shell. A failing command is no error here: see the code.

        Raises:
            DeviceError: the phone is gone or does not answer.
        """
        done = call_adb(["shell", f"{command}\necho {END}$?"], self.serial, timeout)
        text, marker, code = done.stdout.rpartition(END)
        if not marker:
            self._cut_off(command)
        return Output(int(code), text, done.stderr)

    def _cut_off(self, command: str) -> NoReturn:
        """adb says nothing when the phone goes away in the middle: its exit code is 0 even."""
        self.check_attached()
        raise LostError(
            f"{self.serial}: `{command[:60]}` was cut off; check the cable, run with --resume"
        )

    def push(self, source: Path, target: str) -> None:
        """Copy a file to the phone.

        Raises:
            DeviceError: refused (permission, disk full), or the phone is gone.
        """
        done = call_adb(["push", str(source), target], self.serial, PUSH_TIMEOUT_S)
        if done.code == 0:
            return
        self.check_attached()
        for reason, remedy in (
            ("No space left", "the phone's storage is full; free some and run with --resume"),
            ("Permission denied", f"may not write {FOLDER}; run: adb shell rm -rf {FOLDER}"),
            ("Read-only file system", f"{FOLDER} is read-only; restart the phone"),
        ):
            if reason in done.text:
                raise DeviceError(f"{self.serial}: push of {source.name} refused: {remedy}")
        reason = re.sub(r"\s+", " ", done.text)[:200]
        raise DeviceError(
            f"{self.serial}: push of {source.name} failed ({reason}); check the cable"
        )

    def pull(self, source: str) -> bytes:
        """Contents of a file on the phone.

        Raises:
            DeviceError: no such file, or the phone is gone.
        """
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "pulled"
            done = call_adb(["pull", source, str(target)], self.serial, PUSH_TIMEOUT_S)
            if done.code == 0 and target.exists():
                return target.read_bytes()
        self.check_attached()
        reason = re.sub(r"\s+", " ", done.text)[:160]
        raise DeviceError(f"{self.serial}: {source} cannot be read ({reason}); is the app current?")

    @contextlib.contextmanager
    def start(self, command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start a command and let it run; its adb client is ended on leaving.

        The adb client gets its own session, so that Ctrl-C reaches this program only, which then
        can still clean up on the phone. stderr comes with stdout.
        """
        process = subprocess.Popen(
            [find_adb(), "-s", self.serial, "shell", f"exec 2>&1; {command}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(BrokenPipeError):
                        pipe.close()
            process.wait()

    def run_long(self, command: str, time_limit: float, stop: threading.Event) -> Output:
        """Run a long command that is killed on the phone when it takes too long.

        Raises:
            TimeLimitError: it took longer than `time_limit` seconds and was ended.
            StoppedError: `stop` was set.
            DeviceError: the phone is gone.
        """
        wrapped = f"{command} & pid=$!\necho pid $pid\nwait $pid\necho {END}$?"
        with self.start(wrapped) as process:
            assert process.stdout
            parts: list[bytes] = []
            done = threading.Event()
            pipe = process.stdout

            def read() -> None:
                parts.extend(iter(lambda: pipe.read1(1 << 16), b""))  # type: ignore[attr-defined]
                done.set()

            reader = threading.Thread(target=read, daemon=True)
            reader.start()
            deadline = time.monotonic() + time_limit
            while not done.wait(0.1):
                late = time.monotonic() > deadline
                if late or stop.is_set():
                    self._kill(b"".join(parts))
                    process.kill()
                    reader.join()
                    raise (TimeLimitError if late else StoppedError)
        output = b"".join(parts).decode(errors="replace")
        text, marker, code = output.rpartition(END)
        if not marker:
            self._cut_off(command)
        return Output(int(code), re.sub(r"^pid \d+\n", "", text))

    def _kill(self, printed: bytes) -> None:
        """End what `run_long` started, by the process id that it printed first."""
        found = re.match(rb"pid (\d+)", printed)
        if found:
            with contextlib.suppress(DeviceError):
                self.shell(f"kill -9 {found[1].decode()}", timeout=5)
