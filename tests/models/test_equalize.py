"""Equalisation computes the same and gives 8 bits channels of one size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import tf_keras  # noqa: E402

from blazepose_tf.models.detector import build_detector  # noqa: E402
from blazepose_tf.models.equal_groups import find_bends, find_groups  # noqa: E402
from blazepose_tf.models.equalize import MARGIN, channel_sizes, equalize  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import Weights, apply_weights, get_weights  # noqa: E402


def _images() -> Any:
    return np.random.default_rng(0).random((2, 256, 256, 3), np.float32)


def _unequal(model: Any) -> Weights:
    """Weights whose bottleneck channels differ by orders of magnitude."""
    weights = get_weights(model)
    random = np.random.default_rng(1)
    for name, value in weights.arrays.items():
        if name.startswith("encoder") and "_project/kernel" in name:
            weights.arrays[name] = value * np.exp(random.normal(0, 1.5, value.shape[-1]))
    apply_weights(model, weights)
    return weights


def test_the_network_computes_the_same_with_channels_of_one_size(tiny_preset: str) -> None:
    tf_keras.utils.set_random_seed(0)  # one network in ten has a channel beyond `LIMIT`
    model, images = build_landmark(tiny_preset), _images()
    weights = _unequal(model)
    before = {name: value.numpy() for name, value in model(images).items()}
    group = next(g for g in find_groups(model) if "stem_project" in g.makers)
    uneven = channel_sizes(model, group.makers, [images])["stem_project"]
    apply_weights(model, equalize(model, weights, [images]))
    for name, value in model(images).items():
        scale = np.abs(before[name]).max()
        np.testing.assert_allclose(value.numpy(), before[name], atol=2e-4 * scale, err_msg=name)
    assert uneven.max() / uneven.min() > 1.5
    for group in find_groups(model):
        names = (*group.makers, *group.sums)
        sizes = np.max(list(channel_sizes(model, names, [images]).values()), axis=0)
        fires = sizes > sizes.max() / 50
        assert sizes[fires] == pytest.approx(sizes.max(), rel=1e-3)


def test_residual_blocks_share_one_group_and_nothing_bent_is_touched() -> None:
    groups = find_groups(build_landmark("lite"))
    makers = {name: group for group in groups for name in group.makers}
    block = makers["encoder_8_0_project"]
    assert set(block.makers) == {f"encoder_8_{i}_project" for i in range(4)}
    assert "encoder_last_expand" in block.readers
    assert "refine_32_depthwise" in makers["encoder_32_0_project"].readers
    # These feed a ReLU or are outputs: scaling them would change what is computed.
    bent = {"stem", "regression_4_0_project", "landmarks_conv", "world_conv", "evidence"}
    assert not bent & set(makers)


def test_faint_channels_before_a_relu6_are_widened_and_none_is_clipped(tiny_preset: str) -> None:
    tf_keras.utils.set_random_seed(0)
    model, images = build_landmark(tiny_preset), _images()
    weights = get_weights(model)
    weights.arrays["encoder_64_0_expand/kernel"] *= 0.01
    weights.arrays["encoder_64_0_expand/bias"][:] = 0.06  # faint, but there
    apply_weights(model, weights)
    relu = "encoder_64_0_expand_relu6"
    before = {name: value.numpy() for name, value in model(images).items()}
    faint = channel_sizes(model, [relu], [images])[relu]
    apply_weights(model, equalize(model, weights, [images]))
    wide = channel_sizes(model, [relu], [images])[relu]
    seen = faint > 0.05
    assert seen.any() and (wide[seen] > 10 * faint[seen]).all()
    assert wide[seen].max() <= 6 / MARGIN * (1 + 1e-4)
    for name, value in model(images).items():
        scale = np.abs(before[name]).max()
        np.testing.assert_allclose(value.numpy(), before[name], atol=2e-4 * scale, err_msg=name)


def test_only_what_convolutions_alone_read_is_widened() -> None:
    bends = {group.sums[0]: group for group in find_bends(build_landmark("lite"))}
    assert bends["encoder_64_0_expand_relu6"].readers == ["encoder_64_0_depthwise"]
    assert bends["encoder_8_3_depthwise_relu6"].readers == ["encoder_8_3_project"]
    assert "refine_16_project_relu6" not in bends  # read by an addition


def test_the_detector_computes_the_same() -> None:
    model = build_detector()
    images = np.random.default_rng(0).random((1, 224, 224, 3), np.float32)
    before = {name: value.numpy() for name, value in model(images).items()}
    apply_weights(model, equalize(model, get_weights(model), [images]))
    for name, value in model(images).items():
        scale = np.abs(before[name]).max()
        np.testing.assert_allclose(value.numpy(), before[name], atol=1e-3 * scale, err_msg=name)
