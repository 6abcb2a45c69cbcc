"""The state a measurement was made in: heat, battery, screen, other load. Parsers of dumpsys text.

Thermal status as Android defines it (android.os.PowerManager): 0 none, 1 light, 2 moderate,
3 severe, 4 critical, 5 emergency, 6 shutdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

THERMAL_NAMES = ("none", "light", "moderate", "severe", "critical", "emergency", "shutdown")
CHARGING = 2
"""BatteryManager.BATTERY_STATUS_CHARGING; 3 discharging, 4 not charging, 5 full."""
SEPARATOR = "--blazepose_tf--"


@dataclass(frozen=True)
class Conditions:
    """One look. `at_s`: seconds since the run began (negative: before). None: not to be known.

    Temperatures in degrees Celsius by sensor name; `busy`: share of all cores that others use.
    """

    at_s: float
    thermal: int | None = None
    temperatures: dict[str, float] = field(default_factory=dict)
    battery_level: int | None = None
    battery_temperature: float | None = None
    charging: bool | None = None
    screen_on: bool | None = None
    busy: float | None = None
    boot_id: str = ""


def parse_thermal(text: str) -> tuple[int | None, dict[str, float]]:
    """Status and temperatures from `dumpsys thermalservice` (Android 10+)."""
    status = re.search(r"Thermal Status: (\d+)", text)
    current = text.split("Current temperatures from HAL:")[-1]
    found = re.findall(r"Temperature\{mValue=([-0-9.]+), mType=\d+, mName=([^,}]+)", current)
    return int(status[1]) if status else None, {name: float(value) for value, name in found}


def parse_battery(text: str) -> tuple[int | None, float | None, bool | None]:
    """Level in percent, temperature in Celsius, charging, from `dumpsys battery`."""
    values = dict(re.findall(r"^\s*(level|status|temperature): (-?\d+)", text, re.MULTILINE))
    level, status, heat = (
        int(values[k]) if k in values else None for k in ("level", "status", "temperature")
    )
    charging = None if status is None else status == CHARGING
    return level, None if heat is None else heat / 10, charging


def parse_screen(text: str) -> bool | None:
    """True when `dumpsys power` says that the phone is awake."""
    found = re.search(r"mWakefulness=(\w+)", text)
    return found[1] == "Awake" if found else None


def parse_busy(first: str, second: str) -> float | None:
    """Share of core time that was not idle between two looks at /proc/stat."""
    looks = []
    for text in (first, second):
        found = re.search(r"^cpu +([0-9 ]+)", text, re.MULTILINE)
        if not found:
            return None
        ticks = [int(value) for value in found[1].split()]
        looks.append((sum(ticks[:8]), ticks[3] + (ticks[4] if len(ticks) > 4 else 0)))
    total, idle = looks[1][0] - looks[0][0], looks[1][1] - looks[0][1]
    return 1 - idle / total if total > 0 else None


def phone_command(*, load: bool) -> str:
    """One shell line that prints everything `parse_phone` reads; `load` waits half a second."""
    parts = ["dumpsys thermalservice", "dumpsys battery", "dumpsys power | grep mWakefulness"]
    parts.append("cat /proc/sys/kernel/random/boot_id")
    if load:
        parts += ["head -1 /proc/stat; sleep 0.5", "head -1 /proc/stat"]
    return f"; echo {SEPARATOR}; ".join(parts)


def parse_phone(text: str, at_s: float) -> Conditions:
    """What `phone_command` printed."""
    parts = [part.strip() for part in text.split(SEPARATOR)] + [""] * 6
    status, temperatures = parse_thermal(parts[0])
    level, heat, charging = parse_battery(parts[1])
    return Conditions(
        at_s, status, temperatures, level, heat, charging, parse_screen(parts[2]),
        parse_busy(parts[4], parts[5]), parts[3],
    )  # fmt: skip


def choose_cores(max_khz: Sequence[int], threads: int) -> tuple[int, ...]:
    """The fastest cores: whole clusters from the fastest down, until every thread has a core.

    `max_khz`: cpuinfo_max_freq of each core. All equal (or unknown: empty) gives no choice, ().
    """
    if len(set(max_khz)) < 2:
        return ()
    chosen: list[int] = []
    for speed in sorted(set(max_khz), reverse=True):
        chosen += [core for core, khz in enumerate(max_khz) if khz == speed]
        if len(chosen) >= threads:
            break
    return tuple(sorted(chosen))
