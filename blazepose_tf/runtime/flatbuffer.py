"""Checks that every part of a .tflite file lies inside the file, before an interpreter reads it.

tflite-runtime does not check and crashes on a truncated file (ai-edge-litert does check). A .tflite
is a flatbuffer: tables whose fields are found through a vtable (flatbuffers.dev, "FlatBuffer
internals"). Of TFLite's schema v3 (tensorflow/lite/schema/schema.fbs) only the fields that hold
offsets are listed here; plain numbers lie inside their table and are checked with it.
"""

from __future__ import annotations

import struct

_SIZES = {"string": 1, "bytes": 1, "shorts": 2, "ints": 4, "longs": 8}

_SCHEMA: dict[str, dict[int, str]] = {
    "Model": {
        1: "[OperatorCode]", 2: "[SubGraph]", 3: "string", 4: "[Buffer]", 5: "ints",
        6: "[Metadata]", 7: "[SignatureDef]",
    },
    "OperatorCode": {1: "string"},
    "SubGraph": {0: "[Tensor]", 1: "ints", 2: "ints", 3: "[Operator]", 4: "string"},
    "Tensor": {0: "ints", 3: "string", 4: "Quantization", 6: "Sparsity", 7: "ints", 9: "[Variant]"},
    "Variant": {0: "ints"},
    "Quantization": {0: "ints", 1: "ints", 2: "ints", 3: "longs", 5: "union 4 Details"},
    "Details1": {0: "bytes"},  # CustomQuantization
    "Sparsity": {0: "ints", 1: "ints", 2: "[Dimension]"},
    "Dimension": {3: "union 2 IndexVector", 5: "union 4 IndexVector"},
    "IndexVector1": {0: "ints"},
    "IndexVector2": {0: "shorts"},
    "IndexVector3": {0: "bytes"},
    "Operator": {
        1: "ints", 2: "ints", 4: "union 3 Options", 5: "bytes", 7: "bytes", 8: "ints", 9: "span 10",
        12: "union 11 More",
    },
    "Options17": {0: "ints"},  # RESHAPE: new_shape
    "Options30": {0: "ints"},  # SQUEEZE: squeeze_dims
    "Other": {},  # every other kind: plain numbers
    "Buffer": {0: "bytes", 1: "span 2"},
    "Metadata": {0: "string"},
    "SignatureDef": {0: "[TensorMap]", 1: "[TensorMap]", 2: "string"},
    "TensorMap": {0: "string"},
}  # fmt: skip
"""Table -> field number -> what its offset leads to: elements by size, a table, a [vector of
tables], a union whose kind stands in the field named, or a span of the file whose length does."""


class Table:
    """One flatbuffer table at `position` of `data`."""

    def __init__(self, data: bytes, position: int) -> None:
        """Raises struct.error when the table or its vtable leaves the file."""
        self.data, self.position = data, position
        self._vtable = position - self._unpack("<i", position)
        self._slots_end, size = struct.unpack_from("<HH", data, self._inside(self._vtable, 4))
        self._inside(self._vtable, self._slots_end)
        self.end = self._inside(position, size) + size
        if self._slots_end < 4 or size < 4:
            raise struct.error("a table without room for its own head")

    def _inside(self, at: int, size: int) -> int:
        if at < 0 or at + size > len(self.data):
            raise struct.error("an offset leaves the file")
        return at

    def _unpack(self, form: str, at: int) -> int:
        return int(struct.unpack_from(form, self.data, self._inside(at, 0))[0])

    def _field(self, index: int) -> int:
        """Position of a field's value, 0 where the field is absent."""
        slot = 4 + 2 * index
        if slot + 2 > self._slots_end:
            return 0
        offset = self._unpack("<H", self._vtable + slot)
        return self.position + offset if offset else 0

    def unsigned(self, index: int, form: str = "<I") -> int:
        """A number, 0 where absent."""
        at = self._field(index)
        return self._unpack(form, at) if at else 0

    def table(self, index: int) -> Table | None:
        """The table that a field points to, None where absent."""
        at = self._field(index)
        return Table(self.data, at + self._unpack("<I", at)) if at else None

    def vector(self, index: int, element_size: int) -> tuple[int, int]:
        """(position of the first element, length); (0, 0) where absent."""
        at = self._field(index)
        if not at:
            return 0, 0
        start = at + self._unpack("<I", at)
        length = self._unpack("<I", start)
        return self._inside(start + 4, length * element_size), length

    def tables(self, index: int) -> list[Table]:
        """A vector of tables."""
        start, length = self.vector(index, 4)
        offsets = struct.unpack_from(f"<{length}I", self.data, start)
        return [Table(self.data, start + 4 * i + offset) for i, offset in enumerate(offsets)]

    def raw(self, index: int) -> bytes:
        """A vector of bytes, or a string without its end mark."""
        start, length = self.vector(index, 1)
        return self.data[start : start + length]


def root_table(data: bytes) -> Table:
    """The Model table. Raises struct.error."""
    return Table(data, struct.unpack_from("<I", data, 0)[0])


def verify(data: bytes) -> int:
    """Follow every offset of the model in `data`; the position behind the last byte in use.

    Raises:
        struct.error: something lies outside of `data`.
    """
    return _verify(root_table(data), "Model")


def _verify(table: Table, name: str) -> int:
    end = table.end
    for index, kind in _SCHEMA[name].items():
        if kind[0] == "[":
            children = table.tables(index)
            end = max([end, *(_verify(child, kind[1:-1]) for child in children)])
        elif kind in _SIZES:
            start, length = table.vector(index, _SIZES[kind])
            behind = start + length * _SIZES[kind] + (kind == "string" and start > 0)
            if behind > len(table.data):
                raise struct.error("a string has no end")
            end = max(end, behind)
        elif kind.startswith("span"):  # files over 2 GB keep their data behind the flatbuffer
            behind = table.unsigned(index, "<Q") + table.unsigned(int(kind.split()[1]), "<Q")
            if behind > len(table.data):
                raise struct.error("a buffer leaves the file")
            end = max(end, behind)
        else:
            child = table.table(index)
            if child is not None:
                end = max(end, _verify(child, _table_name(table, kind)))
    return end


def _table_name(table: Table, kind: str) -> str:
    if not kind.startswith("union"):
        return kind
    _, field, prefix = kind.split()
    name = f"{prefix}{table.unsigned(int(field), '<B')}"
    return name if name in _SCHEMA else "Other"
