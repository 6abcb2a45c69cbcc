"""The landmark network: sizes, the gradient cut, and what the exported graph leaves out."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

tf = pytest.importorskip("tensorflow")

from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import apply_weights, read_weights, shipped  # noqa: E402


@pytest.mark.parametrize(("preset", "millions"), [("lite", 1.3), ("full", 3.5)])
def test_parameters_are_the_papers(preset: str, millions: float) -> None:
    """The paper's 1.3M and 3.5M, within 5 %, counted in the graph that is exported."""
    assert build_landmark(preset).count_params() == pytest.approx(millions * 1e6, rel=0.05)


def test_outputs_have_the_contracts_shapes() -> None:
    outputs = build_landmark("lite", batch_size=1).output
    shapes = {name: tuple(tensor.shape) for name, tensor in outputs.items()}
    assert shapes == {
        "landmarks": (1, 35, 3), "visibility": (1, 33), "presence": (1, 1), "world": (1, 33, 3),
    }  # fmt: skip


def test_the_same_weights_see_the_same_person_at_another_input_size(
    person_crops: list[NDArray[np.uint8]],
) -> None:
    """Weights of 256 pixels, not fine-tuned, place points of 192-pixel crops where those of 256
    are: 4 px on average; 8 to 10 where 4x4 features are not of the size they were trained at."""
    weights = read_weights(shipped("lite_256"))
    points = {}
    for preset, size in (("lite_256", 256), ("lite_192", 192)):
        model = build_landmark(preset)
        apply_weights(model, weights)
        assert model.input_shape[1:] == (size, size, 3)
        crops = tf.image.resize(np.stack(person_crops), (size, size), antialias=True)
        points[size] = model(crops / 255.0)["landmarks"].numpy()[:, :33, :2] * 256
    assert np.linalg.norm(points[192] - points[256], axis=2).mean() < 6


def test_exported_graph_has_no_heatmap_tensor() -> None:
    """Nothing at 64x64 with one channel per landmark, and no decoder, is left without heads."""
    graph, training = build_landmark("lite"), build_landmark("lite", heads=True)
    names = {layer.name for layer in graph.layers}
    assert not [n for n in names if n.startswith(("heatmap", "offset", "decoder"))]
    assert {"heatmap", "offset"} <= {layer.name for layer in training.layers}
    assert training.count_params() > graph.count_params()


def _gradients(model: Any, output: str) -> dict[str, float]:
    """Largest gradient of an output's sum of squares, per layer."""
    image = tf.random.stateless_uniform((1, 256, 256, 3), seed=(1, 2))
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(tf.square(model(image)[output] - 0.3))
    variables = model.trainable_variables
    found: dict[str, float] = {}
    for variable, gradient in zip(variables, tape.gradient(value, variables), strict=True):
        size = 0.0 if gradient is None else float(tf.reduce_max(tf.abs(gradient)))
        layer = variable.name.split("/")[0]
        found[layer] = max(found.get(layer, 0.0), size)
    return found


def _open_zero_layers(model: Any) -> None:
    """Give the layers that start at zero some weight, so that a leak through them would show."""
    for layer in model.layers:
        for variable in layer.weights:
            if "kernel" in variable.name and not np.any(variable.numpy()):
                variable.assign(tf.random.stateless_normal(variable.shape, seed=(3, 4)) * 0.1)


def test_regression_sends_no_gradient_into_the_features(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset, heads=True)
    _open_zero_layers(model)
    gradients = _gradients(model, "landmarks")
    features = [n for n in gradients if n.startswith(("stem", "encoder_", "decoder_"))]
    assert features and all(gradients[name] == 0.0 for name in features)
    assert gradients["refine_32_project"] > 0 and gradients["evidence"] > 0
    assert gradients["landmarks_conv"] > 0


def test_heatmaps_train_the_features(tiny_preset: str) -> None:
    model = build_landmark(tiny_preset, heads=True)
    gradients = _gradients(model, "heatmap")
    assert gradients["stem"] > 0 and gradients["decoder_16_project"] > 0
    assert gradients["regression_4_down_project"] == 0.0


def test_without_the_cut_regression_trains_the_encoder(tiny_preset: str) -> None:
    gradients = _gradients(build_landmark(tiny_preset, stop_gradient=False), "landmarks")
    assert gradients["stem"] > 0


def test_refinement_reads_every_resolution(tiny_preset: str) -> None:
    gradients = _gradients(build_landmark(tiny_preset), "landmarks")
    for size in (32, 16, 8):
        assert gradients[f"refine_{size}_project"] > 0, size


def test_the_papers_fine_path_reads_every_resolution(
    tiny_preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = dataclasses.replace(presets.LANDMARK[tiny_preset], fine_widths=(8, 8), refined=False)
    monkeypatch.setitem(presets.LANDMARK, "paper", row)
    gradients = _gradients(build_landmark("paper"), "landmarks")
    for name in ("regression_32_down_project", "regression_32_skip_project",
                 "regression_16_skip_project", "regression_8_skip_project"):  # fmt: skip
        assert gradients[name] > 0, name


def test_quantization_aware_graph_rounds_everything_but_the_tower() -> None:
    model = build_landmark("lite", quantization_aware=True)
    ranged = {layer.name for layer in model.layers if layer.name.endswith("_range")}
    joins = {"regression_8_skip_project_relu6_range", "encoder_last_expand_relu6_range"}
    assert {"image_range", "stem_relu6_range", *joins} <= ranged
    float_part = ("regression_4", "regression_2_", "landmarks", "refine", "evidence")
    assert not [n for n in ranged if n.startswith(float_part)]


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(BadInputError, match="unknown landmark preset 'huge'"):
        build_landmark("huge")
