"""Float .tflite -> int8 .tflite, calibrated on pictures, with learned ranges where there are any.

One path for everybody's weights: the range of every activation is observed on pictures; ranges
learned by quantisation-aware training then replace them (weights without any get their biases
corrected instead); TensorFlow's quantiser turns ranges into scales and weights into int8 per
channel (symmetric, max|w| / 127). What 8 bits would ruin stays float: see `FLOAT_PARTS`. Its
kernels are stored as float16.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python import convert as tf_convert
from tensorflow.lite.python import schema_py_generated as schema

from blazepose_tf.convert import export, graph, merging, rounding
from blazepose_tf.convert.graph import Operator
from blazepose_tf.convert.half import store_float16
from blazepose_tf.convert.observe import Activation, observe
from blazepose_tf.errors import BadInputError
from blazepose_tf.models import refinement

Range = tuple[float, float]

INPUT_RANGE: Range = (0.0, 1.0)
"""The contract of our files' input, whatever the calibration pictures contain: scale 1/255."""
COMPENSATED = ("landmark",)
"""Kinds whose rounded weights make up for each other (`rounding`) and whose expansions reach over
residual trunks (`merging`): detectors got no nearer to their float files by the latter."""
COARSEST_INT8 = 4
"""Feature maps of this many rows or fewer stay float."""
SAME_SCALE = {
    "PAD", "MAX_POOL_2D", "RESHAPE", "RESIZE_BILINEAR", "DEPTH_TO_SPACE", "TRANSPOSE"
}  # fmt: skip
"""These move or interpolate values: their output keeps the scale of their input."""
FINEST_OPERAND = 1 / 512
"""Smallest span of an addition's operand in parts of the sum's. A finer one says nothing in the
sum's 8 bits, and XNNPACK wants scales within 2^-10 of the sum's. Branches that give only zeros
(skip connections that training has not touched yet) have no range of their own at all."""
DEAD_RANGE: Range = (0.0, 6.0)
"""For what is always zero and enters no addition."""


def _is_coarse(op: Operator) -> bool:
    shape = op.outputs[0].shape
    return len(shape) == 4 and shape[1] <= COARSEST_INT8


@dataclass(frozen=True)
class FloatPart:
    """A part of the network that stays float32: where it starts, and what it is."""

    what: str
    starts: Callable[[list[Operator]], set[int]]


def _places_points(op: Operator) -> bool:
    layer = graph.layer_name(op.outputs[0].name)
    return layer.startswith(f"{refinement.PYRAMID}_") or layer == refinement.EVIDENCE


def _regression_and_refinement(ops: list[Operator]) -> set[int]:
    return {op.index for op in ops if _is_coarse(op) or _places_points(op)}


def _detector_heads(ops: list[Operator]) -> set[int]:
    spread = {t.index for op in ops if op.kind == "DEPTH_TO_SPACE" for t in op.outputs}
    return {op.index for op in ops if any(t.index in spread for t in op.inputs)}


FLOAT_PARTS: dict[str, FloatPart] = {
    # Measured on LSP-extended with MediaPipe's lite weights, plainly quantised: everything int8
    # loses 12.8 points of PCK@0.2, with the coarse encoder in float 3.1; it is 2.8 of 155 MMAC.
    # The refinement is 4.6 more and no slower in float; the points of our lite then lie 0.94 px of
    # 256 from float ones in place of 1.19 (median 0.33, 0.54; 200 people of LSP-extended).
    "landmark": FloatPart(
        "the 4x4 and 2x2 regression encoder, the refinement and the outputs",
        _regression_and_refinement,
    ),
    # Measured on 200 pictures with MediaPipe's weights, plainly quantised: mean error of the four
    # key points 5.9 px of 224 with everything int8, 3.9 with the last convolutions in float, 3.4
    # with the heads in float (2.8 ms all three); the pyramid too gives 2.7 at 3.4 ms.
    "detector": FloatPart("the score and box heads after depth-to-space", _detector_heads),
}


@dataclass(frozen=True)
class Int8Model:
    """content: the file. float_operators: its float32 operators, as layer names, without
    QUANTIZE and DEQUANTIZE. float_macs: their multiply-accumulates. learned: how many activation
    ranges were learned, calibrated: how many came from pictures."""

    content: bytes
    float_operators: tuple[str, ...]
    float_macs: int
    learned: int
    calibrated: int


def _input_arithmetic(op: Operator, model: Any, known: dict[int, Range]) -> Range | None:
    """Range of constant arithmetic on the input (the detector's rescaling to -1..1), else None."""
    if op.kind not in ("MUL", "ADD", "SUB") or op.inputs[0].index not in known:
        return None
    constant = op.inputs[1]
    if not constant.is_constant or constant.dtype != "FLOAT32" or np.prod(constant.shape) > 1:
        return None
    data = model.buffers[model.subgraphs[0].tensors[constant.index].buffer].data
    value = float(np.asarray(data, np.uint8).view(np.float32)[0])
    low, high = known[op.inputs[0].index]
    ends = {
        "MUL": (low * value, high * value),
        "ADD": (low + value, high + value),
        "SUB": (low - value, high - value),
    }[op.kind]
    return min(ends), max(ends)


def _widen(operand: Range, total: Range) -> Range:
    """The operand's range, large enough for `FINEST_OPERAND`."""
    least = FINEST_OPERAND * (total[1] - total[0])
    low, high = operand
    return (low, high) if high - low >= least else (low, low + least)


def set_ranges(
    model: Any,
    activations: Mapping[int, Activation],
    learned: Mapping[str, Range],
    kept_float: set[int],
    input_range: Range = INPUT_RANGE,
) -> tuple[int, int]:
    """Write the ranges to quantise with into a float `ModelT`: (learned, calibrated) counts.

    activations: tensor index -> what was observed. learned: Keras layer name -> (minimum, maximum)
    of that layer's output. kept_float: indices of the operators that are not quantised. Ranges
    always hold zero, which int8 must hit exactly.

    Raises:
        BadInputError: a learned range belongs to no tensor of the graph.
    """
    tensors = model.subgraphs[0].tensors
    ops = graph.operators(model)
    source = model.subgraphs[0].inputs[0]
    exact: dict[int, Range] = {source: input_range}
    ranges: dict[int, Range] = {source: input_range}
    placed, counted = {export.INPUT}, 0
    for op in ops:
        output = op.outputs[0]
        layer = graph.layer_name(output.name)
        if op.index in kept_float:
            placed.add(layer)
            continue
        arithmetic = _input_arithmetic(op, model, exact)
        if arithmetic is not None:
            exact[output.index] = ranges[output.index] = arithmetic
            placed.add(layer)
        elif op.kind in SAME_SCALE:
            ranges[output.index] = ranges[op.inputs[0].index]
        elif layer in learned:
            ranges[output.index] = learned[layer]
            placed.add(layer)
            counted += 1
        else:
            ranges[output.index] = (activations[output.index].low, activations[output.index].high)
    unknown = sorted(set(learned) - placed)
    if unknown:
        raise BadInputError(
            f"the weights hold ranges for {len(unknown)} layers that the graph lacks, the first is "
            f"{unknown[0]}; they were trained with another graph"
        )
    ranges = {index: (min(low, 0.0), max(high, 0.0)) for index, (low, high) in ranges.items()}
    for op in ops:
        if op.kind == "ADD" and op.index not in kept_float:
            total = ranges[op.outputs[0].index]
            for operand in op.inputs:
                if operand.index in ranges:
                    ranges[operand.index] = _widen(ranges[operand.index], total)
    for index, (low, high) in ranges.items():
        low, high = (low, high) if high > low else DEAD_RANGE
        quantization = schema.QuantizationParametersT()
        quantization.min = np.array([low], np.float32)
        quantization.max = np.array([high], np.float32)
        tensors[index].quantization = quantization
    moved = sum(op.kind in SAME_SCALE and op.index not in kept_float for op in ops)
    return counted, len(ranges) - moved - counted - len(exact)


def _float_operators(ops: list[Operator]) -> list[Operator]:
    return [
        op
        for op in ops
        if op.kind not in ("QUANTIZE", "DEQUANTIZE")
        and any(tensor.dtype == "FLOAT32" for tensor in op.outputs)
    ]


def to_int8(
    float_model: bytes,
    samples: Sequence[NDArray[np.float32]],
    *,
    kind: str,
    learned: Mapping[str, Range] | None = None,
    int8_input: bool = False,
    input_range: Range = INPUT_RANGE,
) -> Int8Model:
    """Quantise a float32 file.

    Args:
        float_model: from `export.to_float32`.
        samples: representative inputs, float32 [1, S, S, 3], of `input_range`.
        kind: `landmark` or `detector`: what stays float (`FLOAT_PARTS`).
        learned: activation ranges from quantisation-aware training, by Keras layer name; tensors
            without one are calibrated on the samples. Without any, kernels are joined (`merging`)
            and rounded for the smallest change of what they give (`rounding`).
        int8_input: take int8 (pixel - 128) instead of float32; outputs stay float32.
        input_range: of the float input (MediaPipe's detector takes -1..1).

    Raises:
        BadInputError: no samples, or ranges of another graph.
    """
    if not len(samples):
        raise BadInputError("int8 needs pictures to calibrate on; give --calibration DIR")
    model = graph.parse(float_model)
    if not learned and merging.merge(model, shared=kind in COMPENSATED):
        float_model = graph.to_bytes(model)
    ops = graph.operators(model)
    kept = list(graph.downstream(ops, FLOAT_PARTS[kind].starts(ops)))
    kept_float = {op.index for op in kept}
    watched = [tensor.index for op in ops if op.index not in kept_float for tensor in op.outputs]
    rounded = [] if learned else [op for op in ops if op.index not in kept_float]
    inputs = rounding.InputMoments(rounded, kind in COMPENSATED)
    activations = observe(float_model, [*model.subgraphs[0].inputs, *watched], samples, inputs)
    rounding.round_kernels(model, rounded, inputs.moments())
    counted, calibrated = set_ranges(model, activations, learned or {}, kept_float, input_range)
    content = tf_convert.mlir_quantize(
        graph.to_bytes(model),
        input_data_type=tf.int8 if int8_input else tf.float32,
        denylisted_nodes={tensor.name for op in kept for tensor in op.outputs},
    )
    content = store_float16(export.name_tensors(bytes(content)))
    rest = _float_operators(graph.operators(graph.parse(content)))
    names = tuple(dict.fromkeys(graph.layer_name(op.outputs[0].name) for op in rest))
    return Int8Model(content, names, sum(map(graph.operator_macs, rest)), counted, calibrated)
