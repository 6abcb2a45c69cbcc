"""Everything that is checked on a finished file, read back from the disk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from blazepose_tf.convert import delegates, graph, parity
from blazepose_tf.convert.check import Check, flag
from blazepose_tf.convert.gpu_rules import gpu_issues
from blazepose_tf.convert.graph import Operator
from blazepose_tf.convert.quantize import FLOAT_PARTS
from blazepose_tf.convert.sources import Source
from blazepose_tf.runtime.interpreter import Interpreter, TensorInfo
from blazepose_tf.runtime.model_file import read_model_file

XNNPACK_INT8 = {"ai-edge-litert"}
"""Runtimes whose XNNPACK has int8 kernels for this kind of processor: tflite-runtime 2.14 runs
int8 with its own, on x86 slowly."""


def contract(interpreter: Interpreter, source: Source, io: str) -> Check:
    """Names, shapes and types of inputs and outputs, against the Keras model's."""
    size = source.size

    def signature(infos: dict[str, TensorInfo]) -> dict[str, tuple[tuple[int, ...], str]]:
        return {name: (info.shape, info.dtype.name) for name, info in infos.items()}

    expected = {name: ((1, *y.shape[1:]), "float32") for name, y in source.model.output.items()}
    faults = []
    if signature(interpreter.inputs) != {"image": ((1, size, size, 3), io)}:
        faults.append(f"inputs {signature(interpreter.inputs)}")
    if signature(interpreter.outputs) != expected:
        faults.append(f"outputs {signature(interpreter.outputs)}")
    return flag("contract", not faults, "; ".join(faults))


def int8_layout(ops: Sequence[Operator], kind: str) -> Check:
    """Convolutions in int8 with one scale per output channel; in the float part plain float32."""
    weighted = {op.index: op for op in ops if graph.operator_macs(op)}
    rest = graph.downstream(ops, FLOAT_PARTS[kind].starts(list(ops)))
    kept_float = {op.index for op in rest}
    faults = []
    for op in weighted.values():
        kernel = op.inputs[1]
        channels = kernel.shape[3] if op.kind == "DEPTHWISE_CONV_2D" else kernel.shape[0]
        expected = (
            ("FLOAT32", 0, "FLOAT32") if op.index in kept_float else ("INT8", channels, "INT8")
        )
        if (kernel.dtype, len(kernel.scales), op.inputs[0].dtype) != expected:
            faults.append(graph.layer_name(op.outputs[0].name))
    missing = [] if kept_float and len(kept_float) < len(ops) else ["no float or no int8 part"]
    wrong = [*faults, *missing]
    return flag("int8_layout", not wrong, ", ".join(wrong[:3]))


def xnnpack(content: bytes, backend: str) -> Check:
    """Does XNNPACK take the whole graph?"""
    result = delegates.xnnpack(content, backend)
    detail = f"{result.kernels} delegated nodes; outside: {', '.join(result.outside[:3])}"
    return flag(f"xnnpack[{backend}]", result.whole, "" if result.whole else detail)


def gpu(ops: Sequence[Operator]) -> Check:
    """Are the GPU delegate's documented rules met, operator by operator?"""
    issues = gpu_issues(ops)
    named = [f"{i.kind} {graph.layer_name(i.name)}: {i.reason}" for i in issues[:3]]
    return Check("gpu_rules", len(issues), 0, "operators refused", detail="; ".join(named))


def _parity(path: Path, source: Source, precision: str, backend: str) -> list[Check]:
    outputs = parity.run_file(path, source.pictures, backend, source.input_range)
    if source.anchors is not None:
        if precision == "int8":
            return parity.detector_int8(outputs, source.reference, source.anchors)
        return parity.detector_float(outputs, source.reference, precision, source.size)
    if precision == "int8":
        return parity.landmark_int8(outputs, source.reference, source.crops)
    return parity.landmark_float(outputs, source.reference, precision)


def check_file(
    path: Path, source: Source, precision: str, io: str, backends: Sequence[str]
) -> list[Check]:
    """All checks of one written file, in every installed runtime.

    Raises:
        BadInputError: the file cannot be loaded.
    """
    content = read_model_file(path).content
    ops = graph.operators(graph.parse(content))
    results = [contract(Interpreter(path, backend=backends[0]), source, io), gpu(ops)]
    if precision == "int8":
        results.append(int8_layout(ops, source.kind))
    for backend in backends:
        if precision != "int8" or backend in XNNPACK_INT8:
            results.append(xnnpack(content, backend))
        for check in _parity(path, source, precision, backend):
            name = f"{check.name}[{backend}]"
            results.append(
                Check(name, check.value, check.limit, check.unit, check.at_least, check.detail)
            )
    return [_finite(check) for check in results]


def _finite(check: Check) -> Check:
    """JSON knows no NaN: a figure that cannot be computed fails with the largest float."""
    if np.isfinite(check.value):
        return check
    worst = -np.finfo(np.float32).max if check.at_least else np.finfo(np.float32).max
    detail = f"{check.detail} (nothing to measure on)".strip()
    return Check(check.name, float(worst), check.limit, check.unit, check.at_least, detail)
