"""Stores float32 kernels as float16: half the bytes, the same float32 arithmetic.

What stays float in an int8 file holds most of its bytes (Full's regression encoder: 2 of 3.5M
parameters). The form is that of TensorFlow's float16 files: a constant behind DEQUANTIZE, which
CPU and GPU delegates unpack once, when the file is loaded.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import graph

DEQUANTIZE_VERSION = 3
"""The operator's first version that takes float16."""
MIN_RUNTIME = (1, 15, 0)
"""The first TensorFlow Lite that has it."""
RUNTIME_ENTRY = "min_runtime_version"
RUNTIME_BYTES = 16


def store_float16(content: bytes) -> bytes:
    """Store every constant float32 kernel of a file as float16.

    Values beyond float16's range or precision are rounded, as in a float16 file.
    """
    model = graph.parse(content)
    subgraph = model.subgraphs[0]
    kernels = {
        op.inputs[1].index
        for op in graph.operators(model)
        if graph.operator_macs(op) and op.inputs[1].is_constant and op.inputs[1].dtype == "FLOAT32"
    }
    if not kernels:
        return content
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.DEQUANTIZE
    code.version = DEQUANTIZE_VERSION
    model.operatorCodes.append(code)
    unpacking = [_unpack(model, index) for index in sorted(kernels)]
    subgraph.operators = [*unpacking, *subgraph.operators]
    _raise_minimum(model)
    return graph.to_bytes(model)


def _unpack(model: Any, index: int) -> Any:
    """Turn the kernel into a float16 constant and an operator that writes the old tensor."""
    tensors = model.subgraphs[0].tensors
    values = np.asarray(model.buffers[tensors[index].buffer].data, np.uint8).view(np.float32)
    limit = np.finfo(np.float16).max
    buffer = schema.BufferT()
    half = np.clip(values, -limit, limit).astype(np.float16)
    buffer.data = np.frombuffer(half.tobytes(), np.uint8)
    model.buffers.append(buffer)
    stored = copy.copy(tensors[index])
    stored.name, stored.type = f"{graph.text(stored.name)}/float16", schema.TensorType.FLOAT16
    stored.buffer = len(model.buffers) - 1
    tensors.append(stored)
    model.buffers[tensors[index].buffer].data = None
    tensors[index].buffer = 0  # the schema's empty buffer: computed, not stored
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs = np.array([len(tensors) - 1], np.int32)
    operator.outputs = np.array([index], np.int32)
    return operator


def _raise_minimum(model: Any) -> None:
    """Correct the file's note of the oldest runtime that can run it."""
    stated = graph.entry(model, RUNTIME_ENTRY).rstrip(b"\0").decode()
    if stated and tuple(map(int, stated.split("."))) >= MIN_RUNTIME:
        return
    for item in model.metadata or []:
        if graph.text(item.name) == RUNTIME_ENTRY:
            version = ".".join(map(str, MIN_RUNTIME)).encode().ljust(RUNTIME_BYTES, b"\0")
            model.buffers[item.buffer].data = np.frombuffer(version, np.uint8)
