"""The GPU delegate's documented rules, checked operator by operator before any phone is at hand.

Source: TensorFlow Lite's documentation of the GPU delegate and its offline rules,
tensorflow/lite/tools/versioning/gpu_compatibility.cc (2.19), which know more operators than the
documentation lists. Passing does not promise speed; failing means that the graph is cut in
pieces between GPU and CPU. (`tf.lite.experimental.Analyzer` promises this check, but its published
build lets every graph pass.)
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from blazepose_tf.convert.graph import Operator, Tensor

MAX_DIMENSIONS = 4
"""The delegate's tensors are batch, height, width, channels."""

_ANY_FORM = {
    "ADD_N", "BATCH_MATMUL", "CONCATENATION", "LEAKY_RELU", "PACK", "PRELU", "RELU", "RELU6",
    "RELU_N1_TO_1", "RESIZE_NEAREST_NEIGHBOR", "SPLIT", "SPLIT_V",
}  # fmt: skip
_ONE_RUNTIME_INPUT = {
    "ABS", "AVERAGE_POOL_2D", "CEIL", "COS", "DEPTH_TO_SPACE", "ELU", "EXP", "FLOOR", "GELU",
    "HARD_SWISH", "LOG", "LOGISTIC", "MAX_POOL_2D", "NEG", "QUANTIZE", "RESHAPE", "RSQRT", "SIGN",
    "SIN", "SPACE_TO_DEPTH", "SQRT", "SQUARE", "TANH", "TILE", "TRANSPOSE",
}  # fmt: skip
_TWO_OPERANDS = {
    "ATAN2", "DIV", "EQUAL", "FLOOR_DIV", "FLOOR_MOD", "GREATER", "GREATER_EQUAL", "LESS",
    "LESS_EQUAL", "LOGICAL_AND", "MAXIMUM", "MINIMUM", "NOT_EQUAL", "POW", "SQUARED_DIFFERENCE",
    "SUB",
}  # fmt: skip
_UNPACKING = {"DEQUANTIZE", "DENSIFY"}


@dataclass(frozen=True)
class GpuIssue:
    """One operator the delegate would refuse: its place, kind, output tensor, and why."""

    index: int
    kind: str
    name: str
    reason: str


def _runtime(op: Operator) -> list[Tensor]:
    return [tensor for tensor in op.inputs if not tensor.is_constant]


def _one_runtime_input(op: Operator) -> str:
    if len(_runtime(op)) != 1 or len(op.outputs) != 1:
        return f"takes one computed input, this one has {len(_runtime(op))}"
    return ""


def _two_operands(op: Operator) -> str:
    return "" if len(op.inputs) == 2 and _runtime(op) else "takes two operands, one computed"


def _broadcast(op: Operator) -> str:
    if len(op.inputs) != 2:
        return "takes two operands"
    first, second = (tensor.shape for tensor in op.inputs)
    if len(first) == len(second) or min(len(first), len(second)) < 2:
        return ""
    tails = zip(reversed(first), reversed(second), strict=False)
    if all(a == b or 1 in (a, b) for a, b in tails):
        return ""
    return f"cannot broadcast {list(first)} with {list(second)}"


def _multiply(op: Operator) -> str:
    if len(op.inputs) == 2 and len(op.inputs[0].shape) == len(op.inputs[1].shape):
        pairs = list(zip(op.inputs[0].shape, op.inputs[1].shape, strict=True))
        if any(a < b for a, b in pairs) and any(b < a for a, b in pairs):
            return "one operand must be at least as large as the other in every dimension"
        return ""
    return _broadcast(op)


def _convolution(op: Operator) -> str:
    return "" if len(_runtime(op)) <= 2 else "takes at most two computed inputs"


def _depthwise(op: Operator) -> str:
    if reason := _convolution(op):
        return reason
    inputs, kernel, outputs = op.inputs[0].shape, op.inputs[1].shape, op.outputs[0].shape
    if not len(inputs) == len(kernel) == len(outputs) == MAX_DIMENSIONS:
        return "input, kernel and output must have four dimensions"
    if inputs[0] != outputs[0]:
        return "batch of input and output differ"
    if kernel[3] != outputs[3] or outputs[3] != inputs[3] * op.options.depthMultiplier:
        return "kernel channels, output channels and depth multiplier do not fit"
    if op.options.depthMultiplier != 1 and inputs[3] != 1:
        return "a depth multiplier needs a single input channel"
    return ""


def _resize(op: Operator) -> str:
    if op.options.alignCorners and op.options.halfPixelCenters:
        return "align_corners and half_pixel_centers exclude each other"
    return _one_runtime_input(op)


def _constant_axes(op: Operator) -> str:
    if len(op.inputs) < 2 or not op.inputs[1].is_constant or op.inputs[1].dtype != "INT32":
        return "axes must be a constant of int32"
    return _one_runtime_input(op)


def _pad(op: Operator) -> str:
    shape = op.inputs[1].shape if len(op.inputs) > 1 else ()
    if len(shape) != 2 or shape[0] not in (3, 4) or shape[1] != 2:
        return f"paddings must be 3x2 or 4x2, not {list(shape)}"
    return _one_runtime_input(op)


def _mirror_pad(op: Operator) -> str:
    return _pad(op) if op.options.mode == 0 else "only reflecting padding"


def _strided_slice(op: Operator) -> str:
    masks = {
        "ellipsis_mask": op.options.ellipsisMask,
        "new_axis_mask": op.options.newAxisMask,
        "shrink_axis_mask": op.options.shrinkAxisMask,
    }
    used = [name for name, value in masks.items() if value]
    return f"no {used[0]}" if used else _slice(op)


def _slice(op: Operator) -> str:
    return "" if len(op.inputs[0].shape) in (3, 4) else "only three or four dimensions"


def _softmax(op: Operator) -> str:
    return "" if op.options.beta == 1 else "beta must be 1"


def _fully_connected(op: Operator) -> str:
    if op.inputs[0].is_constant or len(_runtime(op)) > 2:
        return "input must be computed, weights and bias at most once"
    if op.options.weightsFormat != 0:
        return "only the default weights format"
    if op.options.keepNumDims and len(op.inputs[0].shape) != len(op.outputs[0].shape):
        return "keep_num_dims needs equal ranks"
    return ""


def _dequantize(op: Operator) -> str:
    return "no int16" if op.inputs[0].dtype == "INT16" else ""


def _cast(op: Operator) -> str:
    before, after = op.inputs[0].dtype, op.outputs[0].dtype
    floats = {"FLOAT16", "FLOAT32"}
    logical = (before == "BOOL" and after in floats) or (before in floats and after == "BOOL")
    numbers = {before, after} <= {"FLOAT32", "INT32"}
    return "" if logical or numbers else f"no cast from {before} to {after}"


_RULES: dict[str, Callable[[Operator], str]] = {
    **dict.fromkeys(_ANY_FORM, lambda op: ""),
    **dict.fromkeys(_ONE_RUNTIME_INPUT, _one_runtime_input),
    **dict.fromkeys(_TWO_OPERANDS, _two_operands),
    **dict.fromkeys(("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD"), _constant_axes),
    **dict.fromkeys(("CONV_2D", "TRANSPOSE_CONV"), _convolution),
    **dict.fromkeys(("PAD", "PADV2"), _pad),
    "ADD": _broadcast, "MUL": _multiply, "DEPTHWISE_CONV_2D": _depthwise, "CAST": _cast,
    "RESIZE_BILINEAR": _resize, "MIRROR_PAD": _mirror_pad, "STRIDED_SLICE": _strided_slice,
    "SLICE": _slice, "SOFTMAX": _softmax, "FULLY_CONNECTED": _fully_connected,
    "DEQUANTIZE": _dequantize,
}  # fmt: skip


def _shape_reason(op: Operator) -> str:
    """What holds for every operator: static shapes of at most four dimensions."""
    for tensor in (*_runtime(op), *op.outputs):
        if len(tensor.shape) > MAX_DIMENSIONS:
            return f"{tensor.name} has {len(tensor.shape)} dimensions, at most four are possible"
        if math.prod(tensor.shape) <= 0:
            return f"{tensor.name} has no static shape"
    return ""


def _fold_constants(ops: Iterable[Operator]) -> list[Operator]:
    """Operators without those that only unpack a constant (float16 or sparse weights): the
    delegate computes them once and sees constants."""
    folded: set[int] = set()
    kept = []
    for op in ops:
        inputs = tuple(
            dataclasses.replace(tensor, is_constant=True) if tensor.index in folded else tensor
            for tensor in op.inputs
        )
        if op.kind in _UNPACKING and inputs[0].is_constant:
            folded.update(tensor.index for tensor in op.outputs)
            continue
        kept.append(dataclasses.replace(op, inputs=inputs))
    return kept


def gpu_issues(ops: Iterable[Operator]) -> list[GpuIssue]:
    """Every operator that breaks a documented rule; empty means the whole graph may delegate."""
    issues = []
    for op in _fold_constants(ops):
        rule = _RULES.get(op.kind)
        reason = rule(op) or _shape_reason(op) if rule else "is not supported"
        if reason:
            issues.append(GpuIssue(op.index, op.kind, op.outputs[0].name, reason))
    return issues
