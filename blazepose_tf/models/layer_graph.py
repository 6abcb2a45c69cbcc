"""How the layers of a Keras graph hang together."""

from __future__ import annotations

from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.errors import BadInputError


def inputs_of(layer: Any) -> list[str]:
    """Names of the layers whose outputs a layer reads."""
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    return [tensor.node.layer.name for tensor in tensors]


def joined_layers(model: tf_keras.Model, kinds: tuple[Any, ...]) -> dict[str, str]:
    """Layer -> name of its group: a layer of these kinds belongs to the groups of all its inputs,
    every other layer begins a group."""
    parents: dict[str, str] = {}

    def root(name: str) -> str:
        while parents[name] != name:
            name = parents[name]
        return name

    for layer in model.layers:
        parents[layer.name] = layer.name
        if isinstance(layer, kinds):
            for name in inputs_of(layer):
                parents[root(name)] = layer.name
    return {name: root(name) for name in parents}


def describe(model: tf_keras.Model) -> dict[str, Any]:
    """The graph as plain data, for frameworks that do not know Keras: `layers` in the order in
    which they can be computed, each with name, kind, inputs (names of layers) and what its kind
    needs, and `outputs`, by name the layer that gives them.

    Convolutions carry their zero padding in pixels (top, bottom, left, right).

    Raises:
        BadInputError: a kind of layer that has no plain form.
    """
    rows = [
        {"name": layer.name, **_plain(layer), "inputs": inputs_of(layer)}
        for layer in model.layers
        if not isinstance(layer, layers.InputLayer)
    ]
    outputs = {name: tensor.node.layer.name for name, tensor in model.output.items()}
    return {"layers": rows, "outputs": outputs, "input": model.input.node.layer.name}


def _plain(layer: Any) -> dict[str, Any]:
    kind = type(layer).__name__
    if isinstance(layer, (layers.Conv2D, layers.DepthwiseConv2D)):
        return {"kind": kind, "stride": list(layer.strides), "pads": _pads(layer)}
    if isinstance(layer, layers.ZeroPadding2D):
        return {"kind": kind, "pads": [n for pair in layer.padding for n in pair]}
    if isinstance(layer, layers.Reshape):
        return {"kind": kind, "shape": list(layer.target_shape)}
    if isinstance(layer, layers.Resizing):
        return {"kind": kind, "size": [layer.height, layer.width]}
    if isinstance(layer, layers.Activation):
        return {"kind": tf_keras.activations.serialize(layer.activation)}
    known = (
        (layers.ReLU, layer.__dict__.get("max_value") == 6.0),
        (layers.MaxPool2D, layer.__dict__.get("pool_size") == (2, 2)),
        (layers.UpSampling2D, layer.__dict__.get("interpolation") == "bilinear"),
        (layers.Add, True),
    )
    if any(isinstance(layer, cls) and plain for cls, plain in known) or kind == "PointRefinement":
        return {"kind": kind}
    raise BadInputError(f"layer {layer.name}: {kind} has no form outside of Keras")


def _pads(layer: Any) -> list[int]:
    """Zeros that TensorFlow's `same` puts around: more behind than before where they are odd."""
    if layer.padding == "valid":
        return [0, 0, 0, 0]
    pads = []
    for size, kernel, stride in zip(
        layer.input_shape[1:3], layer.kernel_size, layer.strides, strict=True
    ):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return pads
