"""Where quantisation-aware training begins: equal channels, ranges seen in the float network."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras

from blazepose_tf.data.pipeline import Batch
from blazepose_tf.models.blocks import ActivationRange
from blazepose_tf.models.equalize import equalize
from blazepose_tf.models.weights import RANGE_SUFFIX, apply_weights, get_weights

SMALLEST = 1e-2
"""A layer that never fires still needs a range."""


def prepare_for_int8(
    model: tf_keras.Model, training: Any, batches: Iterator[Batch], count: int = 8
) -> None:
    """Equalise the channels of a quantisation-aware model, then set its activation ranges."""
    plain = training.float_model(heads=True)
    weights = get_weights(model)
    apply_weights(plain, weights)
    pictures = [
        b["image"].astype(np.float32) / 255 for _, b in zip(range(count), batches, strict=False)
    ]
    equalized = equalize(plain, weights, pictures)
    apply_weights(model, equalized)
    start_ranges(model, training, batches, count)


def start_ranges(
    model: tf_keras.Model, training: Any, batches: Iterator[Batch], count: int = 8
) -> None:
    """Set the activation ranges of a quantisation-aware model from float activations.

    From a default of +-6 the error starts at 62 px. The ranges are the mean over `count` batches
    of each batch's minimum and maximum, taken in `training.float_model()`, a graph without
    rounding. Layers that only the training graph has (decoder) get theirs from its full twin.
    """
    ranges = {
        layer.name.removesuffix(RANGE_SUFFIX): layer
        for layer in model.layers
        if isinstance(layer, ActivationRange)
    }
    plain = training.float_model(heads=True)
    apply_weights(plain, get_weights(model))
    names = [name for name in ranges if name != "image"]
    probe = tf_keras.Model(plain.input, {name: plain.get_layer(name).output for name in names})
    probe_function = tf.function(lambda image: _limits(probe(tf.cast(image, tf.float32) / 255.0)))
    observed: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for _, batch in zip(range(count), batches, strict=False):
        for name, limits in probe_function(batch["image"]).items():
            observed[name].append((float(limits[0]), float(limits[1])))
    for name, layer in ranges.items():
        low, high = np.mean(observed[name], axis=0) if name in observed else (0.0, 1.0)
        layer.range.assign([min(low, 0.0), max(high, SMALLEST)])


def _limits(outputs: dict[str, Any]) -> dict[str, Any]:
    return {name: (tf.reduce_min(value), tf.reduce_max(value)) for name, value in outputs.items()}
