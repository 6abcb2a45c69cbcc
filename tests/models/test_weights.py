"""Weights files: what is written is read, and the wrong ones are refused in one line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf.convert.build import models_of  # noqa: E402
from blazepose_tf.convert.layouts import build_network  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.evaluation.side_by_side import DETECTOR_PRESETS, PRESETS  # noqa: E402
from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import (  # noqa: E402
    ASSETS,
    Weights,
    apply_weights,
    get_weights,
    preset_of,
    read_weights,
    save_weights,
)


def test_round_trip_keeps_the_models_outputs(tmp_path: Path, tiny_preset: str) -> None:
    first, second = build_landmark(tiny_preset), build_landmark(tiny_preset)
    image = np.random.default_rng(0).random((1, 256, 256, 3), np.float32)
    path = tmp_path / "weights.npz"
    save_weights(path, get_weights(first, {"preset": "tiny"}))
    weights = read_weights(path)
    apply_weights(second, weights)
    assert weights.about == {"preset": "tiny"}
    before, after = first(image)["landmarks"].numpy(), second(image)["landmarks"].numpy()
    assert np.abs(before - after).max() < 1e-2 * max(np.abs(before).max(), 1)


def test_ranges_stay_float32_and_hold_zero(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    save_weights(path, Weights({"stem_relu6_range/range": np.float32([0.1, 5.123456])}))
    assert read_weights(path).ranges == {"stem_relu6": (0.0, pytest.approx(5.123456, abs=1e-6))}


def test_weights_of_another_preset_are_refused(tiny_preset: str) -> None:
    weights = get_weights(build_landmark(tiny_preset))
    with pytest.raises(BadInputError, match="weights of another preset"):
        apply_weights(build_landmark("lite"), weights)


def test_truncated_file_is_refused_at_any_length(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    save_weights(path, Weights({"a/kernel": np.arange(1000.0).reshape(10, 100)}))
    content = path.read_bytes()
    for length in range(0, len(content), max(len(content) // 40, 1)):
        path.write_bytes(content[:length])
        with pytest.raises(BadInputError, match="damaged"):
            read_weights(path)


def test_a_variants_weights_go_by_the_name_of_the_preset(
    tiny_preset: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = replace(presets.LANDMARK["tiny"], input_size=192, variant_of="tiny")
    monkeypatch.setitem(presets.LANDMARK, "tiny_192", row)
    weights = get_weights(build_landmark("tiny_192"), {"preset": "tiny_192"})
    path = tmp_path / "tiny.npz"
    save_weights(path, weights)
    assert preset_of(weights, path, "tiny") == "tiny_192"
    assert models_of(None, path) == models_of(["tiny"], path) == ("tiny",)
    assert build_network("tiny", "own", False, weights, "x").input_shape[1] == 192
    # What does not say it is a variant is none.
    assert preset_of(get_weights(build_landmark("tiny"), {"preset": "tiny"}), "x", "tiny") == "tiny"


def test_all_is_what_weights_are_shipped_for_and_what_results_measure() -> None:
    made = models_of(["all"], None)
    assert set(made) == {path.stem for path in ASSETS.glob("*.npz")} > {"full_256"}
    assert set(PRESETS + DETECTOR_PRESETS) == set(made)
