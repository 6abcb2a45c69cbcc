"""Follows one person from frame to frame: where to look next, and the past that smoothing needs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.filters import LandmarkSmoother
from blazepose_tf.runtime.jumps import JumpGuard
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.sides import SideGuard

FindLandmarks = Callable[[images.Image, Roi], Landmarks]

MIN_ROI_PIXELS = 2.0
"""A crop of fewer pixels shows nobody (a 1x1 picture ends here)."""
MAX_ROI_RATIO = 10.0
"""A ROI so many times larger than the picture is a mistake of the network: a close-up whose hips
are a whole picture below the lower edge needs 5."""


def is_usable(roi: Roi, height: int, width: int) -> bool:
    """Whether `roi` can show a person of a picture: finite, of a sane size, touching it."""
    if not roi.is_finite:
        return False
    reach = roi.size / 2
    touches = -reach < roi.center_x < width + reach and -reach < roi.center_y < height + reach
    return touches and MIN_ROI_PIXELS <= roi.size <= MAX_ROI_RATIO * max(height, width)


def look(
    find_landmarks: FindLandmarks, image: images.Image, roi: Roi, presence_threshold: float
) -> Landmarks | None:
    """Landmarks inside `roi`, None where nobody is there or the network went wrong."""
    found = find_landmarks(image, roi)
    present = found.presence >= presence_threshold
    finite = np.isfinite(found.points).all() and np.isfinite(found.world).all()
    return found if present and finite and np.isfinite(found.visibility).all() else None


class Follower:
    """One person. `roi`: where to look in the next frame; None when nobody is followed."""

    def __init__(self, smoothing: bool, hold_sides: bool = True, hold_jumps: bool = True) -> None:
        self.roi: Roi | None = None
        self._steps: list[SideGuard | JumpGuard | LandmarkSmoother] = []
        if smoothing and hold_sides:
            self._steps.append(SideGuard())
        if smoothing and hold_jumps:
            self._steps.append(JumpGuard())
        if smoothing:
            self._steps.append(LandmarkSmoother())

    def follow(self, found: Landmarks, timestamp_s: float, height: int, width: int) -> Landmarks:
        """Smooth what was found in a frame and look there next, if that makes any sense."""
        for step in self._steps:
            found = step(found, timestamp_s)
        if is_usable(found.roi, height, width):
            self.roi = found.roi
        else:
            self.forget()
        return found

    def forget(self) -> None:
        """Follow nobody; the next person starts without a past."""
        self.roi = None
        for step in self._steps:
            step.reset()
