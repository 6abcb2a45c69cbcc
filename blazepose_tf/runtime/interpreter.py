"""One door to the TFLite interpreter: tflite-runtime, ai-edge-litert or TensorFlow's own.

tflite-runtime ends at 2.14 (CPython 3.11); ai-edge-litert carries the same API on and has int8
kernels for x86 in its XNNPACK, so it is preferred where it is installed.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime import task_file
from blazepose_tf.runtime.model_file import ModelFile, read_model_file

SIGNATURE = "serving_default"

BACKENDS: dict[str, str] = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "tflite-runtime": "tflite_runtime.interpreter",
    "tensorflow": "tensorflow.lite.python.interpreter",
}
"""Package name -> module with the class `Interpreter`, in the order they are tried."""


LOGIT_LIMIT = 80.0
"""MediaPipe clips logits to +-100; float32 holds exp(88), and sigmoid(80) is 1 already."""


def sigmoid(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probability of each logit, without overflow."""
    return (1 / (1 + np.exp(-np.clip(logits, -LOGIT_LIMIT, LOGIT_LIMIT)))).astype(np.float32)


def load_backend(name: str = "auto") -> tuple[str, Any]:
    """Import an interpreter package: (package name, module).

    'auto' takes the first installed of ai-edge-litert and tflite-runtime, and TensorFlow's only
    if the caller has imported TensorFlow already.

    Raises:
        BadInputError: the package is unknown or not installed.
    """
    if name != "auto" and name not in BACKENDS:
        raise BadInputError(f"unknown runtime {name!r}; choose one of {', '.join(BACKENDS)}")
    names = [name] if name != "auto" else ["ai-edge-litert", "tflite-runtime"]
    if name == "auto" and "tensorflow" in sys.modules:
        names.append("tensorflow")
    for candidate in names:
        try:
            return candidate, importlib.import_module(BACKENDS[candidate])
        except ImportError:
            continue
    wanted = name if name != "auto" else "ai-edge-litert"
    raise BadInputError(f"no TFLite interpreter found; run: pip install {wanted}")


@dataclass(frozen=True)
class TensorInfo:
    """Name, shape and quantisation of one input or output."""

    name: str
    index: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float
    zero_point: int


def _tensor_info(name: str, details: Mapping[str, Any]) -> TensorInfo:
    scale, zero_point = details["quantization"]
    return TensorInfo(
        name, details["index"], tuple(map(int, details["shape"])), np.dtype(details["dtype"]),
        float(scale), int(zero_point),
    )  # fmt: skip


class Interpreter:
    """A .tflite file ready to run: float arrays in, float arrays out, by tensor name.

    int8 inputs and outputs are quantised and dequantised here, so callers always see float32.
    """

    def __init__(
        self, path: str | Path, *, threads: int = 1, backend: str = "auto",
        member: str = task_file.LANDMARKS,
    ) -> None:  # fmt: skip
        """Load `path`, or `member` of it if it is a .task bundle.

        Raises:
            BadInputError: no TFLite model, truncated, or not runnable by this runtime.
        """
        self.file: ModelFile = read_model_file(path, member)
        self.backend, module = load_backend(backend)
        try:
            self._interpreter = module.Interpreter(
                model_content=self.file.content, num_threads=threads
            )
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:160]
            raise BadInputError(
                f"{path}: cannot be loaded by {self.backend} ({reason}); convert or copy it again"
            ) from error
        signatures = self._interpreter.get_signature_list()
        if SIGNATURE in signatures:
            runner = self._interpreter.get_signature_runner(SIGNATURE)
            inputs, outputs = runner.get_input_details(), runner.get_output_details()
        else:  # a foreign file, such as MediaPipe's: the tensors' own names
            inputs = {d["name"]: d for d in self._interpreter.get_input_details()}
            outputs = {d["name"]: d for d in self._interpreter.get_output_details()}
        self.inputs = {name: _tensor_info(name, d) for name, d in inputs.items()}
        self.outputs = {name: _tensor_info(name, d) for name, d in outputs.items()}

    @property
    def backend_version(self) -> str:
        """Version of the interpreter package."""
        return importlib.metadata.version(self.backend)

    def run(self, **arrays: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        """Run once. Keyword = input name; a single input may also be passed as `image`."""
        if len(self.inputs) == 1 and len(arrays) == 1:
            arrays = {next(iter(self.inputs)): next(iter(arrays.values()))}
        for name, info in self.inputs.items():
            value = np.asarray(arrays[name], np.float32)
            if info.scale and info.dtype != np.float32:
                limits = np.iinfo(info.dtype)
                scaled = np.round(value / info.scale) + info.zero_point
                value = np.clip(scaled, limits.min, limits.max)
            self._interpreter.set_tensor(info.index, value.astype(info.dtype, copy=False))
        self._interpreter.invoke()
        return {name: self._output(info) for name, info in self.outputs.items()}

    def _output(self, info: TensorInfo) -> NDArray[np.float32]:
        value = self._interpreter.get_tensor(info.index)
        if info.scale and info.dtype != np.float32:
            value = (value.astype(np.float32) - info.zero_point) * info.scale
        return np.asarray(value, np.float32)
