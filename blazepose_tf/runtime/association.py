"""Who is who: how alike two poses or two ROIs are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.topology import (
    COCO_TO_BLAZEPOSE,
    LEFT_HIP,
    LEFT_SHOULDER,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

Array = NDArray[np.floating]

TORSO = (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP)
BODY = list(COCO_TO_BLAZEPOSE)
"""Poses are compared by COCO's 17 points, which the constants below were learnt for."""

REFERENCE_SHARE = 0.1
DELTA_1, DELTA_2, MU, GAMMA = 1.0, 2.65, 1.7, 22.48
"""Pose NMS of AlphaPose (Fang, Xie, Tai, Lu: RMPE, ICCV 2017, section 3.4): distances count in
tenths of the pose's box; constants as in its published code (pPose_nms.py, there alpha, delta1,
delta2, mu and gamma). Its further rule, five matching points of 17, would melt two people who
pass."""


NEAR, SIMILAR = 0.08, 0.25
"""Hips nearer than this to each other, in sides of the ROI (some 10 cm), sizes closer than this."""


def pose_similarity(first: Landmarks, second: Landmarks) -> float:
    """AlphaPose's pose similarity, 0 (apart) to 38.8 (the same, surely seen).

    The sum over 17 points of tanh(c1) tanh(c2), where the two lie within a tenth of the larger
    pose's box of each other, plus MU times that of exp(-distance / DELTA_2). Above GAMMA both are
    one person.
    """
    a, b = first.points[BODY, :2], second.points[BODY, :2]
    reference = REFERENCE_SHARE * max(
        float(np.ptp(a, axis=0).max()), float(np.ptp(b, axis=0).max())
    )
    if reference <= 0:
        return 0.0
    distance = np.linalg.norm(a - b, axis=1) / reference
    sure = np.tanh(first.visibility[BODY] / DELTA_1) * np.tanh(second.visibility[BODY] / DELTA_1)
    return float(sure[distance <= 1].sum() + MU * np.exp(-distance / DELTA_2).sum())


def same_place(first: Roi, second: Roi) -> bool:
    """Whether two ROIs are so alike that a look into either shows the same person."""
    apart = math.hypot(first.center_x - second.center_x, first.center_y - second.center_y)
    larger = max(first.size, second.size)
    return apart < NEAR * larger and min(first.size, second.size) > larger / (1 + SIMILAR)


def torso_middle(points: Array) -> Array:
    """Middle of shoulders and hips [2]: what moves least of a moving body. points [>=25, >=2]."""
    return np.asarray(points[list(TORSO), :2].mean(axis=0), np.float64)
