"""What a lent machine needs to train a landmark network without TensorFlow, in a folder.

crops.npz, crops.jpgs.00 ...   training crops, compressed harder, in parts that fit a transfer
NAME.json, NAME.npz           the training graph as a list of layers, and where it starts
NAME_check.npz                pictures and what Keras says to them: the other side must agree
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from blazepose_tf.data.augment import PLAIN
from blazepose_tf.data.crops import CropPack
from blazepose_tf.data.pipeline import StreamOptions, make_batch
from blazepose_tf.files import write_atomically
from blazepose_tf.models.layer_graph import describe
from blazepose_tf.models.refinement import wake
from blazepose_tf.models.weights import apply_weights, get_weights, preset_of, read_weights
from blazepose_tf.training.landmark import LandmarkTraining
from blazepose_tf.training.parts import save_arrays

CHECKED = 4
"""Pictures on which the two sides are compared."""


def send_network(weights_file: Path, name: str, crops: CropPack, folder: Path) -> None:
    """Write the training graph of the second stage, without the stop-gradients, that `weights_file`
    starts."""
    weights = read_weights(weights_file)
    training = LandmarkTraining(
        preset_of(weights, weights_file), stage="regression", stop_gradient=False
    )
    model = training.build()
    apply_weights(model, weights, str(weights_file))
    wake(model)
    arrays = get_weights(model).arrays
    size: int = model.input_shape[1]
    plain = StreamOptions(CHECKED, size, augmentation=PLAIN)
    images = make_batch(crops, np.arange(CHECKED), plain, [0])["image"]
    said = model(images.astype(np.float32) / 255.0)
    about = {"preset": training.preset, "input_size": size}
    graph = {"about": about, **describe(model)}
    write_atomically(folder / f"{name}.json", json.dumps(graph, indent=1).encode())
    save_arrays(folder / f"{name}.npz", arrays)
    save_arrays(
        folder / f"{name}_check.npz", {"image": images, **{k: v.numpy() for k, v in said.items()}}
    )
