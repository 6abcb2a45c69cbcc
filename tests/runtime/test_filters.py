"""Filters against a scalar re-implementation of the published algorithm, and their properties."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from blazepose_tf.runtime.filters import (
    AUXILIARY,
    BODY,
    WORLD,
    LandmarkSmoother,
    LowPassFilter,
    OneEuroFilter,
    OneEuroOptions,
    object_scale,
)
from blazepose_tf.runtime.landmarker import Landmarks


class _Exponential:
    """LowPassFilter of the One Euro paper (Casiez et al. 2012, algorithm 2)."""

    def __init__(self) -> None:
        self.first = True

    def filter(self, x: float, alpha: float) -> float:
        if self.first:
            self.first = False
            self.hatx = x
        else:
            self.hatx = alpha * x + (1 - alpha) * self.hatx
        self.raw = x
        return self.hatx


class _Scalar:
    """The One Euro filter (algorithm 1), speed from unfiltered values as in the authors' code."""

    def __init__(self, options: OneEuroOptions) -> None:
        self.options, self.x, self.dx, self.time = options, _Exponential(), _Exponential(), None

    def filter(self, x: float, time: float, scale: float) -> float:
        rate = 30.0 if self.time is None else 1 / (time - self.time)
        self.time = time
        dx = 0.0 if self.x.first else (x - self.x.raw) * scale * rate
        edx = self.dx.filter(dx, self.alpha(rate, self.options.derivate_cutoff))
        cutoff = self.options.min_cutoff + self.options.beta * abs(edx)
        return self.x.filter(x, self.alpha(rate, cutoff))

    @staticmethod
    def alpha(rate: float, cutoff: float) -> float:
        tau = 1 / (2 * math.pi * cutoff)
        te = 1 / rate
        return 1 / (1 + tau / te)


@pytest.mark.parametrize("options", [BODY, AUXILIARY, WORLD, OneEuroOptions(1.0, 0.007, 2.0)])
def test_every_element_is_the_published_scalar_filter(options: OneEuroOptions) -> None:
    generator = np.random.default_rng(0)
    vector = OneEuroFilter(options)
    scalars = [[_Scalar(options) for _ in range(3)] for _ in range(4)]
    time, values = -1.0, generator.normal(size=(4, 3))
    for _ in range(60):
        time += float(generator.uniform(0.001, 0.2))
        values = values + generator.normal(scale=0.1, size=(4, 3))
        scale = float(generator.uniform(0.5, 2))
        expected = [
            [scalars[i][j].filter(float(values[i, j]), time, scale) for j in range(3)]
            for i in range(4)
        ]
        assert vector(values, time, scale) == pytest.approx(np.array(expected), abs=1e-12)


def test_constants_are_those_of_mediapipe() -> None:
    assert dataclasses.astuple(BODY) == (0.05, 80.0, 1.0)
    assert dataclasses.astuple(AUXILIARY) == (0.01, 10.0, 1.0)
    assert dataclasses.astuple(WORLD) == (0.1, 40.0, 1.0)


@pytest.mark.parametrize("time", [2.0, 1.0])
def test_a_timestamp_that_does_not_grow_passes_unfiltered_and_leaves_no_trace(time: float) -> None:
    disturbed, calm = OneEuroFilter(BODY), OneEuroFilter(BODY)
    for one in (disturbed, calm):
        one(np.array([1.0]), 1.9)
        one(np.array([2.0]), 2.0)
    assert disturbed(np.array([500.0]), time) == 500.0
    assert disturbed(np.array([3.0]), 2.1) == calm(np.array([3.0]), 2.1)


def test_a_still_noisy_point_is_calmed_and_a_fast_one_is_followed() -> None:
    generator = np.random.default_rng(1)
    still, fast = OneEuroFilter(BODY), OneEuroFilter(BODY)
    noise = generator.normal(scale=0.2, size=300)
    calmed = [still(np.array(n), i / 30, 1 / 500) for i, n in enumerate(noise)]
    assert np.std(calmed[100:]) < 0.5 * np.std(noise)
    # One body height per second: at most a twentieth of a frame's step behind, after a second.
    step = 500 / 30
    lag = [step * i - float(fast(np.array(step * i), i / 30, 1 / 500)) for i in range(60)]
    assert max(lag[30:]) < 0.1 * step


def test_reset_forgets() -> None:
    euro, average = OneEuroFilter(BODY), LowPassFilter(0.1)
    for time, value in enumerate([1.0, 5.0, 9.0]):
        euro(np.array(value), time)
        average(np.array(value))
    for part in (euro, average):
        assert part.state is not None
        part.reset()
        assert part.state is None
    # An earlier time, as of another video, is a beginning too.
    assert euro(np.array(7.0), 0.0) == average(np.array(7.0)) == 7.0
    assert euro.state is not None and average.state is not None


def test_the_caller_cannot_change_the_state() -> None:
    one = OneEuroFilter(BODY)
    value = np.array([1.0])
    result = one(value, 0.0)
    value[0] = result[0] = 99.0
    assert one(np.array([1.0]), 0.1) == 1.0


def test_low_pass_is_an_exponential_average() -> None:
    average = LowPassFilter(0.1)
    values = [1.0, 0.0, 0.0, 1.0]
    expected = [1.0, 0.9, 0.81, 0.1 + 0.9 * 0.81]
    assert [float(average(np.array(v))) for v in values] == pytest.approx(expected)


def _person(generator: np.random.Generator) -> Landmarks:
    points = generator.uniform(0, 200, (35, 3)).astype(np.float32)
    visibility = generator.uniform(0, 1, 33).astype(np.float32)
    return Landmarks(points, visibility, 0.9, generator.normal(size=(33, 3)).astype(np.float32))


def test_object_scale_is_the_diameter_of_the_body_without_margin() -> None:
    points = np.zeros((35, 3))
    points[33], points[34] = (10, 10, 5), (13, 14, 99)
    assert object_scale(points) == pytest.approx(10)


def test_smoothing_does_not_depend_on_the_size_of_the_picture() -> None:
    generator = np.random.default_rng(2)
    small, large = LandmarkSmoother(), LandmarkSmoother()
    for i in range(10):
        person = _person(generator)
        doubled = dataclasses.replace(person, points=person.points * 2)
        first, second = small(person, i / 25), large(doubled, i / 25)
        assert second.points == pytest.approx(first.points * 2, rel=1e-4)
        assert np.array_equal(second.world, first.world)


def test_each_part_is_filtered_with_its_own_constants() -> None:
    generator = np.random.default_rng(3)
    smoother = LandmarkSmoother()
    body, auxiliary, world = _Scalar(BODY), _Scalar(AUXILIARY), _Scalar(WORLD)
    visible = 0.0
    for i in range(5):
        person = _person(generator)
        points = person.points.astype(float)
        scale = 1 / (2 * math.dist(points[33, :2], points[34, :2]))
        result = smoother(person, i / 30)
        assert result.points[7, 2] == pytest.approx(body.filter(points[7, 2], i / 30, scale))
        assert result.points[34, 0] == pytest.approx(auxiliary.filter(points[34, 0], i / 30, scale))
        assert result.world[20, 1] == pytest.approx(
            world.filter(float(person.world[20, 1]), i / 30, 1.0)
        )
        visible = float(person.visibility[5]) * (0.1 if i else 1) + visible * 0.9
        assert result.visibility[5] == pytest.approx(visible)
        assert result.presence == person.presence
        assert result.points.dtype == result.visibility.dtype == result.world.dtype == np.float32


def test_a_body_without_size_is_not_filtered() -> None:
    smoother = LandmarkSmoother()
    for i in range(3):
        person = _person(np.random.default_rng(i))
        person.points[34] = person.points[33]
        assert np.array_equal(smoother(person, float(i)).points, person.points)
