"""Watches a float .tflite file run: the range of every activation.

TensorFlow's own `Calibrator` (2.19) is not used: it reads an addition's operand after the sum was
written over it, and so gives residual branches the range of the sum as well, often twice their own
(seen on 12 of MediaPipe lite's convolutions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.interpreter import SIGNATURE, load_backend


@dataclass(frozen=True)
class Activation:
    """Values of one tensor over all samples."""

    low: float
    high: float


def observe(
    model: bytes,
    tensors: Sequence[int],
    samples: Sequence[NDArray[np.float32]],
    look: Callable[[Callable[[int], Any]], None] | None = None,
) -> Mapping[int, Activation]:
    """Run a float file on samples [1, S, S, 3]: tensor index -> what its values were.

    look: called after each sample with a function that gives a tensor's values by its index.
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
            now = Activation(float(values.min()), float(values.max()))
            before = seen.get(index, now)
            seen[index] = Activation(min(before.low, now.low), max(before.high, now.high))
        if look is not None:
            look(interpreter.get_tensor)
    return seen
