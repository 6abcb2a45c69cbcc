"""Detectors cut from wider ones: blocks left out, channels reduced before they are enlarged."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models.detector import build_detector  # noqa: E402
from blazepose_tf.models.presets import DETECTOR, Stage  # noqa: E402
from blazepose_tf.models.shorten import without_blocks  # noqa: E402
from blazepose_tf.models.weights import Weights, apply_weights, get_weights  # noqa: E402

IMAGE = np.random.default_rng(0).random((1, 160, 160, 3), np.float32)
LONG = DETECTOR["detector_160_wide"]
DROPPED = ("encoder_14_1", "encoder_14_2", "encoder_14_4", "encoder_7_1", "encoder_7_2")


def _outputs(preset: str, weights: Weights) -> dict[str, np.ndarray]:
    model = build_detector(preset)
    apply_weights(model, weights)
    return {name: value.numpy() for name, value in model(IMAGE).items()}


def test_left_out_is_as_adding_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stages: list[Stage] = list(LONG.stages)
    for place, length in ((2, 1), (3, 2), (4, 2)):
        stages[place] = dataclasses.replace(
            stages[place], expansions=stages[place].expansions[:length]
        )
    monkeypatch.setitem(DETECTOR, "short", dataclasses.replace(LONG, stages=tuple(stages)))
    weights = get_weights(build_detector("detector_160_wide"))
    silent = {
        name: array * 0 if name.startswith(tuple(f"{b}_project/" for b in DROPPED)) else array
        for name, array in weights.arrays.items()
    }
    expected = _outputs("detector_160_wide", Weights(silent, {}))
    found = _outputs("short", Weights(without_blocks(weights.arrays, DROPPED), {}))
    np.testing.assert_allclose(found["boxes"], expected["boxes"], atol=1e-4)
    np.testing.assert_allclose(found["scores"], expected["scores"], atol=1e-5)


def test_the_preset_takes_what_is_left() -> None:
    weights = get_weights(build_detector("detector_160_wide"))
    apply_weights(build_detector("detector_160"),
                  Weights(without_blocks(weights.arrays, DROPPED), {}))  # fmt: skip


@pytest.mark.parametrize(
    ("block", "said"), [("encoder_14_3", "gives 112"), ("encoder_9_9", "no such block")]
)
def test_what_cannot_go_is_said(block: str, said: str) -> None:
    arrays = get_weights(build_detector("detector_160_wide")).arrays
    with pytest.raises(BadInputError, match=said):
        without_blocks(arrays, [block])


def test_reducing_first_is_the_same_where_relu6_does_not_bend(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A 1x1 convolution and an interpolation commute."""
    monkeypatch.setitem(DETECTOR, "first", dataclasses.replace(LONG, reduce_first=True))
    weights = get_weights(build_detector("detector_160_wide"))
    for name, array in weights.arrays.items():
        if name.endswith("_reduce/kernel"):
            array *= 0.02
        if name.endswith("_reduce/bias"):
            array += 3
    late, first = (_outputs(preset, weights) for preset in ("detector_160_wide", "first"))
    assert np.ptp(late["boxes"]) > 0
    np.testing.assert_allclose(first["boxes"], late["boxes"], atol=1e-4)
