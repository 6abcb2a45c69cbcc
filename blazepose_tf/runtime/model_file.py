"""Reads what a .tflite file says of itself, without TensorFlow and without running it.

Besides the fields of Model named below, two tables of TFLite's schema v3 are used: Metadata (name
is field 0, buffer 1) and Buffer (data is field 0).
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime import task_file
from blazepose_tf.runtime.flatbuffer import root_table, verify

DESCRIPTION_ENTRY = "BLAZEPOSE_TF"
"""Name of the metadata entry that holds our JSON description."""
IDENTIFIER = b"TFL3"
SUBGRAPHS, BUFFERS, METADATA = 2, 4, 6
ZIP_MARK = b"PK\x03\x04"


@dataclass(frozen=True)
class ModelFile:
    """The bytes of a .tflite file and the metadata in it."""

    path: Path
    content: bytes

    @cached_property
    def entries(self) -> dict[str, bytes]:
        """Metadata entries by name."""
        root = root_table(self.content)
        buffers = root.tables(BUFFERS)
        entries = {}
        for entry in root.tables(METADATA):
            buffer = buffers[entry.unsigned(1)]
            entries[entry.raw(0).decode()] = buffer.raw(0)
        return entries

    @cached_property
    def description(self) -> dict[str, Any]:
        """Our JSON entry (preset, precision, layout, anchors, ...); empty for others' files."""
        text = self.entries.get(DESCRIPTION_ENTRY)
        description = json.loads(text) if text else {}
        if not isinstance(description, dict):
            raise ValueError("the description is no JSON object")
        return description

    def associated_file(self, name: str) -> bytes:
        """A file packed behind the model (TFLite Metadata appends them as a zip archive)."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return archive.read(name)


def read_model_file(path: str | Path, member: str = task_file.LANDMARKS) -> ModelFile:
    """Read and check a .tflite file, or `member` of a .task bundle.

    Raises:
        BadInputError: missing, no TFLite model, truncated, or no such member.
    """
    path = Path(path)
    try:
        if path.suffix == task_file.SUFFIX:
            content, path = task_file.read_member(path, member), path / member
        else:
            content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if len(content) < 8 or content[4:8] != IDENTIFIER:
        raise BadInputError(f"{path}: is no TensorFlow Lite model; give a .tflite file")
    file = ModelFile(path, content)
    try:
        end = verify(content)
        if not root_table(content).vector(SUBGRAPHS, 4)[1]:
            raise ValueError("a model without a graph")
        for name in file.description.get("associated_files", []):
            file.associated_file(name)
        if ZIP_MARK in content[end : end + 64]:  # behind some padding: an archive must be whole
            zipfile.ZipFile(io.BytesIO(content)).close()
    except (struct.error, IndexError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{path}: is damaged or truncated; convert or copy it again") from error
    return file
