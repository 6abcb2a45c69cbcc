"""A preset with its weights: the Keras model, the pictures to check it on, its outputs on them."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.anchors import AnchorOptions
from blazepose_tf.convert import calibration, export, layouts, parity
from blazepose_tf.convert.calibration import Crops, People, Pictures
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from blazepose_tf.geometry import Roi
from blazepose_tf.models.equalize import equalize
from blazepose_tf.models.presets import DETECTOR, LANDMARK
from blazepose_tf.models.weights import (
    Weights,
    apply_weights,
    get_weights,
    read_weights,
    shipped,
)
from blazepose_tf.runtime.detector import Detector

EQUALIZE_SAMPLES = 120
"""How many calibration pictures show how far channels reach: with 40, 0.1 px are lost."""


def presets() -> tuple[str, ...]:
    """Every preset that files can be named after."""
    return (*LANDMARK, *DETECTOR)


@dataclass(frozen=True)
class WeightsFile:
    """Weights and the file they are from."""

    path: Path
    weights: Weights

    @property
    def summary(self) -> dict[str, Any]:
        """What reports and the .tflite file say of them."""
        return {
            "file": self.path.name,
            "sha256": sha256(self.path),
            "quantization_aware": bool(self.weights.ranges),
            "about": self.weights.about,
        }


def find_weights(preset: str, given: Path | None, *, int8: bool) -> WeightsFile:
    """The given weights, or those shipped for `preset`; for int8 the quantisation-aware ones
    where they exist.

    Raises:
        BadInputError: unreadable, or nothing is shipped for this preset.
    """
    path = given or shipped(preset)
    if given is None and int8 and shipped(f"{preset}_int8").exists():
        path = shipped(f"{preset}_int8")
    if given is None and not path.exists():
        raise BadInputError(f"no weights are shipped for {preset}; give a file with --weights")
    return WeightsFile(path, read_weights(path))


class Source:
    """Everything that the files of one preset have in common, made when first needed."""

    def __init__(
        self, preset: str, people: People, weights: Path | None = None, *, layout: str = "own",
        mask: bool = False,
    ) -> None:  # fmt: skip
        """layout: form of input and outputs (`layouts`); mask: add that output to our own.

        Raises:
            BadInputError: no weights, or those of another preset.
        """
        self.preset, self.people, self.layout, self.mask = preset, people, layout, mask
        self.input_range = layouts.input_range(preset, layout)
        self.kind = "detector" if preset in DETECTOR else "landmark"
        self.weights = find_weights(preset, weights, int8=False)
        int8 = find_weights(preset, weights, int8=True)
        filled = layouts.fill_branches(int8.weights, self.weights.weights)
        self.int8_weights = WeightsFile(int8.path, filled)
        self.model = self._network(self.weights)
        self.size: int = self.model.inputs[0].shape[1]

    def _network(self, weights: WeightsFile) -> tf_keras.Model:
        return layouts.build_network(
            self.preset, self.layout, self.mask, weights.weights, str(weights.path)
        )

    @property
    def anchors(self) -> AnchorOptions | None:
        """The detector's anchors."""
        return DETECTOR[self.preset].anchors if self.kind == "detector" else None

    def to_quantize(self, samples: Sequence[NDArray[np.float32]]) -> bytes:
        """The float32 file that int8 is made from. Weights that were not trained for int8 have
        their channels equalised first, on some of the samples: the same function in float."""
        weights = self.int8_weights.weights
        if weights.ranges:
            return export.to_float32(self._network(self.int8_weights))
        some = calibration.spread(samples, EQUALIZE_SAMPLES)
        starts = range(0, len(some), parity.BATCH)
        batches = [np.concatenate(some[start : start + parity.BATCH]) for start in starts]
        model = self._network(self.int8_weights)
        apply_weights(model, equalize(model, get_weights(model), batches))
        return export.to_float32(model)

    @cached_property
    def crops(self) -> Crops:
        """The people to check a landmark file on."""
        return calibration.landmark_crops(self.people.check, self.size)

    @cached_property
    def pictures(self) -> Pictures:
        """The inputs to check on, uint8 [N, S, S, 3]."""
        if self.kind == "landmark":
            return self.crops.pictures
        return calibration.letterboxes(self.people.check, self.size)

    @cached_property
    def reference(self) -> parity.Outputs:
        """What Keras, in float with the float weights, says of `pictures`."""
        return parity.run_keras(self.model, self.pictures, self.input_range)

    def samples(self) -> list[NDArray[np.float32]]:
        """Representative inputs, float32 [1, S, S, 3], of the input's range."""
        if self.kind == "landmark":
            pictures = calibration.landmark_crops(self.people.calibrate, self.size).pictures
        else:
            pictures = calibration.letterboxes(self.people.calibrate, self.size)
        return [parity.to_input(picture[None], self.input_range) for picture in pictures]


class ShippedDetector:
    """Finds the person in a picture with the shipped detector, converted when first needed."""

    @cached_property
    def _detector(self) -> Detector:
        preset = next(iter(DETECTOR))
        found = find_weights(preset, None, int8=False)
        model = layouts.build_network(preset, "own", False, found.weights, str(found.path))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "detector.tflite"
            path.write_bytes(export.to_float32(model))
            return Detector(path)

    def __call__(self, picture: images.Image) -> Roi | None:
        found = self._detector(picture)
        return found[0].roi if found else None
