"""Labels by a teacher: MediaPipe's heavy landmark file, two passes, checked against people.

The second pass looks through the first one's ROI and at the mirrored crop; the mean of both is the
label and their difference says how much it can be trusted. Where human joints exist, the two
are merged, each where it is the better one; where the teacher is lost, people teach alone.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.landmarker import CropLandmarks, Landmarker, Landmarks

MAX_DISAGREEMENT = 0.5
"""Largest distance, in torsos, between the teacher and a person or between its two passes."""
MIN_PRESENCE = 0.5
MIN_JOINTS_ALONE = 8
"""Human joints, hips and shoulders among them, that describe a person without the teacher."""
LIMB_ENDS = tuple(
    topology.INDEX[f"{side}_{name}"]
    for side in ("left", "right")
    for name in ("elbow", "wrist", "knee", "ankle")
)
"""Joints that people and teacher mark in the same place."""
SIDED_LIMBS = tuple(
    tuple(topology.INDEX[f"{side}_{name}"] for side in ("left", "right") for name in limb)
    for limb in (("hip", "knee", "ankle"), ("shoulder", "elbow", "wrist"))
)
"""Legs and arms: crowd workers exchange left and right of one or of both."""


def mirrored(result: CropLandmarks) -> CropLandmarks:
    """Undo a horizontal flip of the crop: x -> 1 - x, left and right exchanged."""
    order = list(topology.MIRRORED)
    landmarks = order[: topology.NUM_LANDMARKS]
    flip = np.array([-1, 1, 1], np.float32)
    points = result.points[order] * flip + np.array([1, 0, 0], np.float32)
    world = result.world[landmarks] * flip
    return CropLandmarks(points, result.visibility[landmarks], result.presence, world)


def _torso(points: NDArray[np.float32]) -> float:
    shoulders = points[[topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER], :2].mean(axis=0)
    hips = points[[topology.LEFT_HIP, topology.RIGHT_HIP], :2].mean(axis=0)
    return float(np.linalg.norm(shoulders - hips))


class Teacher:
    """Labels samples with a landmark file and, where nobody gave a ROI, a detector."""

    def __init__(self, landmarker: Landmarker, detector: Detector) -> None:
        self.landmarker, self.detector = landmarker, detector

    def look(self, frame: images.Image, roi: Roi) -> tuple[Landmarks, NDArray[np.float32]] | None:
        """Two passes from `roi`: the mean landmarks and, per point [35], how far they differ (px).

        None when either pass sees no person.
        """
        first = self.landmarker(frame, roi)
        if first.presence < MIN_PRESENCE or not first.roi.is_finite:
            return None
        crop = images.crop(frame, first.roi, self.landmarker.input_size)
        flipped = self.landmarker.run_crop(np.ascontiguousarray(crop[:, ::-1]))
        second = self.landmarker.to_image(mirrored(flipped), first.roi)
        if second.presence < MIN_PRESENCE:
            return None
        spread = np.linalg.norm(first.points[:, :2] - second.points[:, :2], axis=1)
        mean = Landmarks(
            (first.points + second.points) / 2, (first.visibility + second.visibility) / 2,
            min(first.presence, second.presence), (first.world + second.world) / 2,
        )  # fmt: skip
        return mean, spread

    def label(self, sample: PoseSample) -> PoseSample | None:
        """The sample with every point that can be trusted, or None if the person cannot be.

        A point of the teacher's drops out when its two passes differ by more than half a torso;
        then see `merge` for what human labels do.
        """
        frame = images.read_image(sample.image)
        roi = sample.default_roi
        if roi is None:
            found = self.detector(frame)
            if not found:
                return None
            roi = found[0].roi
        looked = self.look(frame, roi)
        if looked is None:
            return alone(sample)
        result, spread = looked
        doubtful = spread > MAX_DISAGREEMENT * _torso(result.points)
        unknown = np.where(doubtful, np.nan, 1).astype(np.float32)
        landmarks = unknown[: topology.NUM_LANDMARKS]
        taught = dataclasses.replace(
            sample, points=result.points[:, :2] * unknown[:, None],
            depth=result.points[:, 2] * unknown, visibility=result.visibility * landmarks,
            world=result.world * landmarks[:, None], roi=result.roi,
        )  # fmt: skip
        limit = MAX_DISAGREEMENT * _torso(result.points)
        sample = mend_sides(sample, result.points[:, :2], limit)
        distance = np.linalg.norm(sample.points - result.points[:, :2], axis=1)
        if sample.known.any() and np.median(distance[sample.known]) > limit:
            return alone(sample)
        return merge(taught, sample, limit)


def mend_sides(human: PoseSample, taught: NDArray[np.float32], limit: float) -> PoseSample:
    """The human labels with left and right exchanged in the limbs where only that agrees.

    `taught` [35, 2] are the teacher's points in pixels. A pair of legs or arms is exchanged when
    its mean distance from the teacher falls below half of what it was, and below `limit` pixels.
    """
    points, visibility = human.points.copy(), human.visibility.copy()
    for limb in SIDED_LIMBS:
        joints = list(limb)
        other = [topology.MIRRORED[joint] for joint in joints]
        both = (human.known[joints] & human.known[other]).nonzero()[0]
        if not len(both):
            continue
        as_is = np.linalg.norm(human.points[joints] - taught[joints], axis=1)[both].mean()
        exchanged = np.linalg.norm(human.points[other] - taught[joints], axis=1)[both].mean()
        if exchanged < min(0.5 * as_is, limit):
            points[joints], visibility[joints] = human.points[other], human.visibility[other]
    return dataclasses.replace(human, points=points, visibility=visibility)


def alone(human: PoseSample) -> PoseSample | None:
    """The human labels as they are, where the teacher is lost: hard poses are just these.

    None without a torso and half of the limbs: nothing says where such a person is. Visibility,
    depth and world are left unknown.
    """
    if human.known.sum() < MIN_JOINTS_ALONE or human.default_roi is None:
        return None
    return dataclasses.replace(
        human, roi=human.default_roi, visibility=np.full_like(human.visibility, np.nan)
    )


def merge(taught: PoseSample, human: PoseSample, limit: float) -> PoseSample | None:
    """The teacher's labels and a person's, each where it is the better one.

    Where they agree (within `limit` pixels) elbows, wrists, knees and ankles become the mean of
    both; shoulders and hips stay the teacher's (crowd workers draw hips high). Where they do not,
    or the teacher is in doubt, the human label stands, without depth; hand and foot points hang on
    a wrist or ankle that the teacher got right, and drop out with it. None if the teacher does not
    know where the ROI lies.
    """
    points, depth = taught.points.copy(), taught.depth.copy()
    visibility, world = taught.visibility.copy(), taught.world.copy()
    distance = np.linalg.norm(human.points - points, axis=1)
    agreed = human.known & (distance <= limit)
    averaged = agreed & np.isin(np.arange(topology.NUM_POINTS), LIMB_ENDS)
    points[averaged] = (points[averaged] + human.points[averaged]) / 2
    replaced = human.known & ~agreed
    points[replaced] = human.points[replaced]
    wrong = np.flatnonzero(replaced | ~np.isfinite(points).all(axis=1))
    dependents = [d for joint in wrong for d in topology.DEPENDENTS.get(int(joint), ())]
    points[dependents] = np.nan
    for index in {*np.flatnonzero(replaced).tolist(), *dependents}:
        depth[index] = visibility[index] = world[index] = np.nan
    if not np.isfinite(points[topology.MID_HIP :]).all():
        return None
    return dataclasses.replace(
        taught, points=points, depth=depth, visibility=visibility, world=world
    )
