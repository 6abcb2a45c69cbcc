"""Where is measured: a phone behind adb, or this machine. Same questions, same answers."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from benchmarks.conditions import Conditions, parse_busy, parse_phone, phone_command
from benchmarks.device import Device
from benchmarks.errors import DeviceError

FIXED_PERFORMANCE = "cmd power set-fixed-performance-mode-enabled"
FIXED_PERFORMANCE_SDK = 30
"""Android 11."""
OLDEST_SDK = 24
"""Android 7: the first whose adbd hands over exit codes."""


@dataclass(frozen=True)
class TargetInfo:
    """What was measured on. `kind`: android or host."""

    serial: str
    kind: str
    name: str
    soc: str = ""
    os: str = ""
    build: str = ""
    abi: str = ""
    core_max_khz: list[int] = field(default_factory=list)
    governors: list[str] = field(default_factory=list)
    memory_kb: int | None = None
    is_emulator: bool = False
    is_simulated: bool = False
    sdk: int | None = None
    abis: str = ""
    boot_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain values with stable keys."""
        return asdict(self)


class Target(Protocol):
    """A place to measure on."""

    info: TargetInfo

    def look(self, started: float, *, load: bool = False) -> Conditions:
        """Conditions now; `started` is the run's start on time.monotonic's clock."""

    def fixed_performance(self) -> contextlib.AbstractContextManager[str]:
        """Hold the clocks steady inside the block; gives what was done, in words."""


def _read_cores(text: str) -> tuple[list[int], list[str]]:
    """Maximum clock and governor per core, from lines `cpuN KHZ GOVERNOR`."""
    rows = sorted(
        (int(core), int(khz), governor)
        for core, khz, governor in re.findall(r"cpu(\d+) (\d+) (\S+)", text)
    )
    return [khz for _, khz, _ in rows], sorted({governor for *_, governor in rows})


_CORES_COMMAND = (
    "for d in /sys/devices/system/cpu/cpu[0-9]*; do echo $(basename $d) "
    "$(cat $d/cpufreq/cpuinfo_max_freq) $(cat $d/cpufreq/scaling_governor); done 2>/dev/null"
)


class PhoneTarget:
    """A phone behind adb."""

    def __init__(self, device: Device) -> None:
        """Ask the phone what it is.

        Raises:
            DeviceError: it does not answer, or its Android is too old.
        """
        self.device = device
        properties = dict(re.findall(r"\[(.+?)\]: \[(.*?)\]", device.shell("getprop").stdout))
        cores, governors = _read_cores(device.shell(_CORES_COMMAND).stdout)
        memory = re.search(r"MemTotal:\s+(\d+)", device.shell("cat /proc/meminfo").stdout)
        sdk = int(properties.get("ro.build.version.sdk", "0") or 0)
        if sdk < OLDEST_SDK:
            raise DeviceError(f"{device.serial}: needs Android 7 (API 24) or newer, has API {sdk}")
        names = [properties.get(f"ro.product.{key}", "") for key in ("manufacturer", "model")]
        soc = [properties.get(f"ro.soc.{key}", "") for key in ("manufacturer", "model")]
        hardware = properties.get("ro.hardware", "")
        self.info = TargetInfo(
            device.serial, "android", " ".join(filter(None, names)),
            " ".join(filter(None, soc)) or hardware,
            f"Android {properties.get('ro.build.version.release', '?')}",
            properties.get("ro.build.fingerprint", ""),
            properties.get("ro.product.cpu.abi", ""), cores, governors,
            int(memory[1]) if memory else None,
            properties.get("ro.kernel.qemu") == "1" or hardware in ("goldfish", "ranchu"),
            properties.get("ro.blazepose_tf.simulated") == "1", sdk,
            properties.get("ro.product.cpu.abilist", ""), device.boot_id(),
        )  # fmt: skip

    def look(self, started: float, *, load: bool = False) -> Conditions:
        output = self.device.shell(phone_command(load=load))
        return parse_phone(output.stdout, time.monotonic() - started)

    @contextlib.contextmanager
    def fixed_performance(self) -> Iterator[str]:
        """Android 11+: sustained clocks, switched back even if this program is killed.

        The switch is held by a shell on the phone that waits on its standard input. When the
        block ends, this program dies or the cable is pulled, its input ends and it switches back.
        """
        if (self.info.sdk or 0) < FIXED_PERFORMANCE_SDK:
            yield "not available before Android 11"
            return
        guard = (
            f"trap '' HUP PIPE; {FIXED_PERFORMANCE} true && echo switched on; "
            f"cat > /dev/null; {FIXED_PERFORMANCE} false; echo switched back"
        )
        with self.device.start(guard) as process:
            assert process.stdin and process.stdout
            answer = _first_line(process)
            try:
                yield "on" if "switched on" in answer else f"refused by the phone ({answer[:80]})"
            finally:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(30)  # until "switched back"


def _first_line(process: subprocess.Popen[bytes], timeout: float = 20.0) -> str:
    """The first line a process prints; empty when it prints none in time."""
    lines: list[bytes] = []
    pipe = process.stdout
    assert pipe
    reader = threading.Thread(target=lambda: lines.append(pipe.readline()), daemon=True)
    reader.start()
    reader.join(timeout)
    return lines[0].decode(errors="replace").strip() if lines else ""


class HostTarget:
    """This machine."""

    def __init__(self) -> None:
        cpu = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
        name = re.search(r"^(?:model name|Model)\s*: (.+)$", cpu, re.MULTILINE)
        lines = []
        for folder in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/cpufreq"):
            with contextlib.suppress(OSError):
                khz = (folder / "cpuinfo_max_freq").read_text().strip()
                governor = (folder / "scaling_governor").read_text().strip()
                lines.append(f"{folder.parent.name} {khz} {governor}")
        cores, governors = _read_cores("\n".join(lines))
        pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
        self.info = TargetInfo(
            "host", "host", name[1] if name else platform.machine(),
            f"{os.cpu_count()} cores", f"{platform.system()} {platform.release()}",
            platform.python_version(), platform.machine(), cores, governors, pages,
        )  # fmt: skip

    def look(self, started: float, *, load: bool = False) -> Conditions:
        stat, busy = Path("/proc/stat"), None
        if load and stat.exists():
            first = stat.read_text()
            time.sleep(0.5)  # the load is measured over this half second
            busy = parse_busy(first, stat.read_text())
        boot = Path("/proc/sys/kernel/random/boot_id")
        boot_id = boot.read_text().strip() if boot.exists() else ""
        return Conditions(time.monotonic() - started, busy=busy, boot_id=boot_id)

    @contextlib.contextmanager
    def fixed_performance(self) -> Iterator[str]:
        """Needs root on a PC; left alone."""
        yield "left alone on this machine"
