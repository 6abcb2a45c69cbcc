"""The simulated phone against the real adb: the transport must be right before faults mean much."""

from __future__ import annotations

import os

import pytest

TMP = "/data/local/tmp"


def test_shell_keeps_streams_apart_and_hands_over_the_exit_code(adb, make_phone):
    serial = make_phone().serial
    done = adb("-s", serial, "shell", "echo out; echo err >&2; exit 7")
    assert (done.stdout, done.stderr, done.returncode) == (b"out\n", b"err\n", 7)
    assert adb("-s", serial, "shell", "cat; echo end", stdin=b"typed\n").stdout == b"typed\nend\n"
    assert b"shell_v2" in adb("-s", serial, "features").stdout
    assert b"model:Simulated_phone" in adb("devices", "-l").stdout


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 1_500_000])
def test_push_and_pull_return_the_same_bytes(adb, make_phone, tmp_path, size):
    serial = make_phone().serial
    content = os.urandom(size)
    source, back = tmp_path / "source", tmp_path / "back"
    source.write_bytes(content)
    source.chmod(0o755)
    assert adb("-s", serial, "push", str(source), f"{TMP}/new/name").returncode == 0
    assert adb("-s", serial, "shell", f"test -x {TMP}/new/name").returncode == 0
    assert adb("-s", serial, "pull", f"{TMP}/new/name", str(back)).returncode == 0
    assert back.read_bytes() == content


def test_pull_of_a_missing_file_and_of_a_folder(adb, make_phone, tmp_path):
    serial = make_phone().serial
    done = adb("-s", serial, "pull", f"{TMP}/nothing", str(tmp_path / "x"))
    assert done.returncode != 0 and b"No such file" in done.stdout + done.stderr
    adb("-s", serial, "shell", f"mkdir {TMP}/d; echo a > {TMP}/d/a; echo b > {TMP}/d/b")
    assert adb("-s", serial, "pull", f"{TMP}/d", str(tmp_path / "d")).returncode == 0
    assert {p.name: p.read_text() for p in (tmp_path / "d").iterdir()} == {"a": "a\n", "b": "b\n"}


def test_paths_of_the_phone_stay_inside_it(adb, make_phone, tmp_path):
    daemon = make_phone()
    (tmp_path / "x").write_text("x")
    adb("-s", daemon.serial, "push", str(tmp_path / "x"), "/data/../../../../escaped")
    assert (daemon.phone.root / "escaped").read_text() == "x"
    printed = adb("-s", daemon.serial, "shell", f"ls -d {TMP}; cd /data && pwd").stdout
    assert printed == b"/data/local/tmp\n/data\n"


def test_unknown_service_is_refused(adb, make_phone):
    done = adb("-s", make_phone().serial, "reboot")
    assert done.returncode != 0 or b"error" in done.stdout + done.stderr


def test_a_cut_connection_ends_what_waits_for_input(adb, make_phone):
    """What holds the fixed-performance mode must notice that the cable is gone."""
    from benchmarks.device import Device

    daemon = make_phone()
    with Device(daemon.serial).start(
        "echo ready; cat > /dev/null; echo gone > /data/gone"
    ) as shell:
        assert shell.stdout and shell.stdout.readline() == b"ready\n"
        daemon.unplug()
        for process in daemon.phone._processes:
            process.wait(20)
    assert daemon.phone.path("/data/gone").read_text() == "gone\n"


def test_adb_alone_does_not_tell_that_the_phone_went_away(adb, make_phone):
    """Why every command carries an end mark: adb 29 ends with code 0 and half an output."""
    from benchmarks.device import Device
    from benchmarks.errors import LostError

    daemon = make_phone()
    device = Device(daemon.serial)
    assert device.shell("(exit 3)").code == 3
    daemon.phone.faults["drop-after-bytes"] = 0
    with pytest.raises(LostError, match="--resume"):
        device.shell("echo begun; cat /proc/stat")
