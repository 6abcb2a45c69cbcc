"""Channels that belong together: what may change in one layer if others undo it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.models.blocks import ActivationRange, StopGradient
from blazepose_tf.models.layer_graph import inputs_of, joined_layers

PASSING = (StopGradient, layers.ZeroPadding2D, ActivationRange)
"""Layers that neither mix nor bend channels."""


@dataclass
class Group:
    """Tensors whose channels change together: `makers` write them, `readers` undo it.

    framed: a reader sees zeros beyond the border, which a channel's zero must then stay.
    """

    makers: list[str] = field(default_factory=list)
    sums: list[str] = field(default_factory=list)
    readers: list[str] = field(default_factory=list)
    bent: bool = False
    framed: bool = False


def kind_of(layer: Any) -> str:
    if isinstance(layer, layers.DepthwiseConv2D):
        return "depthwise"
    return "conv" if isinstance(layer, layers.Conv2D) else "other"


def find_groups(model: tf_keras.Model) -> list[Group]:
    """Groups of linear convolution outputs that only convolutions read, joined by additions."""
    joined = joined_layers(model, (layers.Add, *PASSING))
    groups: dict[str, Group] = {}
    for layer in model.layers:
        group = groups.setdefault(joined[layer.name], Group())
        if kind_of(layer) != "other":
            group.makers.append(layer.name)
        elif isinstance(layer, layers.Add):
            group.sums.append(layer.name)
        elif isinstance(layer, layers.ZeroPadding2D):
            group.framed = True
        elif not isinstance(layer, PASSING):
            group.bent = True  # a ReLU's output, an input, a reshaped tensor
    for layer in model.layers:
        if isinstance(layer, layers.InputLayer):
            continue
        for name in set(inputs_of(layer)):
            group = groups[joined[name]]
            if kind_of(layer) != "other":
                group.readers.append(layer.name)
                group.framed |= layer.kernel_size != (1, 1)
            elif not isinstance(layer, (layers.Add, *PASSING)):
                group.bent = True
    for name in model.output_names:
        groups[joined[name]].bent = True
    return [g for g in groups.values() if g.makers and g.readers and not g.bent]


def find_bends(model: tf_keras.Model) -> list[Group]:
    """ReLU6 layers (`sums`) between one convolution and others, which alone read them."""
    joined = joined_layers(model, PASSING)
    readers: dict[str, list[Any]] = {}
    for layer in model.layers:
        if not isinstance(layer, (layers.InputLayer, *PASSING)):
            for name in set(inputs_of(layer)):
                readers.setdefault(joined[name], []).append(layer)
    outputs = {joined[name] for name in model.output_names}
    found = []
    for layer in model.layers:
        if not isinstance(layer, layers.ReLU) or joined[layer.name] in outputs:
            continue
        (source,) = inputs_of(layer)
        after = readers.get(joined[layer.name], [])
        alone = readers[joined[source]] == [layer] and joined[source] not in outputs
        convolutions = [model.get_layer(source), *after]
        if alone and after and all(kind_of(one) != "other" for one in convolutions):
            found.append(Group([source], [layer.name], [reader.name for reader in after]))
    return found
