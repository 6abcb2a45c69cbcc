"""Nothing half-written: disk full, folders that cannot be written, old files kept."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically

CONTENT = bytes(range(256)) * 4


def test_writes_the_content_and_makes_folders(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "c.bin"
    write_atomically(path, CONTENT)
    assert path.read_bytes() == CONTENT
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [p.name for p in path.parent.iterdir()] == ["c.bin"]


def test_the_file_has_the_permissions_any_new_file_gets(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    write_atomically(tmp_path / "ours", CONTENT)
    assert (tmp_path / "ours").stat().st_mode == plain.stat().st_mode


FILL = """
import resource, signal, sys
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomically(sys.argv[1], b"x" * 100_000)
except BadInputError as error:
    print(error)
    sys.exit(2)
"""


def test_a_disk_that_fills_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    """The kernel cuts the write off after 4096 bytes, as a full disk does."""
    path = tmp_path / "model.tflite"
    path.write_bytes(b"finished before")
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[1])},
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert done.stdout.count("\n") == 1 and "model.tflite: cannot be written" in done.stdout
    assert path.read_bytes() == b"finished before"
    assert [p.name for p in tmp_path.iterdir()] == ["model.tflite"]


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "dist").write_text("a file")
    with pytest.raises(BadInputError, match="cannot be written") as caught:
        write_atomically(tmp_path / "dist" / "a.bin", CONTENT)
    assert "\n" not in str(caught.value)
    assert (tmp_path / "dist").read_text() == "a file"


def test_a_path_that_is_a_folder_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "out" / "kept").mkdir(parents=True)
    with pytest.raises(BadInputError, match="cannot be written"):
        write_atomically(tmp_path / "out", CONTENT)
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_folder_without_permission_is_one_line() -> None:
    """Even root cannot create files in /proc."""
    if not os.path.ismount("/proc"):
        pytest.skip("no /proc here")
    with pytest.raises(BadInputError, match="cannot be written"):
        write_atomically("/proc/a.bin", CONTENT)


def test_sha256_of_bytes_and_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CONTENT)
    assert sha256(CONTENT) == sha256(tmp_path / "a") == hashlib.sha256(CONTENT).hexdigest()
