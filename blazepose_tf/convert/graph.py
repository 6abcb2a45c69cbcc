"""A .tflite graph as plain values, and back into bytes.

Built on TensorFlow's generated flatbuffer classes (schema v3). The Python flatbuffer writer
ignores the schema's `force_align: 16` for buffers; `to_bytes` restores it, because kernels on ARM
read constants in vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import flatbuffers
import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

BUFFER_ALIGNMENT = 16
IDENTIFIER = b"TFL3"
_OPERATORS: dict[int, str] = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}
_TYPES: dict[int, str] = {
    code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)
}
_WEIGHTED = {"CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"}


@dataclass(frozen=True)
class Tensor:
    """One tensor. `scales` is empty where it is not quantised, longer than one if per channel."""

    index: int
    name: str
    shape: tuple[int, ...]
    dtype: str
    scales: tuple[float, ...]
    zero_points: tuple[int, ...]
    is_constant: bool


@dataclass(frozen=True)
class Operator:
    """One operator in execution order. `options` is the schema's options object, or None."""

    index: int
    kind: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    options: Any


@dataclass(frozen=True)
class Size:
    """parameters: weights and biases of convolutions. macs: multiply-accumulates of one run."""

    parameters: int
    macs: int


class _AlignedBuffer(schema.BufferT):
    """A constant that starts at a multiple of 16 bytes."""

    def __init__(self, data: Any) -> None:
        super().__init__()
        self.data = data

    def Pack(self, builder: flatbuffers.Builder) -> int:  # noqa: N802 (the schema's name)
        vector = None
        if self.data is not None and len(self.data):
            content = np.asarray(self.data, np.uint8).tobytes()
            builder.StartVector(1, len(content), BUFFER_ALIGNMENT)
            builder.head -= len(content)
            builder.Bytes[builder.head : builder.head + len(content)] = content
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return int(schema.BufferEnd(builder))


def parse(content: bytes) -> Any:
    """Bytes -> the schema's mutable `ModelT` object."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(content, 0))


def to_bytes(model: Any) -> bytes:
    """`ModelT` -> bytes, constants aligned."""
    model.buffers = [_AlignedBuffer(buffer.data) for buffer in model.buffers]
    size = sum(0 if buffer.data is None else len(buffer.data) for buffer in model.buffers)
    builder = flatbuffers.Builder(size + (1 << 20))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


def text(name: bytes | str | None) -> str:
    """Names come as bytes from a file and may be str when set by us."""
    return name.decode() if isinstance(name, bytes) else name or ""


def entry(model: Any, name: str) -> bytes:
    """Content of a metadata entry, empty where absent."""
    for item in model.metadata or []:
        if text(item.name) == name:
            return np.asarray(model.buffers[item.buffer].data, np.uint8).tobytes()
    return b""


def _tensor(model: Any, index: int) -> Tensor:
    tensor = model.subgraphs[0].tensors[index]
    data = model.buffers[tensor.buffer].data
    quantization = tensor.quantization

    def numbers(values: Any, kind: type) -> tuple[Any, ...]:
        return () if values is None else tuple(map(kind, values))

    return Tensor(
        index, text(tensor.name), numbers(tensor.shape, int), _TYPES[tensor.type],
        numbers(quantization.scale, float) if quantization else (),
        numbers(quantization.zeroPoint, int) if quantization else (),
        data is not None and len(data) > 0,
    )  # fmt: skip


def operators(model: Any) -> list[Operator]:
    """The main subgraph's operators in execution order; omitted optional inputs are left out."""
    found = []
    for index, operator in enumerate(model.subgraphs[0].operators):
        code = model.operatorCodes[operator.opcodeIndex]
        kind = _OPERATORS[max(code.builtinCode, code.deprecatedBuiltinCode)]
        if code.customCode:
            kind = f"CUSTOM {text(code.customCode)}"
        inputs = tuple(_tensor(model, i) for i in operator.inputs if i >= 0)
        outputs = tuple(_tensor(model, i) for i in operator.outputs)
        found.append(Operator(index, kind, inputs, outputs, operator.builtinOptions))
    return found


def downstream(ops: Sequence[Operator], starts: set[int]) -> Iterator[Operator]:
    """Operators with an index in `starts` and everything that depends on them, in order."""
    reached: set[int] = set()
    for op in ops:
        if op.index in starts or any(tensor.index in reached for tensor in op.inputs):
            reached.update(tensor.index for tensor in op.outputs)
            yield op


def layer_name(tensor_name: str) -> str:
    """Keras layer whose output a tensor is.

    The converter joins the names of fused operators, the last one first:
    `model/stem_relu6/Relu6;model/stem/BiasAdd;model/stem/Conv2D` is the output of `stem_relu6`.
    """
    parts = tensor_name.split(";")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


def operator_macs(op: Operator) -> int:
    """Multiply-accumulates of one operator; 0 for all but convolutions and matrix products.

    A convolution computes each output value from kernel height x width x input channels products
    (kernel [out, h, w, in]); a depthwise one from height x width ([1, h, w, channels]).
    """
    if op.kind not in _WEIGHTED:
        return 0
    values, kernel = math.prod(op.outputs[0].shape), op.inputs[1].shape
    per_value = kernel[1:3] if op.kind == "DEPTHWISE_CONV_2D" else kernel[1:]
    return values * math.prod(per_value)


def size(ops: Sequence[Operator]) -> Size:
    """Parameters and MACs, counted from the graph, operator by operator.

    Equal constants (the zeros of untrained branches) share a tensor in the file and still count
    for each operator, so that the figure does not depend on the weights' values.
    """
    weighted = [op for op in ops if op.kind in _WEIGHTED]
    parameters = sum(math.prod(tensor.shape) for op in weighted for tensor in op.inputs[1:3])
    return Size(parameters, sum(map(operator_macs, weighted)))
