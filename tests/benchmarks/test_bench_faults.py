"""Every fault gives one line that says what and how to mend it, and nothing finished is lost."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

TWO_MODELS = "tiny", "tiny_partial"


def one_line(outcome, *words: str) -> None:
    """Exit code 2, no traceback, and a last line with these words."""
    assert outcome.code == 2, outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.message.startswith("error: ")
    for word in words:
        assert word in outcome.message


def test_no_adb(on_phone, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    one_line(on_phone(), "adb is not installed", "apt install adb")


def test_no_phone(on_phone, adb):
    one_line(on_phone(), "no phone attached", "--runner host")


def test_two_phones_and_no_serial(on_phone, make_phone):
    first, second = make_phone(), make_phone()
    outcome = on_phone()
    one_line(outcome, "2 phones attached", "--serial", first.serial, second.serial)


def test_unknown_serial(on_phone, make_phone):
    make_phone()
    one_line(on_phone("--serial", "nobody"), "nobody", "not attached")


def test_offline(on_phone, make_phone, adb):
    daemon = make_phone("offline")
    for _ in range(1000):  # the phone cuts the line after the handshake, and adb notices
        if b"offline" in adb("devices").stdout:
            break
    one_line(on_phone("--serial", daemon.serial), daemon.serial, "offline", "plug it in again")


def test_unauthorized(on_phone, make_phone):
    daemon = make_phone("unauthorized")
    one_line(on_phone("--serial", daemon.serial), "does not trust this computer", "tap Allow")


def test_push_refused_because_the_disk_is_full(on_phone, make_phone):
    daemon = make_phone("disk-full")
    outcome = on_phone("--serial", daemon.serial)
    one_line(outcome, "push of benchmark_model refused", "storage is full")


def test_push_refused_by_permissions(on_phone, make_phone):
    daemon = make_phone("push-denied")
    one_line(on_phone("--serial", daemon.serial), "refused", "rm -rf /data/local/tmp")


def elf(path: Path, machine: int) -> Path:
    """The first bytes of a 64-bit ELF program for a machine, and nothing behind them."""
    path.write_bytes(
        struct.pack("<4sBBBB8xHHI", b"\x7fELF", 2, 1, 1, 0, 2, machine, 1) + bytes(100)
    )
    return path


def test_binary_for_another_abi_is_not_even_pushed(run_tool, make_phone, tmp_path):
    daemon = make_phone()
    binary = elf(tmp_path / "benchmark_model", 62)
    outcome = run_tool("--serial", daemon.serial, "--benchmark-model", binary)
    one_line(outcome, "built for x86_64", "arm64-v8a")


def test_arm64_binary_on_a_32_bit_phone(run_tool, make_phone, tmp_path):
    daemon = make_phone("wrong-abi")
    binary = elf(tmp_path / "benchmark_model", 183)
    outcome = run_tool("--serial", daemon.serial, "--benchmark-model", binary)
    one_line(outcome, "built for arm64-v8a", "armeabi-v7a")


def test_binary_that_the_phone_cannot_execute(run_tool, make_phone, tmp_path):
    daemon = make_phone()
    binary = elf(tmp_path / "benchmark_model", 183)  # the right ABI, but no program
    outcome = run_tool("--serial", daemon.serial, "--benchmark-model", binary)
    one_line(outcome, "does not run as benchmark_model", "get the build for its ABI")


def test_no_binary_given(run_tool, make_phone):
    daemon = make_phone()
    outcome = run_tool("--serial", daemon.serial, "--runner", "benchmark_model")
    one_line(outcome, "--benchmark-model PATH")


def test_binary_that_is_a_text(run_tool, make_phone, tmp_path):
    daemon = make_phone()
    (tmp_path / "tool").write_text("not a program")
    outcome = run_tool("--serial", daemon.serial, "--benchmark-model", tmp_path / "tool")
    one_line(outcome, "is no program")


def failed_run(outcome, *words: str) -> None:
    """Exit code 1: the combination failed, is recorded, and the reports are written."""
    assert outcome.code == 1, outcome.err
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in outcome.message
    run = outcome.results["runs"][0]
    assert run["status"] == "failed" and words[0] in run["error"]
    assert "failed" in (outcome.folder / "report.html").read_text()


def test_crash(on_phone, make_phone):
    failed_run(on_phone("--serial", make_phone("crash").serial), "code 139, signal 11")


def test_hang_is_ended_on_the_phone_too(on_phone, make_phone):
    daemon = make_phone("hang")
    outcome = on_phone("--serial", daemon.serial, "--time-limit", "3")
    failed_run(outcome, "did not end within 3 s", "--time-limit")
    running = [p for p in daemon.phone._processes if p.poll() is None]
    assert all(process.wait(10) is not None for process in running)


def test_output_that_no_parser_knows(on_phone, make_phone):
    outcome = on_phone("--serial", make_phone("unknown-output").serial)
    failed_run(outcome, "is not understood", "everything is fine")


def test_flag_that_the_binary_ignores(on_phone, make_phone):
    """A build without --use_xnnpack would measure the CPU kernels and call them XNNPACK."""
    outcome = on_phone("--serial", make_phone("unknown-flags").serial)
    failed_run(outcome, "ignored --use_gpu=false --use_xnnpack=true", "newer build")


def test_cable_breaks_while_pushing(on_phone, make_phone):
    daemon = make_phone("drop-after-bytes=2000")
    one_line(on_phone("--serial", daemon.serial), "lost the phone", "--resume")


@pytest.mark.parametrize("fault, words", [
    ("unplug-during-run", ("lost the phone", "plug it in again", "--resume")),
    ("reboot-during-run", ("rebooted", "unlock it", "--resume")),
])  # fmt: skip
def test_loss_keeps_what_is_finished_and_resume_goes_on(
    on_phone, make_phone, adb, monkeypatch, tiny, tiny_partial, fault, words
):
    monkeypatch.setattr("benchmarks.session.RECONNECT_S", 3.0)
    daemon = make_phone()
    models = (tiny, tiny_partial)
    phone = daemon.phone

    # The second combination breaks the cable: the fault comes on after the first one's last look.
    from benchmarks.results import Results

    add_run = Results.add_run

    def add_and_break(self, run):
        add_run(self, run)
        phone.faults[fault] = 0

    with monkeypatch.context() as patch:
        patch.setattr(Results, "add_run", add_and_break)
        broken = on_phone("--serial", daemon.serial, models=models)
    one_line(broken, daemon.serial, *words)
    assert len(broken.results["runs"]) == 1
    kept = broken.results["runs"][0]
    assert kept["status"] == "ok" and kept["latency_ms"]["count"] >= 3

    del phone.faults[fault]
    daemon.plug_in()
    adb("disconnect", daemon.serial)
    adb("connect", daemon.serial)
    again = on_phone("--serial", daemon.serial, models=models)
    one_line(again, "is there already", "--resume")
    resumed = on_phone("--serial", daemon.serial, "--resume", models=models)
    assert resumed.code == 0, resumed.err
    assert {run["model"] for run in resumed.results["runs"]} == set(TWO_MODELS)
    assert kept in resumed.results["runs"]  # not measured a second time


def test_resume_refuses_another_measurement(on_phone, make_phone, tiny, tiny_partial):
    daemon = make_phone()
    assert on_phone("--serial", daemon.serial).code == 0
    other = on_phone("--serial", daemon.serial, "--resume", models=(tiny_partial,))
    one_line(other, "measured with other models")
    longer = on_phone("--serial", daemon.serial, "--resume", "--min-inferences", "9")
    one_line(longer, "measured with other protocol")


def test_damaged_results_are_not_overwritten(on_phone, make_phone, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.json").write_text('{"schema": "blazepose')
    outcome = on_phone("--serial", make_phone().serial, "--resume")
    one_line(outcome, "is no results.json")


def codes(outcome) -> set[str]:
    """Flags of the only run."""
    assert outcome.code == 0, outcome.err
    (run,) = outcome.results["runs"]
    assert not run["headline"]
    return {flag["code"] for flag in run["flags"]}


@pytest.mark.parametrize("faults, expected", [
    (("thermal-rise", "partial-delegation", "busy"),
     {"thermal", "thermal-changed", "delegation-partial", "busy"}),
    (("hot", "delegation-refused", "charging", "screen-off"),
     {"thermal", "delegation-none", "charging"}),
])  # fmt: skip
def test_what_speaks_against_a_run_is_flagged(on_phone, make_phone, faults, expected):
    outcome = on_phone("--serial", make_phone(*faults).serial)
    assert codes(outcome) == expected | {"simulated"}


def test_cool_down_waits_until_the_phone_is_cool(on_phone, make_phone):
    daemon = make_phone("hot=1")  # one level per look
    outcome = on_phone("--serial", daemon.serial, "--cooldown-limit", "60")
    assert codes(outcome) == {"simulated"}
    assert "cooling down" in outcome.err
    looks = outcome.results["runs"][0]["conditions"]
    assert {look["thermal"] for look in looks} == {0}
