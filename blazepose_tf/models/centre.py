"""Centring: the same function, with linear channels that vary around zero.

A bottleneck's channel may be 150 +- 9 everywhere: nothing keeps what training leaves there small,
as the next convolution's bias takes it out again. In 8 bits it costs nearly everything: of the 255
steps of Lite's first bottlenecks the picture's variation had 6 to 10 (standard deviation). The mean
is taken out of the biases of the convolutions that write a channel and put, through their kernels,
into those that read it. Means add up as channels do, so residual sums need nothing of their own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.models.equal_groups import Group, find_groups
from blazepose_tf.models.weights import Weights

Array = NDArray[np.floating]


def channel_means(
    tensors: dict[str, Any], model: tf_keras.Model, batches: list[Array]
) -> dict[str, Array]:
    """Mean of every channel of symbolic tensors [B, H, W, C] of `model` over image batches."""
    probe = tf_keras.Model(model.input, tensors)
    sums: dict[str, Array] = {}
    for batch in batches:
        for name, value in probe(batch).items():
            mean = value.numpy().mean(axis=(0, 1, 2), dtype=float) * len(batch)
            sums[name] = sums.get(name, np.zeros_like(mean)) + mean
    total = sum(map(len, batches))
    return {name: value / total for name, value in sums.items()}


def centre(model: tf_keras.Model, weights: Weights, batches: list[Array]) -> Weights:
    """Weights that compute the same with channels of mean zero where that is possible.

    Groups of channels are left alone where a reader looks beyond its own pixel: the border of
    zeros around the picture would no longer mean the same.

    Args:
        model: the float network, holding `weights`.
        weights: what to change.
        batches: images float32 [B, S, S, 3], 0..1, to see the means on.
    """
    arrays = dict(weights.arrays)
    groups: list[Group] = [group for group in find_groups(model) if not group.framed]
    read = [name for group in groups for name in group.readers]
    written = [name for group in groups for name in group.makers]
    tensors = {f"in:{name}": model.get_layer(name).input for name in read}
    tensors |= {f"out:{name}": model.get_layer(name).output for name in written}
    if not tensors:
        return weights
    means = channel_means(tensors, model, batches)
    for name in written:
        arrays[f"{name}/bias"] = arrays[f"{name}/bias"] - means[f"out:{name}"]
    for name in read:
        kernel = arrays[f"{name}/kernel"][0, 0]
        arrays[f"{name}/bias"] = arrays[f"{name}/bias"] + means[f"in:{name}"] @ kernel
    return Weights({k: np.asarray(v, np.float32) for k, v in arrays.items()}, weights.about)
