"""Follows people through a video: detect once, then move the ROI from frame to frame.

MediaPipe's PoseLandmark graph, with one difference. Where the person is lost (presence below the
threshold), MediaPipe gives nothing for that frame and runs its detector in the next one; here the
detector runs at once, so that a jump or a cut costs no frame. Several people: see `people`.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.default_models import find_default_model
from blazepose_tf.runtime.detector import Detection, Detector
from blazepose_tf.runtime.follower import FindLandmarks, Follower, is_usable, look
from blazepose_tf.runtime.landmarker import Landmarker
from blazepose_tf.runtime.people import People
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.timing import StageClock, Statistics, TrackerStatistics
from blazepose_tf.topology import NUM_LANDMARKS

FindPeople = Callable[..., list[Detection]]
"""Image -> detections, best first; for several people also how many are wanted at most."""
Result = TypeVar("Result")

PRESENCE_THRESHOLD = 0.5
"""MediaPipe's min_tracking_confidence."""


class PoseTracker(Generic[Result]):
    """Landmarks of people, frame by frame. Not for several threads at once."""

    @overload
    def __init__(
        self: PoseTracker[PoseResult | None],
        landmark_model: str | Path | FindLandmarks | None = None,
        detector_model: str | Path | FindPeople | None = None,
        *, max_people: Literal[1] = 1,
        smoothing: bool = True, hold_sides: bool = True, hold_jumps: bool = True,
        threads: int = 1, presence_threshold: float = PRESENCE_THRESHOLD, backend: str = "auto",
    ) -> None: ...  # fmt: skip

    @overload
    def __init__(
        self: PoseTracker[list[PoseResult]],
        landmark_model: str | Path | FindLandmarks | None = None,
        detector_model: str | Path | FindPeople | None = None,
        *, max_people: int,
        smoothing: bool = True, hold_sides: bool = True, hold_jumps: bool = True,
        threads: int = 1, presence_threshold: float = PRESENCE_THRESHOLD, backend: str = "auto",
    ) -> None: ...  # fmt: skip

    def __init__(
        self,
        landmark_model: str | Path | FindLandmarks | None = None,
        detector_model: str | Path | FindPeople | None = None,
        *,
        max_people: int = 1,
        smoothing: bool = True,
        hold_sides: bool = True,
        hold_jumps: bool = True,
        threads: int = 1,
        presence_threshold: float = PRESENCE_THRESHOLD,
        backend: str = "auto",
    ) -> None:
        """Load the two models.

        landmark_model, detector_model: .tflite files (ours or MediaPipe's), or a loaded
            `Landmarker` and `Detector`; None takes the package's own, or those in dist/.
        max_people: follow at most so many. 1: `process` gives a `PoseResult` or None; more: a list.
        smoothing: One Euro filters on landmarks, world landmarks and ROI, low-pass on visibility;
            False gives every frame's raw values and the ROI they imply (MediaPipe's classic
            graph smooths the ROI even then, its Tasks graph never does).
        hold_sides: with `smoothing`, undo exchanges of left and right that last less than half a
            second (see `sides`; MediaPipe does not).
        hold_jumps: with `smoothing`, show a point that jumps one frame late, so that one that
            jumps back at once never leaves (see `jumps`; MediaPipe does not).
        threads: of the interpreter. presence_threshold: 0..1, below it the person is lost.
        backend: 'auto', 'ai-edge-litert', 'tflite-runtime' or 'tensorflow'.

        Raises:
            BadInputError: a model is missing, damaged or of another kind.
        """
        if not 0 <= presence_threshold <= 1:
            raise BadInputError(f"presence_threshold is {presence_threshold}; give 0 to 1")
        if threads < 1:
            raise BadInputError(f"threads is {threads}; give 1 or more")
        if max_people < 1:
            raise BadInputError(f"max_people is {max_people}; give 1 or more")
        if not callable(landmark_model):
            path = landmark_model or find_default_model("pose_landmark_lite")
            landmark_model = Landmarker(path, threads=threads, backend=backend)
        if not callable(detector_model):
            path = detector_model or find_default_model("pose_detector")
            detector_model = Detector(path, threads=threads, backend=backend)
        self._find_landmarks: FindLandmarks = landmark_model
        self._find_people: FindPeople = detector_model
        self._presence_threshold = presence_threshold
        new_follower = functools.partial(Follower, smoothing, hold_sides, hold_jumps)
        self._person = new_follower()
        self._people: People | None = None
        if max_people > 1:
            self._people = People(
                landmark_model, detector_model, max_people, presence_threshold, new_follower
            )
        self.reset()

    @property
    def detector(self) -> FindPeople:
        """The detector in use; another tracker may take it, one at a time."""
        return self._find_people

    def reset(self) -> None:
        """Start anew, as for another video: no person, no past, empty statistics."""
        self._frame_shape: tuple[int, ...] = ()
        self._statistics = Statistics()
        self._forget()

    @property
    def statistics(self) -> TrackerStatistics:
        """Counts and times since the last `reset`."""
        return self._statistics.summary()

    def process(self, frame: NDArray[np.generic], timestamp_s: float) -> Result:
        """Find the people in the next frame.

        frame: RGB uint8 [H, W, 3] of any size (grey, RGBA and uint16 are accepted). A change of
            size starts anew with the detector.
        timestamp_s: seconds, growing; where it does not grow the frame is not smoothed.

        Returns the person, None when there is nobody (max_people = 1), or a list of everybody,
        ordered by id, empty when there is nobody (max_people > 1).

        Raises:
            BadInputError: `frame` is no picture, or `timestamp_s` not finite.
        """
        image = images.as_rgb(frame)
        if not math.isfinite(timestamp_s):
            raise BadInputError(f"timestamp_s is {timestamp_s}; give seconds as a finite number")
        if image.shape != self._frame_shape:
            self._frame_shape = image.shape
            self._forget()
        result: Any  # overload of __init__: which of the two it is
        if self._people is None:
            result = self._process_one(image, timestamp_s)
        else:
            result = self._people.process(image, timestamp_s, self._statistics)
        return result

    def _process_one(self, image: images.Image, timestamp_s: float) -> PoseResult | None:
        clock = StageClock()
        person, threshold = self._person, self._presence_threshold
        height, width = image.shape[:2]
        roi = person.roi
        found, lost = None, False
        if roi is not None:
            found = look(self._find_landmarks, image, roi, threshold)
            clock.stop("landmarks")
            if found is None:
                lost = True
                person.forget()
        detector_ran = found is None
        if found is None:
            people = self._find_people(image)
            roi = people[0].roi if people else None
            clock.stop("detector")
            if roi is not None and is_usable(roi, height, width):
                found = look(self._find_landmarks, image, roi, threshold)
                clock.stop("landmarks")
        if found is not None:
            found = person.follow(found, timestamp_s, height, width)
            clock.stop("smoothing")
        milliseconds = clock.milliseconds()
        self._statistics.add(milliseconds, found is not None, detector_ran, lost)
        if found is None or roi is None:
            return None
        return PoseResult(
            timestamp_s, found.points[:NUM_LANDMARKS], found.visibility, found.presence,
            found.world, roi, detector_ran, milliseconds,
        )  # fmt: skip

    def _forget(self) -> None:
        self._person.forget()
        if self._people is not None:
            self._people.forget()
