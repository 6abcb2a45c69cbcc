"""Fits the last convolution of presence anew: is anybody in the crop?

A tracker that looks beside a person who has left must notice. Training shows mostly people, and
what it changes below presence moves the answer for crops of nobody. This fits the answer alone, by
logistic regression on the features that it reads; no other output changes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tf_keras
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.crops import is_validation
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.weights import Weights, apply_weights

Array = NDArray[np.floating[Any]]

LAYER = "presence_conv"
BATCH = 32
RIDGE = 30.0
"""Penalty on the weights of standardised features; other values were not tried."""
FAINT = 1e-2
"""Smallest spread that a feature (of a ReLU6, 0..6) is standardised by."""
STEPS = 12
"""Newton's steps."""
PEOPLE = 0.9
"""Share of the weight that crops with people have together: to lose somebody who is there costs a
run of the detector and a jump, to look a frame longer at nobody costs little."""
BESIDE = (0.9, 1.6)
"""How far from the person, in sides of the ROI, a look beside one goes."""


@dataclass(frozen=True)
class Look:
    """A region of a picture, and whether somebody is there."""

    picture: Path
    roi: Roi
    somebody: bool


def _moved(roi: Roi, way: float, random: np.random.Generator, scale: float, turn: float) -> Roi:
    angle = random.uniform(0, 2 * np.pi)
    return Roi(
        roi.center_x + way * roi.size * float(np.cos(angle)),
        roi.center_y + way * roi.size * float(np.sin(angle)),
        roi.size * float(np.exp(random.normal(0, scale))),
        roi.rotation + float(random.normal(0, turn)),
    )


def people_and_beside(samples: Sequence[PoseSample], random: np.random.Generator) -> Iterator[Look]:
    """Of every person a look as a tracker's, and one beside."""
    for sample in samples:
        roi = sample.default_roi
        if roi is not None:
            yield Look(sample.image, _moved(roi, random.uniform(0, 0.1), random, 0.12, 0.2), True)
            yield Look(sample.image, _moved(roi, random.uniform(*BESIDE), random, 0.2, 0.4), False)


def nobody(pictures: Sequence[Path], random: np.random.Generator) -> Iterator[Look]:
    """A look anywhere into each picture without people."""
    for path in pictures:
        height, width = images.read_image(path).shape[:2]
        side = float(random.uniform(0.4, 1.3)) * min(height, width)
        x, y = random.uniform(0.25, 0.75, 2) * (width, height)
        yield Look(path, Roi(float(x), float(y), side, float(random.normal(0, 0.4))), False)


class Features:
    """What the presence convolution of a network reads."""

    def __init__(self, weights: Weights, preset: str, source: str) -> None:
        model = build_landmark(preset)
        apply_weights(model, weights, source)
        layer = model.get_layer(LAYER)
        self.size: int = model.input_shape[1]
        self.kernel, self.bias = (variable.numpy() for variable in layer.weights)
        self._run = tf.function(tf_keras.Model(model.input, layer.input))

    def __call__(self, looks: Sequence[Look], progress: bool = True) -> Array:
        """Features [N, F] of the looks."""
        rows = []
        read = functools.lru_cache(maxsize=1)(images.read_image)  # looks beside come after looks at
        for start in tqdm(range(0, len(looks), BATCH), unit="batch", disable=not progress):
            crops = [
                images.crop(read(look.picture), look.roi, self.size)
                for look in looks[start : start + BATCH]
            ]
            values = self._run(tf.constant(np.stack(crops).astype(np.float32) / 255))
            rows.append(values.numpy().reshape(len(crops), -1))
        return np.concatenate(rows).astype(np.float64)


def fit(features: Array, somebody: NDArray[np.bool_], ridge: float = RIDGE) -> tuple[Array, float]:
    """Weights [F] and bias of the logistic regression in which people count `PEOPLE` in all.

    Newton's method on standardised features, with a ridge.

    Raises:
        BadInputError: only one of the two answers is there.
    """
    if somebody.all() or not somebody.any():
        raise BadInputError("presence needs crops with people and crops without")
    mean, spread = features.mean(axis=0), features.std(axis=0)
    # What hardly ever varies would get a weight that half precision cannot hold.
    spread = np.maximum(spread, FAINT)
    x = np.concatenate([(features - mean) / spread, np.ones((len(features), 1))], axis=1)
    target = somebody.astype(float)
    each = np.where(somebody, PEOPLE / somebody.mean(), (1 - PEOPLE) / (1 - somebody.mean()))
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 0.0
    solution = np.zeros(x.shape[1])
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-np.clip(x @ solution, -30, 30)))
        slope = x.T @ (each * (probability - target)) + penalty * solution
        curve = np.maximum(each * probability * (1 - probability), 1e-6)
        hessian = (x * curve[:, None]).T @ x + np.diag(penalty + 1e-6)
        solution -= np.linalg.solve(hessian, slope)
    kernel = solution[:-1] / spread
    return kernel, float(solution[-1] - kernel @ mean)


def shares(logits: Array, somebody: NDArray[np.bool_]) -> tuple[float, float]:
    """Percent of people missed, and of empty crops taken for somebody; NaN where there are none."""
    seen = logits >= 0
    return _percent(~seen[somebody]), _percent(seen[~somebody])


def _percent(answers: NDArray[np.bool_]) -> float:
    return 100 * float(answers.mean()) if len(answers) else float("nan")


def refit(
    weights: Weights, preset: str, source: str, looks: Sequence[Look], progress: bool = True
) -> tuple[Weights, dict[str, tuple[float, float]]]:
    """Weights with presence fitted on looks at training pictures; `shares` of the validation ones,
    before and after.

    Raises:
        BadInputError: weights of another preset, or only one of the two answers.
    """
    model = Features(weights, preset, source)
    features = model(looks, progress)
    somebody = np.array([look.somebody for look in looks])
    held = np.array([is_validation(look.picture.name) for look in looks])
    kernel, bias = fit(features[~held], somebody[~held])
    before = features @ model.kernel.reshape(-1) + float(model.bias[0])
    after = features @ kernel + bias
    arrays = {
        **weights.arrays,
        f"{LAYER}/kernel": kernel.reshape(model.kernel.shape).astype(np.float32),
        f"{LAYER}/bias": np.array([bias], np.float32),
    }
    found = {
        "before": shares(before[held], somebody[held]),
        "after": shares(after[held], somebody[held]),
    }
    return Weights(arrays, {**weights.about, "presence_fitted_on": len(looks)}), found
