"""The loop: goes on after a kill as if nothing happened, stops on NaN, trains in two workers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.errors import CheckFailedError  # noqa: E402
from blazepose_tf.models.weights import apply_weights, read_weights  # noqa: E402
from blazepose_tf.training.landmark import LandmarkTraining  # noqa: E402
from blazepose_tf.training.loop import Loop, LoopOptions, make_strategy  # noqa: E402

SCRIPT = Path(__file__).with_name("tiny_train.py")


def _batches(first: int = 0, bad: int = -1) -> Iterator[dict[str, Any]]:
    step = first
    while True:
        random = np.random.default_rng(step)
        points = random.random((2, 35, 3)).astype(np.float32)
        if step == bad:
            points[:] = 1e38  # overflows to infinity in the loss
        yield {
            "image": random.integers(0, 255, (2, 256, 256, 3), np.uint8), "points": points,
            "visibility": np.ones((2, 33), np.float32), "world": np.zeros((2, 33, 3), np.float32),
            "presence": np.ones((2, 1), np.float32),
        }  # fmt: skip
        step += 1


def _loop(folder: Path, steps: int) -> Loop:
    tf.keras.utils.set_random_seed(1)
    training = LandmarkTraining("tiny", "both")
    options = LoopOptions(
        steps=steps, learning_rate=1e-2, warmup=1, checkpoint_every=2, log_every=1
    )
    model = training.build()
    return Loop(
        model, training.make_loss(None), folder, options, make_strategy("none"), training.trains
    )


def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path, tiny_preset: str) -> None:
    """Stop after a checkpoint at step 2 of 4, start anew in a fresh model: the same weights."""

    def killed() -> Iterator[dict[str, Any]]:
        for step, batch in enumerate(_batches()):
            if step == 3:
                raise KeyboardInterrupt
            yield batch

    _loop(tmp_path / "whole", 4).run(_batches(), {})
    with pytest.raises(KeyboardInterrupt):
        _loop(tmp_path / "parts", 4).run(killed(), {})
    again = _loop(tmp_path / "parts", 4)
    first = again.restore()
    assert first == 2
    again.run(_batches(first), {})
    whole = read_weights(tmp_path / "whole" / "weights.npz").arrays
    parts = read_weights(tmp_path / "parts" / "weights.npz").arrays
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        np.testing.assert_allclose(parts[name], value, atol=2e-3, err_msg=name)


def test_training_lowers_the_loss_on_one_batch(tmp_path: Path, tiny_preset: str) -> None:
    batch = next(_batches())
    loop = _loop(tmp_path, 30)
    before = float(loop.loss(loop.model, batch)["loss"])
    loop.run(iter([batch] * 30), {})
    assert float(loop.loss(loop.model, batch)["loss"]) < before - 0.1
    apply_weights(loop.model, loop.averaged_weights({}))
    assert float(loop.loss(loop.model, batch)["loss"]) < before - 0.1  # the averages follow


def test_pruned_weights_stay_zero(tmp_path: Path, tiny_preset: str) -> None:
    training = LandmarkTraining("tiny", "both")
    model = training.build()
    stem = model.get_layer("stem").kernel
    pruned = np.random.default_rng(0).random(stem.shape) < 0.5
    stem.assign(np.where(pruned, 0, stem.numpy()))
    options = LoopOptions(steps=2, learning_rate=1e-2, warmup=1, log_every=1)
    loop = Loop(model, training.make_loss(None), tmp_path, options, make_strategy("none"),
                training.trains, keep_zeros=True)  # fmt: skip
    before = stem.numpy()
    loop.run(_batches(), {})
    assert not stem.numpy()[pruned].any()
    assert (stem.numpy() != before)[~pruned].all()


def test_ranges_of_simulated_int8_may_leave_zero(tmp_path: Path, tiny_preset: str) -> None:
    """They start at 0..6; a minimum that stayed at zero would cut every negative activation."""
    training = LandmarkTraining("tiny", "both", quantization_aware=True)
    model = training.build()
    options = LoopOptions(steps=2, learning_rate=1e-2, warmup=1, log_every=1)
    loop = Loop(model, training.make_loss(None), tmp_path, options, make_strategy("none"),
                training.trains, training.keep_zeros)  # fmt: skip
    ranges = [i for i, v in enumerate(loop.variables) if "_range/range" in v.name]
    assert ranges and loop.masks is not None
    assert all(loop.masks[i].numpy().all() for i in ranges)


def test_nan_stops_the_run_and_keeps_the_last_good_checkpoint(
    tmp_path: Path, tiny_preset: str
) -> None:
    with pytest.raises(CheckFailedError, match="not finite at step 4.*lower --learning-rate"):
        _loop(tmp_path, 6).run(_batches(bad=3), {})
    kept = read_weights(tmp_path / "weights.npz").arrays
    assert all(np.isfinite(value).all() for value in kept.values())


def _command(pictures: tuple[Path, Path], out: Path, *more: str) -> list[str]:
    return [
        sys.executable, str(SCRIPT), "landmark", "--preset", "tiny", "--out", str(out),
        "--data", f"coco:{pictures[0]}:{pictures[1]}", "--cache", str(out.parent / "cache"),
        "--batch-size", "4", "--checkpoint-every", "2", "--warmup", "1", *more,
    ]  # fmt: skip


def _children(parent: int) -> list[int]:
    """Processes that work for `parent` (Linux)."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def test_command_goes_on_after_kill_9(labelled_pictures: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "run"
    environment = {**os.environ, "PYTHONPATH": str(SCRIPT.parents[2])}
    command = _command(labelled_pictures, out, "--images", "4000")
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 600
    while not (out / "checkpoints" / "checkpoint").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = _children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert workers
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "a killed run leaves its workers behind"
        time.sleep(0.1)
    assert json.loads((out / "run.json").read_text())["finished"] is False
    step = max(int(p.stem.split("-")[1]) for p in out.glob("checkpoints/ckpt-*.index"))
    command = _command(labelled_pictures, out, "--images", str(4 * (step + 2)), "--json")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    record = json.loads(done.stdout[done.stdout.index("{") :])
    assert record["resumed_at_step"] >= 2 and record["steps"] == step + 2 and record["finished"]
    assert record["data"][0]["crops"] == 30 and record["command"][0] == "train.py"


def test_two_workers_hold_the_same_weights(
    labelled_pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    """MultiWorkerMirroredStrategy over loopback: after training, both have the same weights."""
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(probe.getsockname()[1])
    workers = [f"127.0.0.1:{port}" for port in ports]
    out = tmp_path / "run"
    processes = []
    for index in range(2):
        config = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": index}}
        environment = {
            **os.environ, "PYTHONPATH": str(SCRIPT.parents[2]), "TF_CONFIG": json.dumps(config),
            "CUDA_VISIBLE_DEVICES": "-1",
        }  # fmt: skip
        command = _command(labelled_pictures, out, "--images", "16", "--strategy", "multiworker")
        command[command.index("--cache") + 1] = str(tmp_path / f"cache{index}")
        processes.append(
            subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        )
    errors = [process.communicate(timeout=900)[1] for process in processes]
    assert [p.returncode for p in processes] == [0, 0], errors[0][-1500:] + errors[1][-1500:]
    first = read_weights(out / "weights.npz").arrays
    second = read_weights(out / "worker1" / "weights.npz").arrays
    for name, value in first.items():
        np.testing.assert_array_equal(second[name], value, err_msg=name)
