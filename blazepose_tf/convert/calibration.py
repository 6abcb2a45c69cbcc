"""Representative pictures: what int8 ranges are taken from, and what files are checked on.

By default the small set of rendered people that comes with the package (exact labels, free of
anybody's rights); or a folder of the user's own pictures, labelled (COCO keypoints) or not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi, roi_from_alignment

ASSETS = Path(__file__).resolve().parents[1] / "assets" / "calibration"
ANNOTATIONS = "annotations.json"
SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}

MAX_CALIBRATION = 120
"""TensorFlow's guide to post-training quantisation asks for 100 to 500 pictures."""
MAX_CHECK = 60
"""60 people x 17 points: one point of PCK is ten landmarks. int8 is slow in tflite-runtime."""
MIN_SPLIT = 24
"""Fewer people than this serve both to calibrate and to check."""
COCO_POINTS = list(topology.COCO_TO_BLAZEPOSE)

Item = TypeVar("Item")
Detect = Callable[[images.Image], Roi | None]
Pictures = NDArray[np.uint8]


@dataclass(frozen=True)
class People:
    """Pictures of people. source: where they are from. calibrate, check: what each is used for;
    disjoint if there are enough. labelled: people of `check` carry labels."""

    source: str
    calibrate: list[PoseSample]
    check: list[PoseSample]

    @property
    def labelled(self) -> bool:
        """Can PCK be measured?"""
        return any(np.isfinite(sample.torso) for sample in self.check)

    @property
    def disjoint(self) -> bool:
        """Are files checked on other people than they were calibrated on?"""
        return not {id(sample) for sample in self.check} & {id(s) for s in self.calibrate}


@dataclass(frozen=True)
class Crops:
    """Aligned people. pictures: uint8 [N, S, S, 3]. points: labels [N, 35, 2] in crop units, NaN
    where unknown. torso: [N] in crop units, NaN where unknown."""

    pictures: Pictures
    points: NDArray[np.float32]
    torso: NDArray[np.float32]


def spread(samples: Sequence[Item], limit: int) -> list[Item]:
    """At most `limit` of them, evenly spaced."""
    if len(samples) <= limit:
        return list(samples)
    return [samples[i] for i in np.linspace(0, len(samples) - 1, limit).round().astype(int)]


def split(samples: Sequence[PoseSample], source: str) -> People:
    """Two of three people calibrate, the third checks, so that no file is checked on what its
    ranges were taken from; a handful of people does both.

    Raises:
        BadInputError: no people.
    """
    if not samples:
        raise BadInputError(f"{source}: holds no usable picture of a person; give other pictures")
    if len(samples) < MIN_SPLIT:
        return People(source, list(samples), list(samples))
    kept = [sample for i, sample in enumerate(samples) if i % 3]
    return People(source, spread(kept, MAX_CALIBRATION), spread(samples[::3], MAX_CHECK))


def shipped_people() -> People:
    """The rendered people of the package.

    Raises:
        BadInputError: the package was installed without them.
    """
    if not (ASSETS / ANNOTATIONS).exists():
        raise BadInputError(
            "this installation has no calibration pictures; give a folder with --calibration DIR"
        )
    return split(read_coco(ASSETS / ANNOTATIONS, ASSETS / "images"), "shipped rendered people")


def people_in(folder: str | Path, detect: Detect) -> People:
    """People in a folder of the user's pictures.

    With an `annotations.json` (COCO keypoints; pictures in `images/` or beside it) they are taken
    from there; else `detect` finds them, and pictures without anybody are left out.

    Raises:
        BadInputError: no such folder, or nobody in it.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInputError(f"{folder}: is no folder; give one with pictures of people")
    if (folder / ANNOTATIONS).exists():
        beside = folder / "images"
        samples = read_coco(folder / ANNOTATIONS, beside if beside.is_dir() else folder)
        return split(samples, str(folder))
    samples = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        roi = detect(images.read_image(path))
        if roi is not None:
            samples.append(PoseSample(path, roi=roi))
        if len(samples) >= MAX_CALIBRATION + MAX_CHECK:
            break
    return split(samples, str(folder))


def roi_of(sample: PoseSample) -> Roi | None:
    """Where to crop: a ROI that came with the sample, its alignment points, or its joints."""
    alignment = sample.points[topology.MID_HIP :]
    if sample.roi is None and np.isfinite(alignment).all():
        return roi_from_alignment(alignment[0], alignment[1])
    return sample.default_roi


def landmark_crops(samples: Sequence[PoseSample], size: int) -> Crops:
    """Aligned crops for a landmark network.

    Raises:
        BadInputError: a picture cannot be read, or no sample says where the person is.
    """
    placed = [(sample, roi) for sample in samples if (roi := roi_of(sample)) is not None]
    if not placed:
        raise BadInputError("no person has hips and shoulders labelled; label them or leave the "
                            "annotations out, so that the detector finds people")  # fmt: skip
    pictures = [images.crop(images.read_image(s.image), roi, size) for s, roi in placed]
    points = [roi.to_crop(sample.points) for sample, roi in placed]
    torso = [sample.torso / roi.size for sample, roi in placed]
    return Crops(
        np.stack(pictures), np.stack(points).astype(np.float32), np.array(torso, np.float32)
    )  # fmt: skip


def letterboxes(samples: Sequence[PoseSample], size: int) -> Pictures:
    """Whole pictures for a detector, uint8 [N, S, S, 3]; a picture of two people counts once."""
    paths = dict.fromkeys(sample.image for sample in samples)
    return np.stack([images.letterbox(images.read_image(path), size)[0] for path in paths])


def pck(points: NDArray[np.floating], crops: Crops, threshold: float = 0.2) -> float:
    """Percent of labelled points within `threshold` torso lengths, on the 17 COCO points
    (BlazePose, arXiv 2006.10204, section 3). points [N, >=33, >=2] in crop units; NaN without
    labels."""
    labels = crops.points[:, COCO_POINTS]
    distance = np.linalg.norm(points[:, COCO_POINTS, :2] - labels, axis=2) / crops.torso[:, None]
    known = np.isfinite(distance)
    return 100 * float((distance[known] <= threshold).mean()) if known.any() else float("nan")
