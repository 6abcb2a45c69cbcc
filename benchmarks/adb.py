"""Calls of the `adb` program, and what its messages mean."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.errors import DeviceError

COMMAND_TIMEOUT_S = 30.0

MESSAGES: tuple[tuple[str, str], ...] = (
    ("unauthorized", "does not trust this computer; unlock it and tap Allow on its question"),
    ("authorizing", "is still asking; unlock it and tap Allow on its question"),
    ("offline", "is offline; plug it in again, or run: adb reconnect offline"),
    ("not found", "is not attached; check the cable and `adb devices`"),
    ("no devices", "is not attached; check the cable and `adb devices`"),
    ("no permissions", "may not be opened; install the package android-sdk-platform-tools-common"),
)
"""What adb prints -> what the user shall read."""


@dataclass(frozen=True)
class Output:
    """What a command on the phone printed, and its exit code."""

    code: int
    stdout: str
    stderr: str = ""

    @property
    def text(self) -> str:
        """Both streams, the way a terminal would show them."""
        return f"{self.stdout}\n{self.stderr}".strip()


def find_adb() -> str:
    """Path of `adb`.

    Raises:
        DeviceError: adb is not installed.
    """
    found = shutil.which("adb")
    if found is None:
        raise DeviceError(
            "adb is not installed; install it (Debian/Ubuntu: apt install adb) or use --runner host"
        )
    return found


def call_adb(arguments: Sequence[str], serial: str | None, timeout: float) -> Output:
    """Run one adb command to its end.

    Raises:
        DeviceError: adb is missing, or did not answer in time.
    """
    target = ["-s", serial] if serial else []
    try:
        done = subprocess.run(
            [find_adb(), *target, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
            timeout=timeout, check=False, start_new_session=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise DeviceError(
            f"{serial or 'adb'} did not answer `adb {arguments[0]}` within {timeout:.0f} s; "
            "unplug it and plug it in again, then run with --resume"
        ) from error
    out, err = (part.decode(errors="replace") for part in (done.stdout, done.stderr))
    return Output(done.returncode, out, err)


def list_devices() -> dict[str, str]:
    """Attached phones: serial -> state (device, offline, unauthorized, ...)."""
    done = call_adb(["devices"], None, COMMAND_TIMEOUT_S)
    rows = (line.split(None, 1) for line in done.stdout.splitlines()[1:] if line.strip())
    return {row[0]: row[1].strip() for row in rows if len(row) == 2}
