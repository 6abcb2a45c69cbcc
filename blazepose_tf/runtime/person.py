"""What is remembered of one of several people: where, how fast, under which number."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.association import torso_middle
from blazepose_tf.runtime.follower import Follower
from blazepose_tf.runtime.landmarker import Landmarks

Array = NDArray[np.floating]

MEMORY_S = 1.0
"""So long somebody who is not seen keeps the number."""
REACH = 0.5
"""So far (in sides of the ROI) from the expected place may the detector find a missing person; and
nobody is expected further than that from where last seen."""
SIZE_WEIGHT = 0.5
"""A tenth larger or smaller is as surprising as 0.05 sides of the ROI away."""
VELOCITY_TIME_S = 0.2
"""Time constant of the running average of a person's speed."""


@dataclass
class Person:
    """Somebody with a number.

    roi: where to look next, as of `seen_s`. middle: of the torso, pixels; velocity: its pixels per
    second. is_touched: somebody else's look is so like this person's that neither can be trusted;
    the past then stays what it was before, so that it tells the two apart when they part.
    """

    id: int
    follower: Follower
    roi: Roi
    middle: Array
    seen_s: float
    velocity: Array = dataclasses.field(default_factory=lambda: np.zeros(2))
    is_touched: bool = False

    def way(self, timestamp_s: float) -> Array:
        """How far the person should have come since last seen, at most REACH sides of the ROI."""
        way = self.velocity * max(0.0, timestamp_s - self.seen_s)
        share = REACH * self.roi.size / max(1e-9, float(np.linalg.norm(way)))
        return np.asarray(way * min(1.0, share))

    def next_roi(self, timestamp_s: float) -> Roi:
        """Where to look: the ROI of the last frame; moved along for a missing person."""
        if self.follower.roi is not None:
            return self.follower.roi
        x, y = self.way(timestamp_s)
        return dataclasses.replace(
            self.roi, center_x=self.roi.center_x + x, center_y=self.roi.center_y + y
        )

    def surprise(self, found: Landmarks, timestamp_s: float) -> float:
        """How far from the expected place, in sides of the ROI, and from the size."""
        way = torso_middle(found.points) - self.middle - self.way(timestamp_s)
        growth = abs(math.log(found.roi.size / self.roi.size))
        return float(np.linalg.norm(way)) / self.roi.size + SIZE_WEIGHT * growth

    def saw(self, found: Landmarks, timestamp_s: float) -> None:
        """Remember where the person was seen, unless that may be somebody else."""
        middle, period = torso_middle(found.points), timestamp_s - self.seen_s
        if self.is_touched and 0 <= period <= MEMORY_S:
            return
        if period > 0:
            weight = period / (period + VELOCITY_TIME_S)
            self.velocity = self.velocity + weight * (
                (middle - self.middle) / period - self.velocity
            )
        self.roi, self.middle, self.seen_s = found.roi, middle, timestamp_s
