"""How the layers of a Keras graph hang together."""

from __future__ import annotations

from typing import Any

import tf_keras


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
