"""Runs files over labelled people: every picture is read once and cropped once for all files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.evaluation.pck import has_torso
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.detector import Detection
from blazepose_tf.runtime.landmarker import CropLandmarks, Landmarker
from blazepose_tf.topology import NUM_POINTS

HIT_DISTANCE = 0.5
"""A detection hits when its mid-hip is at most this many torso lengths from the labelled one."""


class LandmarkModel(Protocol):
    """Whatever turns a crop into landmarks: a `Landmarker`, or a Keras model in such a coat."""

    @property
    def input_size(self) -> int:
        """Side of the crop in pixels."""

    def run_crop(self, crop: NDArray[np.uint8], /) -> CropLandmarks:
        """Landmarks of an RGB uint8 [S, S, 3] crop."""


Detect = Callable[[images.Image, int], list[Detection]]
"""Frame and largest number of people -> detections, best first; a `Detector` is one."""


@dataclass(frozen=True)
class Detections:
    """What a detector said about N labelled people.

    distance: [N] torso lengths between the detected and the labelled mid-hip; infinity where
    nobody was found, NaN where hips or shoulders are not labelled.
    """

    distance: NDArray[np.float64]

    @property
    def scored(self) -> NDArray[np.bool_]:
        """[N] True where the label says where the person is."""
        return ~np.isnan(self.distance)

    @property
    def found(self) -> NDArray[np.bool_]:
        """[N] True where the detector found somebody, right or wrong."""
        return np.isfinite(self.distance)

    @property
    def hits(self) -> NDArray[np.bool_]:
        """[N] True where it found this person."""
        return self.distance <= HIT_DISTANCE


def _by_picture(
    samples: Sequence[PoseSample], progress: bool
) -> Iterable[tuple[images.Image, list[int]]]:
    """Every picture once, with the indices of the people in it."""
    people: dict[Path, list[int]] = {}
    for index, sample in enumerate(samples):
        people.setdefault(sample.image, []).append(index)
    bar: Any = tqdm(people.items(), unit="img", disable=not progress)
    for path, indices in bar:
        yield images.read_image(path), indices


def assign(detections: Sequence[Detection], people: Sequence[PoseSample]) -> list[Detection | None]:
    """The detection of each labelled person in one picture, each used once, nearest hips first.

    A picture of one person takes its detection however far off it is.
    """
    distances = np.full((len(people), len(detections)), np.inf)
    for row, sample in enumerate(people):
        for column, detection in enumerate(detections):
            distance = np.linalg.norm(detection.keypoints[0] - sample.mid_hip)
            # Someone without labelled hips takes what the others leave.
            distances[row, column] = distance if np.isfinite(distance) else 1e9
    found: list[Detection | None] = [None] * len(people)
    for _ in range(min(distances.shape)):
        row, column = divmod(int(distances.argmin()), len(detections))
        found[row] = detections[column]
        distances[row, :] = distances[:, column] = np.inf
    return found


def _hip_distance(detection: Detection | None, sample: PoseSample) -> float:
    if not has_torso(sample):
        return float("nan")
    if detection is None:
        return float("inf")
    return float(np.linalg.norm(detection.keypoints[0] - sample.mid_hip)) / sample.torso


def _points(model: LandmarkModel, crop: NDArray[np.uint8], roi: Roi) -> NDArray[np.float32]:
    return Landmarker.to_image(model.run_crop(crop), roi).points[:, :2]


def _run_models(
    models: Sequence[LandmarkModel], frame: images.Image, roi: Roi | None
) -> NDArray[np.float32]:
    """Points [M, 35, 2] of one ROI; NaN without one."""
    if roi is None or not roi.is_finite:
        return np.full((len(models), NUM_POINTS, 2), np.nan, np.float32)
    crops = {size: images.crop(frame, roi, size) for size in {m.input_size for m in models}}
    return np.stack([_points(model, crops[model.input_size], roi) for model in models])


def predict_roi(
    models: Sequence[LandmarkModel], samples: Sequence[PoseSample], *, progress: bool = False
) -> NDArray[np.float32]:
    """One pass of every model from the labelled ROI: points [M, N, 35, 2] in image pixels.

    Raises:
        BadInputError: a picture cannot be read.
    """
    points = np.full((len(models), len(samples), NUM_POINTS, 2), np.nan, np.float32)
    for frame, indices in _by_picture(samples, progress):
        for i in indices:
            points[:, i] = _run_models(models, frame, samples[i].default_roi)
    return points


def predict_pipeline(
    models: Sequence[LandmarkModel], detect: Detect, samples: Sequence[PoseSample], *,
    progress: bool = False,
) -> tuple[NDArray[np.float32], Detections]:  # fmt: skip
    """Detector on the whole picture, then one pass of every model on its ROI.

    The detector may name as many people as are labelled in the picture. Returns points
    [M, N, 35, 2] in image pixels, NaN where nobody was found, and what the detector said.

    Raises:
        BadInputError: a picture cannot be read.
    """
    points = np.full((len(models), len(samples), NUM_POINTS, 2), np.nan, np.float32)
    distance = np.full(len(samples), np.nan)
    for frame, indices in _by_picture(samples, progress):
        people = [samples[i] for i in indices]
        for i, found in zip(indices, assign(detect(frame, len(people)), people), strict=True):
            distance[i] = _hip_distance(found, samples[i])
            points[:, i] = _run_models(models, frame, found.roi if found else None)
    return points, Detections(distance)


def predict_detectors(
    detectors: Sequence[Detect], samples: Sequence[PoseSample], *, progress: bool = False
) -> list[Detections]:
    """What every detector says about the labelled people, looking at the whole picture.

    Raises:
        BadInputError: a picture cannot be read.
    """
    distances = np.full((len(detectors), len(samples)), np.nan)
    for frame, indices in _by_picture(samples, progress):
        people = [samples[i] for i in indices]
        for row, detect in enumerate(detectors):
            for i, found in zip(indices, assign(detect(frame, len(people)), people), strict=True):
                distances[row, i] = _hip_distance(found, samples[i])
    return [Detections(row) for row in distances]
