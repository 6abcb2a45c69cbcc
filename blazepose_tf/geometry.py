"""The region of interest (ROI): a rotated square around one person.

Coordinates: image pixels are continuous, x right and y down, and pixel (0, 0) covers
[0, 1) x [0, 1), so its centre is (0.5, 0.5). Crop units run from 0 to 1 across the crop in both
directions; points may lie outside. Angles are radians, positive turning x towards y (clockwise
as seen on the screen).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology

Array = NDArray[np.floating]

CROP_PIXELS = 256.0
"""Distances are stated in pixels of a 256-pixel crop, whatever the network's input size."""
ROI_MARGIN = 1.25
"""The circle around the body is enlarged by this (MediaPipe pose_detection_to_roi: scale 1.25)."""
MIN_ROI_SIZE = 1.0
"""Smallest side in pixels: a degenerate detection must not make a singular transform."""


@dataclass(frozen=True)
class Roi:
    """A rotated square. `center_x`, `center_y`, `size` in image pixels, `rotation` in radians."""

    center_x: float
    center_y: float
    size: float
    rotation: float = 0.0

    def to_image(self, points: Array) -> Array:
        """Crop units [..., 2] -> image pixels [..., 2]."""
        matrix = self.matrix()
        return np.asarray(points) @ matrix[:, :2].T + matrix[:, 2]

    def to_crop(self, points: Array) -> Array:
        """Image pixels [..., 2] -> crop units [..., 2]. Inverse of `to_image`."""
        matrix = self.matrix()
        return (np.asarray(points) - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T

    def matrix(self) -> Array:
        """The 2x3 affine matrix that takes crop units (u, v, 1) to image pixels (x, y)."""
        cosine, sine = math.cos(self.rotation), math.sin(self.rotation)
        linear = self.size * np.array([[cosine, -sine], [sine, cosine]])
        center = np.array([self.center_x, self.center_y])
        return np.column_stack([linear, center - linear @ [0.5, 0.5]])

    @property
    def is_finite(self) -> bool:
        """False when any of the numbers is NaN or infinite (a network gone wrong)."""
        return all(map(math.isfinite, (self.center_x, self.center_y, self.size, self.rotation)))


def normalize_angle(angle: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle + math.pi) % (2 * math.pi) - math.pi


def rotate_about_depth(points: Array, angle: float) -> Array:
    """Turn points [..., 3] about the z axis by `angle` radians, x towards y; float32."""
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]], np.float32)
    return np.asarray(points @ turn)


def roi_from_alignment(center: Array, circle: Array, margin: float = ROI_MARGIN) -> Roi:
    """ROI from the mid-hip `center` and a point on the body's `circle`, both [2] in image pixels.

    Side = 2 x distance x margin; the rotation turns `circle` straight above `center`:
    pi/2 - atan2(-(y1 - y0), x1 - x0), as in MediaPipe's AlignmentPointsRectsCalculator.
    """
    dx, dy = float(circle[0] - center[0]), float(circle[1] - center[1])
    distance = math.hypot(dx, dy)
    rotation = normalize_angle(math.pi / 2 - math.atan2(-dy, dx)) if distance > 0 else 0.0
    size = max(2 * distance * margin, MIN_ROI_SIZE)
    return Roi(float(center[0]), float(center[1]), size, rotation)


def roi_from_landmarks(points: Array) -> Roi:
    """ROI of the next frame from landmarks [35, >=2] in image pixels (points 33 and 34)."""
    return roi_from_alignment(points[topology.MID_HIP, :2], points[topology.FULL_BODY_CIRCLE, :2])


def roi_from_joints(
    mid_hip: Array, mid_shoulder: Array, points: Array, margin: float = ROI_MARGIN
) -> Roi:
    """ROI from labelled joints: the rule of the evaluation and of training without a detector.

    Centre = mid-hip; side = 2 x margin x the largest distance from it to any of `points` [N, 2];
    rotation = hip-to-shoulder line upright. Image pixels.
    """
    radius = float(np.linalg.norm(np.asarray(points) - mid_hip, axis=1).max())
    upright = np.asarray(mid_shoulder, float) - mid_hip
    length = float(np.linalg.norm(upright))
    direction = upright / length if length > 0 else np.array([0.0, -1.0])
    return roi_from_alignment(np.asarray(mid_hip, float), mid_hip + radius * direction, margin)


def alignment_points(roi: Roi, margin: float = ROI_MARGIN) -> Array:
    """The two points [2, 2] in image pixels that `roi_from_alignment` would turn into `roi`."""
    radius = roi.size / (2 * margin)
    up = np.array([math.sin(roi.rotation), -math.cos(roi.rotation)])
    center = np.array([roi.center_x, roi.center_y])
    return np.stack([center, center + radius * up])
