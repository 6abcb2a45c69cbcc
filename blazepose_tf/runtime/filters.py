"""Smoothing over time with the filters and constants of MediaPipe's graphs.

Source of the constants: mediapipe/modules/pose_landmark/pose_landmark_filtering.pbtxt; of the
filter: Casiez, Roussel, Vogel, "1 Euro Filter", CHI 2012, in the form of the authors' reference
code, which MediaPipe follows (util/filtering/one_euro_filter.cc): the speed is the difference of
two unfiltered values, where the paper's listing subtracts the last filtered one.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.topology import FULL_BODY_CIRCLE, MID_HIP, NUM_LANDMARKS

Array = NDArray[np.floating[Any]]

VISIBILITY_ALPHA = 0.1
"""VisibilitySmoothingCalculator: low_pass_filter { alpha: 0.1 }."""
MIN_OBJECT_SCALE = 1e-6
"""LandmarksSmoothingCalculator: below this size (pixels) of the body nothing is filtered."""


@dataclass(frozen=True)
class OneEuroOptions:
    """Cut-off frequencies in hertz; `beta` in hertz per unit of scaled speed."""

    min_cutoff: float
    beta: float
    derivate_cutoff: float = 1.0


BODY = OneEuroOptions(min_cutoff=0.05, beta=80.0)
"""The 33 landmarks in the picture, speed in body sizes per second."""
AUXILIARY = OneEuroOptions(min_cutoff=0.01, beta=10.0)
"""The two alignment points: smoothed harder, so that the crop of a still person stands still."""
WORLD = OneEuroOptions(min_cutoff=0.1, beta=40.0)
"""The 33 world landmarks, speed in metres per second (disable_value_scaling: true)."""


@dataclass(frozen=True)
class OneEuroState:
    """All that the filter remembers: the last time (s), values and speeds, arrays of one shape."""

    timestamp_s: float
    raw: Array
    value: Array
    speed: Array


def _alpha(cutoff: Array, period_s: float) -> Array:
    """Weight of the new value in an exponential average with this cut-off frequency (Hz)."""
    return np.divide(1.0, 1.0 + 1.0 / (2.0 * math.pi * cutoff * period_s))


class OneEuroFilter:
    """One Euro filter of an array of any shape; every element is filtered by itself.

    `state` is None before the first value and after `reset`.
    """

    def __init__(self, options: OneEuroOptions) -> None:
        self.options = options
        self.state: OneEuroState | None = None

    def reset(self) -> None:
        """Forget the past; the next value passes unchanged."""
        self.state = None

    def __call__(self, value: Array, timestamp_s: float, value_scale: float = 1.0) -> Array:
        """Filter `value`, seen at `timestamp_s` seconds; float64 of the same shape.

        `value_scale` turns speeds into the unit `beta` was tuned for (1 / body size in pixels).
        A timestamp that does not grow returns the value unfiltered and is not remembered.
        """
        value = np.array(value, np.float64)
        last = self.state
        if last is None:
            self.state = OneEuroState(timestamp_s, value, value, np.zeros_like(value))
            return value.copy()
        period = timestamp_s - last.timestamp_s
        if not period > 0:
            return value
        options = self.options
        weight = _alpha(np.array(options.derivate_cutoff), period)
        speed = (value - last.raw) * (value_scale / period)
        speed = weight * speed + (1 - weight) * last.speed
        weight = _alpha(options.min_cutoff + options.beta * np.abs(speed), period)
        filtered = weight * value + (1 - weight) * last.value
        self.state = OneEuroState(timestamp_s, value, filtered, speed)
        return filtered.copy()


class LowPassFilter:
    """Exponential average with a fixed weight per frame, whatever the time between frames."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha
        self.state: Array | None = None

    def reset(self) -> None:
        """Forget the past; the next value passes unchanged."""
        self.state = None

    def __call__(self, value: Array) -> Array:
        """alpha * value + (1 - alpha) * last result; float64 of the same shape."""
        value = np.array(value, np.float64)
        if self.state is not None:
            value = self.alpha * value + (1 - self.alpha) * self.state
        self.state = value
        return value.copy()


def object_scale(points: Array) -> float:
    """Size of the body in pixels: diameter of the circle around it, from landmarks [35, >=2].

    MediaPipe's OBJECT_SCALE_ROI: the square of the unfiltered alignment points, without margin.
    """
    return 2.0 * float(np.linalg.norm(points[FULL_BODY_CIRCLE, :2] - points[MID_HIP, :2]))


class LandmarkSmoother:
    """The four filters of one tracked person: landmarks, alignment points, world, visibility."""

    def __init__(self) -> None:
        self.body = OneEuroFilter(BODY)
        self.auxiliary = OneEuroFilter(AUXILIARY)
        self.world = OneEuroFilter(WORLD)
        self.visibility = LowPassFilter(VISIBILITY_ALPHA)

    def reset(self) -> None:
        """Forget the person (MediaPipe does so in every frame without landmarks)."""
        for part in (self.body, self.auxiliary, self.world, self.visibility):
            part.reset()

    def __call__(self, landmarks: Landmarks, timestamp_s: float) -> Landmarks:
        """The smoothed landmarks of the frame at `timestamp_s` seconds; presence is unchanged."""
        points = landmarks.points
        scale = object_scale(points)
        if scale >= MIN_OBJECT_SCALE:
            body = self.body(points[:NUM_LANDMARKS], timestamp_s, 1.0 / scale)
            auxiliary = self.auxiliary(points[NUM_LANDMARKS:], timestamp_s, 1.0 / scale)
            points = np.concatenate([body, auxiliary]).astype(np.float32)
        return dataclasses.replace(
            landmarks,
            points=points,
            visibility=self.visibility(landmarks.visibility).astype(np.float32),
            world=self.world(landmarks.world, timestamp_s).astype(np.float32),
        )
