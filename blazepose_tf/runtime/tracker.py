"""Follows one person through a video: detect once, then move the ROI from frame to frame.

MediaPipe's PoseLandmark graph, with one difference. Where the person is lost (presence below the
threshold), MediaPipe gives nothing for that frame and runs its detector in the next one; here the
detector runs at once, so that a jump or a cut costs no frame.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.default_models import find_default_model
from blazepose_tf.runtime.detector import Detection, Detector
from blazepose_tf.runtime.filters import LandmarkSmoother
from blazepose_tf.runtime.landmarker import Landmarker, Landmarks
from blazepose_tf.runtime.timing import StageMilliseconds, Statistics, TrackerStatistics
from blazepose_tf.topology import LANDMARK_NAMES, NUM_LANDMARKS

Array = NDArray[np.float32]
FindLandmarks = Callable[[images.Image, Roi], Landmarks]
FindPeople = Callable[[images.Image], list[Detection]]

PRESENCE_THRESHOLD = 0.5
"""MediaPipe's min_tracking_confidence."""
MIN_ROI_PIXELS = 2.0
"""A crop of fewer pixels shows nobody (a 1x1 picture ends here)."""
MAX_ROI_RATIO = 10.0
"""A ROI so many times larger than the picture is a mistake of the network: a close-up whose hips
are a whole picture below the lower edge needs 5."""


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
    milliseconds: time spent on this frame.
    """

    timestamp_s: float
    landmarks: Array
    visibility: Array
    presence: float
    world: Array
    roi: Roi
    detector_ran: bool
    milliseconds: StageMilliseconds

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


def is_usable(roi: Roi, height: int, width: int) -> bool:
    """Whether `roi` can show a person of a picture: finite, of a sane size, touching it."""
    if not roi.is_finite:
        return False
    reach = roi.size / 2
    touches = -reach < roi.center_x < width + reach and -reach < roi.center_y < height + reach
    return touches and MIN_ROI_PIXELS <= roi.size <= MAX_ROI_RATIO * max(height, width)


class PoseTracker:
    """Landmarks of one person, frame by frame. Not for several threads at once."""

    def __init__(
        self,
        landmark_model: str | Path | FindLandmarks | None = None,
        detector_model: str | Path | FindPeople | None = None,
        *,
        smoothing: bool = True,
        threads: int = 1,
        presence_threshold: float = PRESENCE_THRESHOLD,
        backend: str = "auto",
    ) -> None:
        """Load the two models.

        landmark_model, detector_model: .tflite files (ours or MediaPipe's), or a loaded
            `Landmarker` and `Detector`; None takes the package's own, or those in dist/.
        smoothing: One Euro filters on landmarks, world landmarks and ROI, low-pass on visibility;
            False gives every frame's raw values and the ROI they imply (MediaPipe's classic
            graph smooths the ROI even then, its Tasks graph never does).
        threads: of the interpreter. presence_threshold: 0..1, below it the person is lost.
        backend: 'auto', 'ai-edge-litert', 'tflite-runtime' or 'tensorflow'.

        Raises:
            BadInputError: a model is missing, damaged or of another kind.
        """
        if not 0 <= presence_threshold <= 1:
            raise BadInputError(f"presence_threshold is {presence_threshold}; give 0 to 1")
        if threads < 1:
            raise BadInputError(f"threads is {threads}; give 1 or more")
        if not callable(landmark_model):
            path = landmark_model or find_default_model("pose_landmark_lite")
            landmark_model = Landmarker(path, threads=threads, backend=backend)
        if not callable(detector_model):
            path = detector_model or find_default_model("pose_detector")
            detector_model = Detector(path, threads=threads, backend=backend)
        self._find_landmarks: FindLandmarks = landmark_model
        self._find_people: FindPeople = detector_model
        self._presence_threshold = presence_threshold
        self._smoother = LandmarkSmoother() if smoothing else None
        self._roi: Roi | None = None
        self.reset()

    def reset(self) -> None:
        """Start anew, as for another video: no person, no past, empty statistics."""
        self._frame_shape: tuple[int, ...] = ()
        self._statistics = Statistics()
        self._forget()

    @property
    def statistics(self) -> TrackerStatistics:
        """Counts and times since the last `reset`."""
        return self._statistics.summary()

    def process(self, frame: NDArray[np.generic], timestamp_s: float) -> PoseResult | None:
        """Find the person in the next frame; None when there is nobody.

        frame: RGB uint8 [H, W, 3] of any size (grey, RGBA and uint16 are accepted). A change of
            size starts anew with the detector.
        timestamp_s: seconds, growing; where it does not grow the frame is not smoothed.

        Raises:
            BadInputError: `frame` is no picture, or `timestamp_s` not finite.
        """
        image = images.as_rgb(frame)
        if not math.isfinite(timestamp_s):
            raise BadInputError(f"timestamp_s is {timestamp_s}; give seconds as a finite number")
        clock = _Clock()
        if image.shape != self._frame_shape:
            self._frame_shape = image.shape
            self._forget()
        roi = self._roi
        found, lost = None, False
        if roi is not None:
            found = self._look(image, roi)
            clock.stop("landmarks")
            if found is None:
                lost = True
                self._forget()
        detector_ran = found is None
        if found is None:
            people = self._find_people(image)
            roi = people[0].roi if people else None
            clock.stop("detector")
            if roi is not None and is_usable(roi, *image.shape[:2]):
                found = self._look(image, roi)
                clock.stop("landmarks")
        if found is not None:
            if self._smoother:
                found = self._smoother(found, timestamp_s)
            self._follow(found.roi)
            clock.stop("smoothing")
        milliseconds = clock.milliseconds()
        self._statistics.add(milliseconds, found is not None, detector_ran, lost)
        if found is None or roi is None:
            return None
        return PoseResult(
            timestamp_s, found.points[:NUM_LANDMARKS], found.visibility, found.presence,
            found.world, roi, detector_ran, milliseconds,
        )  # fmt: skip

    def _look(self, image: images.Image, roi: Roi) -> Landmarks | None:
        """Landmarks inside `roi`, None where nobody is there or the network went wrong."""
        found = self._find_landmarks(image, roi)
        present = found.presence >= self._presence_threshold
        finite = np.isfinite(found.points).all() and np.isfinite(found.world).all()
        return found if present and finite and np.isfinite(found.visibility).all() else None

    def _follow(self, roi: Roi) -> None:
        """Look there in the next frame, or detect anew if that makes no sense."""
        if is_usable(roi, *self._frame_shape[:2]):
            self._roi = roi
        else:
            self._forget()

    def _forget(self) -> None:
        self._roi = None
        if self._smoother:
            self._smoother.reset()


class _Clock:
    """Adds up the time between calls of `stop` by stage."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._spent: dict[str, float] = {}

    def stop(self, stage: str) -> None:
        now = time.perf_counter()
        self._spent[stage] = self._spent.get(stage, 0.0) + 1e3 * (now - self._last)
        self._last = now

    def milliseconds(self) -> StageMilliseconds:
        total = 1e3 * (time.perf_counter() - self._start)
        return StageMilliseconds(**self._spent, total=total)
