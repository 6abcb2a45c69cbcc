"""Joins two 1x1 convolutions with nothing between them: one product of matrices.

MobileNetV2's bottlenecks end without an activation. Where only the next block's expansion reads
one (no residual), W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2): the narrow tensor between them is
never made. In int8 it is the one that costs most: Lite's stem hands 8 channels between -33 and 33
to the rest of the network at 8 bits each, and of 1.65 px mean distance from float (200 validation
crops) 0.45 were its rounding.

A tensor that others read as well (a residual trunk, the mask's branch in MediaPipe's layout) is
made all the same; the expansion can still reach over it.
"""

from __future__ import annotations

from typing import Any

from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import constants
from blazepose_tf.convert.graph import Operator, layer_name, operators

DEAREST = 1.75
"""Pairs that would need more than this many times their own products are left alone."""
DEAREST_SHARED = 2.25
"""The same where others read the narrow tensor too, its own products counted. At 2.25 Lite and Full
join one pair at 64x64, and in MediaPipe's layout the stem: 0.86 px from float become 0.77 (Lite,
372 people of LSP Extended), 0.79 become 0.67 (Full), for 1 % of the time."""


def _is_pointwise(op: Operator) -> bool:
    return (
        op.kind == "CONV_2D" and op.inputs[1].shape[1:3] == (1, 1) and len(op.inputs) == 3
        and (op.options.strideH, op.options.strideW) == (1, 1)
    )  # fmt: skip


def find_pair(model: Any, shared: bool = False) -> tuple[Operator, Operator, bool] | None:
    """The first two convolutions that can be joined and are worth it; does nobody else read the
    first? With `shared` also pairs whose narrow tensor has other readers."""
    ops = operators(model)
    outputs = set(model.subgraphs[0].outputs)
    readers: dict[int, list[Operator]] = {}
    for op in ops:
        for tensor in op.inputs:
            readers.setdefault(tensor.index, []).append(op)
    for first in filter(_is_pointwise, ops):
        between = first.outputs[0].index
        if first.options.fusedActivationFunction != schema.ActivationFunctionType.NONE:
            continue
        reading = readers.get(between, [])
        alone = len(reading) == 1 and between not in outputs
        if not (alone or shared):
            continue
        for second in filter(_is_pointwise, reading):
            middle, before = first.inputs[1].shape[0], first.inputs[1].shape[3]
            after = second.inputs[1].shape[0]
            joined = before * after + (0 if alone else before * middle)
            if joined <= (DEAREST if alone else DEAREST_SHARED) * middle * (before + after):
                return first, second, alone
    return None


def merge(model: Any, shared: bool = False) -> list[str]:
    """Join such pairs in a float `ModelT`, in place; the layers that nobody needs any more go.

    Returns their names, or with `shared` those of layers that now reach over a tensor that stays.
    """
    joined: list[str] = []
    while pair := find_pair(model, shared):
        first, second, alone = pair
        kernel, bias = (constants.values(model, tensor) for tensor in first.inputs[1:])
        outer, last = (constants.values(model, tensor) for tensor in second.inputs[1:])
        outer = outer[:, 0, 0].astype(float)
        constants.replace(model, second, 1, (outer @ kernel[:, 0, 0])[:, None, None])
        constants.replace(model, second, 2, outer @ bias + last)
        model.subgraphs[0].operators[second.index].inputs[0] = first.inputs[0].index
        if alone:
            del model.subgraphs[0].operators[first.index]
        joined.append(layer_name((first if alone else second).outputs[0].name))
    return joined
