"""Android's shell commands on the simulated phone. Each runs as its own short process.

Started as `commands.py NAME ARGUMENTS...` with -S -E, so only the standard library is at hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from benchmarks.simulation.state import announce, locked

ROOT = Path(os.environ.get("BLAZEPOSE_SIMULATED_ROOT", "."))


def getprop(arguments: list[str]) -> int:
    with locked(ROOT) as state:
        properties = state["properties"]
    if arguments:
        print(properties.get(arguments[0], ""))
    else:
        for name, value in sorted(properties.items()):
            print(f"[{name}]: [{value}]")
    return 0


def dumpsys(arguments: list[str]) -> int:
    services: dict[str, Callable[[], str]] = {
        "thermalservice": _thermal, "battery": _battery, "power": _power,
    }  # fmt: skip
    if not arguments or arguments[0] not in services:
        print(f"Can't find service: {arguments[0] if arguments else ''}", file=sys.stderr)
        return 1
    print(services[arguments[0]]())
    return 0


def _thermal() -> str:
    """As Android 12+ prints it. A look may cool the phone down (fault `hot=N`)."""
    with locked(ROOT) as state:
        level = state["thermal"]
        state["thermal_looks"] += 1
        every = state["faults"].get("hot", 0)
        if every and level and state["thermal_looks"] % every == 0:
            state["thermal"] = level - 1
    skin = 31.5 + 4 * level
    return (
        "IsStatusOverride: false\nThermalEventListeners:\n\tcallbacks: 2\n"
        f"Thermal Status: {level}\nCached temperatures:\n"
        f"\tTemperature{{mValue={skin}, mType=3, mName=VIRTUAL-SKIN, mStatus={level}}}\n"
        "HAL Ready: true\nHAL connection:\n\tThermalHAL AIDL 1  connected: yes\n"
        "Current temperatures from HAL:\n"
        f"\tTemperature{{mValue={skin}, mType=3, mName=VIRTUAL-SKIN, mStatus={level}}}\n"
        f"\tTemperature{{mValue={skin + 12}, mType=0, mName=BIG, mStatus=0}}\n"
        "\tTemperature{mValue=29.1, mType=2, mName=battery, mStatus=0}\n"
        "Current cooling devices from HAL:\n"
    )


def _battery() -> str:
    with locked(ROOT) as state:
        battery = state["battery"]
    usb = str(battery["status"] == 2).lower()
    return (
        f"Current Battery Service state:\n  AC powered: false\n  USB powered: {usb}\n"
        f"  Wireless powered: false\n  status: {battery['status']}\n  health: 2\n  present: true\n"
        f"  level: {battery['level']}\n  scale: 100\n  voltage: 4211\n"
        f"  temperature: {battery['temperature']}\n  technology: Li-ion"
    )


def _power() -> str:
    with locked(ROOT) as state:
        awake = state["screen_on"]
    wakefulness = "Awake" if awake else "Asleep"
    return f"POWER MANAGER (dumpsys power)\n  mWakefulness={wakefulness}\n  mIsPowered=false"


def cmd(arguments: list[str]) -> int:
    if arguments[:2] == ["power", "set-fixed-performance-mode-enabled"] and len(arguments) == 3:
        with locked(ROOT) as state:
            state["fixed_performance"] = arguments[2] == "true"
            state["fixed_performance_history"].append(state["fixed_performance"])
        announce(ROOT, f"fixed performance {arguments[2]}")
        return 0
    print(f"cmd: Can't find service: {' '.join(arguments)}", file=sys.stderr)
    return 20


def taskset(arguments: list[str]) -> int:
    with locked(ROOT) as state:
        state["masks"].append(int(arguments[0], 16))
    os.execvp(arguments[1], arguments[1:])


def pm(arguments: list[str]) -> int:
    with locked(ROOT) as state:
        installed = state["packages"]
    if arguments[:1] == ["path"] and arguments[1] in installed:
        print(f"package:{ROOT}/data/app/{arguments[1]}/base.apk")
        return 0
    return 1


def am(arguments: list[str]) -> int:
    """`am start`: starts the simulated app in the background; `am force-stop` does nothing."""
    if arguments[0] == "start":
        print("Starting: Intent { cmp=... (has extras) }")
        command = [sys.executable, "-m", "benchmarks.simulation.app", *arguments[1:]]
        null = subprocess.DEVNULL
        app = subprocess.Popen(command, stdin=null, stdout=null, stderr=null)
        with locked(ROOT) as state:
            state["app_pid"] = app.pid
    return 0


def logcat(arguments: list[str]) -> int:
    """`logcat -d`: prints the log so far and ends. `-T` and filters are accepted."""
    with locked(ROOT) as state:
        lines = list(state["log"])
    print("\n".join(lines))
    return 0


def pidof(arguments: list[str]) -> int:
    """Only the demo app is ever asked for."""
    with locked(ROOT) as state:
        pid = state.get("app_pid", 0)
    try:
        running = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return 1
    print(pid if running else "")
    return 0 if running else 1


def sleep(arguments: list[str]) -> int:
    """Lets the phone's clock ticks pass instead of time: /proc/stat grows as idle or as busy."""
    with locked(ROOT) as state:
        busy = "busy" in state["faults"]
        stat = ROOT / "proc/stat"
        ticks = [int(value) for value in stat.read_text().split()[1:]]
        passed = round(100 * float(arguments[0])) * 8
        ticks[0] += round(passed * (0.8 if busy else 0.03))
        ticks[3] += round(passed * (0.2 if busy else 0.97))
        stat.write_text("cpu  " + " ".join(map(str, ticks)) + "\n")
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "getprop": getprop, "dumpsys": dumpsys, "cmd": cmd, "taskset": taskset,
    "pm": pm, "am": am, "logcat": logcat, "pidof": pidof, "sleep": sleep,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(COMMANDS[sys.argv[1]](sys.argv[2:]))
