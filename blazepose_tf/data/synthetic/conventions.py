"""Whose landmarks the labels follow: the body's own anatomy, or MediaPipe's habits.

Measured by running MediaPipe's heavy file (npm 0.5.1675469404) on 300 rendered people (seed 77, a
quarter of them seen from behind) from the true ROI, on points that are visible and at most half a
torso off. For every kind of landmark one offset that moves with the body was fitted to the picture
errors (least absolute distances; torso 0.49 m on average); scales are ratios of its z and world
points to the true ones, outliers beyond 2.5 robust deviations left out. Checked on 132 other people
of the training mix (seed 100) labelled this way: its z is 0.94, its world points 1.01, 1.00, 0.97
of the labels.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample

ANATOMY, MEDIAPIPE = "anatomy", "mediapipe"
CONVENTIONS = (ANATOMY, MEDIAPIPE)

MEDIAPIPE_OFFSETS: dict[str, tuple[float, float, float]] = {
    "nose": (0.0, 0.009, 0.023),  # 0.050 torsos; median error 0.056 -> 0.024
    "eye_inner": (0.001, 0.008, 0.017),  # 0.039 torsos; median error 0.044 -> 0.023
    "eye": (0.002, 0.012, 0.012),  # 0.035 torsos; median error 0.037 -> 0.023
    "eye_outer": (-0.006, 0.013, 0.017),  # 0.045 torsos; median error 0.046 -> 0.024
    "ear": (-0.015, -0.019, 0.017),  # 0.060 torsos; median error 0.059 -> 0.028
    "mouth": (-0.008, 0.007, 0.015),  # 0.037 torsos; median error 0.042 -> 0.024
    "shoulder": (-0.003, -0.001, 0.019),  # 0.039 torsos; median error 0.063 -> 0.056
    "wrist": (-0.005, -0.010, -0.017),  # 0.041 torsos; median error 0.057 -> 0.046
    "pinky": (-0.024, -0.004, 0.018),  # 0.062 torsos; median error 0.077 -> 0.056
    "index": (-0.007, 0.026, -0.005),  # 0.056 torsos; median error 0.062 -> 0.043
    "thumb": (0.018, 0.007, -0.021),  # 0.058 torsos; median error 0.067 -> 0.045
    "ankle": (-0.003, -0.009, -0.020),  # 0.046 torsos; median error 0.065 -> 0.052
    "heel": (-0.020, -0.003, -0.032),  # 0.078 torsos; median error 0.100 -> 0.069
    "foot_index": (0.010, -0.000, -0.018),  # 0.042 torsos; median error 0.091 -> 0.080
}  # fmt: skip
"""Metres outwards, backwards, upwards on the body at rest, arms spread; where it is more than 0.03
torsos. The rest is not moved: elbow 0.024, hip 0.012, knee 0.024."""
MEDIAPIPE_DEPTH = 2.74
"""Its z over the true weak-perspective depth."""
MEDIAPIPE_WORLD = (0.93, 0.94, 0.80)
"""Its world x, y, z over the true metres."""


def rest_offsets(convention: str) -> NDArray[np.float64]:
    """How far each landmark is moved on the body at rest [33, 3], metres: x left, y back, z up."""
    offsets = np.zeros((topology.NUM_LANDMARKS, 3))
    if convention == MEDIAPIPE:
        for index, name in enumerate(topology.LANDMARK_NAMES):
            outwards = -1.0 if "right" in name else 1.0
            kind = "_".join(part for part in name.split("_") if part not in ("left", "right"))
            offsets[index] = MEDIAPIPE_OFFSETS.get(kind, (0.0, 0.0, 0.0))
            offsets[index, 0] *= outwards
    return offsets


def follow(sample: PoseSample, convention: str) -> PoseSample:
    """The sample with depth and world points in the convention's scale."""
    if convention == ANATOMY:
        return sample
    world = sample.world * np.array(MEDIAPIPE_WORLD, np.float32)
    return replace(sample, depth=sample.depth * np.float32(MEDIAPIPE_DEPTH), world=world)
