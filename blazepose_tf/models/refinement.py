"""Points placed anew by what can be seen around them: a posterior over a grid of cells.

The regression encoder names a place from 2x2 features that have seen everything and forgotten
where exactly. Beside it a thin feature pyramid, 8x8 to 32x32, says for every cell of the crop how
much it looks like the point (evidence, a logit). Both together, Bayes' way:

    P(cell) ~ exp(evidence(cell)) * exp(-|cell - regressed|^2 / (2 sigma^2))

and the point is the mean of that distribution. One outcome more, the regressed place itself, of a
fixed weight, keeps a point where it was when nothing nearby looks like it, and where it lies
outside the crop. It is MediaPipe's refinement of points by heatmaps (a 7x7 window around them,
outside the network) as a part of the network that learns with it: 32x32 cells, no client code.

Distances are formed before they are squared, so that half precision (GPU delegate) keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray
from tf_keras import layers

from blazepose_tf.topology import NUM_POINTS

Tensor = Any
Array = NDArray[np.floating]

SIGMA = 0.045
"""Crop units: standard deviation around the regressed place at the start of training."""
ASLEEP = 24.0
"""Logit of the regressed place at which no evidence counts (imported weights)."""
AWAKE = 1.0
"""Logit of the regressed place at the start of training."""
NAME = "refinement"
PYRAMID = "refine"
"""Layers `refine_8_...` to `refine_32_...`: the features that the evidence is read from."""
EVIDENCE = "evidence"
_PYRAMID = ("depthwise/depthwise_kernel", "depthwise/bias", "project/kernel", "project/bias")


def add_refinement(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The arrays with a refinement that sleeps: points stay where the regression puts them.

    Its pyramid starts as that of the heatmaps and its evidence as their logits.

    arrays: by `layer/weight`, with decoder, `heatmap` and `rest_heatmap` (points 33 to 38).
    """
    more = {
        f"{PYRAMID}_{size}_{part}": arrays[f"decoder_{size}_{part}"]
        for size in (8, 16, 32)
        for part in _PYRAMID
    }
    for part in ("kernel", "bias"):
        both = [arrays[f"heatmap/{part}"], arrays[f"rest_heatmap/{part}"]]
        more[f"{EVIDENCE}/{part}"] = np.concatenate(both, axis=-1)[..., :NUM_POINTS]
    more[f"{NAME}/precision"] = np.full(NUM_POINTS, 1 / SIGMA, np.float32)
    more[f"{NAME}/stay"] = np.full(NUM_POINTS, ASLEEP, np.float32)
    return {**arrays, **more}


def wake(model: tf_keras.Model) -> bool:
    """Let a sleeping refinement take part; whether there was one. Measured on 218 people of
    LSP-extended's training pictures, no training: PCK@0.2 53.7 -> 57.1 (lite), 57.4 -> 60.4."""
    layer = next((layer for layer in model.layers if layer.name == NAME), None)
    if layer is None or layer.stay.numpy().min() < ASLEEP:
        return False
    layer.stay.assign(np.full(layer.stay.shape, AWAKE, np.float32))
    return True


class PointRefinement(layers.Layer):
    """(points [B, K, 3] in crop units, evidence [B, S, S, K] logits) -> points [B, K, 3].

    Weights: `precision` [K], 1 / sigma in 1 / crop units; `stay` [K], logit of the regressed place.
    z stays as it was.
    """

    def build(self, input_shape: Any) -> None:
        points, evidence = input_shape
        count = int(points[1])
        start = tf.constant_initializer(1.0 / SIGMA)
        self.precision = self.add_weight(name="precision", shape=(count,), initializer=start)
        asleep = tf.constant_initializer(ASLEEP)
        self.stay = self.add_weight(name="stay", shape=(count,), initializer=asleep)
        self.cells = int(evidence[1])

    def call(self, inputs: Any) -> Tensor:
        points, evidence = inputs
        cells, count = self.cells**2, points.shape[1]
        axis = (np.arange(self.cells, dtype=np.float32) + 0.5) / self.cells
        x, y = np.meshgrid(axis, axis)
        x, y = x.ravel(), y.ravel()
        zero, one = np.zeros_like(x), np.ones_like(x)

        def mixed(tensor: Tensor, *rows: Any) -> Tensor:
            """1x1 convolution with constants: every runtime has that."""
            kernel = np.stack(rows).astype(np.float32)
            return tf.nn.conv2d(tensor, kernel[None, None], 1, "VALID")

        # (x, y, z) -> (x, y, 1) / (sqrt(2) sigma)
        half = tf.reshape(self.precision * np.float32(np.sqrt(0.5)), [1, count, 1, 1])
        column = tf.expand_dims(points, 2)
        scaled = column * (half * np.array([1, 1, 0], np.float32))
        scaled += half * np.array([0, 0, 1], np.float32)
        across = mixed(scaled, -one, zero, x)
        down = mixed(scaled, zero, -one, y)
        seen = tf.transpose(tf.reshape(evidence, [-1, cells, 1, count]), [0, 3, 2, 1])
        logits = seen - (across * across + down * down)
        # The last column is the regressed place.
        stay = tf.zeros_like(column[..., :1]) + tf.reshape(self.stay, [1, count, 1, 1])
        share = tf.nn.softmax(tf.concat([logits, stay], axis=-1))
        placed = mixed(share, *np.c_[x, y, zero], (0, 0, 0))
        kept = mixed(share, *np.c_[zero, zero, one], (1, 1, 1))
        return tf.reshape(placed + kept * column, tf.shape(points))
