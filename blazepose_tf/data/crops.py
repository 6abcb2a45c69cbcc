"""Training crops: every person cut out once, a little wider than the network sees.

Augmentation then turns, scales and shifts inside the wide crop, so training never opens a full
picture. A pack is two files: `NAME.jpgs` (JPEGs one after the other) and `NAME.npz` (labels).
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.geometry import Roi, alignment_points, rotate_about_depth

Array = NDArray[np.float32]

WIDE = 1.25
"""A wide crop's side / the network's crop: room for 10 % of scale and shift and a small turn."""
WIDE_SIZE = 320
"""Pixels of a wide crop: 256 x 1.25, so that nothing is lost."""
JPEG_QUALITY = 95
VALIDATION_SHARE = 20
"""One picture in so many is kept for validation, chosen by the checksum of its name."""


@dataclass(frozen=True)
class CropLabels:
    """Labels of N crops, in units of the wide crop (0..1 across it), unknown = NaN.

    points [N, 35, 3], visibility [N, 33], world [N, 33, 3] metres in the crop's orientation,
    presence [N], validation [N] bool, source [N] index of the data set.
    """

    points: Array
    visibility: Array
    world: Array
    presence: Array
    validation: NDArray[np.bool_]
    source: NDArray[np.int32]
    offsets: NDArray[np.int64]


def is_validation(name: str) -> bool:
    """True for the pictures that training never sees (fixed by the file's name)."""
    return zlib.crc32(name.encode()) % VALIDATION_SHARE == 0


def wide_roi(roi: Roi) -> Roi:
    """The ROI of the wide crop around `roi`."""
    return Roi(roi.center_x, roi.center_y, roi.size * WIDE, roi.rotation)


def crop_sample(
    sample: PoseSample, whole_picture: bool = False
) -> tuple[bytes, Array, Array] | None:
    """(JPEG, points [35, 3], world [33, 3]) of a sample's wide crop; None without a ROI.

    `whole_picture` cuts the letterboxed picture instead of the person.
    """
    roi = sample.default_roi
    if roi is None or not roi.is_finite:
        return None
    picture = images.read_image(sample.image)
    if whole_picture:
        jpeg, wide = _cut_whole(picture)
    else:
        wide = wide_roi(roi)
        jpeg = encode(images.crop(picture, wide, WIDE_SIZE))
    points = np.full((topology.NUM_POINTS, 3), np.nan, np.float32)
    xy = sample.points.copy()
    missing = ~np.isfinite(xy[topology.MID_HIP :]).all(axis=1)
    xy[topology.MID_HIP :][missing] = alignment_points(roi)[missing]
    points[:, :2] = wide.to_crop(xy)
    points[:, 2] = sample.depth / wide.size
    return jpeg, points, rotate_about_depth(sample.world, -wide.rotation)


def _cut_whole(picture: images.Image) -> tuple[bytes, Roi]:
    """JPEG and wide ROI of a letterboxed picture."""
    wide = wide_roi(images.letterbox_roi(*picture.shape[:2]))
    return encode(images.crop(picture, wide, WIDE_SIZE, cv2.BORDER_CONSTANT)), wide


def encode(crop: images.Image) -> bytes:
    """RGB crop -> JPEG."""
    bgr = cv2.cvtColor(crop, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes()


def _background_crops(path: Path, whole_picture: bool = False) -> Iterable[bytes]:
    """Two squares of a picture that shows nobody, the same ones every time: random ones, or the
    letterboxed picture and a random one."""
    picture = images.read_image(path)
    random = np.random.default_rng(zlib.crc32(path.name.encode()))
    height, width = picture.shape[:2]
    if whole_picture:
        yield _cut_whole(picture)[0]
    for _ in range(1 if whole_picture else 2):
        size = random.uniform(0.4, 1.0) * min(height, width)
        x, y = random.uniform(size / 2, [width - size / 2, height - size / 2])
        roi = Roi(float(x), float(y), size, random.uniform(-np.pi, np.pi))
        yield encode(images.crop(picture, roi, WIDE_SIZE))


def build_pack(
    target: Path, people: Sequence[Sequence[PoseSample]], backgrounds: Sequence[Path] = (),
    whole_pictures: bool = False,
) -> None:  # fmt: skip
    """Cut every sample of the data sets `people` and squares of `backgrounds` into a pack."""
    jpegs: list[bytes] = []
    rows: dict[str, list[Any]] = {
        key: [] for key in ("points", "visibility", "world", "presence", "validation", "source")
    }

    def append(jpeg: bytes, **row: Any) -> None:
        jpegs.append(jpeg)
        for key, value in row.items():
            rows[key].append(value)

    tasks = [(source, sample) for source, samples in enumerate(people) for sample in samples]
    for source, sample in tqdm(tasks, unit="crop", desc="cutting crops"):
        cut = crop_sample(sample, whole_pictures)
        if cut is not None:
            append(cut[0], points=cut[1], visibility=sample.visibility, world=cut[2], presence=1.0,
                   validation=is_validation(sample.image.name), source=source)  # fmt: skip
    nothing = np.full((topology.NUM_POINTS, 3), np.nan, np.float32)
    marks = nothing[: topology.NUM_LANDMARKS]
    for path in backgrounds:
        for jpeg in _background_crops(path, whole_pictures):
            append(jpeg, points=nothing, visibility=marks[:, 0], world=marks, presence=0.0,
                   validation=is_validation(path.name), source=len(people))  # fmt: skip
    if not jpegs:
        raise BadInputError("the data sets hold nobody with hips and shoulders; check --data")
    offsets = np.cumsum([0, *map(len, jpegs)])
    target.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(target.with_suffix(".jpgs"), b"".join(jpegs))
    kinds = {"validation": bool, "source": np.int32}
    arrays = {key: np.array(value, kinds.get(key, np.float32)) for key, value in rows.items()}
    with target.with_suffix(".tmp").open("wb") as file:
        np.savez(file, offsets=offsets, **arrays)
    target.with_suffix(".tmp").replace(target.with_suffix(".npz"))


def pack_name(description: dict[str, Any]) -> str:
    """A name that changes with the data sets a pack is made of."""
    text = json.dumps([description, WIDE, WIDE_SIZE, JPEG_QUALITY], sort_keys=True)
    return f"crops-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class CropPack:
    """A pack opened for reading; the JPEGs stay on disk and are mapped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with np.load(path.with_suffix(".npz")) as file:
            self.labels = CropLabels(**{name: file[name] for name in file.files})
        self._jpegs = np.memmap(path.with_suffix(".jpgs"), np.uint8, mode="r")

    def __len__(self) -> int:
        return len(self.labels.presence)

    def image(self, index: int) -> images.Image:
        """The wide crop, RGB uint8 [320, 320, 3]."""
        start, end = self.labels.offsets[index : index + 2]
        bgr = cv2.imdecode(self._jpegs[start:end], cv2.IMREAD_COLOR)
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]

    def indices(self, validation: bool) -> NDArray[np.intp]:
        """Indices of the validation or the training crops."""
        return np.flatnonzero(self.labels.validation == validation)
