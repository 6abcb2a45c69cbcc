"""Patches in place of a stem: what they compute, where they begin, which weights are whose."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

import tf_keras  # noqa: E402

from blazepose_tf.convert.build import models_of  # noqa: E402
from blazepose_tf.convert.layouts import build_network  # noqa: E402
from blazepose_tf.convert.sources import presets as shipped_presets  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.models.blocks import Blocks  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.mediapipe import import_weights  # noqa: E402
from blazepose_tf.models.patches import FIRST_BLOCK, begin_patches  # noqa: E402
from blazepose_tf.models.weights import get_weights, preset_of, save_weights  # noqa: E402


@pytest.fixture
def patched(tiny_preset: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The preset `tiny` with patches."""
    row = replace(presets.LANDMARK[tiny_preset], patches=12, variant_of=tiny_preset)
    monkeypatch.setitem(presets.LANDMARK, "tiny_patch", row)
    return "tiny_patch"


def test_a_patch_is_eight_by_eight_pixels_around_every_fourth(random: np.random.Generator) -> None:
    image = tf_keras.Input((32, 32, 3))
    model = tf_keras.Model(image, Blocks().patches(image, "patch", 5))
    layer = model.get_layer("patch")
    layer.set_weights([random.normal(0, 0.2, w.shape) for w in layer.get_weights()])
    kernel, bias = layer.get_weights()
    picture = random.random((1, 32, 32, 3)).astype(np.float32)
    # Pixel (y, x) of a patch: row y, group x // 4, and of its 12 channels the (x % 4)-th three.
    pixels = kernel.reshape(8, 8, 3, 5)
    padded = np.pad(picture[0], ((4, 4), (4, 4), (0, 0)))
    wanted = np.zeros((8, 8, 5))
    for row in range(8):
        for column in range(8):
            patch = padded[4 * row : 4 * row + 8, 4 * column : 4 * column + 8]
            wanted[row, column] = np.einsum("yxc,yxco->o", patch, pixels) + bias
    np.testing.assert_allclose(model(picture)[0], np.clip(wanted, 0, 6), atol=1e-5)


def test_the_exported_graph_has_patches_for_stem_and_first_block(patched: str) -> None:
    names = {layer.name for layer in build_landmark(patched).layers}
    assert {"patch", "patch_project", "encoder_64_1_add"} <= names
    assert not [n for n in names if n.startswith(("stem", FIRST_BLOCK))]
    # The mask needs features finer than 64x64.
    assert "stem" in {layer.name for layer in build_landmark(patched, mask=True).layers}


def test_patches_begin_near_what_the_first_block_says(
    tiny_preset: str, patched: str, random: np.random.Generator
) -> None:
    wide, narrow = build_landmark(tiny_preset), build_landmark(patched)
    rough = random.random((6, 16, 16, 3)).astype(np.float32)
    pictures = np.array(tf.image.resize(rough, (256, 256)))
    begin_patches(wide, narrow, pictures)

    def says(model: tf_keras.Model, layer: str) -> np.ndarray:
        return tf_keras.Model(model.input, model.get_layer(layer).output)(pictures).numpy()

    # Least squares: what is missed has no mean and nothing in common with what the patches say.
    wanted, said = says(wide, f"{FIRST_BLOCK}_project"), says(narrow, "patch_project")
    missed = ((said - wanted) / wanted.std(axis=(0, 1, 2))).reshape(-1, wanted.shape[-1])
    assert np.abs(missed.mean(axis=0)).max() < 0.02
    patches = says(narrow, "patch_relu6").reshape(len(missed), -1)
    patches = (patches - patches.mean(axis=0)) / patches.std(axis=0)
    assert np.abs(patches.T @ missed / len(missed)).max() < 0.02
    assert missed.std() < 0.95
    assert ((0.1 < patches.std(axis=0)) & (says(narrow, "patch_relu6").max() <= 6)).all()
    # Everything behind is the wide network's.
    for name in ("encoder_64_1_expand", "regression_4_0_project", "refinement"):
        for theirs, ours in zip(
            wide.get_layer(name).get_weights(), narrow.get_layer(name).get_weights(), strict=True
        ):
            np.testing.assert_array_equal(theirs, ours)


def test_a_variants_weights_go_by_the_name_of_the_preset(patched: str, tmp_path: object) -> None:
    weights = get_weights(build_landmark(patched), {"preset": patched})
    path = tmp_path / "tiny.npz"  # type: ignore[operator]
    save_weights(path, weights)
    assert preset_of(weights, path, "tiny") == patched
    assert models_of(None, path) == models_of(["tiny"], path) == ("tiny",)
    assert models_of([patched], path) == (patched,)
    assert build_network("tiny", "own", False, weights, "x").get_layer("patch").count_params() > 0
    assert {patched, "tiny"} <= set(shipped_presets())
    # What does not say it is a variant is none.
    assert preset_of(get_weights(build_landmark("tiny"), {"preset": "tiny"}), "x", "tiny") == "tiny"


def test_mediapipe_has_no_patches(tmp_path: object) -> None:
    with pytest.raises(BadInputError, match="import lite"):
        import_weights("nowhere.tflite", "lite_patch")
