"""Does MediaPipe's own client find in a bundle what our runtime finds in it?

Both get the same frames. Ours samples crops as MediaPipe's CPU converter does (half a pixel beside
the pixels' centres) and refines points by the heatmaps, as it does; nothing else is adapted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.convert.check import Check
from blazepose_tf.evaluation import mediapipe_client
from blazepose_tf.evaluation.mediapipe_client import ClientPose
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.filters import BODY, OneEuroFilter
from blazepose_tf.runtime.landmarker import Landmarker
from blazepose_tf.runtime.tracker import PRESENCE_THRESHOLD
from blazepose_tf.topology import (
    LEFT_HIP,
    LEFT_SHOULDER,
    NUM_LANDMARKS,
    RIGHT_HIP,
    RIGHT_SHOULDER,
)

MODES = ("image", "video")
CLIP = 5
"""Frames of a clip made from a picture, in which the person walks by `STEP` pixels a frame."""
STEP = (2.0, 1.0)
MILLISECONDS = 33
LIMIT = 2.0
"""Percent of the torso that the mean of the 33 points may differ by, in the median picture."""
INT8_LIMIT = 5.0
"""The same for int8 files: the runtimes' kernels round 8 bits differently (MediaPipe 1.2.2 and
ai-edge-litert 2.3.0 here; MediaPipe 0.10.21 differs from 1.2.2 as much), and the detector's ROI
with them. Measured on 50 pictures of LSP-extended: lite 3.7 %, full 2.7 %; on the same ROI (a
float16 detector in the bundle) 1.5 % both."""
FOUND = 0.95
"""Share of the people our runtime finds that the client must find too."""


@dataclass(frozen=True)
class Agreement:
    """pictures: how many. client, ours: in how many each found somebody. both: both did.
    percent: [both] mean distance of the 33 points in percent of the torso. limit: of its median."""

    pictures: int
    client: int
    ours: int
    percent: NDArray[np.float64]
    limit: float = LIMIT

    @property
    def both(self) -> int:
        """In how many pictures both found somebody."""
        return len(self.percent)

    @property
    def checks(self) -> list[Check]:
        """What must hold."""
        middle = float(np.median(self.percent)) if self.both else float("nan")
        share = self.both / self.ours if self.ours else float("nan")
        return [
            Check("agreement", middle, self.limit, "% of the torso, median"),
            Check("found", share, FOUND, "of the people our runtime finds", at_least=True),
        ]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON."""
        parts = {} if not self.both else {
            "median_percent": round(float(np.median(self.percent)), 3),
            "p90_percent": round(float(np.percentile(self.percent, 90)), 3),
            "within_limit": int((self.percent <= self.limit).sum()),
        }  # fmt: skip
        return {
            "pictures": self.pictures, "found_by_client": self.client, "found_by_us": self.ours,
            "found_by_both": self.both, **parts,
        }  # fmt: skip


def clip_of(picture: images.Image) -> list[images.Image]:
    """A clip of `CLIP` frames in which the picture moves right and down, borders repeated."""
    height, width = picture.shape[:2]
    frames = []
    for number in range(CLIP):
        move = np.array([[1, 0, STEP[0] * number], [0, 1, STEP[1] * number]], np.float32)
        frame = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
        frames.append(frame)
    return frames  # type: ignore[return-value]


def _torso(points: NDArray[np.float32]) -> float:
    shoulders = points[[LEFT_SHOULDER, RIGHT_SHOULDER], :2].mean(axis=0)
    return float(np.linalg.norm(shoulders - points[[LEFT_HIP, RIGHT_HIP], :2].mean(axis=0)))


def _follow(
    frames: Sequence[images.Image], detector: Detector, landmarker: Landmarker, smooth: bool
) -> NDArray[np.float32] | None:
    """Landmarks [33, 3] in the last frame of a clip, found as MediaPipe's Tasks graph does: the
    next ROI comes from the unfiltered alignment points, the points are filtered (One Euro, speeds
    in sides of the ROI). `PoseTracker` follows MediaPipe's classic graph, which differs in both."""
    roi, points = None, None
    smoother = OneEuroFilter(BODY)
    for number, frame in enumerate(frames):
        if roi is None:
            people = detector(frame)
            roi = people[0].roi if people else None
        found = landmarker(frame, roi) if roi is not None else None
        if roi is None or found is None or found.presence < PRESENCE_THRESHOLD:
            roi, points = None, None
            smoother.reset()
            continue
        points = found.points[:NUM_LANDMARKS]
        if smooth:
            points = smoother(points, number * MILLISECONDS / 1000, 1 / roi.size)
        roi = found.roi
    return None if points is None else np.asarray(points, np.float32)


def compare(
    theirs: Sequence[ClientPose | None], ours: Sequence[Any], limit: float = LIMIT
) -> Agreement:
    """Set both side by side."""
    percent = []
    for pose, points in zip(theirs, ours, strict=True):
        if pose is not None and points is not None:
            distance = np.linalg.norm(points[:, :2] - pose.landmarks[:, :2], axis=1).mean()
            percent.append(100 * distance / max(_torso(points), 1.0))
    return Agreement(
        len(theirs), sum(p is not None for p in theirs), sum(p is not None for p in ours),
        np.array(percent), limit,
    )  # fmt: skip


def measure(bundle: Path, pictures: Sequence[images.Image], mode: str) -> Agreement:
    """Run both on pictures, RGB uint8 [H, W, 3]; `video` makes a clip of each (`clip_of`).

    Raises:
        BadInputError: no bundle, or the client cannot be installed.
        CheckFailedError: the client refuses the bundle.
    """
    clips = [clip_of(picture) if mode == "video" else [picture] for picture in pictures]
    detector = Detector(bundle, corner_sampling=True)
    landmarker = Landmarker(bundle, refine=True, corner_sampling=True)
    ours = [_follow(clip, detector, landmarker, mode == "video") for clip in clips]
    theirs = mediapipe_client.run_client(bundle, clips, mode, milliseconds=MILLISECONDS)
    int8 = landmarker.interpreter.file.description.get("precision") == "int8"
    return compare(theirs, ours, INT8_LIMIT if int8 else LIMIT)
