"""Pictures in and out: reading, rotated crops, letterbox. Everything is RGB uint8 [H, W, 3]."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi

Image = NDArray[np.uint8]

MAX_SIDE = 32766
"""cv2.warpAffine refuses pictures whose sides do not fit a signed 16-bit number."""


def read_image(path: str | Path) -> Image:
    """Read a picture file as RGB uint8 [H, W, 3].

    Grey becomes three equal channels, alpha is dropped, 16 bit is scaled to 8 (OpenCV's
    IMREAD_COLOR), EXIF orientation is applied.

    Raises:
        BadInputError: the file is missing, empty or not a picture.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:  # more than 2^30 pixels, or a damaged file that confuses the decoder
        image = None
    if image is None:
        raise BadInputError(f"{path}: is no picture that OpenCV can read; give a JPEG or PNG")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]


def as_rgb(frame: NDArray[np.generic]) -> Image:
    """Check a frame and bring it to RGB uint8 [H, W, 3]; grey and RGBA are accepted.

    Raises:
        BadInputError: not an array of [H, W], [H, W, 1], [H, W, 3] or [H, W, 4] uint8 (or uint16).
    """
    if not isinstance(frame, np.ndarray) or frame.ndim not in (2, 3) or 0 in frame.shape:
        raise BadInputError("a frame must be an array [height, width, 3] of RGB uint8")
    if frame.dtype == np.uint16:
        frame = np.right_shift(frame, 8).astype(np.uint8)
    if frame.dtype != np.uint8:
        raise BadInputError(f"a frame must be uint8, not {frame.dtype}; scale it to 0..255")
    if frame.ndim == 2:
        frame = frame[..., None]
    channels = frame.shape[2]
    if channels == 1:
        return np.repeat(frame, 3, axis=2)
    if channels not in (3, 4):
        raise BadInputError(f"a frame must have 1, 3 or 4 channels, not {channels}")
    return np.ascontiguousarray(frame[..., :3])


def _shrunk(image: Image, to_image: NDArray[np.floating]) -> tuple[Image, NDArray[np.floating]]:
    """The picture with both sides within OpenCV's limit, and the transform that fits it."""
    height, width = image.shape[:2]
    size = min(width, MAX_SIDE), min(height, MAX_SIDE)
    factors = np.array(size) / (width, height)
    to_image = to_image * factors[:, None]
    to_image[:, 2] += factors / 2 - 0.5  # pixel centres lie at i + 0.5 in both
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA), to_image  # type: ignore[return-value]


def crop(
    image: Image, roi: Roi, size: int, border: int = cv2.BORDER_REPLICATE,
    corner_sampling: bool = False,
) -> Image:  # fmt: skip
    """Cut the rotated square `roi` out of `image`: uint8 [size, size, 3], bilinear.

    The border repeats the edge pixel, as MediaPipe's ImageToTensorCalculator does by default;
    its letterbox is black (`cv2.BORDER_CONSTANT`). `corner_sampling` takes pixel i at i instead of
    i + 0.5, in both grids, as its converter for CPUs does (the one for GPUs does not).
    """
    to_image = roi.matrix()
    to_image[:, :2] /= size
    # Both grids count from pixel centres: index i lies at i + 0.5.
    if not corner_sampling:
        to_image[:, 2] += to_image[:, :2] @ [0.5, 0.5] - 0.5
    if max(image.shape[:2]) > MAX_SIDE:
        image, to_image = _shrunk(image, to_image)
    return cv2.warpAffine(  # type: ignore[return-value]
        image,
        to_image,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=border,
    )


def paste(values: NDArray[np.float32], roi: Roi, height: int, width: int) -> NDArray[np.float32]:
    """Lay a crop's values [S, S] (a mask) over the picture they came from: [H, W], bilinear, 0
    outside the crop. Inverse of `crop`."""
    size = values.shape[0]
    to_image = roi.matrix()
    to_image[:, :2] /= size
    to_image[:, 2] += to_image[:, :2] @ [0.5, 0.5] - 0.5
    return cv2.warpAffine(  # type: ignore[return-value]
        values, to_image, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )


def letterbox_roi(height: int, width: int) -> Roi:
    """The upright square that holds the whole picture, centred."""
    return Roi(width / 2, height / 2, float(max(height, width)))


def letterbox(image: Image, size: int, corner_sampling: bool = False) -> tuple[Image, Roi]:
    """Whole picture in a square of `size`, black bars, and the ROI that maps points back."""
    roi = letterbox_roi(*image.shape[:2])
    return crop(image, roi, size, cv2.BORDER_CONSTANT, corner_sampling), roi
