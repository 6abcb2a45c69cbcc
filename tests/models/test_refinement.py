"""Points placed anew by evidence: against the formula in double precision."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

tf = pytest.importorskip("tensorflow")

from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.refinement import ASLEEP, PointRefinement, wake  # noqa: E402
from blazepose_tf.models.weights import get_weights  # noqa: E402

CELLS = 8


def formula(
    points: NDArray[np.float64], evidence: NDArray[np.float64], sigma: float, stay: float
) -> NDArray[np.float64]:
    """Mean of the posterior, cell by cell."""
    placed = points.copy()
    for k, (x, y, _) in enumerate(points):
        total, moment = np.exp(stay), np.exp(stay) * np.array([x, y])
        for row in range(CELLS):
            for column in range(CELLS):
                cell = (np.array([column, row]) + 0.5) / CELLS
                near = np.exp(-np.square(cell - (x, y)).sum() / (2 * sigma**2))
                weight = np.exp(evidence[row, column, k]) * near
                total, moment = total + weight, moment + weight * cell
        placed[k, :2] = moment / total
    return placed


def refine(points: NDArray[np.float64], evidence: NDArray[np.float64], sigma: float, stay: float):
    layer = PointRefinement(name="refinement")
    inputs = [tf.constant(v[None], tf.float32) for v in (points, evidence)]
    layer(inputs)
    layer.set_weights([np.full(len(points), 1 / sigma), np.full(len(points), stay)])
    return layer(inputs).numpy()[0]


def test_it_is_the_mean_of_the_posterior() -> None:
    random = np.random.default_rng(0)
    points = random.uniform(0, 1, (5, 3))
    evidence = random.normal(0, 3, (CELLS, CELLS, 5))
    for sigma, stay in ((0.05, 1.0), (0.2, -2.0), (1.0, 0.0)):
        np.testing.assert_allclose(
            refine(points, evidence, sigma, stay), formula(points, evidence, sigma, stay), atol=1e-4
        )


def test_a_strong_cell_nearby_wins_and_one_far_away_does_not() -> None:
    points = np.array([[0.5, 0.5, 0.1], [0.5, 0.5, 0.1]])
    evidence = np.full((CELLS, CELLS, 2), -8.0)
    evidence[4, 5, 0] = 8.0  # centre (0.6875, 0.5625)
    evidence[0, 0, 1] = 8.0
    near, far = refine(points, evidence, 0.1, 0.0)
    np.testing.assert_allclose(near, [0.6875, 0.5625, 0.1], atol=2e-3)
    np.testing.assert_allclose(far, [0.5, 0.5, 0.1], atol=2e-2)


def test_points_outside_the_crop_stay() -> None:
    points = np.array([[1.6, 0.5, 0.0], [-0.4, 1.3, 0.0]])
    evidence = np.full((CELLS, CELLS, 2), 5.0)
    np.testing.assert_allclose(refine(points, evidence, 0.05, 0.0), points, atol=1e-5)


def test_asleep_it_changes_nothing() -> None:
    random = np.random.default_rng(1)
    points, evidence = random.uniform(0, 1, (5, 3)), random.normal(0, 2, (CELLS, CELLS, 5))
    np.testing.assert_allclose(refine(points, evidence, 0.05, ASLEEP), points, atol=1e-5)


def test_waking_happens_once(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset)
    assert wake(model)
    awake = get_weights(model).arrays["refinement/stay"]
    assert awake.max() < ASLEEP / 2
    assert not wake(model)
    np.testing.assert_array_equal(get_weights(model).arrays["refinement/stay"], awake)
