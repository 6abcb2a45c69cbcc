"""Parsers of Android's dumpsys texts, the choice of cores, and the rules for flags."""

from __future__ import annotations

import pytest

from benchmarks.conditions import (
    SEPARATOR,
    Conditions,
    choose_cores,
    parse_battery,
    parse_busy,
    parse_phone,
    parse_screen,
    parse_thermal,
)
from benchmarks.flags import flags_of, is_headline
from benchmarks.logs import Delegation
from benchmarks.measurement import Measurement, Protocol
from benchmarks.targets import TargetInfo

THERMAL = """IsStatusOverride: false
ThermalEventListeners:
\tcallbacks: 3
\tkilled: false
Thermal Status: 2
Cached temperatures:
\tTemperature{mValue=99.0, mType=3, mName=VIRTUAL-SKIN, mStatus=4}
HAL Ready: true
Current temperatures from HAL:
\tTemperature{mValue=41.25, mType=3, mName=VIRTUAL-SKIN, mStatus=2}
\tTemperature{mValue=-1.5, mType=2, mName=battery, mStatus=0}
Current cooling devices from HAL:
\tCoolingDevice{mValue=0, mType=2, mName=thermal-cpufreq-0}
"""
BATTERY = """Current Battery Service state:
  AC powered: false
  USB powered: true
  status: 2
  health: 2
  level: 77
  scale: 100
  temperature: 312
"""


def test_thermal_takes_current_values_not_cached_ones():
    assert parse_thermal(THERMAL) == (2, {"VIRTUAL-SKIN": 41.25, "battery": -1.5})


def test_thermal_is_unknown_before_android_10():
    assert parse_thermal("Can't find service: thermalservice") == (None, {})


@pytest.mark.parametrize(
    "status, charging", [("2", True), ("3", False), ("4", False), ("5", False)]
)
def test_battery(status, charging):
    text = BATTERY.replace("status: 2", f"status: {status}")
    assert parse_battery(text) == (77, 31.2, charging)


def test_screen():
    assert parse_screen("  mWakefulness=Awake") is True
    assert parse_screen("  mWakefulness=Dozing") is False
    assert parse_screen("") is None


def test_busy_is_what_was_not_idle_between_two_looks():
    first, second = "cpu  100 0 50 800 50 0 0 0 0 0", "cpu  130 0 60 840 70 0 0 0 0 0"
    assert parse_busy(first, second) == pytest.approx(0.4)  # 40 of 100 ticks
    assert parse_busy("", second) is None


def test_whole_look():
    parts = [THERMAL, BATTERY, "mWakefulness=Awake", "boot-1\n", "cpu 0 0 0 0", "cpu 1 0 0 3"]
    look = parse_phone(f"\n{SEPARATOR}\n".join(parts), 4.5)
    assert (look.at_s, look.thermal, look.battery_level, look.boot_id) == (4.5, 2, 77, "boot-1")
    assert (look.charging, look.screen_on, look.busy) == (True, True, pytest.approx(0.25))


@pytest.mark.parametrize(
    "threads, cores", [(1, (6, 7)), (2, (6, 7)), (4, (4, 5, 6, 7)), (9, range(8))]
)
def test_big_cores_of_a_phone_with_three_clusters(threads, cores):
    khz = [1803000] * 4 + [2348000] * 2 + [2850000] * 2
    assert choose_cores(khz, threads) == tuple(cores)


def test_no_choice_where_all_cores_are_equal_or_unknown():
    assert choose_cores([2000000] * 4, 1) == choose_cores([], 1) == ()


PHONE = TargetInfo("S", "android", "Phone")
GOOD = Conditions(0, thermal=0, charging=False, screen_on=True, busy=0.02, boot_id="b")


def flags(info=PHONE, looks=(GOOD,), extent="full", screen=False, steady=True):
    measurement = Measurement([], Delegation("gpu", extent), steady=steady)
    return {flag.code for flag in flags_of(info, measurement, list(looks), screen)}


def changed(**values):
    return Conditions(**{**GOOD.__dict__, **values})


def test_nothing_speaks_against_a_good_run():
    assert flags() == set()


@pytest.mark.parametrize("code, options", [
    ("thermal", {"looks": [changed(thermal=1)]}),
    ("thermal-changed", {"looks": [GOOD, changed(thermal=1)]}),
    ("charging", {"looks": [GOOD, changed(charging=True)]}),
    ("busy", {"looks": [changed(busy=0.3)]}),
    ("screen-off", {"looks": [changed(screen_on=False)], "screen": True}),
    ("rebooted", {"looks": [GOOD, changed(boot_id="c")]}),
    ("not-steady", {"steady": False}),
    ("delegation-partial", {"extent": "partial"}),
    ("delegation-none", {"extent": "none"}),
    ("delegation-unknown", {"extent": "unknown"}),
    ("emulator", {"info": TargetInfo("S", "android", "Phone", is_emulator=True)}),
    ("simulated", {"info": TargetInfo("S", "android", "Phone", is_simulated=True)}),
])  # fmt: skip
def test_each_flag(code, options):
    assert code in flags(**options)


def test_screen_does_not_matter_to_the_binary():
    assert flags(looks=[changed(screen_on=False)]) == set()


def test_headline_needs_1024_inferences_and_60_seconds_and_no_flag():
    protocol = Protocol()
    assert is_headline([], protocol, 1024, 60.0)
    assert not is_headline([], protocol, 1023, 99.0)
    assert not is_headline([], protocol, 9999, 59.0)
    assert not is_headline([], Protocol(quick=True), 1024, 60.0)
    found = flags_of(PHONE, Measurement([], Delegation("gpu", "none")), [GOOD], False)
    assert not is_headline(found, protocol, 1024, 60.0)
