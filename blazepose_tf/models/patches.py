"""Starting weights for patches in place of a stem and the first block."""

from __future__ import annotations

from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.models.narrow import POSITIONS, fit
from blazepose_tf.models.weights import get_weights

Array = NDArray[Any]

PATCH = "patch"
"""Layers `patch` and `patch_project`; see `Blocks.patches`."""
FIRST_BLOCK = "encoder_64_0"
MEAN, DEVIATION = 1.0, 1.5
"""Of what goes into the patches' ReLU6 at the start: most of it between its two bends."""


def begin_patches(wide: tf_keras.Model, patched: tf_keras.Model, images: Array) -> None:
    """Set the weights of `patched`: `wide`'s where both have them; patches begin at random.

    images: [N, S, S, 3], 0..1. The projection is fitted, by least squares, to what the first block
    of `wide` says.
    """
    theirs = get_weights(wide).arrays
    for layer in patched.layers:
        if layer.weights and not layer.name.startswith(PATCH):
            names = [v.name.split("/")[-1].split(":")[0] for v in layer.weights]
            layer.set_weights([theirs[f"{layer.name}/{name}"] for name in names])
    patch = patched.get_layer(PATCH)
    kernel, _ = patch.get_weights()
    said = _outputs(patched, PATCH, images)
    gain = DEVIATION / said.std(axis=0)
    patch.set_weights([kernel * gain, MEAN - gain * said.mean(axis=0)])
    wanted = _outputs(wide, f"{FIRST_BLOCK}_project", images)
    x = _outputs(patched, f"{PATCH}_relu6", images)
    rows = np.random.default_rng(0).permutation(len(x))[:POSITIONS]
    fitted, bias = fit(x[rows], wanted[rows])
    patched.get_layer(f"{PATCH}_project").set_weights([fitted[None, None], bias])


def _outputs(model: tf_keras.Model, layer: str, images: Array) -> Array:
    """What a layer says at every position, [positions, channels]."""
    probe = tf_keras.Model(model.input, model.get_layer(layer).output)
    found = probe.predict(images, batch_size=16, verbose=0)
    return found.reshape(-1, found.shape[-1])
