"""RelativeAdam: a step is a share of what it changes."""

from __future__ import annotations

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.training.optimizer import RelativeAdam  # noqa: E402
from blazepose_tf.training.recipe import FLOOR  # noqa: E402


def _step(
    value: np.ndarray, gradient: np.ndarray, rate: float, name: str = "x/kernel"
) -> np.ndarray:
    variable = tf.Variable(value.astype(np.float32), name=name)
    optimizer = RelativeAdam(rate)
    optimizer.build([variable])
    optimizer.apply_gradients([(tf.constant(gradient.astype(np.float32)), variable)])
    return variable.numpy()


def test_first_step_moves_each_output_channel_by_its_own_rms() -> None:
    """Adam's first step is rate x sign(gradient); here times the channel's RMS."""
    value = np.ones((1, 1, 4, 2)) * [1.0, 100.0]
    gradient = np.ones((1, 1, 4, 2)) * [1e-3, -50.0]
    moved = _step(value, gradient, 0.01) - value
    assert moved[..., 0] == pytest.approx(-0.01, rel=1e-4)
    assert moved[..., 1] == pytest.approx(+1.0, rel=1e-4)


def test_depthwise_kernels_move_by_channel() -> None:
    value = np.ones((3, 3, 2, 1)) * np.reshape([1.0, 10.0], (1, 1, 2, 1))
    name = "x/depthwise_kernel"
    moved = np.abs(_step(value, np.ones((3, 3, 2, 1)), 0.01, name) - value)
    assert moved[..., 0, :] == pytest.approx(0.01, rel=1e-4)
    assert moved[..., 1, :] == pytest.approx(0.1, rel=1e-4)


def test_a_kernel_with_one_output_is_not_taken_for_a_depthwise_one() -> None:
    value = np.ones((2, 2, 2, 1)) * np.reshape([1.0, 7.0], (1, 1, 2, 1))
    moved = np.abs(_step(value, np.ones((2, 2, 2, 1)), 0.01) - value)
    assert moved == pytest.approx(0.05, rel=1e-4)  # RMS of 1 and 7


def test_what_starts_at_zero_can_grow() -> None:
    moved = _step(np.zeros((1, 1, 3, 3)), np.ones((1, 1, 3, 3)), 0.01)
    assert moved == pytest.approx(-0.01 * FLOOR, rel=1e-4)
