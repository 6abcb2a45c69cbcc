"""A graph as plain data computes what Keras computes, in code that knows only the data."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import tf_keras  # noqa: E402
from tf_keras import layers  # noqa: E402

from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.models.layer_graph import describe  # noqa: E402
from blazepose_tf.models.refinement import PointRefinement  # noqa: E402
from blazepose_tf.models.weights import get_weights  # noqa: E402
from blazepose_tf.training.landmark import LandmarkTraining  # noqa: E402


def _compute(row: dict[str, Any], inputs: list[Any], arrays: dict[str, Any]) -> Any:
    kind, name, x = row["kind"], row["name"], inputs[0]
    if "pads" in row:
        top, bottom, left, right = row["pads"]
        x = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]])
    if kind == "Conv2D":
        return (
            tf.nn.conv2d(x, arrays[f"{name}/kernel"], row["stride"], "VALID")
            + arrays[f"{name}/bias"]
        )
    if kind == "DepthwiseConv2D":
        kernel = arrays[f"{name}/depthwise_kernel"]
        strides = (1, *row["stride"], 1)
        return tf.nn.depthwise_conv2d(x, kernel, strides, "VALID") + arrays[f"{name}/bias"]
    if kind == "PointRefinement":
        layer = PointRefinement()
        layer.build([tensor.shape for tensor in inputs])
        layer.precision.assign(arrays[f"{name}/precision"])
        layer.stay.assign(arrays[f"{name}/stay"])
        return layer(inputs)
    simple: dict[str, Any] = {
        "ReLU": lambda: tf.clip_by_value(x, 0.0, 6.0),
        "Add": lambda: inputs[0] + inputs[1],
        "ZeroPadding2D": lambda: x,
        "MaxPooling2D": lambda: tf.nn.max_pool2d(x, 2, 2, "VALID"),
        "UpSampling2D": lambda: tf.image.resize(x, 2 * np.array(x.shape[1:3])),
        "Resizing": lambda: tf.image.resize(x, row["size"]),
        "Reshape": lambda: tf.reshape(x, (-1, *row["shape"])),
        "sigmoid": lambda: tf.sigmoid(x),
        "linear": lambda: x,
    }
    return simple[kind]()


@pytest.mark.parametrize(("size", "trunk"), [(256, None), (192, 224)])
def test_the_training_graph_is_all_in_its_description(
    tiny_preset: str,
    monkeypatch: pytest.MonkeyPatch,
    random: np.random.Generator,
    size: int,
    trunk: int | None,
) -> None:
    row = replace(presets.LANDMARK[tiny_preset], input_size=size, trunk_size=trunk)
    monkeypatch.setitem(presets.LANDMARK, tiny_preset, row)
    model = LandmarkTraining(tiny_preset, stage="regression", stop_gradient=False).build()
    for layer in model.layers:
        layer.set_weights([w + random.normal(0, 0.05, w.shape) for w in layer.get_weights()])
    graph = json.loads(json.dumps(describe(model)))
    arrays = get_weights(model).arrays
    image = random.random((2, size, size, 3)).astype(np.float32)
    found = {graph["input"]: tf.constant(image)}
    for entry in graph["layers"]:
        inputs = [found[name] for name in entry["inputs"]]
        found[entry["name"]] = _compute(entry, inputs, arrays)
    said = model(image)
    assert set(graph["outputs"]) == set(said)
    for name, source in graph["outputs"].items():
        np.testing.assert_allclose(found[source], said[name], atol=1e-4, err_msg=name)


def test_a_layer_without_a_plain_form_is_named() -> None:
    image = tf_keras.Input((8, 8, 3), name="image")
    model = tf_keras.Model(image, {"y": layers.ReLU(name="open")(image)})
    with pytest.raises(BadInputError, match="layer open: ReLU has no form outside of Keras"):
        describe(model)
