"""`PoseSample`: one person in one picture, whichever data set it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.geometry import Roi, roi_from_joints

Array = NDArray[np.float32]


def _unknown(*shape: int) -> Array:
    return np.full(shape, np.nan, np.float32)


@dataclass(frozen=True)
class PoseSample:
    """Labels of one person; whatever is not known is NaN and never guessed.

    image: the picture file.
    points: [35, 2] image pixels (landmarks, then mid-hip and the full-body circle point).
    depth: [35] z in image pixels, hips at 0.
    visibility: [33] 0..1.
    world: [33, 3] metres, origin between the hips.
    roi: the region to crop, if a detector or a teacher found one; else see `default_roi`.
    person_area: pixels^2 of the person's box, 0 if unknown.
    """

    image: Path
    points: Array = field(default_factory=lambda: _unknown(topology.NUM_POINTS, 2))
    depth: Array = field(default_factory=lambda: _unknown(topology.NUM_POINTS))
    visibility: Array = field(default_factory=lambda: _unknown(topology.NUM_LANDMARKS))
    world: Array = field(default_factory=lambda: _unknown(topology.NUM_LANDMARKS, 3))
    roi: Roi | None = None
    extra_points: Array = field(default_factory=lambda: _unknown(0, 2))
    """Further labelled points [N, 2] that only widen the default ROI (LSP's head top)."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """[35] True where a point is labelled."""
        return np.isfinite(self.points).all(axis=1)

    def midpoint(self, first: int, second: int) -> Array:
        """Middle of two landmarks [2], NaN if one is not labelled."""
        return (self.points[first] + self.points[second]) / 2

    @property
    def mid_hip(self) -> Array:
        """[2] image pixels."""
        return self.midpoint(topology.LEFT_HIP, topology.RIGHT_HIP)

    @property
    def mid_shoulder(self) -> Array:
        """[2] image pixels."""
        return self.midpoint(topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER)

    @property
    def torso(self) -> float:
        """|mid-shoulder - mid-hip| in pixels, NaN without hips and shoulders: PCK's yardstick."""
        return float(np.linalg.norm(self.mid_shoulder - self.mid_hip))

    @property
    def default_roi(self) -> Roi | None:
        """`roi`, or the ROI from the labelled joints, or None without hips and shoulders."""
        if self.roi is not None:
            return self.roi
        if not np.isfinite(self.torso):
            return None
        labelled = self.points[: topology.NUM_LANDMARKS]
        labelled = labelled[np.isfinite(labelled).all(axis=1)]
        spread = np.concatenate([labelled, self.extra_points])
        return roi_from_joints(self.mid_hip, self.mid_shoulder, spread)
