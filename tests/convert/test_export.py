"""Float files: names, alignment, and the same numbers as Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.python.saved_model import save as saved_model

from blazepose_tf.convert import export, graph
from blazepose_tf.errors import BadInputError

OUTPUTS = {"landmarks": (1, 35, 3), "visibility": (1, 33), "presence": (1, 1), "world": (1, 33, 3)}


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_signature_and_tensors_carry_the_contracts_names(tiny: Any, precision: str) -> None:
    content = tiny.int8.content if precision == "int8" else getattr(tiny, precision)
    interpreter = Interpreter(model_content=content)
    signature = interpreter.get_signature_list()["serving_default"]
    assert signature["inputs"] == ["image"] and set(signature["outputs"]) == set(OUTPUTS)
    details = interpreter.get_output_details()
    assert {d["name"]: tuple(d["shape"]) for d in details} == OUTPUTS
    assert [d["name"] for d in interpreter.get_input_details()] == ["image"]
    assert {d["dtype"] for d in details + interpreter.get_input_details()} == {np.float32}
    assert not [d["name"] for d in interpreter.get_tensor_details() if "heatmap" in d["name"]]


@pytest.mark.parametrize("precision, limit", [("float32", 1e-5), ("float16", 2e-3)])
def test_file_computes_what_keras_computes(tiny: Any, precision: str, limit: float) -> None:
    interpreter = Interpreter(model_content=getattr(tiny, precision))
    runner = interpreter.get_signature_runner("serving_default")
    for sample in tiny.samples[:3]:
        expected, actual = tiny.model(sample), runner(image=sample)
        for name in OUTPUTS:
            reference = expected[name].numpy()
            scale = max(1.0, float(np.abs(reference).max()))
            assert np.abs(actual[name] - reference).max() < limit * scale, name


def test_full_temporary_folder_is_one_line(tiny: Any, monkeypatch: Any) -> None:
    """The converter swallows the error and leaves the signature out."""

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saved_model, "save", full)
    with pytest.raises(BadInputError, match="TMPDIR") as caught:
        export.to_float32(tiny.model)
    assert "\n" not in str(caught.value)


def test_float16_halves_the_file(tiny: Any) -> None:
    weights = 4 * tiny.model.count_params()  # tiny: beside them, names and operators weigh in
    assert len(tiny.float32) - len(tiny.float16) > 0.4 * weights


@pytest.mark.parametrize("precision", ["float32", "float16", "int8"])
def test_constants_are_aligned(tiny: Any, precision: str) -> None:
    """The schema asks for 16 bytes; Python's flatbuffer writer alone gives one."""
    content = tiny.int8.content if precision == "int8" else getattr(tiny, precision)
    model = schema.Model.GetRootAsModel(content, 0)
    base = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    places = [
        model.Buffers(i).DataAsNumpy().__array_interface__["data"][0] - base
        for i in range(model.BuffersLength())
        if model.Buffers(i).DataLength()
    ]
    assert len(places) > 50
    assert [place for place in places if place % 16] == []


def test_size_is_that_of_the_keras_model(tiny: Any) -> None:
    """MACs by the formula of every Keras layer; parameters as Keras counts them. Four 1x1
    convolutions with constants, and biases of zero, stand for the refinement's two weights."""
    points, cells = 35, 32**2
    macs = points * (2 * 3 * cells + 2 * 3 * (cells + 1))
    constants = 2 * (3 + 1) * cells + 2 * (3 * (cells + 1) + 3) - 2 * points
    for layer in tiny.model.layers:
        if hasattr(layer, "kernel_size"):
            height, width, filters = layer.output_shape[1:]
            inputs = 1 if hasattr(layer, "depthwise_kernel") else layer.input_shape[-1]
            macs += height * width * filters * int(np.prod(layer.kernel_size)) * inputs
    size = graph.size(graph.operators(graph.parse(tiny.float32)))
    assert (size.parameters, size.macs) == (tiny.model.count_params() + constants, macs)


@pytest.mark.parametrize(
    "name, layer",
    [
        ("m/stem_relu6/Relu6;m/stem/BiasAdd;m/stem/Conv2D", "stem_relu6"),
        ("m/stem_project/BiasAdd;m/stem_project/Conv2D;m/x/ReadVariableOp", "stem_project"),
        ("m/regression_8_down_project/Conv2D", "regression_8_down_project"),
        ("image", "image"),
    ],
)
def test_layer_of_a_fused_tensor(name: str, layer: str) -> None:
    assert graph.layer_name(name) == layer
