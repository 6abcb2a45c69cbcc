"""A point that is wrong for one frame stays where it was; what really moves is a frame late."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from blazepose_tf.runtime.jumps import JUMP, JumpGuard
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.topology import INDEX, NUM_LANDMARKS, NUM_POINTS

SIZE = 200.0
"""Pixels: the body's size of `_body`."""
WRIST = INDEX["left_wrist"]
FAR = 1.5 * JUMP * SIZE


def _body(number: int = 0) -> Landmarks:
    """Nearly still, 200 px from one side of its circle to the other; depth and world say when."""
    points = np.zeros((NUM_POINTS, 3), np.float32)
    points[:, 0] = 100 + 0.2 * number
    points[:, 1] = np.arange(NUM_POINTS) * 5
    points[:, 2] = number
    points[33, :2], points[34, :2] = [100, 150], [100, 150 - SIZE / 2]
    world = np.full((NUM_LANDMARKS, 3), number, np.float32)
    return Landmarks(points, np.full(NUM_LANDMARKS, number / 100, np.float32), 0.9, world)


def _moved(body: Landmarks, x: float, point: int = WRIST) -> Landmarks:
    points = body.points.copy()
    points[point, 0] += x
    return dataclasses.replace(body, points=points)


def _run(frames: list[Landmarks], rate: float = 30.0) -> list[Landmarks]:
    guard = JumpGuard()
    return [guard(frame, number / rate) for number, frame in enumerate(frames)]


def test_a_point_that_is_wrong_for_one_frame_stays() -> None:
    """With its depth and its world landmark; every other point passes."""
    frames = [_moved(_body(i), FAR if i == 5 else 0) for i in range(10)]
    held = _run(frames)
    np.testing.assert_array_equal(held[5].points[WRIST], frames[4].points[WRIST])
    np.testing.assert_array_equal(held[5].world[WRIST], frames[4].world[WRIST])
    others = np.arange(NUM_POINTS) != WRIST
    np.testing.assert_array_equal(held[5].points[others], frames[5].points[others])
    np.testing.assert_array_equal(held[5].visibility, frames[5].visibility)
    for number in (4, 6, 7):
        np.testing.assert_array_equal(held[number].points, frames[number].points)


def test_where_it_stays_it_is_one_frame_late() -> None:
    frames = [_moved(_body(i), FAR if i >= 5 else 0) for i in range(10)]
    late = [
        not np.array_equal(h.points, f.points) for h, f in zip(_run(frames), frames, strict=True)
    ]
    assert [i for i, is_late in enumerate(late) if is_late] == [5]


def test_a_fast_motion_is_late_in_its_first_frame_only() -> None:
    """A hand that crosses half the body in every frame, in one direction."""
    way = [max(0, i - 4) * 2 * FAR for i in range(9)]
    frames = [_moved(_body(i), x) for i, x in enumerate(way)]
    held = _run(frames)
    late = [not np.array_equal(h.points, f.points) for h, f in zip(held, frames, strict=True)]
    assert [i for i, is_late in enumerate(late) if is_late] == [5]


def test_less_than_a_jump_passes() -> None:
    frames = [_moved(_body(), (0.9 * JUMP * SIZE) * (i % 2)) for i in range(8)]
    for held, seen in zip(_run(frames), frames, strict=True):
        np.testing.assert_array_equal(held.points, seen.points)


def test_the_region_s_points_are_held_too() -> None:
    frames = [_moved(_body(i), FAR if i == 5 else 0, point=33) for i in range(8)]
    np.testing.assert_array_equal(_run(frames)[5].points[33], frames[4].points[33])


@pytest.mark.parametrize("rate", [15, 5])
def test_slow_frames_are_left_alone(rate: float) -> None:
    frames = [_moved(_body(i), FAR * (i % 2)) for i in range(8)]
    for held, seen in zip(_run(frames, rate), frames, strict=True):
        np.testing.assert_array_equal(held.points, seen.points)


def test_another_person_starts_without_a_past() -> None:
    guard = JumpGuard()
    guard(_body(), 0.0)
    guard.reset()
    other = _moved(_body(), FAR)
    assert guard(other, 0.033) is other


def test_a_clock_that_stands_still_is_not_remembered() -> None:
    guard = JumpGuard()
    first, other = _body(), _moved(_body(), FAR)
    guard(first, 1.0)
    assert guard(other, 1.0) is other
    np.testing.assert_array_equal(guard(other, 1.03).points, first.points)


def test_a_body_without_size_is_left_alone() -> None:
    points = _body().points.copy()
    points[34] = points[33]
    flat = dataclasses.replace(_body(), points=points)
    frames = [_moved(flat, FAR * (i % 2)) for i in range(4)]
    for held, seen in zip(_run(frames), frames, strict=True):
        np.testing.assert_array_equal(held.points, seen.points)
