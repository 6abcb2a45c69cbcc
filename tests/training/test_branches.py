"""Distillation of heatmaps and mask: what is frozen stays to the bit, the rest gets nearer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import Weights, get_weights  # noqa: E402
from blazepose_tf.training import branches  # noqa: E402
from blazepose_tf.training.optimizer import RelativeAdam  # noqa: E402
from tests.convert.conftest import enliven  # noqa: E402


@pytest.fixture
def training(tiny_preset: str, monkeypatch: Any) -> branches.BranchTraining:
    """Tiny student, tiny teacher."""
    monkeypatch.setattr(branches, "TEACHER", tiny_preset)
    assert presets.LANDMARK[tiny_preset]
    return branches.BranchTraining(tiny_preset, "all")


def _batch() -> dict[str, Any]:
    """A crop with somebody and one without, in big blocks of colour."""
    random = np.random.default_rng(2)
    images = random.integers(0, 255, (2, 32, 32, 3), np.uint8).repeat(8, 1).repeat(8, 2)
    return {"image": images, "presence": np.array([[1.0], [0.0]], np.float32)}


def test_branches_learn_and_the_rest_stays(training: Any) -> None:
    tf.keras.utils.set_random_seed(1)
    student, teacher, batch = training.build(), training.float_model(), _batch()
    enliven(teacher, batch["image"])
    before = get_weights(student).arrays
    loss = training.make_loss(teacher)
    variables = [v for v in student.trainable_variables if training.trains(v.name)]
    optimizer = RelativeAdam(2e-2)
    optimizer.build(variables)
    first = {k: float(v) for k, v in loss(student, batch).items()}
    for _ in range(15):
        with tf.GradientTape() as tape:
            value = loss(student, batch)["loss"]
        gradients = tape.gradient(value, variables)
        pairs = [(g, v) for g, v in zip(gradients, variables, strict=True) if g is not None]
        optimizer.apply_gradients(pairs)
    last = {k: float(v) for k, v in loss(student, batch).items()}
    for name in ("heatmap", "mask", "point_presence", "rest"):
        assert last[name] < first[name], name
    after = get_weights(student).arrays
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert {"mask_conv/kernel", "heatmap/kernel", "rest_heatmap/kernel",
            "decoder_16_project/kernel", "point_presence_conv/kernel"} <= changed  # fmt: skip
    frozen = ("stem", "encoder_", "regression_", "landmarks_", "world_", "visibility_", "presence_")
    assert not [name for name in changed if name.startswith(frozen)]


def test_what_the_weights_lack_is_filled_and_sharp_masks_are_tempered(tiny_preset: str) -> None:
    whole = get_weights(build_landmark(tiny_preset, heads=True, mask=True, rest=True))
    bare = get_weights(build_landmark(tiny_preset), {"preset": tiny_preset})
    whole.arrays["mask_conv/kernel"] = np.full_like(whole.arrays["mask_conv/kernel"], 50.0)
    whole.arrays["mask_conv/bias"] = np.full_like(whole.arrays["mask_conv/bias"], -100.0)
    full = branches.BranchTraining.complete(bare, whole)
    assert set(full.arrays) == set(whole.arrays) and full.about == bare.about
    for name, values in bare.arrays.items():
        np.testing.assert_array_equal(full.arrays[name], values)
    # One factor for kernel and bias: the mask's border (logit 0) stays where it is.
    assert full.arrays["mask_conv/kernel"].max() == pytest.approx(1.0)
    assert full.arrays["mask_conv/bias"][0] == pytest.approx(-2.0)
    again = branches.temper(Weights(full.arrays))
    np.testing.assert_array_equal(again.arrays["mask_conv/kernel"], full.arrays["mask_conv/kernel"])


def test_heads_alone_leave_decoder_and_mask_as_they_are() -> None:
    heads, everything = (branches.BranchTraining("lite", part) for part in ("heads", "all"))
    for name in ("heatmap/kernel:0", "rest_heatmap/bias:0", "point_presence_conv/kernel:0"):
        assert heads.trains(name) and everything.trains(name)
    for name in ("decoder_8_project/kernel:0", "mask_conv/kernel:0", "mask_128_depthwise/bias:0"):
        assert not heads.trains(name) and everything.trains(name)
    for name in ("encoder_8_0_expand/kernel:0", "landmarks_conv/kernel:0", "presence_conv/bias:0"):
        assert not heads.trains(name) and not everything.trains(name)


def test_a_teacher_of_larger_pictures_speaks_in_the_students_sizes(
    tiny_preset: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it says of a crop does not depend on the size that the crop is handed over in."""
    small = replace(presets.LANDMARK[tiny_preset], input_size=192, trunk_size=224)
    monkeypatch.setitem(presets.LANDMARK, "small", small)
    monkeypatch.setattr(branches, "TEACHER", tiny_preset)
    teacher = branches.BranchTraining("small").float_model()
    student = branches.BranchTraining("small").build()
    rough = np.random.default_rng(1).random((1, 8, 8, 3))
    image = tf.image.resize(rough, (192, 192))
    out = student(image)
    said = branches.taught(teacher, image, out)
    assert said["heatmap"].shape == (1, 48, 48, 33) and said["mask"].shape == (1, 192, 192, 1)
    assert {name: v.shape for name, v in said.items()} == {n: v.shape for n, v in out.items()}
    whole = teacher(tf.image.resize(rough, (256, 256)))
    np.testing.assert_allclose(
        said["rest_landmarks"], whole["rest_landmarks"], atol=0.05 * np.ptp(whole["rest_landmarks"])
    )
