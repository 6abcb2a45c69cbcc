"""Rounded kernels lie on the quantiser's grid and change outputs less than the nearest ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tf_keras

from blazepose_tf.convert import constants, export, graph, merging, rounding
from blazepose_tf.convert.observe import observe
from tests.convert.conftest import by_layer


def nearest(rows: np.ndarray) -> np.ndarray:
    scale = np.abs(rows).max(axis=-1, keepdims=True) / 127
    return np.round(rows / scale) * scale


def seen(content: bytes, op: graph.Operator, tiny: Any) -> np.ndarray:
    """What an operator of a file gives for the first sample."""
    values: list[np.ndarray] = []
    read = op.outputs[0].index
    observe(content, [], tiny.samples[:1], lambda get: values.append(get(read).copy()))
    return values[0]


def test_rows_stay_on_their_grid_and_err_less() -> None:
    """Against 20,000 inputs that go together, as channels of a network do."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(3, 10, 24))
    mixed = random.normal(size=(3, 24, 24)) @ np.diag(np.linspace(0.05, 2, 24))
    inputs = random.normal(size=(3, 20000, 24)) @ mixed
    covariance = np.stack([np.cov(x.T) for x in inputs])
    rounded = rounding.round_rows(rows, covariance)
    steps = rounded / (np.abs(rows).max(axis=2, keepdims=True) / 127)
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-6)
    assert np.abs(steps).max(axis=2) == pytest.approx(127)  # so that the scale stays what it was
    errors = [
        np.square(inputs @ (candidate - rows).transpose(0, 2, 1)).mean()
        for candidate in (rounded, nearest(rows))
    ]
    assert errors[0] < 0.6 * errors[1]


def test_dead_inputs_and_zero_rows_are_rounded_too() -> None:
    rows = np.zeros((1, 2, 5))
    rows[0, 0] = [1.0, -0.3, 0.2, 0.0, 0.5]
    rounded = rounding.round_rows(rows, np.zeros((1, 5, 5)))
    np.testing.assert_allclose(rounded, nearest(rows[:, :1]).repeat(2, 1) * [[[1.0], [0.0]]])


@pytest.mark.parametrize(
    "layer", ["stem", "stem_depthwise", "encoder_8_0_depthwise", "encoder_8_0_project"]
)
def test_moments_are_those_of_what_the_kernel_sees(
    tiny: Any, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W mean + b and W covariance W' are mean and variance of the layer's output in Keras, with
    strides, a border of zeros, and kernels of one and of nine weights."""
    monkeypatch.setattr(rounding, "POSITIONS", 10**6)
    model = graph.parse(tiny.float32)
    name = layer if layer.endswith("project") else f"{layer}_relu6"
    op = by_layer(tiny.float32)[name]
    inputs = rounding.InputMoments([op])
    observe(tiny.float32, [], tiny.samples, inputs)
    seen = inputs.moments()[op.index]
    kernel, bias = (constants.values(model, tensor) for tensor in op.inputs[1:])
    rows = rounding.kernel_rows(op, kernel)
    mean = np.einsum("grk,gk->gr", rows, seen.mean).reshape(-1) + bias
    variance = np.einsum("grk,gkl,grl->gr", rows, seen.covariance, rows).reshape(-1)
    output = tf_keras.Model(tiny.model.inputs, tiny.model.get_layer(layer).output)
    values = output(np.concatenate(tiny.samples)).numpy()
    np.testing.assert_allclose(mean, values.mean((0, 1, 2), dtype=float), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(variance, values.var((0, 1, 2), dtype=float), rtol=1e-3, atol=1e-6)


def test_the_mean_error_goes_into_the_bias(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a 1x1 convolution, exactly: mean(x Wq + b') = mean(x W + b)."""
    monkeypatch.setattr(rounding, "POSITIONS", 10**6)
    model = graph.parse(tiny.float32)
    op = by_layer(tiny.float32)["encoder_64_0_project"]
    moments = rounding.InputMoments([op])
    observe(tiny.float32, [], tiny.samples, moments)
    rounding.round_kernels(model, [op], moments.moments())
    rounded, bias = (
        constants.values(model, tensor) for tensor in graph.operators(model)[op.index].inputs[1:]
    )
    layer = tiny.model.get_layer("encoder_64_0_project")
    inputs = tf_keras.Model(tiny.model.inputs, layer.input)(np.concatenate(tiny.samples)).numpy()
    kernel, old_bias = layer.get_weights()
    exact = (inputs @ kernel[0, 0] + old_bias).mean((0, 1, 2))
    matrix = rounded[:, 0, 0].T
    uncorrected = (inputs @ matrix + old_bias).mean((0, 1, 2))
    restored = (inputs @ matrix + bias).mean((0, 1, 2))
    assert np.abs(restored - exact).max() < 0.05 * np.abs(uncorrected - exact).max()


def test_without_compensation_kernels_are_the_nearest(tiny: Any) -> None:
    model = graph.parse(tiny.float32)
    op = by_layer(tiny.float32)["encoder_8_0_project"]
    moments = rounding.InputMoments([op], compensate=False)
    observe(tiny.float32, [], tiny.samples, moments)
    rows = rounding.kernel_rows(op, constants.values(model, op.inputs[1]))
    rounding.round_kernels(model, [op], moments.moments())
    found = constants.values(model, graph.operators(model)[op.index].inputs[1])
    np.testing.assert_allclose(rounding.kernel_rows(op, found), nearest(rows), atol=1e-6)


def test_a_linear_bottleneck_is_joined_with_its_only_reader(tiny: Any) -> None:
    """The network says the same with one convolution less; residual trunks stay."""
    model = graph.parse(tiny.float32)
    before = by_layer(tiny.float32)
    assert merging.merge(model) == ["stem_project"]
    content = graph.to_bytes(model)
    after = by_layer(content)
    assert set(before) - set(after) == {"stem_project"}
    wide = before["stem_depthwise_relu6"].outputs[0].shape[3]
    assert after["encoder_64_0_expand_relu6"].inputs[1].shape[1:] == (1, 1, wide)
    layer = "encoder_64_0_expand_relu6"
    np.testing.assert_allclose(
        seen(content, after[layer], tiny), seen(tiny.float32, before[layer], tiny), atol=1e-4
    )


def test_an_expansion_reaches_over_a_trunk_that_others_read(tiny: Any) -> None:
    """Both forms of the network say the same; the trunk itself is still made and added to."""
    model = graph.parse(tiny.float32)
    before = by_layer(tiny.float32)
    joined = set(merging.merge(model, shared=True)) - {"stem_project"}
    assert joined
    content = graph.to_bytes(model)
    after = by_layer(content)
    assert set(before) - set(after) == {"stem_project"}
    for layer in joined:
        assert after[layer].inputs[0].index != before[layer].inputs[0].index
        np.testing.assert_allclose(
            seen(content, after[layer], tiny), seen(tiny.float32, before[layer], tiny), atol=1e-4
        )


def test_three_in_a_row_become_one() -> None:
    image = tf_keras.Input((4, 4, 6), batch_size=1, name="image")
    x = image
    for i in range(3):
        x = tf_keras.layers.Conv2D(6, 1, name=f"linear_{i}", bias_initializer="normal")(x)
    model = tf_keras.Model(image, {"out": x})
    picture = np.random.default_rng(0).random((1, 4, 4, 6), np.float32)
    expected = model(picture)["out"].numpy()
    joined = graph.parse(export.to_float32(model))
    merging.merge(joined)
    ops = graph.operators(joined)
    assert [op.kind for op in ops] == ["CONV_2D"]
    seen: list[np.ndarray] = []
    last = ops[0].outputs[0].index
    observe(graph.to_bytes(joined), [], [picture], lambda get: seen.append(get(last).copy()))
    np.testing.assert_allclose(seen[0], expected, atol=1e-5)
