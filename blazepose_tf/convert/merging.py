"""Joins two 1x1 convolutions with nothing between them: one product of matrices.

MobileNetV2's bottlenecks end without an activation. Where only the next block's expansion reads
one (no residual), W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): the narrow tensor between them is
never made. In int8 it is the one that costs most: Lite's stem hands 8 channels between -33 and 33
to the rest of the network at 8 bits each, and of 1.65 px mean distance from float (200 validation
crops) 0.45 were its rounding.
"""

from __future__ import annotations

from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import constants
from blazepose_tf.convert.graph import Operator, layer_name, operators

DEAREST = 1.75
"""Pairs that would need more than this many times their own products are left alone."""


def _is_pointwise(op: Operator) -> bool:
    return (
        op.kind == "CONV_2D" and op.inputs[1].shape[1:3] == (1, 1) and len(op.inputs) == 3
        and (op.options.strideH, op.options.strideW) == (1, 1)
    )  # fmt: skip


def find_pair(model: Any) -> tuple[Operator, Operator] | None:
    """The first two convolutions that can be joined, and are worth it."""
    ops = operators(model)
    outputs = set(model.subgraphs[0].outputs)
    readers: dict[int, list[Operator]] = {}
    for op in ops:
        for tensor in op.inputs:
            readers.setdefault(tensor.index, []).append(op)
    for first in filter(_is_pointwise, ops):
        between = first.outputs[0].index
        linear = first.options.fusedActivationFunction == schema.ActivationFunctionType.NONE
        reading = readers.get(between, [])
        if not linear or between in outputs or len(reading) != 1 or not _is_pointwise(reading[0]):
            continue
        middle, before = first.inputs[1].shape[0], first.inputs[1].shape[3]
        after = reading[0].inputs[1].shape[0]
        if before * after <= DEAREST * middle * (before + after):
            return first, reading[0]
    return None


def merge(model: Any) -> list[str]:
    """Join such pairs in a float `ModelT`, in place; the layers that are gone."""
    gone: list[str] = []
    while pair := find_pair(model):
        first, second = pair
        kernel, bias = (constants.values(model, tensor) for tensor in first.inputs[1:])
        outer, last = (constants.values(model, tensor) for tensor in second.inputs[1:])
        outer = outer[:, 0, 0].astype(float)
        constants.replace(model, second, 1, (outer @ kernel[:, 0, 0])[:, None, None])
        constants.replace(model, second, 2, outer @ bias + last)
        model.subgraphs[0].operators[second.index].inputs[0] = first.inputs[0].index
        del model.subgraphs[0].operators[first.index]
        gone.append(layer_name(first.outputs[0].name))
    return gone
