"""A landmark network small enough to convert in a test, as files of every precision."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402

from blazepose_tf.convert import export, graph, quantize  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.models import presets, refinement  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import get_weights, save_weights  # noqa: E402
from tests.training.tiny_train import TINY  # noqa: E402

TOOL = Path(__file__).resolve().parents[2] / "tools" / "convert.py"


@dataclass(frozen=True)
class Tiny:
    """The Keras model, pictures uint8 [N, 256, 256, 3], and its files' bytes."""

    model: Any
    pictures: np.ndarray
    float32: bytes
    float16: bytes
    int8: quantize.Int8Model

    @property
    def samples(self) -> list[np.ndarray]:
        """The pictures as inputs."""
        return [picture[None].astype(np.float32) / 255 for picture in self.pictures]


def by_layer(content: bytes) -> dict[str, graph.Operator]:
    """Operators by the Keras layer whose output they are."""
    ops = graph.operators(graph.parse(content))
    return {graph.layer_name(op.outputs[0].name): op for op in ops}


def enliven(model: Any, pictures: np.ndarray, *, refined: bool = True) -> None:
    """Weights that make the points depend on the picture, by a fifth of the crop around its middle,
    and, if `refined`, on what is seen around them; all exact in float16, as shipped weights are."""
    random = np.random.default_rng(11)
    for layer in model.layers:
        if layer.weights and layer.name != refinement.NAME:
            kernel, bias = layer.get_weights()
            depthwise = hasattr(layer, "depthwise_kernel")
            inputs = np.prod(kernel.shape[:2]) if depthwise else np.prod(kernel.shape[:3])
            kernel = random.normal(0, np.sqrt(2 / inputs), kernel.shape)
            layer.set_weights([kernel, random.normal(0, 0.1, bias.shape)])
    images = pictures.astype(np.float32) / 255
    taps = {name: model.get_layer(name).output for name in ("regressed", "evidence")}
    found = {k: v.numpy() for k, v in tf_keras.Model(model.inputs, taps)(images).items()}
    for name, size in (("landmarks_conv", 0.2 / found["regressed"].std(axis=0).mean()),
                       ("evidence", 1 / found["evidence"].std())):  # fmt: skip
        kernel, bias = model.get_layer(name).get_weights()
        model.get_layer(name).set_weights([kernel * size, bias])
    points = model.get_layer("landmarks_conv")
    kernel, bias = points.get_weights()
    points.set_weights([kernel, bias + 0.5])
    if refined:
        refinement.wake(model)
    model.set_weights([np.float16(array) for array in model.get_weights()])


def tiny_weights(path: Path, **branches: bool) -> Path:
    """Write weights of the preset `tiny`, which say what they are."""
    model = build_landmark("tiny", **branches)
    pictures = np.random.default_rng(4).integers(0, 255, (4, 256, 256, 3), np.uint8)
    enliven(model, pictures, refined=False)  # files of MediaPipe's layout have no refinement
    save_weights(path, get_weights(model, {"preset": "tiny"}))
    return path


def run_convert(monkeypatch: pytest.MonkeyPatch, pictures: Path, options: Iterable[object]) -> int:
    """Run tools/convert.py in this process: exit code. Timing is off; the calibration `pictures`
    are left out where the options name others."""
    words = list(map(str, options))
    if "--calibration" not in words:
        words += ["--calibration", str(pictures)]
    monkeypatch.setattr(sys, "argv", [str(TOOL), *words, "--no-latency"])
    try:
        runpy.run_path(str(TOOL), run_name="__main__")
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


def scaled(content: bytes, layer: str, factor: float) -> bytes:
    """A float32 file with the kernel and bias of one layer multiplied."""
    model = graph.parse(content)
    (op,) = [
        op
        for op in graph.operators(model)
        if graph.layer_name(op.outputs[0].name) == layer and graph.operator_macs(op)
    ]
    for tensor in op.inputs[1:]:
        buffer = model.buffers[model.subgraphs[0].tensors[tensor.index].buffer]
        values = np.asarray(buffer.data, np.uint8).view(np.float32) * np.float32(factor)
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    return graph.to_bytes(model)


@pytest.fixture(autouse=True)
def _silence() -> Iterator[None]:
    with quiet():
        yield


@pytest.fixture(scope="session")
def tiny(person_crops: list[np.ndarray]) -> Tiny:
    """Converted once for all tests."""
    tf.keras.utils.set_random_seed(7)
    with pytest.MonkeyPatch.context() as patch, quiet():
        patch.setitem(presets.LANDMARK, "tiny", TINY)
        model = build_landmark("tiny")
        pictures = np.stack(person_crops)
        enliven(model, pictures)
        float32 = export.to_float32(model)
        samples = [picture[None].astype(np.float32) / 255 for picture in pictures]
        int8 = quantize.to_int8(float32, samples, kind="landmark")
        return Tiny(model, pictures, float32, export.to_float16(model), int8)


@pytest.fixture
def write(tmp_path: Path) -> Any:
    """Write bytes as a .tflite file and give its path."""

    def put(content: bytes, name: str = "model.tflite") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return put
