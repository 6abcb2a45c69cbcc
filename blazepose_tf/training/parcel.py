"""What a lent machine needs to train a landmark network without TensorFlow, in a folder.

crops.npz, crops.jpgs.00 ...   training crops, compressed harder, in parts that fit a transfer
NAME.json, NAME.npz           the training graph as a list of layers, and where it starts
NAME_check.npz                pictures and what Keras says to them: the other side must agree
"""

from __future__ import annotations

import io
import json
from multiprocessing import Pool
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from blazepose_tf.data.crops import CropPack
from blazepose_tf.files import write_atomically
from blazepose_tf.models.layer_graph import describe
from blazepose_tf.models.refinement import wake
from blazepose_tf.models.weights import apply_weights, get_weights, preset_of, read_weights
from blazepose_tf.training.landmark import LandmarkTraining
from blazepose_tf.training.parts import NAME

QUALITY = 70
"""Of WebP: a third of the bytes of the packs' JPEGs, 37 dB away from them."""
CHECKED = 4
"""Pictures on which the two sides are compared."""


def send_crops(pack: CropPack, folder: Path, part_size: int, processes: int = 2) -> list[Path]:
    """Write the training crops of `pack` (no validation) in parts of at most `part_size` bytes."""
    chosen = pack.indices(validation=False)
    with Pool(processes, _open, (pack.path,)) as pool:
        found = tqdm(
            pool.imap(_encode, chosen, chunksize=64), total=len(chosen), unit="crop",
            desc="compressing",
        )  # fmt: skip
        pictures = list(found)
    labels = {
        name: getattr(pack.labels, name)[chosen] for name in vars(pack.labels) if name != "offsets"
    }
    offsets = np.cumsum([0, *map(len, pictures)])
    folder.mkdir(parents=True, exist_ok=True)
    _save(folder / f"{NAME}.npz", {"offsets": offsets, **labels})
    whole = b"".join(pictures)
    parts = []
    for number, start in enumerate(range(0, len(whole), part_size)):
        parts.append(folder / f"{NAME}.jpgs.{number:02d}")
        write_atomically(parts[-1], whole[start : start + part_size])
    return parts


_pack: CropPack


def _open(path: Path) -> None:
    global _pack
    cv2.setNumThreads(1)
    _pack = CropPack(path)


def _encode(index: int) -> bytes:
    picture = cv2.cvtColor(_pack.image(index), cv2.COLOR_RGB2BGR)
    return cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])[1].tobytes()


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
    images = np.stack([crops.image(i)[32:-32, 32:-32] for i in range(CHECKED)])
    said = model(images.astype(np.float32) / 255.0)
    graph = {"about": {"preset": training.preset}, **describe(model)}
    write_atomically(folder / f"{name}.json", json.dumps(graph, indent=1).encode())
    _save(folder / f"{name}.npz", arrays)
    _save(
        folder / f"{name}_check.npz", {"image": images, **{k: v.numpy() for k, v in said.items()}}
    )


def _save(path: Path, arrays: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())
