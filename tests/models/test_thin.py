"""Channels that go, chosen by least squares; files without them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.thin import choose, thin, without_dead_channels  # noqa: E402
from blazepose_tf.models.weights import apply_weights, get_weights  # noqa: E402

IMAGES = np.random.default_rng(0).random((4, 256, 256, 3), np.float32)
BLOCK = "encoder_16_1"


def test_each_channel_that_goes_is_the_one_missed_least() -> None:
    """One step against all possibilities, by numpy's own least squares."""
    random = np.random.default_rng(3)
    x = random.normal(0, 1, (200, 6)) @ random.normal(0, 1, (6, 6))
    y = x @ random.normal(0, 1, (6, 4)) * [1, 2, 3, 4]

    def error(kept: list[int]) -> float:
        fitted = np.linalg.lstsq(x[:, kept], y, rcond=None)[0]
        return float(np.square(y - x[:, kept] @ fitted).sum())

    kept = list(range(6))
    for count in (5, 4, 3):
        options = [list(c) for c in itertools.combinations(kept, count)]
        kept = min(options, key=error)
        assert choose(x.T @ x, x.T @ y, count).tolist() == kept


def test_silent_channels_go_without_a_trace(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset)
    layer = model.get_layer(f"{BLOCK}_project")
    kernel, bias = layer.get_weights()
    half = kernel.shape[2] // 2
    kernel[:, :, ::2] = 0
    layer.set_weights([kernel, bias])
    before = model(IMAGES)["landmarks"].numpy()
    lost = thin(model, IMAGES, {BLOCK: half})
    assert lost[BLOCK] < 1e-4
    np.testing.assert_allclose(model(IMAGES)["landmarks"], before, atol=2e-3)


def test_a_network_without_its_dead_channels_says_the_same(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset)
    thin(model, IMAGES, {BLOCK: 3, "encoder_8_0": 2})
    weights, widths = without_dead_channels(get_weights(model))
    assert widths == {BLOCK: 3, "encoder_8_0": 2}
    small = build_landmark(tiny_preset, widths=widths)
    apply_weights(small, weights)
    assert small.count_params() < model.count_params()
    for name, values in model(IMAGES).items():
        np.testing.assert_allclose(small(IMAGES)[name], values, atol=1e-5, err_msg=name)


def test_unknown_blocks_and_widths_are_refused(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset)
    with pytest.raises(BadInputError, match="no block 'encoder_7_0'"):
        thin(model, IMAGES, {"encoder_7_0": 1})
    with pytest.raises(BadInputError, match="were asked for"):
        thin(model, IMAGES, {BLOCK: 10_000})
