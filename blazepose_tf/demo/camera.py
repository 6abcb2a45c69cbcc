"""Frames from a camera, timed by the clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import cv2

from blazepose_tf.errors import BadInputError
from blazepose_tf.image import Image, as_rgb
from blazepose_tf.video import DEFAULT_FPS, MAX_FPS, Frame, quiet

START_TRIES = 10
"""Some cameras need a moment before their first picture."""


class CameraSource:
    """Camera `number`, frame by frame until it gives no more. Iterate once; use with `with`.

    fps: by the camera's own account. gone: it stopped giving pictures, as an unplugged one does.
    """

    is_video, count = True, 0

    def __init__(self, number: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the camera and take its first picture.

        Raises:
            BadInputError: there is no such camera, or it gives no picture.
        """
        self._name, self._clock, self.gone = f"camera {number}", clock, False
        with quiet():
            self._capture = cv2.VideoCapture(number)
            if not self._capture.isOpened():
                raise BadInputError(
                    f"{self._name}: cannot be opened; check that it is plugged in, not in use, and "
                    "that you may read /dev/video*, or give another number"
                )
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps <= MAX_FPS else DEFAULT_FPS
        self._start = self._clock()
        first = next(
            (image for _ in range(START_TRIES) if (image := self._read()) is not None), None
        )
        if first is None:
            self.close()
            raise BadInputError(f"{self._name}: gives no picture; check it in another program")
        self._first = first

    def _read(self) -> Image | None:
        with quiet():
            read, picture = self._capture.read()
        if not read or picture is None:
            return None
        return as_rgb(picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

    def __iter__(self) -> Iterator[Frame]:
        image: Image | None = self._first
        index, start = 0, self._clock()
        while image is not None:
            yield Frame(index, self._clock() - start, image)
            image, index = self._read(), index + 1
        self.gone = True

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()

    def __enter__(self) -> CameraSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SteadyWriter:
    """Writes frames that come at any times into a video of one frame rate.

    A frame is repeated while none comes, and dropped where two come at once: the video lasts as
    long as what it shows.
    """

    def __init__(self, write: Callable[[Image], None], fps: float) -> None:
        self._write, self._fps, self._written = write, fps, 0

    def __call__(self, image: Image, timestamp_s: float) -> None:
        """Add the frame of `timestamp_s` seconds after the first."""
        while self._written <= timestamp_s * self._fps:
            self._write(image)
            self._written += 1
