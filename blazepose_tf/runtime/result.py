"""`PoseResult`: one person in one frame, as the tracker hands it out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.timing import StageMilliseconds
from blazepose_tf.topology import LANDMARK_NAMES

Array = NDArray[np.float32]


@dataclass(frozen=True)
class PoseResult:
    """The person in one frame.

    timestamp_s: as given.
    landmarks: [33, 3] x, y in image pixels (pixel centres at .5), z in pixels of the same scale,
        hips at 0, smaller = nearer (MediaPipe Tasks shows z divided by 0.4). Points may lie
        outside the picture.
    visibility: [33] probability that the point is in the picture and not covered.
    presence: probability that the ROI shows a person.
    world: [33, 3] metres, origin between the hips.
    roi: the square that the landmark network looked at.
    detector_ran: the detector was needed in this frame.
    milliseconds: time spent on this frame, on all people in it.
    id: who it is, from 1; the same person keeps it. A tracker of one person calls everybody 1.
    """

    timestamp_s: float
    landmarks: Array
    visibility: Array
    presence: float
    world: Array
    roi: Roi
    detector_ran: bool
    milliseconds: StageMilliseconds
    id: int = 1

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON: pixels to 1/1000, metres to 1/100000; keys are stable."""
        rows = zip(LANDMARK_NAMES, self.landmarks, self.visibility, self.world, strict=True)
        roi = self.roi
        return {
            "presence": round(self.presence, 5),
            "detector_ran": self.detector_ran,
            "roi": {
                "center_x": round(roi.center_x, 3), "center_y": round(roi.center_y, 3),
                "size": round(roi.size, 3), "rotation": round(roi.rotation, 6),
            },
            "landmarks": [
                {
                    "name": name,
                    **{axis: round(float(v), 3) for axis, v in zip("xyz", point, strict=True)},
                    "visibility": round(float(visible), 5),
                    "world": [round(float(v), 5) for v in world],
                }
                for name, point, visible, world in rows
            ],
        }  # fmt: skip
