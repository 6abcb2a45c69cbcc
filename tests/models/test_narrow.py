"""A narrower network made from a wider one."""

from __future__ import annotations

import numpy as np
from tf_keras import layers

from blazepose_tf.models.blocks import Blocks, DepthToSpace, model
from blazepose_tf.models.narrow import channel_groups, choose_channels, fit, make_narrow


def network(width: int, expanded: int, seed: int = 0) -> object:
    """Stem, one inverted residual with a sum, depth-to-space, a head of two values."""
    blocks = Blocks()
    image = layers.Input((16, 16, 3), name="image")
    x = blocks.conv(image, "stem", width, kernel=3, stride=2, relu=True)
    y = blocks.conv(x, "expand", expanded, relu=True)
    y = blocks.depthwise(y, "middle_depthwise", 3)
    y = blocks.conv(y, "project", width)
    x = blocks.add([x, y], "sum")
    x = DepthToSpace(name="spread")(x)
    built = model(image, {"out": blocks.conv(x, "head", 2)}, "network")
    random = np.random.default_rng(seed)
    built.set_weights([random.normal(0, 0.3, w.shape) for w in built.get_weights()])
    return built


IMAGES = np.random.default_rng(5).uniform(0, 1, (40, 16, 16, 3)).astype(np.float32)


def test_sums_tie_channels_together() -> None:
    groups = channel_groups(network(8, 12))
    assert groups["stem"] == groups["sum"] == groups["project"] == groups["stem_relu6"]
    assert groups["expand"] == groups["middle_depthwise"] != groups["stem"]
    assert groups["spread"] not in (groups["stem"], groups["head"])


def test_of_equal_width_it_is_the_same_network() -> None:
    wide, same = network(8, 12), network(8, 12, seed=3)
    make_narrow(wide, same, IMAGES)
    np.testing.assert_allclose(same(IMAGES)["out"], wide(IMAGES)["out"], atol=2e-2)


def test_channels_that_say_nothing_are_the_ones_that_go() -> None:
    """Half of the channels silenced: without them the function stays what it was."""
    wide, narrow = network(16, 12), network(8, 6, seed=3)
    silent = np.array([1, 2, 5, 7, 8, 11])
    kernel, bias = wide.get_layer("expand").get_weights()
    kernel[..., silent], bias[silent] = 0, 0
    wide.get_layer("expand").set_weights([kernel, bias])
    quiet = np.array([0, 3])  # of four base channels, in each of depth-to-space's four groups
    tied = np.concatenate([quiet + 4 * i for i in range(4)])
    for name in ("stem", "project"):
        kernel, bias = wide.get_layer(name).get_weights()
        kernel[..., tied], bias[tied] = 0, 0
        wide.get_layer(name).set_weights([kernel, bias])
    kept = choose_channels(wide, narrow, IMAGES)
    assert set(kept["expand"]) == set(range(12)) - set(silent)
    assert kept["spread"].tolist() == [1, 2]
    assert set(kept["sum"]) == set(range(16)) - set(tied)
    make_narrow(wide, narrow, IMAGES)
    said, meant = np.asarray(narrow(IMAGES)["out"]), np.asarray(wide(IMAGES)["out"])
    assert np.sqrt(np.mean((said - meant) ** 2)) < 0.02 * meant.std()


def test_fit_finds_a_linear_map() -> None:
    random = np.random.default_rng(2)
    x, true = random.normal(0, 1, (500, 6)), random.normal(0, 1, (6, 3))
    kernel, bias = fit(x.astype(np.float32), (x @ true + [1, 2, 3]).astype(np.float32))
    np.testing.assert_allclose(kernel, true, atol=5e-3)
    np.testing.assert_allclose(bias, [1, 2, 3], atol=5e-3)
