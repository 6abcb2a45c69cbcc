"""Watches a float .tflite file run: range and channel means of every activation.

TensorFlow's own `Calibrator` (2.19) is not used: it reads an addition's operand after the sum was
written over it, and so gives residual branches the range of the sum as well, often twice their own
(seen on 12 of MediaPipe lite's convolutions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.interpreter import SIGNATURE, load_backend


@dataclass(frozen=True)
class Activation:
    """Values of one tensor over all samples. mean: per channel (last axis)."""

    low: float
    high: float
    mean: NDArray[np.float64]


def observe(
    model: bytes, tensors: Sequence[int], samples: Sequence[NDArray[np.float32]]
) -> Mapping[int, Activation]:
    """Run a float file on samples [1, S, S, 3]: tensor index -> what its values were.

    Delegates are off: they keep intermediate tensors to themselves.
    """
    _, module = load_backend()
    interpreter = module.Interpreter(
        model_content=model, num_threads=2, experimental_preserve_all_tensors=True,
        experimental_op_resolver_type=module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )  # fmt: skip
    interpreter.allocate_tensors()
    runner = interpreter.get_signature_runner(SIGNATURE)
    name = next(iter(runner.get_input_details()))
    seen: dict[int, Activation] = {}
    for sample in samples:
        runner(**{name: sample})
        for index in tensors:
            values = interpreter.get_tensor(index)
            rows = values.reshape(-1, values.shape[-1])
            now = Activation(float(rows.min()), float(rows.max()), rows.mean(axis=0, dtype=float))
            before = seen.get(index, Activation(now.low, now.high, np.zeros_like(now.mean)))
            seen[index] = Activation(
                min(before.low, now.low), max(before.high, now.high), before.mean + now.mean
            )
    return {
        index: Activation(found.low, found.high, found.mean / len(samples))
        for index, found in seen.items()
    }
