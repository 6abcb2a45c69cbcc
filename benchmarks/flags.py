"""Which measurements may not be used for headlines, and why.

The rules are those of the best phone benchmarks: no heat, the delegate really took the graph,
nothing else running, real hardware, on battery.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.conditions import THERMAL_NAMES, Conditions
from benchmarks.measurement import Measurement, Protocol
from benchmarks.targets import TargetInfo

BUSY_LIMIT = 0.15
"""Share of all cores that others may use before a run; an idle Android phone shows 2-6 %."""
HEADLINE_INFERENCES, HEADLINE_SECONDS = 1024, 60.0
"""MLPerf Mobile: at least 1024 samples and at least 60 s."""


@dataclass(frozen=True)
class Flag:
    """One reason why a run is no headline. `code` is stable, `text` is for people."""

    code: str
    text: str


def flags_of(
    info: TargetInfo, measurement: Measurement, looks: Sequence[Conditions], screen_needed: bool
) -> list[Flag]:
    """All flags of one run; `looks` are before, during and after, in order."""
    flags = _place_flags(info) + _delegation_flags(measurement)
    levels = [look.thermal for look in looks if look.thermal is not None]
    if levels and max(levels) >= 1:
        name = THERMAL_NAMES[min(max(levels), len(THERMAL_NAMES) - 1)]
        flags.append(
            Flag("thermal", f"thermal status reached {max(levels)} ({name}); let the phone cool")
        )
    if len(set(levels)) > 1:
        flags.append(
            Flag("thermal-changed", f"thermal status changed: {levels[0]} to {levels[-1]}")
        )
    if any(look.charging for look in looks):
        flags.append(
            Flag("charging", "the battery was charging; use adb over Wi-Fi, or a full battery")
        )
    busy = looks[0].busy if looks else None
    if busy is not None and busy > BUSY_LIMIT:
        flags.append(Flag("busy", f"other processes used more than {BUSY_LIMIT:.0%} of the cores"))
    screens = [look.screen_on for look in looks] + [measurement.screen_on]
    if screen_needed and False in screens:
        flags.append(Flag("screen-off", "the screen was off; keep it on (Developer options)"))
    if len({look.boot_id for look in looks if look.boot_id}) > 1:
        flags.append(Flag("rebooted", "the phone rebooted during the run"))
    if not measurement.steady:
        flags.append(Flag("not-steady", "warm-up did not become steady within its limit"))
    return flags


def _place_flags(info: TargetInfo) -> list[Flag]:
    if info.is_simulated:
        return [Flag("simulated", "simulated phone: these are not a phone's numbers")]
    if info.is_emulator:
        return [Flag("emulator", "Android emulator: these are not a phone's numbers")]
    return []


def _delegation_flags(measurement: Measurement) -> list[Flag]:
    found = measurement.delegation
    if found.extent == "full" or found.delegate == "cpu":
        return []
    nodes = f" ({found.nodes} of {found.nodes_total} operators)" if found.nodes_total else ""
    texts = {
        "partial": f"{found.delegate} took only a part of the graph{nodes}",
        "none": f"{found.delegate} took nothing of the graph; the CPU ran it",
        "unknown": f"the tool does not say how much {found.delegate} took",
    }
    return [Flag(f"delegation-{found.extent}", texts[found.extent])]


def is_headline(flags: Sequence[Flag], protocol: Protocol, count: int, seconds: float) -> bool:
    """True when a run may be quoted: unflagged, not quick, long enough."""
    enough = count >= HEADLINE_INFERENCES and seconds >= HEADLINE_SECONDS
    return not flags and not protocol.quick and enough
