"""int8 files: the scales are the formulas', the tower is float, learned ranges count."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tf_keras
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from blazepose_tf.convert import checks, delegates, graph, quantize
from blazepose_tf.convert.observe import observe
from blazepose_tf.errors import BadInputError
from blazepose_tf.models import presets
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.weights import apply_weights, get_weights
from tests.convert.conftest import by_layer, scaled
from tests.training.tiny_train import TINY


def predict(content: bytes, samples: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    interpreter = Interpreter(model_content=content)
    runner = interpreter.get_signature_runner("serving_default")
    return np.concatenate([runner(image=sample)["landmarks"] for sample in samples])


def test_tower_is_float_and_the_rest_int8(tiny: Any) -> None:
    interpreter = Interpreter(model_content=tiny.int8.content)
    tensors = {d["index"]: d for d in interpreter.get_tensor_details()}
    seen = {np.int8: 0, np.float32: 0}
    for op in interpreter._get_ops_details():
        if op["op_name"] not in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            continue
        source, kernel, _ = (tensors[i] for i in op["inputs"])
        output = tensors[op["outputs"][0]]
        placing = any(part in output["name"] for part in ("refine", "evidence"))
        dtype = np.float32 if output["shape"][1] <= 4 or placing else np.int8
        assert (source["dtype"], kernel["dtype"], output["dtype"]) == (dtype, dtype, dtype)
        channels = output["shape"][3]
        scales = kernel["quantization_parameters"]["scales"]
        assert len(scales) == (channels if dtype == np.int8 else 0)
        seen[dtype] += 1
    assert seen[np.int8] > 20 and seen[np.float32] > 12


def test_weights_are_symmetric_per_channel(tiny: Any) -> None:
    """scale = max|w| / 127 per output channel, as quantisation-aware training simulates it."""
    for layer, axis in (("encoder_32_0_project", 3), ("encoder_32_0_depthwise", 2)):
        name = layer if axis == 3 else f"{layer}_relu6"
        kernel = tiny.model.get_layer(layer).get_weights()[0]
        axes = tuple(i for i in range(4) if i != axis)
        tensor = by_layer(tiny.int8.content)[name].inputs[1]
        np.testing.assert_allclose(tensor.scales, np.abs(kernel).max(axes) / 127, rtol=1e-5)
        assert set(tensor.zero_points) == {0}


def test_input_scale_does_not_depend_on_the_pictures(tiny: Any) -> None:
    dark = [0.3 * sample for sample in tiny.samples[:2]]
    content = quantize.to_int8(tiny.float32, dark, kind="landmark", int8_input=True).content
    interpreter = Interpreter(model_content=content)
    (image,) = interpreter.get_input_details()
    assert image["dtype"] == np.int8
    assert image["quantization"] == (pytest.approx(1 / 255), -128)
    assert {d["dtype"] for d in interpreter.get_output_details()} == {np.float32}


def test_learned_ranges_become_scales(tiny: Any) -> None:
    learned = {"encoder_32_0_project": (-2.0, 3.1), "encoder_64_0_expand_relu6": (0.0, 4.0)}
    result = quantize.to_int8(tiny.float32, tiny.samples[:2], kind="landmark", learned=learned)
    before, after = by_layer(tiny.int8.content), by_layer(result.content)
    project = after["encoder_32_0_project"].outputs[0]
    assert project.scales == (pytest.approx(5.1 / 255),)
    assert project.zero_points == (-128 + round(2.0 / (5.1 / 255)),)
    # The padding behind the ReLU moves values: it has the same scale.
    for name in ("encoder_64_0_expand_relu6", "encoder_64_0_depthwise_pad"):
        assert after[name].outputs[0].scales == (pytest.approx(4 / 255),)
    assert before["encoder_32_0_project"].outputs[0].scales != project.scales
    # Learned ranges keep every tensor; without any, the stem's bottleneck is joined away.
    assert (result.learned, result.learned + result.calibrated) == (2, tiny.int8.calibrated + 1)


def test_ranges_of_another_network_are_refused(tiny: Any) -> None:
    with pytest.raises(BadInputError, match="encoder_99_0_project"):
        quantize.to_int8(
            tiny.float32, tiny.samples[:1], kind="landmark",
            learned={"encoder_99_0_project": (-1.0, 1.0)},
        )  # fmt: skip


def test_no_pictures_no_int8(tiny: Any) -> None:
    with pytest.raises(BadInputError, match="--calibration"):
        quantize.to_int8(tiny.float32, [], kind="landmark")


def test_file_is_the_quantization_aware_graph(tiny: Any, monkeypatch: Any) -> None:
    """The Keras graph that simulates int8 in training, and the file made with its ranges, agree
    far better than either does with float: ranges are narrow on purpose."""
    monkeypatch.setitem(presets.LANDMARK, "tiny", TINY)
    simulated = build_landmark("tiny", quantization_aware=True)
    apply_weights(simulated, get_weights(tiny.model))
    taps = [layer.name for layer in simulated.layers if layer.name.endswith("_range")]
    layers = [name.removesuffix("_range") for name in taps]
    model = tf_keras.Model(
        tiny.model.inputs, {n: tiny.model.get_layer(n).output for n in layers if n != "image"}
    )
    activations = model(np.concatenate(tiny.samples[:4]))
    ranges = {"image": (0.0, 1.0)}
    for name, values in activations.items():
        low, high = np.percentile(values, [3, 97])
        ranges[name] = (min(float(low), 0.0), max(float(high), 0.1))
    for name in layers:
        simulated.get_layer(f"{name}_range").set_weights([np.float32(ranges[name])])

    content = quantize.to_int8(
        tiny.float32, tiny.samples[:2], kind="landmark", learned=ranges
    ).content  # fmt: skip
    file = predict(content, tiny.samples)
    keras = np.concatenate([simulated(s)["landmarks"].numpy() for s in tiny.samples])
    exact = np.concatenate([tiny.model(s)["landmarks"].numpy() for s in tiny.samples])
    assert np.abs(file - keras).mean() < 0.15 * np.abs(exact - keras).mean()


def test_observed_values_are_those_of_keras(tiny: Any) -> None:
    """Also before additions, where TensorFlow's calibrator reports the range of the sum."""
    ops = by_layer(tiny.float32)
    names = ["encoder_64_0_expand_relu6", "encoder_16_1_project", "encoder_16_1_add"]
    indices = [ops[name].outputs[0].index for name in names]
    found = observe(tiny.float32, indices, tiny.samples)
    batch = np.concatenate(tiny.samples)
    for name, index in zip(names, indices, strict=True):
        layer = tiny.model.get_layer(name)
        values = tf_keras.Model(tiny.model.inputs, layer.output)(batch).numpy()
        expected = (values.min(), values.max())
        assert (found[index].low, found[index].high) == pytest.approx(expected, rel=1e-4)


def test_layout_check_notices_a_quantised_tower(tiny: Any) -> None:
    ops = graph.operators(graph.parse(tiny.int8.content))
    assert checks.int8_layout(ops, "landmark").passed
    # With the detector's rule nothing may stay float in this graph.
    assert not checks.int8_layout(ops, "detector").passed
    plain = graph.operators(graph.parse(tiny.float32))
    assert not checks.int8_layout(plain, "landmark").passed


@pytest.mark.parametrize("factor", [0.0, 1e-6])
def test_a_branch_without_influence_stays_in_the_delegate(tiny: Any, factor: float) -> None:
    """Imported weights have skip connections that give only zeros. XNNPACK refuses additions
    whose scales are more than a thousandfold apart."""
    content = scaled(tiny.float32, "encoder_16_1_project", factor)
    result = quantize.to_int8(content, tiny.samples[:2], kind="landmark")
    assert delegates.xnnpack(result.content, "ai-edge-litert").whole
    ops = by_layer(result.content)
    operand = ops["encoder_16_1_project"].outputs[0].scales[0]
    total = ops["encoder_16_1_add"].outputs[0].scales[0]
    assert operand == pytest.approx(total * quantize.FINEST_OPERAND, rel=0.01)


def test_float_kernels_are_stored_in_half_the_bytes(tiny: Any) -> None:
    model = graph.parse(tiny.int8.content)
    kernel = tiny.model.get_layer("landmarks_conv").get_weights()[0]
    unpacked = by_layer(tiny.int8.content)["landmarks_conv"].inputs[1]
    (op,) = [op for op in graph.operators(model) if unpacked in op.outputs]
    assert (op.kind, op.inputs[0].dtype, op.inputs[0].is_constant) == (
        "DEQUANTIZE",
        "FLOAT16",
        True,
    )
    data = model.buffers[model.subgraphs[0].tensors[op.inputs[0].index].buffer].data
    stored = np.asarray(data, np.uint8).view(np.float16).reshape(op.inputs[0].shape)
    assert (stored == kernel.transpose(3, 0, 1, 2)).all()  # exact, as the weights were
    assert graph.entry(model, "min_runtime_version").rstrip(b"\0") == b"2.2.0"
    kernels = [o.inputs[1] for o in graph.operators(model) if graph.operator_macs(o)]
    assert "FLOAT32" not in {kernel.dtype for kernel in kernels if kernel.is_constant}
