"""Shows a point that jumps one frame late: a network that is wrong for a single frame sends a hand
across the picture and back, and smoothing made for fast motion lets it through.

MediaPipe has no such step. Constants chosen on rendered sequences, measured on others
(docs/synthetic.md).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from blazepose_tf.runtime.filters import MIN_OBJECT_SCALE, object_scale
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.runtime.sides import MAX_GAP_S
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

JUMP = 0.25
"""A point jumps that lies further than this share of the body's size both from where it was and
from where its last step would have brought it. For an adult that is half a metre in a frame."""


class JumpGuard:
    """Holds points of one tracked person that have just jumped, for a single frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the person; the next landmarks pass unchanged."""
        self._seen = np.zeros((NUM_POINTS, 2))
        self._step = np.zeros((NUM_POINTS, 2))
        self._held = np.zeros(NUM_POINTS, np.bool_)
        self._given: Landmarks | None = None
        self._last_s = -math.inf

    def __call__(self, landmarks: Landmarks, timestamp_s: float) -> Landmarks:
        """The landmarks of the frame at `timestamp_s` seconds, before smoothing.

        A held point stays, with its depth and its world landmark, where it was given last; in the
        next frame the network is believed, wherever it puts the point. A timestamp that does not
        grow leaves everything as it is and is not remembered.
        """
        gap = timestamp_s - self._last_s
        if not gap > 0:
            return landmarks
        seen = landmarks.points[:, :2].astype(float)
        scale = object_scale(landmarks.points)
        last, step = self._given, np.zeros_like(seen)
        held = np.zeros(NUM_POINTS, np.bool_)
        if last is not None and gap <= MAX_GAP_S:
            step = seen - self._seen
            if scale >= MIN_OBJECT_SCALE:
                moved = seen - last.points[:, :2]
                way = np.minimum(
                    np.linalg.norm(moved, axis=1), np.linalg.norm(moved - self._step, axis=1)
                )
                held = (way > JUMP * scale) & ~self._held
        if last is not None and held.any():
            marks = held[:NUM_LANDMARKS, None]
            landmarks = dataclasses.replace(
                landmarks,
                points=np.where(held[:, None], last.points, landmarks.points),
                world=np.where(marks, last.world, landmarks.world),
            )
        self._given, self._seen, self._step = landmarks, seen, step
        self._held, self._last_s = held, timestamp_s
        return landmarks
