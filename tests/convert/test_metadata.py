"""What a file says of itself: read back by an independent reader, and gone from any cut copy."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from ai_edge_litert.interpreter import Interpreter

from blazepose_tf.convert import metadata
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.flatbuffer import Table, root_table
from blazepose_tf.runtime.model_file import read_model_file
from blazepose_tf.topology import ALIGNMENT_NAMES, LANDMARK_NAMES

FACTS = {
    "kind": "landmark", "preset": "tiny", "precision": "int8", "io": "float32", "version": "1.2.3",
    "anchors": {"input_size": 224},
}  # fmt: skip


@pytest.fixture(scope="module")
def described(tiny: Any) -> bytes:
    return metadata.describe(tiny.int8.content, FACTS)


def sub(table: Table, field: int) -> Table:
    """A table inside a table."""
    found = table.table(field)
    assert found is not None
    return found


def floats(table: Table, field: int) -> tuple[float, ...]:
    start, count = table.vector(field, 4)
    return struct.unpack_from(f"<{count}f", table.data, start)


def test_description_and_labels_are_read_back(described: bytes, write: Any) -> None:
    file = read_model_file(write(described))
    minimum = {"min_runtime_version": "2.2.0", "associated_files": ["labels.txt"]}
    assert file.description == {**FACTS, **minimum}
    labels = file.associated_file("labels.txt").decode().splitlines()
    assert labels == [*LANDMARK_NAMES, *ALIGNMENT_NAMES]


def test_standard_metadata_by_the_schemas_numbers(described: bytes, write: Any) -> None:
    data = read_model_file(write(described)).entries["TFLITE_METADATA"]
    assert data[4:8] == b"M001"
    root = root_table(data)
    assert root.raw(2) == b"1.2.3" and root.raw(7) == b"1.0.0"
    (subgraph,) = root.tables(3)
    (image,) = subgraph.tables(2)
    interpreter = Interpreter(model_content=described)
    outputs = [table.raw(0).decode() for table in subgraph.tables(3)]
    assert image.raw(0) == b"image"
    assert outputs == [d["name"] for d in interpreter.get_output_details()]

    (unit,) = image.tables(4)
    normalization = sub(unit, 1)
    assert unit.unsigned(0, "<B") == 1  # NormalizationOptions
    # Readers compute (pixel - mean) / std from pixels 0..255; the contract's input is 0..1.
    (mean,), (std,) = floats(normalization, 0), floats(normalization, 1)
    assert [(pixel - mean) / std for pixel in (0, 255)] == [0, 1]
    stats = sub(image, 5)
    assert (floats(stats, 1), floats(stats, 0)) == ((0.0,), (1.0,))
    content = sub(image, 3)
    picture = sub(content, 1)
    assert content.unsigned(0, "<B") == 2 and picture.unsigned(0, "<B") == 1  # an image, RGB
    assert [sub(picture, 1).unsigned(i) for i in (0, 1)] == [256, 256]
    visibility = subgraph.tables(3)[outputs.index("visibility")]
    (labels,) = visibility.tables(6)
    assert labels.raw(0) == b"labels.txt" and labels.unsigned(2, "<B") == 2  # axis labels


def test_detector_is_described(tiny: Any, write: Any) -> None:
    content = metadata.describe(tiny.float32, {**FACTS, "kind": "detector"})
    assert read_model_file(write(content)).associated_file("labels.txt") == b"person\n"


def test_model_still_runs_and_bytes_repeat(tiny: Any, described: bytes) -> None:
    plain = Interpreter(model_content=tiny.int8.content).get_signature_runner("serving_default")
    full = Interpreter(model_content=described).get_signature_runner("serving_default")
    sample = tiny.samples[0]
    assert (plain(image=sample)["landmarks"] == full(image=sample)["landmarks"]).all()
    assert metadata.describe(tiny.int8.content, FACTS) == described


def test_every_cut_copy_is_refused(described: bytes, write: Any) -> None:
    """From nothing to one byte short; everywhere in the labels and the metadata before them."""
    size = len(described)
    for length in [*range(0, size, size // 60), *range(size - 3000, size, 61), size - 1]:
        path: Path = write(described[:length])
        with pytest.raises(BadInputError) as caught:
            read_model_file(path)
        assert "\n" not in str(caught.value)
