"""Presence fitted anew: against the formula for two normal distributions, and on a real network."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.models.weights import read_weights, shipped
from blazepose_tf.training import presence

PERSON = Path(presence.__file__).parents[1] / "assets" / "calibration" / "images" / "000000.jpg"


def test_two_normal_distributions_give_the_formula() -> None:
    """Same covariance: weights are its inverse times the difference of the means (Fisher); the
    border moves by the logarithm of how much more people count."""
    random = np.random.default_rng(0)
    mixing = np.array([[1.0, 0.4, 0.0], [0.0, 0.8, 0.2], [0.0, 0.0, 3.0]])
    middles = np.array([[0.0, 0.0, 5.0], [1.0, -0.5, 6.0]])
    somebody = random.random(60000) < 0.2
    features = random.normal(size=(60000, 3)) @ mixing.T + middles[somebody.astype(int)]
    kernel, bias = presence.fit(features, somebody, ridge=0.0)
    inverse = np.linalg.inv(mixing @ mixing.T)
    expected = inverse @ (middles[1] - middles[0])
    np.testing.assert_allclose(kernel, expected, atol=0.05)
    odds = np.log(presence.PEOPLE / (1 - presence.PEOPLE))
    half = 0.5 * (middles[0] @ inverse @ middles[0] - middles[1] @ inverse @ middles[1])
    assert bias == pytest.approx(half + odds, abs=0.25)
    at_middle = kernel @ middles.mean(axis=0) + bias
    assert at_middle == pytest.approx(odds, abs=0.05)


@pytest.mark.parametrize("answer", [True, False])
def test_one_answer_alone_is_refused(answer: bool) -> None:
    with pytest.raises(BadInputError, match="crops without"):
        presence.fit(np.zeros((4, 2)), np.full(4, answer))


def test_looks_beside_leave_the_person() -> None:
    roi = Roi(100, 120, 80, 0.3)
    samples = [PoseSample(Path("a.jpg"), roi=roi)] * 50
    looks = list(presence.people_and_beside(samples, np.random.default_rng(1)))
    ways = np.array([np.hypot(x.roi.center_x - 100, x.roi.center_y - 120) / 80 for x in looks])
    somebody = np.array([look.somebody for look in looks])
    assert somebody.sum() == 50
    assert ways[somebody].max() <= 0.1
    assert ways[~somebody].min() >= presence.BESIDE[0]


def test_a_network_learns_what_an_empty_room_is(tmp_path: Path) -> None:
    """Only presence changes; crops of a plain room become nobody, whatever they were before."""
    height, width = cv2.imread(str(PERSON)).shape[:2]
    random = np.random.default_rng(2)
    looks = []
    for number in range(24):
        room = tmp_path / f"{number}.png"
        cv2.imwrite(str(room), random.normal(120, 6, (96, 96, 3)).clip(0, 255).astype(np.uint8))
        side = 0.9 * max(height, width) * float(random.uniform(0.9, 1.1))
        looks.append(presence.Look(PERSON, Roi(width / 2, height / 2, side), True))
        looks.append(presence.Look(room, Roi(48, 48, 90), False))
    weights = read_weights(shipped("lite"))
    fitted, _ = presence.refit(weights, "lite", "lite", looks, progress=False)
    changed = {n for n, a in fitted.arrays.items() if a is not weights.arrays[n]}
    assert changed == {"presence_conv/kernel", "presence_conv/bias"}
    network = presence.Features(fitted, "lite", "lite")
    logits = network(looks, progress=False) @ network.kernel.reshape(-1) + float(network.bias[0])
    somebody = np.array([look.somebody for look in looks])
    assert presence.shares(logits, somebody) == (0.0, 0.0)
    assert fitted.about["presence_fitted_on"] == len(looks)


def test_a_feature_that_hardly_varies_gets_a_weight_that_half_precision_holds() -> None:
    random = np.random.default_rng(1)
    somebody = random.random(2000) < 0.5
    useful = random.normal(size=2000) + 2.0 * somebody
    faint = np.where(somebody, 1e-7, 0.0) * random.random(2000)
    kernel, _ = presence.fit(np.stack([useful, faint], axis=1), somebody)
    assert kernel[0] > 0.5
    assert np.abs(kernel).max() < 1000
