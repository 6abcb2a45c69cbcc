"""Whole sessions against simulated phones through the real adb."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.flags import HEADLINE_INFERENCES

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("output", ["old", "new", "litert"])
def test_both_generations_of_the_official_binary(on_phone, make_phone, output):
    daemon = make_phone(output=output)
    outcome = on_phone("--serial", daemon.serial, "--delegates", "gpu")
    assert outcome.code == 0, outcome.err
    data = outcome.results
    (run,) = data["runs"]
    latency = run["latency_ms"]
    assert latency["count"] >= 3 and latency["min"] <= latency["mean"] <= latency["max"]
    assert latency["fps"] == pytest.approx(1000 / latency["mean"])
    assert run["init_ms"] > 0 and run["first_ms"] > 0
    assert (latency["p50"] is None) == (output == "old")
    expected = {"old": "full", "new": "full", "litert": "full"}[output]
    assert run["delegation"]["extent"] == expected
    generation = {"litert": "LiteRT"}.get(output, "TFLite")
    tools = data["tools"][daemon.serial]["benchmark_model"]
    assert tools["generation"] == generation and len(tools["sha256"]) == 64

    # What the phone saw: the big cores, and the mode switched on and back.
    assert run["mask"] == "c0" and set(daemon.phone.read_state("masks")) == {0xC0}
    assert daemon.phone.read_state("fixed_performance_history") == [True, False]
    assert data["devices"][0]["fixed_performance"] == "on"

    # Labelled in every output, and never a headline.
    assert data["simulated"] and data["quick"] and not run["headline"]
    for name in ("report.md", "report.html"):
        text = (outcome.folder / name).read_text()
        assert "SIMULATED" in text and "QUICK" in text
    assert "SIMULATED" in outcome.out and "QUICK" in outcome.out
    (row,) = csv.DictReader((outcome.folder / "results.csv").open())
    assert float(row["mean"]) == pytest.approx(latency["mean"]) and row["simulated"] == "True"
    assert not daemon.phone.path("/data/local/tmp/blazepose_tf").exists()  # tidied up


def test_app_runner(run_tool, make_phone, tiny_partial):
    daemon = make_phone()
    outcome = run_tool(
        "--serial", daemon.serial, "--runner", "app", "--detector", tiny_partial,
        "--min-inferences", "60",
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    (run,) = outcome.results["runs"]
    segment = run["segments"][0]
    assert len(segment["latency_us"]) == len(segment["start_us"]) == run["latency_ms"]["count"]
    assert run["latency_ms"]["count"] >= 60
    assert run["tracked_ms"]["count"] + run["redetect_ms"]["count"] == run["latency_ms"]["count"]
    assert 3 <= run["redetect_ms"]["count"] <= run["latency_ms"]["count"] / 19 + 1
    assert run["latency_ms"]["p99"] >= run["latency_ms"]["p90"] >= run["latency_ms"]["p50"]
    assert run["delegation"]["nodes"] == run["delegation"]["nodes_total"] == 4
    tools = outcome.results["tools"][daemon.serial]
    assert len(tools["app"]["apk_sha256"]) == 64
    assert "simulated" in {flag["code"] for flag in run["flags"]}


@pytest.mark.parametrize("fault, code, words", [
    ("app-missing", 2, "is not installed; run: adb install"),
    ("app-error", 1, "is no landmark model"),
    ("app-silent", 1, "ended without a result"),
])  # fmt: skip
def test_app_faults(run_tool, make_phone, fault, code, words):
    outcome = run_tool("--serial", make_phone(fault).serial, "--runner", "app")
    assert outcome.code == code and words in outcome.message, outcome.err


def test_two_phones_side_by_side(on_phone, make_phone):
    first, second = make_phone(), make_phone("old-android")
    outcome = on_phone("--all-devices")
    assert outcome.code == 0, outcome.err
    data = outcome.results
    assert {run["device"] for run in data["runs"]} == {first.serial, second.serial}
    states = {device["serial"]: device["fixed_performance"] for device in data["devices"]}
    assert states[first.serial] == "on"
    assert states[second.serial] == "not available before Android 11"
    assert second.phone.read_state("fixed_performance_history") == []


def test_one_lost_phone_does_not_stop_the_other(on_phone, make_phone):
    good, bad = make_phone(), make_phone("unplug-during-run")
    outcome = on_phone("--all-devices")
    assert outcome.code == 2 and bad.serial in outcome.message
    (run,) = outcome.results["runs"]
    assert run["device"] == good.serial and run["status"] == "ok"


def start_tool(folder: Path, serial: str, model: Path) -> subprocess.Popen[bytes]:
    """run.py as a program of its own, to be stopped from outside."""
    binary = REPOSITORY / "benchmarks" / "simulation" / "benchmark_model"
    words = ["--serial", serial, "--benchmark-model", binary, "--models", model, "--out", folder]
    command = [sys.executable, REPOSITORY / "benchmarks" / "run.py", *words, "--quick"]
    return subprocess.Popen(
        list(map(str, command)), stderr=subprocess.PIPE, env={**os.environ},
        # A shell's background jobs ignore Ctrl-C, and so would what they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 130)])
def test_stopping_switches_the_phone_back(make_phone, tmp_path, tiny, number, code):
    daemon = make_phone("hang")
    process = start_tool(tmp_path / "out", daemon.serial, tiny)
    assert daemon.phone.wait_for("run started", 120)
    assert daemon.phone.read_state("fixed_performance") is True
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == code and b"Traceback" not in err
    assert daemon.phone.wait_for("fixed performance false", 60)
    assert daemon.phone.read_state("fixed_performance") is False
    assert all(p.wait(20) is not None for p in daemon.phone._processes)  # nothing runs on


def test_a_killed_tool_leaves_no_phone_in_fixed_performance_mode(make_phone, tmp_path, tiny):
    """SIGKILL leaves no time for anything: the shell on the phone must notice by itself."""
    daemon = make_phone("hang")
    process = start_tool(tmp_path / "out", daemon.serial, tiny)
    assert daemon.phone.wait_for("run started", 120)
    process.kill()
    process.wait()
    assert daemon.phone.wait_for("fixed performance false", 60)
    assert daemon.phone.read_state("fixed_performance") is False


def test_quick_is_what_is_shorter_than_a_headline(on_phone, make_phone):
    """Also without --quick: a shortened run must not pass for a headline."""
    outcome = on_phone("--plan-only", "--min-inferences", str(HEADLINE_INFERENCES - 1),
                       "--min-seconds", "60")  # fmt: skip
    assert outcome.code == 0 and "QUICK" in outcome.out
    whole = on_phone("--plan-only", "--min-inferences", str(HEADLINE_INFERENCES),
                     "--min-seconds", "60")  # fmt: skip
    assert "QUICK" not in whole.out and "about 72 s" in whole.out
