"""Training on a CPU in half the time: convolutions in bfloat16, everything else in float32."""

from __future__ import annotations

from typing import Any

import tf_keras
from tf_keras import layers

from blazepose_tf.training.recipe import BFLOAT16_LAYERS


def in_bfloat16(model: tf_keras.Model) -> tf_keras.Model:
    """The same graph, the plain convolutions of stem and encoder computed in bfloat16.

    Weights, their updates, sums and everything behind the encoder stay float32: a position's last
    step in bfloat16 would be a pixel. Depthwise convolutions too: oneDNN's gradients of them are
    slower in bfloat16 than in float32. On a core with AVX512-BF16 a step of lite takes two thirds
    of the time; where the processor lacks it, it takes longer. A teacher is computed the same way.
    """

    def copy(layer: layers.Layer) -> layers.Layer:
        config: dict[str, Any] = layer.get_config()
        if type(layer) is layers.Conv2D and layer.name.startswith(BFLOAT16_LAYERS):
            config["dtype"] = "mixed_bfloat16"
        return type(layer).from_config(config)

    return tf_keras.models.clone_model(model, clone_function=copy)
