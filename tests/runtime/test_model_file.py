"""Model files: what they say of themselves, and that damaged ones are refused."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.flatbuffer import Table, verify
from blazepose_tf.runtime.model_file import read_model_file

Find = Callable[[str], Path]
PRESETS = ("lite", "detector")


def _refused(path: Path, content: bytes) -> bool:
    path.write_bytes(content)
    try:
        read_model_file(path)
    except BadInputError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        return True
    return False


@pytest.mark.parametrize("preset", PRESETS)
def test_a_file_cut_anywhere_is_refused(
    mediapipe_file: Find, cuts: Callable[[int], list[int]], preset: str, tmp_path: Path
) -> None:
    content = mediapipe_file(preset).read_bytes()
    assert verify(content) == len(content)  # every byte up to the last is accounted for
    path = tmp_path / "cut.tflite"
    assert [cut for cut in cuts(len(content)) if not _refused(path, content[:cut])] == []
    assert not _refused(path, content)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    generator = random.Random(0)
    path = tmp_path / "foreign.tflite"
    for content in (b"", b"text", b"PK\x03\x04" * 9, bytes(4) + b"TFL3", b"\xff" * 4 + b"TFL3"):
        assert _refused(path, content)
    for _ in range(300):
        size = generator.randrange(8, 400)
        assert _refused(path, generator.randbytes(4) + b"TFL3" + generator.randbytes(size))
    for missing in (tmp_path / "none.tflite", tmp_path):
        with pytest.raises(BadInputError, match="cannot be read"):
            read_model_file(missing)


def test_wild_offsets_and_lengths_never_reach_outside(mediapipe_file: Find, tmp_path: Path) -> None:
    """Numbers of the structure overwritten at random: refused, or read without another error."""
    content = mediapipe_file("lite").read_bytes()
    generator = random.Random(1)
    path = tmp_path / "wild.tflite"
    refused = 0
    for _ in range(40):
        damaged = bytearray(content)
        near_start, near_end = generator.randrange(8, 200), generator.randrange(4, 90_000)
        at = generator.choice([near_start, len(content) - near_end])
        struct.pack_into("<I", damaged, at, generator.getrandbits(32))
        refused += _refused(path, bytes(damaged))
    assert refused > 10


def test_reading_is_quick(mediapipe_file: Find) -> None:
    path = mediapipe_file("heavy")
    start = time.process_time()
    read_model_file(path)
    assert time.process_time() - start < 0.5


def test_metadata_entries_are_read_by_name(mediapipe_file: Find) -> None:
    file = read_model_file(mediapipe_file("lite"))
    assert file.entries["min_runtime_version"].rstrip(b"\0") == b"2.2.0"
    assert file.description == {}


def _with_archive(content: bytes) -> tuple[bytes, int]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("labels.txt", "nose\n")
    return content + archive.getvalue(), len(content)


def test_an_archive_behind_the_model_is_read_and_must_be_whole(
    mediapipe_file: Find, tmp_path: Path
) -> None:
    content, start = _with_archive(mediapipe_file("lite").read_bytes())
    path = tmp_path / "packed.tflite"
    path.write_bytes(content)
    assert read_model_file(path).associated_file("labels.txt") == b"nose\n"
    for cut in range(start + 4, len(content), 5):
        assert _refused(path, content[:cut])


def test_a_table_must_lie_inside_the_file() -> None:
    # vtable: size 6, table size 8, field 0 at 4; table: offset to the vtable, one number.
    data = struct.pack("<HHHxxiI", 6, 8, 4, 8, 7)
    assert Table(data, 8).unsigned(0) == 7
    assert Table(data, 8).unsigned(1) == 0
    for position in (-8, 9, 12, 16, 400):
        with pytest.raises(struct.error):
            Table(data, position)
    with pytest.raises(struct.error):
        Table(data[:-1], 8)
