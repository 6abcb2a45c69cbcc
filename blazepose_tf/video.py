"""Frames out of a picture or a video file, and annotated frames back into one. One at a time.

OpenCV reads and writes; nothing is held in memory but the frame in hand.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import replacing, write_atomically
from blazepose_tf.image import Image, as_rgb, read_image

# FFmpeg inside OpenCV writes its complaints to stderr; ours are raised.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

DEFAULT_FPS = 30.0
"""For a file that does not say (or says nonsense)."""
MAX_FPS = 1000.0
CODEC = "mp4v"
"""MPEG-4 part 2: the one encoder for .mp4 that every OpenCV wheel carries."""
VIDEO_SUFFIX = ".mp4"
PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True)
class Frame:
    """One frame: its number from 0, its time in seconds (growing), RGB uint8 [H, W, 3]."""

    index: int
    timestamp_s: float
    image: Image


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """OpenCV's own log lines off."""
    level = cv2.getLogLevel()
    cv2.setLogLevel(0)
    try:
        yield
    finally:
        cv2.setLogLevel(level)


class FrameSource:
    """A picture (one frame, at 0 s) or a video, frame by frame. Iterate once; use with `with`.

    is_video, fps (frames per second), count (frames by the file's own account; 0 = unknown).
    """

    def __init__(self, path: str | Path) -> None:
        """Open `path` and read its first frame.

        Raises:
            BadInputError: missing, neither picture nor video, or a video without frames.
        """
        self.path = Path(path)
        self.fps, self.count, self.is_video = DEFAULT_FPS, 1, False
        self._capture: Any = None
        head = self._head()
        with quiet():
            is_picture = cv2.haveImageReader(str(self.path))
            if not is_picture:
                self._first = self._open_video(head)
        if is_picture:
            self._first = Frame(0, 0.0, read_image(self.path))

    def _head(self) -> bytes:
        try:
            with open(self.path, "rb") as file:
                head = file.read(4096)
        except OSError as error:
            raise BadInputError(
                f"{self.path}: cannot be read ({error.strerror}); check the path"
            ) from error
        if not head:
            raise BadInputError(f"{self.path}: is empty; give a picture or a video")
        return head

    def _open_video(self, head: bytes) -> Frame:
        # FFmpeg would play a text file as a film of its letters.
        capture = None if _is_text(head) else cv2.VideoCapture(str(self.path))
        if capture is None or not capture.isOpened():
            raise BadInputError(
                f"{self.path}: is no picture or video that OpenCV can read; give JPEG, PNG or MP4"
            )
        self._capture, self.is_video = capture, True
        fps = capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps <= MAX_FPS else DEFAULT_FPS
        self.count = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        first = self._read(0, -math.inf)
        if first is None:
            self.close()
            raise BadInputError(f"{self.path}: holds no frames; give a video that plays")
        return first

    def _read(self, index: int, after_s: float) -> Frame | None:
        """The next frame; its time is the file's, or by the frame rate where that stands still."""
        with quiet():
            read, picture = self._capture.read()
        if not read or picture is None:
            return None
        seconds = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1e3
        if not math.isfinite(seconds) or seconds <= after_s:
            seconds = after_s + 1 / self.fps if index else 0.0
        rgb = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return Frame(index, seconds, as_rgb(rgb))

    def __iter__(self) -> Iterator[Frame]:
        frame: Frame | None = self._first
        while frame is not None:
            yield frame
            if self._capture is None:
                return
            frame = self._read(frame.index + 1, frame.timestamp_s)

    def close(self) -> None:
        """Let go of the file."""
        if self._capture is not None:
            self._capture.release()

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_text(head: bytes) -> bool:
    """Whether the beginning of a file is plain text: no control characters but white space."""
    return not any(byte < 32 and byte not in b"\t\n\v\f\r\x1b" for byte in head)


def write_picture(path: str | Path, image: Image) -> None:
    """Write RGB uint8 [H, W, 3]; the format follows the file name.

    Raises:
        BadInputError: unknown ending, picture too large for the format, or cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() not in PICTURE_SUFFIXES:
        raise BadInputError(f"{path}: unknown picture format; end the name in .png or .jpg")
    try:
        done, data = cv2.imencode(path.suffix, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    except cv2.error:
        done, data = False, np.empty(0, np.uint8)
    if not done:
        size = f"{image.shape[1]}x{image.shape[0]}"
        raise BadInputError(f"{path}: this format cannot hold {size} pixels; use .png")
    write_atomically(path, data.tobytes())


@contextlib.contextmanager
def video_writer(path: str | Path, fps: float) -> Iterator[Callable[[Image], None]]:
    """A function that adds one frame to an .mp4: RGB uint8 [H, W, 3], all of one size.

    The file appears under its name when the block has ended well and all of it is there. Odd
    sides grow by one pixel, which the format needs.

    Raises:
        BadInputError: not .mp4, no frames, a size or a folder that cannot be written, full disk.
    """
    if Path(path).suffix.lower() != VIDEO_SUFFIX:
        raise BadInputError(f"{path}: a video is written as .mp4; end the name in .mp4")
    with replacing(path) as temporary:
        writer = _VideoWriter(Path(path), temporary, fps)
        try:
            yield writer.write
        finally:
            writer.release()
        writer.check()


class _VideoWriter:
    def __init__(self, path: Path, temporary: Path, fps: float) -> None:
        self._path, self._temporary, self._fps = path, temporary, fps
        self._writer: Any = None
        self._count = 0

    def write(self, image: Image) -> None:
        height, width = image.shape[:2]
        even = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        if self._writer is None:
            size = even.shape[1], even.shape[0]
            code = cv2.VideoWriter_fourcc(*CODEC)  # type: ignore[attr-defined]
            with quiet():
                self._writer = cv2.VideoWriter(str(self._temporary), code, self._fps, size)
            if not self._writer.isOpened():
                raise BadInputError(
                    f"{self._path}: OpenCV cannot write a video of {width}x{height}; "
                    "give a smaller one"
                )
        self._writer.write(cv2.cvtColor(even, cv2.COLOR_RGB2BGR))
        self._count += 1

    def release(self) -> None:
        if self._writer is not None:
            self._writer.release()

    def check(self) -> None:
        """Whether every frame arrived: OpenCV does not report a full disk."""
        with quiet():
            written = cv2.VideoCapture(str(self._temporary))
            count = int(written.get(cv2.CAP_PROP_FRAME_COUNT)) if written.isOpened() else 0
            written.release()
        if count != self._count or not count:
            raise BadInputError(
                f"{self._path}: cannot be written ({count} of {self._count} frames arrived); "
                "free space or choose another folder"
            )
