"""Constants of a float .tflite graph: read them, give an operator its own."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert.graph import Operator, Tensor


def values(model: Any, tensor: Tensor) -> NDArray[np.float32]:
    """A float32 constant of a `ModelT`, in the tensor's shape."""
    data = model.buffers[model.subgraphs[0].tensors[tensor.index].buffer].data
    return np.asarray(data, np.uint8).view(np.float32).reshape(tensor.shape)


def replace(model: Any, op: Operator, position: int, new: NDArray[np.floating]) -> None:
    """Put a constant of its own into an operator's input: the converter lets equal ones share."""
    subgraph, old = model.subgraphs[0], op.inputs[position]
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(new.astype(np.float32).tobytes(), np.uint8)
    model.buffers.append(buffer)
    tensor = copy.copy(subgraph.tensors[old.index])
    tensor.shape = np.array(new.shape, np.int32)
    tensor.buffer, tensor.name = len(model.buffers) - 1, f"{old.name}/own_{len(subgraph.tensors)}"
    subgraph.tensors.append(tensor)
    inputs = list(subgraph.operators[op.index].inputs)
    inputs[position] = len(subgraph.tensors) - 1
    subgraph.operators[op.index].inputs = np.array(inputs, np.int32)
