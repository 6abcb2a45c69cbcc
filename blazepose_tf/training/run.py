"""One training run from a command line's options to `run.json`."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tensorflow as tf
import tf_keras

from blazepose_tf import __version__
from blazepose_tf.data.pipeline import BatchStream, StreamOptions, validation_batches
from blazepose_tf.data.sources import open_pack, parse_source
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from blazepose_tf.models.refinement import wake
from blazepose_tf.models.weights import apply_weights, preset_of, read_weights
from blazepose_tf.training.bfloat16 import in_bfloat16
from blazepose_tf.training.landmark import LandmarkTraining
from blazepose_tf.training.loop import Loop, LoopOptions, make_strategy, write_run
from blazepose_tf.training.ranges import prepare_for_int8

VALIDATION_CROPS = 1000


def _commit() -> str | None:
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or None


def _versions() -> dict[str, str]:
    names = ("tensorflow", "tf-keras", "numpy")
    packages = {name: importlib.metadata.version(name) for name in names}
    return {"python": platform.python_version(), **packages, "opencv": cv2.__version__}


def _preset(arguments: argparse.Namespace) -> str | None:
    """What the initial weights are of; what the command line names where there are none."""
    if arguments.init == "none":
        return str(arguments.preset) if arguments.preset else None
    weights = read_weights(arguments.init)
    if arguments.preset is None and "preset" not in weights.about:
        return None
    return preset_of(weights, arguments.init, arguments.preset)


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    tf_keras.utils.set_random_seed(seed)


def _worker_index() -> int:
    """Rank of this process among several (TF_CONFIG), 0 alone."""
    import os

    return int(json.loads(os.environ.get("TF_CONFIG", "{}")).get("task", {}).get("index", 0))


def run_training(arguments: argparse.Namespace) -> dict[str, Any]:
    """Train as `tools/train.py` was told; the record that `run.json` holds.

    Raises:
        BadInputError: data, weights or options that cannot be used.
        CheckFailedError: the loss became NaN.
    """
    preset = _preset(arguments)
    if arguments.kind == "detector":
        from blazepose_tf.training.detector import DetectorTraining

        training: Any = DetectorTraining(
            preset or "detector", arguments.freeze_above, arguments.quantization_aware
        )
    elif arguments.kind == "branches":
        from blazepose_tf.training.branches import BranchTraining

        training = BranchTraining(preset or "lite", arguments.part)
    else:
        training = LandmarkTraining(
            preset or "lite", arguments.stage, not arguments.no_stop_gradient,
            arguments.freeze_above, arguments.quantization_aware, arguments.landmark_scale,
        )  # fmt: skip
    if arguments.threads:
        tf.config.threading.set_intra_op_parallelism_threads(arguments.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    strategy = make_strategy(arguments.strategy)  # before any other use of TensorFlow
    _seed(arguments.seed)
    sources = [parse_source(text) for text in arguments.data]
    folder, rank = arguments.out, _worker_index()
    started = time.strftime("%Y-%m-%dT%H:%M:%S")
    pack, data = open_pack(
        sources, arguments.backgrounds, arguments.cache, arguments.kind == "detector"
    )
    with strategy.scope():
        model = _graph(training.build(), arguments)
    initial: dict[str, Any] = {"init": str(arguments.init)}
    if arguments.init != "none":
        weights = read_weights(arguments.init)
        if arguments.kind == "branches":
            fill = arguments.fill and read_weights(arguments.fill)
            weights = training.complete(weights, fill)
        apply_weights(model, weights, arguments.init)
        if arguments.kind == "landmark" and wake(model):
            print("points are placed anew by what is seen around them", file=sys.stderr)
        initial.update(sha256=sha256(Path(arguments.init)), about=weights.about)
    options = LoopOptions(
        max(arguments.images // arguments.batch_size, 1), arguments.learning_rate, arguments.warmup,
        arguments.ema, arguments.checkpoint_every,
    )  # fmt: skip
    stream_options = StreamOptions(
        arguments.batch_size, getattr(training, "picture_size", model.input_shape[1]),
        arguments.seed * 1000 + rank, training.augmentation,
        tuple(s.weight for s in sources),
    )  # fmt: skip
    loop = Loop(
        model, _loss(training, arguments), folder / f"worker{rank}" if rank else folder, options,
        strategy, training.trains,
        training.keep_zeros,
    )  # fmt: skip
    first = loop.restore()
    record: dict[str, Any] = {
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "commit": _commit(), "version": __version__,
        "started": started, "seed": arguments.seed, "data": data, "initial_weights": initial,
        "training": vars(training), "options": vars(options), "versions": _versions(),
        "parameters": model.count_params(), "resumed_at_step": first, "finished": False,
    }  # fmt: skip
    write_run(loop.folder, record)
    stream = BatchStream(pack.path, stream_options, first_step=first, workers=arguments.workers)
    try:
        batches = iter(stream)
        if arguments.quantization_aware and first == 0 and not _has_ranges(arguments.init):
            prepare_for_int8(model, training, batches)
            loop.reset_averages()
        validator = training.validator(
            list(validation_batches(pack.path, stream_options, VALIDATION_CROPS))
        )
        about = {
            "preset": training.preset,
            "init": initial,
            "run": {k: record[k] for k in ("command", "commit")},
        }
        began = time.monotonic()
        metrics = loop.run(batches, about, validator, arguments.validate_every)
    finally:
        stream.close()
    record.update(finished=True, metrics=metrics, seconds=round(time.monotonic() - began, 1),
                  steps=int(loop.step.numpy()),
                  weights_sha256=sha256(loop.folder / "weights.npz"))  # fmt: skip
    write_run(loop.folder, record)
    if arguments.json:
        print(json.dumps(record, indent=1, default=str))
    return record


def _has_ranges(path: str) -> bool:
    return path != "none" and bool(read_weights(path).ranges)


def _graph(model: tf_keras.Model, arguments: argparse.Namespace) -> tf_keras.Model:
    return in_bfloat16(model) if arguments.bfloat16 else model


def _loss(training: Any, arguments: argparse.Namespace) -> Any:
    """The loss, with the float teacher where one is given."""
    teacher = None
    if arguments.teacher is not None:
        teacher = _graph(training.float_model(), arguments)
        apply_weights(teacher, read_weights(arguments.teacher), str(arguments.teacher))
        teacher.trainable = False
    elif training.needs_teacher:
        raise BadInputError(f"{arguments.kind}: learns from a teacher; give --teacher WEIGHTS.npz")
    return training.make_loss(teacher)
