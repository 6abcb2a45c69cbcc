"""A crop pack in parts that fit a transfer, and whole again.

Nothing here imports TensorFlow, so the processes that compress start in a second.
"""

from __future__ import annotations

import io
import multiprocessing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from blazepose_tf.data.crops import CropPack
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically

NAME = "crops"
QUALITY = 70
"""Of WebP: a third of the bytes of the packs' JPEGs, 37 dB away from them."""


def send_crops(pack: CropPack, folder: Path, part_size: int, processes: int = 2) -> list[Path]:
    """Write the training crops of `pack` (no validation) in parts of at most `part_size` bytes."""
    chosen = pack.indices(validation=False)
    # Spawned: a fork of a process in which TensorFlow runs threads can wait for ever.
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _open, (pack.path,)) as pool:
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
    save_arrays(folder / f"{NAME}.npz", {"offsets": offsets, **labels})
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


def save_arrays(path: Path, arrays: dict[str, Any]) -> None:
    """Write an .npz, whole or not at all."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    write_atomically(path, buffer.getvalue())


def join(folder: Path) -> Path:
    """The pack whose parts lie in `folder`, put together there if it is not yet.

    Raises:
        BadInputError: there are none.
    """
    whole = folder / f"{NAME}.jpgs"
    parts = sorted(folder.glob(f"{NAME}.jpgs.*"))
    if not whole.exists() and not parts:
        raise BadInputError(f"{folder}: holds no crops; make them with tools/parcel.py")
    size = sum(part.stat().st_size for part in parts)
    if parts and (not whole.exists() or whole.stat().st_size != size):
        with whole.open("wb") as file:
            for part in parts:
                file.write(part.read_bytes())
    return folder / NAME
