"""Centring computes the same with channels around zero."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tf_keras  # noqa: E402

from blazepose_tf.models.centre import centre, channel_means  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import apply_weights, get_weights  # noqa: E402


def test_the_network_computes_the_same_around_zero(tiny_preset: str) -> None:
    tf_keras.utils.set_random_seed(0)
    model = build_landmark(tiny_preset)
    weights = get_weights(model)
    random = np.random.default_rng(1)
    for name, value in weights.arrays.items():
        if name.endswith("_project/bias"):
            weights.arrays[name] = value + random.normal(0, 5, value.shape).astype(np.float32)
    apply_weights(model, weights)
    images = random.random((2, 256, 256, 3), np.float32)
    names = ("encoder_64_0_project", "encoder_8_0_project", "encoder_32_0_project")
    tensors = {name: model.get_layer(name).output for name in names}

    def said() -> dict[str, Any]:
        return {name: value.numpy() for name, value in model(images).items()}

    before, old = said(), channel_means(tensors, model, [images])
    apply_weights(model, centre(model, weights, [images[:1], images[1:]]))
    new = channel_means(tensors, model, [images])
    for name, value in said().items():
        scale = np.abs(before[name]).max()
        np.testing.assert_allclose(value, before[name], atol=2e-4 * scale, err_msg=name)
    for name in names[:2]:
        assert np.abs(old[name]).max() > 1
        assert np.abs(new[name]).max() < 1e-3 * np.abs(old[name]).max()
    # The refinement's 3x3 kernels read these: their border of zeros must stay one.
    np.testing.assert_allclose(new[names[2]], old[names[2]], rtol=1e-5)
