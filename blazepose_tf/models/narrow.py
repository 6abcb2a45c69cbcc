"""Start a narrower network from a wider one: keep the strongest channels, refit what reads them.

Channel pruning as He et al. 2017 (arXiv 1707.06168) do it, layer by layer: which channels stay is
decided by their mean square over pictures; each 1x1 convolution is then fitted, by least squares,
to give what the wide network's gives, from what the narrow network's earlier layers really say.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray
from tf_keras import layers

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.blocks import DepthToSpace
from blazepose_tf.models.layer_graph import inputs_of, joined_layers

Array = NDArray[np.float32]
Indices = NDArray[np.intp]

POSITIONS = 20_000
"""Positions of the feature maps that a fit looks at."""
RIDGE = 1e-3
"""Regularisation, relative to the mean square of the inputs."""
KEEPS_CHANNELS = (
    layers.Add, layers.DepthwiseConv2D, layers.ReLU, layers.Rescaling, layers.UpSampling2D,
    layers.ZeroPadding2D,
)  # fmt: skip
"""Layers whose output channels are those of their inputs."""
SPREAD = 4
"""Channels that depth-to-space turns into one."""


def channel_groups(model: tf_keras.Model) -> dict[str, str]:
    """Layer -> name of its group: layers whose output channels are the same ones.

    Convolutions and depth-to-space begin a group; sums join the groups of what they add.
    """
    return joined_layers(model, KEEPS_CHANNELS)


def _activations(model: tf_keras.Model, names: list[str], images: Array) -> dict[str, Array]:
    """Outputs of layers for a batch of pictures."""
    part = tf_keras.Model(model.input, {name: model.get_layer(name).output for name in names})
    return {name: value.numpy() for name, value in part(images).items()}


def choose_channels(
    wide: tf_keras.Model, narrow: tf_keras.Model, images: Array
) -> dict[str, Indices]:
    """Layer -> indices of the wide network's channels that the narrow one keeps, ascending.

    Raises:
        BadInputError: the two are not made of the same layers.
    """
    if [layer.name for layer in wide.layers] != [layer.name for layer in narrow.layers]:
        raise BadInputError("the networks differ in more than widths; choose another preset")
    groups = channel_groups(narrow)
    convolutions = [n.name for n in narrow.layers if type(n) is layers.Conv2D]
    energy: dict[str, Any] = defaultdict(float)
    for name, values in _activations(wide, convolutions, images).items():
        energy[groups[name]] = energy[groups[name]] + np.square(values).mean(axis=(0, 1, 2))
    spread = {groups[inputs_of(n)[0]] for n in narrow.layers if isinstance(n, DepthToSpace)}
    kept: dict[str, Indices] = {}
    for layer in narrow.layers:
        group, count = groups[layer.name], layer.output_shape[-1]
        if isinstance(layer, layers.InputLayer):
            kept[group] = np.arange(layer.output_shape[0][-1])
        elif isinstance(layer, DepthToSpace):
            kept[group] = kept[groups[inputs_of(layer)[0]]][:count]
        elif type(layer) is layers.Conv2D and group not in kept:
            strength = np.asarray(energy[group])
            if group in spread:
                strength = strength.reshape(SPREAD, -1).sum(axis=0)
                chosen = np.sort(np.argsort(strength)[::-1][: count // SPREAD])
                chosen = np.concatenate([chosen + i * len(strength) for i in range(SPREAD)])
            else:
                chosen = np.sort(np.argsort(strength)[::-1][:count])
            kept[group] = chosen
    return {name: kept[group] for name, group in groups.items() if group in kept}


def fit(inputs: Array, outputs: Array) -> tuple[Array, Array]:
    """Ridge regression: kernel [C, D] and bias [D] that take inputs [N, C] nearest to [N, D]."""
    x = inputs.astype(np.float64)
    mean_x, mean_y = x.mean(axis=0), outputs.astype(np.float64).mean(axis=0)
    x = x - mean_x
    ridge = RIDGE * max(float(np.square(x).mean()), 1e-12) * len(x)
    gram = x.T @ x + ridge * np.eye(x.shape[1])
    kernel = np.linalg.solve(gram, x.T @ (outputs - mean_y))
    return kernel.astype(np.float32), (mean_y - mean_x @ kernel).astype(np.float32)


def make_narrow(wide: tf_keras.Model, narrow: tf_keras.Model, images: Array) -> None:
    """Set the weights of `narrow` so that it says what `wide` says, as nearly as it can.

    Both take `images` [N, S, S, 3] and are built of the same layers with different widths.
    """
    kept = choose_channels(wide, narrow, images)
    random = np.random.default_rng(0)
    for layer in narrow.layers:
        if not layer.weights:
            continue
        source = wide.get_layer(layer.name)
        kernel, bias = source.get_weights()
        before, after = kept[inputs_of(layer)[0]], kept[layer.name]
        if isinstance(layer, layers.DepthwiseConv2D):
            layer.set_weights([kernel[:, :, after], bias[after]])
        elif kernel.shape[:2] != (1, 1):
            layer.set_weights([kernel[:, :, before][..., after], bias[after]])
        else:
            name = inputs_of(layer)[0]
            x = _activations(narrow, [name], images)[name]
            y = _activations(wide, [layer.name], images)[layer.name][..., after]
            x, y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
            rows = random.permutation(len(x))[:POSITIONS]
            fitted, offset = fit(x[rows], y[rows])
            layer.set_weights([fitted[None, None], offset])
