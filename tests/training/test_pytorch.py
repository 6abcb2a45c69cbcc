"""PyTorch's side: the same outputs, losses and steps as Keras's. Skipped where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
torch = pytest.importorskip(
    "torch", reason="PyTorch is not installed (a lent GPU's machine has it)"
)

from blazepose_tf.data.crops import CropPack  # noqa: E402
from blazepose_tf.data.pipeline import StreamOptions, make_batch  # noqa: E402
from blazepose_tf.data.sources import open_pack, parse_source  # noqa: E402
from blazepose_tf.errors import CheckFailedError  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.weights import (  # noqa: E402
    Weights,
    apply_weights,
    get_weights,
    read_weights,
    save_weights,
)
from blazepose_tf.training import parcel  # noqa: E402
from blazepose_tf.training.landmark import LandmarkTraining  # noqa: E402
from blazepose_tf.training.optimizer import RelativeAdam  # noqa: E402
from blazepose_tf.training.pytorch.loop import (  # noqa: E402
    KEYS,
    ClockOptions,
    Learner,
    stream,
    train,
)
from blazepose_tf.training.recipe import CLIP_NORM  # noqa: E402

RATE = 1e-3


@pytest.fixture
def parcelled(
    labelled_pictures: tuple[Path, Path], tiny_preset: str, tmp_path: Path
) -> tuple[CropPack, Path]:
    source = parse_source("coco:{}:{}".format(*labelled_pictures))
    pack = open_pack([source], [], tmp_path / "cache")[0]
    weights = tmp_path / "tiny.npz"
    save_weights(weights, get_weights(build_landmark(tiny_preset), {"preset": tiny_preset}))
    parcel.send_network(weights, "tiny", pack, tmp_path)
    return pack, tmp_path


def _learner(folder: Path) -> Learner:
    return Learner(folder, "tiny", ClockOptions(10.0, RATE, warmup=1), "cpu")


def test_two_steps_are_keras_steps(parcelled: tuple[CropPack, Path], tiny_preset: str) -> None:
    pack, folder = parcelled
    batch = make_batch(pack, np.arange(8), StreamOptions(8), [0, 1])
    training = LandmarkTraining(
        tiny_preset, stage="regression", stop_gradient=False, landmark_scale=10.0
    )
    model = training.build()
    with np.load(folder / "tiny.npz") as file:
        start = {name: file[name] for name in file.files}
    apply_weights(model, Weights(start))
    loss, optimizer = training.make_loss(None), RelativeAdam(RATE)
    optimizer.build(model.trainable_variables)
    learner = _learner(folder)
    given = {name: torch.from_numpy(np.ascontiguousarray(batch[name])) for name in KEYS}
    for step in range(2):
        with tf.GradientTape() as tape:
            losses = loss(model, batch)
        gradients: Any = tape.gradient(losses["loss"], model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, CLIP_NORM)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        learner.learn(given, step, 0.0)
        for name, value in losses.items():
            assert float(learner.losses[name]) == pytest.approx(float(value), rel=1e-3), name
    theirs = get_weights(model).arrays
    moved = 0.0
    for name, ours in learner.network.keras_arrays().items():
        step_size = np.abs(theirs[name] - start[name]).max()
        moved = max(moved, float(step_size))
        # Adam divides by the size of a gradient: where that is rounding alone, so is the step.
        close = np.isclose(ours, theirs[name], atol=0.05 * step_size + 1e-7)
        assert close.mean() > 0.97 or name == "evidence/bias", name
    assert moved > 1e-4


def test_a_network_that_computes_something_else_is_not_trained(
    parcelled: tuple[CropPack, Path],
) -> None:
    folder = parcelled[1]
    learner = _learner(folder)
    assert learner.check(folder) < 1e-5
    with torch.no_grad():
        learner.network.weights["world_conv/bias"][0] += 0.01
    with pytest.raises(CheckFailedError, match="away from Keras"):
        learner.check(folder)


def test_the_rate_falls_with_the_clock() -> None:
    options = ClockOptions(100.0, 1.0, warmup=10)
    assert options.rate(0, 0.0) == pytest.approx(0.1)
    assert options.rate(500, 50.0) == pytest.approx(0.51)
    assert options.rate(900, 130.0) == pytest.approx(0.02)


def test_training_stops_with_the_clock_and_leaves_weights(
    parcelled: tuple[CropPack, Path], tmp_path: Path
) -> None:
    pack, folder = parcelled
    options = ClockOptions(3.0, RATE, log_every=1)
    learner = Learner(folder, "tiny", options, "cpu")
    before = learner.network.keras_arrays()
    said: list[str] = []
    batches = stream(pack.path, StreamOptions(4), workers=0)
    done = train([learner], batches, options, tmp_path, {"command": ["x"]}, said.append)
    assert done["images"] == 4 * done["steps"] and 3.0 <= done["seconds"] < 60
    assert len(said) == len(done["curve"]) == done["steps"] > 0
    weights = read_weights(tmp_path / "tiny.npz")
    assert weights.about["preset"] == "tiny" and weights.about["run"]["steps"] == done["steps"]
    apply_weights(build_landmark("tiny"), weights)
    assert any(np.abs(weights.arrays[n] - before[n]).max() > 1e-4 for n in before)
