"""Networks in the layout of MediaPipe's files give, number by number, what its files give."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf.models.detector import build_detector  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.mediapipe import import_weights, join_heads, split_heads  # noqa: E402
from blazepose_tf.models.weights import Weights, apply_weights  # noqa: E402
from blazepose_tf.runtime.interpreter import Interpreter  # noqa: E402

Find = Callable[[str], Path]
# Largest differences: pixels and logits, probability, mask logits (they reach +-1700),
# heatmap logits, metres.
LIMITS = {"Identity": 0.05, "Identity_1": 1e-4, "Identity_2": 1.0, "Identity_3": 0.02,
          "Identity_4": 1e-3}  # fmt: skip


@pytest.mark.parametrize("preset", ["lite", "full", "heavy"])
def test_all_five_outputs_equal_the_published_files(
    mediapipe_file: Find, person_crops: list[Any], preset: str
) -> None:
    weights = import_weights(mediapipe_file(preset), preset)
    model = build_landmark(preset, layout="mediapipe")
    apply_weights(model, Weights(join_heads(weights.arrays, 256)))
    image = person_crops[0][None].astype(np.float32) / 255
    theirs, ours = Interpreter(mediapipe_file(preset)).run(image=image), model(image)
    assert set(ours) == set(theirs) == set(LIMITS)
    for name, limit in LIMITS.items():
        assert np.abs(ours[name].numpy() - theirs[name]).max() < limit, name


def test_detector_takes_and_gives_what_the_published_file_does(
    mediapipe_file: Find, person_crops: list[Any]
) -> None:
    model = build_detector(layout="mediapipe")
    apply_weights(model, import_weights(mediapipe_file("detector"), "detector"))
    image = np.ascontiguousarray(person_crops[0][None, 16:240, 16:240]).astype(np.float32)
    image = image / 127.5 - 1
    theirs, ours = Interpreter(mediapipe_file("detector")).run(image=image), model(image)
    for name in ("Identity", "Identity_1"):
        assert np.abs(ours[name].numpy() - theirs[name]).max() < 0.05, name


def test_heads_are_split_and_joined_without_loss(random: np.random.Generator) -> None:
    sizes = {"landmarks_file": 195, "world_file": 117, "heatmap_file": 39}
    arrays = {}
    for name, channels in sizes.items():
        arrays[f"{name}/kernel"] = random.normal(size=(2, 2, 5, channels)).astype(np.float32)
        arrays[f"{name}/bias"] = random.normal(size=channels).astype(np.float32)
    joined = join_heads(split_heads(arrays, 256), 256)
    for name, values in arrays.items():
        np.testing.assert_array_equal(joined[name], values)
    split = split_heads(arrays, 256)
    # Visibility of point 7 is channel 7 * 5 + 3; z of point 36 is the rest's second point's.
    np.testing.assert_array_equal(
        split["visibility_conv/bias"][7], arrays["landmarks_file/bias"][38]
    )
    np.testing.assert_array_equal(
        split["rest_landmarks_conv/bias"][5], arrays["landmarks_file/bias"][36 * 5 + 2] / 256
    )


def test_mask_is_an_output_of_our_layout_too(mediapipe_file: Find, person_crops: list[Any]) -> None:
    weights = import_weights(mediapipe_file("lite"), "lite")
    model = build_landmark("lite", mask=True)
    apply_weights(model, weights)
    image = person_crops[0][None].astype(np.float32) / 255
    mask = model(image)["mask"].numpy()
    logits = Interpreter(mediapipe_file("lite")).run(image=image)["Identity_2"]
    sure = np.abs(logits) > 5
    assert mask.shape == (1, 256, 256, 1)
    assert sure.mean() > 0.9 and ((mask > 0.5) == (logits > 0))[sure].all()
