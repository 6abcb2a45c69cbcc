"""Float .tflite -> int8 .tflite, calibrated on pictures, with learned ranges where there are any.

One path for everybody's weights: calibration writes the range of every activation into the float
file; ranges learned by quantisation-aware training then replace them (weights without any get
their biases corrected instead); TensorFlow's quantiser turns ranges into scales and weights into
int8 per channel (symmetric, max|w| / 127).
What 8 bits would ruin stays float: see `FLOAT_PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.lite.python import convert as tf_convert
from tensorflow.lite.python.optimize import calibrator

from blazepose_tf.convert import bias_correction, export, graph
from blazepose_tf.convert.graph import Operator
from blazepose_tf.errors import BadInputError

Range = tuple[float, float]

INPUT_RANGE: Range = (0.0, 1.0)
"""The contract of the input, whatever the calibration pictures contain: scale 1/255."""
COARSEST_INT8 = 4
"""Feature maps of this many rows or fewer stay float."""
SAME_SCALE = {"PAD", "MAX_POOL_2D", "RESHAPE", "RESIZE_BILINEAR", "DEPTH_TO_SPACE"}
"""These move or interpolate values: their output keeps the scale of their input."""
SMALLEST_SPAN = 1e-3
"""A branch that only gives zeros has no range of its own; it gets `DEAD_BRANCH_RANGE`."""
DEAD_BRANCH_RANGE: Range = (0.0, 6.0)


def _is_coarse(op: Operator) -> bool:
    shape = op.outputs[0].shape
    return len(shape) == 4 and shape[1] <= COARSEST_INT8


@dataclass(frozen=True)
class FloatPart:
    """A part of the network that stays float32: where it starts, and what it is."""

    what: str
    starts: Callable[[list[Operator]], set[int]]


def _regression_encoder(ops: list[Operator]) -> set[int]:
    return {op.index for op in ops if _is_coarse(op)}


def _detector_heads(ops: list[Operator]) -> set[int]:
    spread = {t.index for op in ops if op.kind == "DEPTH_TO_SPACE" for t in op.outputs}
    return {op.index for op in ops if any(t.index in spread for t in op.inputs)}


FLOAT_PARTS: dict[str, FloatPart] = {
    # Measured on LSP-extended with MediaPipe's lite weights: everything int8 loses 12.8 points of
    # PCK@0.2, with this part in float 3.1; it is 2.8 of 155 MMAC.
    "landmark": FloatPart(
        "the 4x4 and 2x2 regression encoder and the outputs", _regression_encoder
    ),
    # Measured on 200 pictures with MediaPipe's weights: mean error of the four key points 5.9 px
    # of 224 with everything int8, 3.9 with the last convolutions in float, 3.4 with the heads in
    # float (2.8 ms all three); the pyramid too gives 2.7 at 3.4 ms.
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


def calibrate(float_model: bytes, samples: Sequence[NDArray[np.float32]]) -> Any:
    """Run samples [1, S, S, 3] through a float model; `ModelT` with the range of every tensor.

    Raises:
        BadInputError: no samples.
    """
    if not len(samples):
        raise BadInputError("int8 needs pictures to calibrate on; give --calibration DIR")

    def feed() -> Iterable[list[NDArray[np.float32]]]:
        return ([sample] for sample in samples)

    content = calibrator.add_intermediate_tensors(float_model)
    calibrated = calibrator.Calibrator(content).calibrate(feed)
    return graph.parse(bytes(calibrated))


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


def set_ranges(model: Any, learned: Mapping[str, Range], kept_float: set[int]) -> tuple[int, int]:
    """Write the ranges to quantise with into a calibrated `ModelT`: (learned, calibrated) counts.

    learned: Keras layer name -> (minimum, maximum) of that layer's output. kept_float: indices of
    the operators that are not quantised. Ranges always hold zero, which int8 must hit exactly.

    Raises:
        BadInputError: a learned range belongs to no tensor of the graph.
    """
    tensors = model.subgraphs[0].tensors
    ops = graph.operators(model)
    source = model.subgraphs[0].inputs[0]
    exact: dict[int, Range] = {source: INPUT_RANGE}
    ranges: dict[int, Range] = {source: INPUT_RANGE}
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
            quantization = tensors[output.index].quantization
            ranges[output.index] = (float(quantization.min[0]), float(quantization.max[0]))
    unknown = sorted(set(learned) - placed)
    if unknown:
        raise BadInputError(
            f"the weights hold ranges for {len(unknown)} layers that the graph lacks, the first is "
            f"{unknown[0]}; they were trained with another graph"
        )
    for index, (low, high) in ranges.items():
        low, high = min(low, 0.0), max(high, 0.0)
        if high - low < SMALLEST_SPAN:
            low, high = DEAD_BRANCH_RANGE
        tensors[index].quantization.min = np.array([low], np.float32)
        tensors[index].quantization.max = np.array([high], np.float32)
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
) -> Int8Model:
    """Quantise a float32 file.

    Args:
        float_model: from `export.to_float32`.
        samples: representative inputs, float32 [1, S, S, 3], 0..1.
        kind: `landmark` or `detector`: what stays float (`FLOAT_PARTS`).
        learned: activation ranges from quantisation-aware training, by Keras layer name; tensors
            without one are calibrated on the samples. Without any, biases are corrected for the
            rounding of the weights (`bias_correction`).
        int8_input: take int8 (pixel - 128) instead of float32; outputs stay float32.

    Raises:
        BadInputError: no samples, or ranges of another graph.
    """
    model = calibrate(float_model, samples)
    ops = graph.operators(model)
    kept = list(graph.downstream(ops, FLOAT_PARTS[kind].starts(ops)))
    kept_float = {op.index for op in kept}
    if not learned:
        rounded = [op for op in ops if graph.operator_macs(op) and op.index not in kept_float]
        some = samples[:: -(-len(samples) // bias_correction.MAX_SAMPLES)]
        means = bias_correction.input_means(float_model, rounded, some)
        bias_correction.correct(model, rounded, means)
    counted, calibrated = set_ranges(model, learned or {}, kept_float)
    content = tf_convert.mlir_quantize(
        graph.to_bytes(model),
        input_data_type=tf.int8 if int8_input else tf.float32,
        denylisted_nodes={tensor.name for op in kept for tensor in op.outputs},
    )
    content = export.name_tensors(bytes(content))
    rest = _float_operators(graph.operators(graph.parse(content)))
    names = tuple(dict.fromkeys(graph.layer_name(op.outputs[0].name) for op in rest))
    return Int8Model(content, names, sum(map(graph.operator_macs, rest)), counted, calibrated)
