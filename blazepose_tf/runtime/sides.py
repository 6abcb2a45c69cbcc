"""Keeps left and right where they were: a network now and then exchanges a person's sides for a few
frames (seen from behind or the side, in fast turns), and both legs jump across and back.

MediaPipe has no such step. Constants chosen on 12 rendered sequences, measured on 29 others
(docs/synthetic.md).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.filters import MIN_OBJECT_SCALE, object_scale
from blazepose_tf.runtime.landmarker import Landmarks
from blazepose_tf.topology import MIRRORED, NUM_POINTS

PARTS: tuple[tuple[int, ...], ...] = (
    tuple(range(1, 11)), (11, 12), tuple(range(13, 23)), (23, 24), tuple(range(25, 33)),
)  # fmt: skip
"""Landmarks that change sides together: face, shoulders, arms, hips, legs."""
_OTHER_SIDE = {part: tuple(MIRRORED[i] for i in part) for part in PARTS}
RATIO = 0.6
"""Exchanged, a part must lie this much closer to where it was (mean distance): with 0.85 more is
put back, also what was right (docs/experiments.md)."""
MARGIN = 0.02
"""And by this share of the body's size: sides that nearly coincide may cross."""
HOLD_S = 0.5
"""Seconds after which the network is believed: then the past was wrong."""
MAX_GAP_S = 0.055
"""Seconds between frames up to which a point is near where it was; at ten frames a second a
runner's leg is not."""


class SideGuard:
    """Puts back the sides of one tracked person that were exchanged since the last frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the person; the next landmarks pass unchanged."""
        self._last = np.zeros((NUM_POINTS, 2), np.float32)
        self._last_s = -math.inf
        self._exchanged_since: list[float | None] = [None] * len(PARTS)

    def __call__(self, landmarks: Landmarks, timestamp_s: float) -> Landmarks:
        """The landmarks of the frame at `timestamp_s` seconds, before smoothing.

        Of a part on the wrong side, points, visibility and world landmarks are exchanged. A
        timestamp that does not grow leaves everything as it is and is not remembered.
        """
        gap = timestamp_s - self._last_s
        if not gap > 0:
            return landmarks
        scale = object_scale(landmarks.points)
        comparable = gap <= MAX_GAP_S and scale >= MIN_OBJECT_SCALE
        wrong: list[int] = []
        for number, part in enumerate(PARTS):
            since = None
            if comparable and self._is_exchanged(landmarks.points, part, scale):
                since = self._exchanged_since[number]
                since = timestamp_s if since is None else since
                if timestamp_s - since < HOLD_S:
                    wrong += part
                else:
                    since = None
            self._exchanged_since[number] = since
        held = landmarks.exchanged(wrong) if wrong else landmarks
        self._last, self._last_s = held.points[:, :2].copy(), timestamp_s
        return held

    def _is_exchanged(
        self, points: NDArray[np.float32], part: tuple[int, ...], scale: float
    ) -> bool:
        before = self._last[part, :].astype(float)
        straight, crossed = (
            float(np.linalg.norm(points[rows, :2] - before, axis=1).mean())
            for rows in (part, _OTHER_SIDE[part])
        )
        return crossed < RATIO * straight and straight - crossed > MARGIN * scale
