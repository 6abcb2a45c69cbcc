"""Exchanged sides are put back; true motion, slow frames and a lasting change are not touched."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.sides import HOLD_S, PARTS, SideGuard
from blazepose_tf.topology import INDEX, MIRRORED, NUM_LANDMARKS, NUM_POINTS

LEGS = PARTS[-1]
BODY = tuple(range(NUM_LANDMARKS))


def _walker(phase: float) -> Landmarks:
    """Legs swing against each other; arms, shoulders and hips stand apart. About 200 px tall."""
    points = np.zeros((NUM_POINTS, 3), np.float32)
    for i in range(NUM_LANDMARKS):
        side = 0 if MIRRORED[i] == i else np.sign(MIRRORED[i] - i)
        points[i, :2] = 100 + 20 * side, 20 + 6 * i
        if i in LEGS:
            points[i, 0] = 100 + side * 30 * np.sin(phase)
    points[33], points[34] = [100, 150, 0], [100, 50, 0]
    marks = np.arange(NUM_LANDMARKS, dtype=np.float32)
    return Landmarks(points, marks / 40, 0.9, np.stack([marks] * 3, axis=1))


def _run(frames: list[Landmarks], rate: float = 30.0) -> list[Landmarks]:
    guard = SideGuard()
    return [guard(frame, number / rate) for number, frame in enumerate(frames)]


@pytest.mark.parametrize("part", [*PARTS, BODY])
def test_a_few_exchanged_frames_are_put_back(part: tuple[int, ...]) -> None:
    truth = [_walker(1.0 + 0.02 * i) for i in range(20)]
    seen = [t.exchanged(part) if 8 <= i < 13 else t for i, t in enumerate(truth)]
    assert np.any(seen[9].points != truth[9].points)
    for held, true in zip(_run(seen), truth, strict=True):
        np.testing.assert_array_equal(held.points, true.points)
        np.testing.assert_array_equal(held.visibility, true.visibility)
        np.testing.assert_array_equal(held.world, true.world)


def test_legs_that_really_cross_are_left_alone() -> None:
    """Two steps a second, 30 frames a second: the feet pass each other."""
    walk = [_walker(2 * np.pi * i / 30) for i in range(60)]
    knee = INDEX["left_knee"]
    sides = {bool(w.points[knee, 0] > 100) for w in walk}
    assert sides == {True, False}
    for held, seen in zip(_run(walk), walk, strict=True):
        np.testing.assert_array_equal(held.points, seen.points)


def test_what_lasts_is_believed() -> None:
    """The first frames were wrong: after half a second the network has its way."""
    truth = [_walker(1.0)] * 40
    seen = [t.exchanged(BODY) if i < 10 else t for i, t in enumerate(truth)]
    held = _run(seen)
    right = [bool(np.array_equal(h.points, t.points)) for h, t in zip(held, truth, strict=True)]
    assert right.index(True) == pytest.approx(10 + HOLD_S * 30, abs=1)
    assert all(right[right.index(True) :])


@pytest.mark.parametrize("rate", [15, 5])
def test_slow_frames_are_left_alone(rate: float) -> None:
    frames = [_walker(1.0).exchanged(LEGS) if i % 2 else _walker(1.0) for i in range(8)]
    for held, seen in zip(_run(frames, rate), frames, strict=True):
        np.testing.assert_array_equal(held.points, seen.points)


def test_another_person_starts_without_a_past() -> None:
    guard = SideGuard()
    guard(_walker(1.0), 0.0)
    other = _walker(1.0).exchanged(BODY)
    guard.reset()
    np.testing.assert_array_equal(guard(other, 0.033).points, other.points)


def test_a_clock_that_stands_still_is_not_remembered() -> None:
    guard = SideGuard()
    first = _walker(1.0)
    guard(first, 1.0)
    other = first.exchanged(LEGS)
    assert guard(other, 1.0) is other
    np.testing.assert_array_equal(guard(other, 1.03).points, first.points)


def test_a_body_without_size_is_left_alone() -> None:
    guard = SideGuard()
    points = _walker(1.0).points.copy()
    points[34] = points[33]
    flat = dataclasses.replace(_walker(1.0), points=points)
    guard(flat, 0.0)
    seen = flat.exchanged(LEGS)
    np.testing.assert_array_equal(guard(seen, 0.03).points, seen.points)


def test_parts_are_whole_pairs_and_cover_the_body_once() -> None:
    flat = [i for part in PARTS for i in part]
    assert sorted(flat) == list(range(1, NUM_LANDMARKS))
    for part in PARTS:
        assert {MIRRORED[i] for i in part} == set(part)
    assert MIRRORED[NUM_LANDMARKS:] == (33, 34)
