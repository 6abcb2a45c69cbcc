"""Two forms of the same networks: our contract's, and that of MediaPipe's files.

Checks speak of the contract's outputs; what comes from a file in MediaPipe's layout is brought
into them first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.branches import FILE_POINTS
from blazepose_tf.models.detector import build_detector
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.mediapipe import join_heads
from blazepose_tf.models.presets import DETECTOR, landmark_preset
from blazepose_tf.models.thin import without_dead_channels
from blazepose_tf.models.weights import Weights, apply_weights, preset_of
from blazepose_tf.runtime.interpreter import sigmoid
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

Outputs = Mapping[str, NDArray[np.float32]]

LAYOUTS = ("own", "mediapipe")
PROBE = "mask_conv/kernel"
"""Weights that have this have been trained, or imported, with all branches."""


def input_range(preset: str, layout: str) -> tuple[float, float]:
    """Smallest and largest value of the input: MediaPipe's detector takes -1..1."""
    return (-1.0, 1.0) if layout == "mediapipe" and preset in DETECTOR else (0.0, 1.0)


def fill_branches(weights: Weights, other: Weights) -> Weights:
    """Weights with the branches of `other` where they have none (quantisation-aware ones)."""
    if PROBE in weights.arrays or PROBE not in other.arrays:
        return weights
    return Weights({**other.arrays, **weights.arrays}, weights.about)


def build_network(
    preset: str, layout: str, mask: bool, weights: Weights, source: str
) -> tf_keras.Model:
    """The network in one of the forms, filled; `mask` adds that output to our layout.

    It is the variant of the preset that the weights say they are of; channels that only hold zeros
    are left out (`models.thin`).

    Raises:
        BadInputError: weights of another preset, or without the branches that the form needs.
    """
    if preset in DETECTOR:
        model = build_detector(preset, layout=layout)
        apply_weights(model, weights, source)
        return model
    preset = preset_of(weights, source, preset)
    if mask or layout == "mediapipe":
        if PROBE not in weights.arrays:
            raise BadInputError(
                f"{source}: has no mask and heatmaps; train them with `tools/train.py branches` "
                "(docs/training.md)"
            )
        if layout == "mediapipe":
            joined = join_heads(weights.arrays, landmark_preset(preset).input_size)
            weights = Weights(joined, weights.about)
    weights, widths = without_dead_channels(weights)
    model = build_landmark(preset, layout=layout, mask=mask and layout == "own", widths=widths)
    apply_weights(model, weights, source)
    return model


def to_own(outputs: Outputs, input_size: int) -> Outputs:
    """Outputs of either layout, [N, ...], by the names and in the units of our contract.

    From MediaPipe's also `mask` and `heatmap`, probabilities.
    """
    if "Identity" not in outputs:
        return outputs
    if "Identity_4" not in outputs:
        return {"boxes": outputs["Identity"], "scores": sigmoid(outputs["Identity_1"][..., 0])}
    count = len(outputs["Identity"])
    values = outputs["Identity"].reshape(count, FILE_POINTS, 5)
    world = outputs["Identity_4"].reshape(count, FILE_POINTS, 3)
    return {
        "landmarks": values[:, :NUM_POINTS, :3] / input_size,
        "visibility": sigmoid(values[:, :NUM_LANDMARKS, 3]),
        "presence": outputs["Identity_1"],
        "world": world[:, :NUM_LANDMARKS],
        "point_presence": sigmoid(values[:, :, 4]),
        "mask": sigmoid(outputs["Identity_2"]),
        "heatmap": sigmoid(outputs["Identity_3"]),
    }
