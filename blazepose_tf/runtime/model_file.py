"""Reads what a .tflite file says of itself, without TensorFlow and without running it.

Only the few flatbuffer fields needed are decoded (TFLite schema v3: Model.buffers is field 4,
Model.metadata field 6; Metadata.name field 0, Metadata.buffer field 1; Buffer.data field 0).
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

DESCRIPTION_ENTRY = "BLAZEPOSE_TF"
"""Name of the metadata entry that holds our JSON description."""
IDENTIFIER = b"TFL3"


class _Table:
    """One flatbuffer table at `position` of `data`; see flatbuffers.dev, 'FlatBuffer internals'."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data, self.position = data, position
        self.vtable = position - self._unpack("<i", position)

    def _unpack(self, form: str, at: int) -> int:
        if at < 0:
            raise struct.error("negative offset")
        return int(struct.unpack_from(form, self.data, at)[0])

    def _field(self, index: int) -> int:
        """Position of a field's value, 0 where the field is absent."""
        slot = 4 + 2 * index
        if slot >= self._unpack("<H", self.vtable):
            return 0
        offset = self._unpack("<H", self.vtable + slot)
        return self.position + offset if offset else 0

    def unsigned(self, index: int) -> int:
        at = self._field(index)
        return self._unpack("<I", at) if at else 0

    def vector(self, index: int) -> tuple[int, int]:
        """(position of the first element, length); (0, 0) where absent."""
        at = self._field(index)
        if not at:
            return 0, 0
        start = at + self._unpack("<I", at)
        return start + 4, self._unpack("<I", start)

    def tables(self, index: int) -> list[_Table]:
        start, length = self.vector(index)
        if start + 4 * length > len(self.data):
            raise struct.error("vector leaves the file")
        at = (start + 4 * i for i in range(length))
        return [_Table(self.data, i + self._unpack("<I", i)) for i in at]

    def raw(self, index: int) -> bytes:
        start, length = self.vector(index)
        if start + length > len(self.data):
            raise struct.error("vector leaves the file")
        return self.data[start : start + length]


@dataclass(frozen=True)
class ModelFile:
    """The bytes of a .tflite file and the metadata in it."""

    path: Path
    content: bytes

    @cached_property
    def entries(self) -> dict[str, bytes]:
        """Metadata entries by name."""
        root = _Table(self.content, struct.unpack_from("<I", self.content, 0)[0])
        buffers = root.tables(4)
        entries = {}
        for entry in root.tables(6):
            buffer = buffers[entry.unsigned(1)]
            entries[entry.raw(0).decode()] = buffer.raw(0)
        return entries

    @cached_property
    def description(self) -> dict[str, Any]:
        """Our JSON entry (preset, precision, layout, anchors, ...); empty for others' files."""
        text = self.entries.get(DESCRIPTION_ENTRY)
        return json.loads(text) if text else {}

    def associated_file(self, name: str) -> bytes:
        """A file packed behind the model (TFLite Metadata appends them as a zip archive)."""
        with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
            return archive.read(name)


def read_model_file(path: str | Path) -> ModelFile:
    """Read and check a .tflite file.

    Raises:
        BadInputError: missing, no TFLite model, or truncated.
    """
    path = Path(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    if len(content) < 8 or content[4:8] != IDENTIFIER:
        raise BadInputError(f"{path}: is no TensorFlow Lite model; give a .tflite file")
    file = ModelFile(path, content)
    try:
        labels = file.description.get("associated_files", [])
        for name in labels:
            file.associated_file(name)
    except (struct.error, IndexError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{path}: is damaged or truncated; convert or copy it again") from error
    return file
