"""Camera pictures: what a crop of an Android YUV_420_888 picture must be.

The definition that the Kotlin sampler is held against; it works on whole pictures and is slow.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi

Plane = NDArray[np.uint8]

RED_V, GREEN_U, GREEN_V, BLUE_U = 1.402, 0.344136, 0.714136, 1.772
"""BT.601 full range, as in JFIF 1.02: R = Y + 1.402 (V - 128), and so on. Android maps the format
YUV_420_888 to this data space (libs/ui/PublicFormat.cpp: Dataspace::JFIF)."""


@dataclass(frozen=True)
class YuvPicture:
    """y: uint8 [H, W]. u, v: uint8 [ceil(H/2), ceil(W/2)], each value for its 2 x 2 pixels.

    rotation: degrees clockwise that turn it upright. mirrored: left and right change places then.
    """

    y: Plane
    u: Plane
    v: Plane
    rotation: int = 0
    mirrored: bool = False

    def upright(self) -> NDArray[np.float32]:
        """Y, U - 128, V - 128 of every pixel, [height, width, 3], turned upright."""
        height, width = self.y.shape
        chroma = [p.repeat(2, 0).repeat(2, 1)[:height, :width] for p in (self.u, self.v)]
        planes = np.dstack([self.y, *chroma]).astype(np.float32) - np.array(
            [0, 128, 128], np.float32
        )
        turned = np.rot90(planes, -self.rotation // 90)
        return np.ascontiguousarray(turned[:, ::-1] if self.mirrored else turned)


def to_rgb(planes: NDArray[np.float32]) -> images.Image:
    """Y, U - 128, V - 128 [..., 3] -> RGB uint8 [..., 3]."""
    y, u, v = np.moveaxis(planes, -1, 0)
    rgb = np.stack([y + RED_V * v, y - GREEN_U * u - GREEN_V * v, y + BLUE_U * u], axis=-1)
    return np.clip(np.floor(rgb + 0.5), 0, 255).astype(np.uint8)


def from_rgb(image: images.Image, rotation: int = 0, mirrored: bool = False) -> YuvPicture:
    """The picture that a camera held like that would give of an upright RGB uint8 [H, W, 3]."""
    turned = np.rot90(image[:, ::-1] if mirrored else image, rotation // 90)
    red, green, blue = np.moveaxis(turned.astype(np.float32), -1, 0)
    y = 0.299 * red + 0.587 * green + 0.114 * blue
    u, v = 128 + (blue - y) / BLUE_U, 128 + (red - y) / RED_V
    height, width = y.shape
    pad = ((0, height % 2), (0, width % 2))

    def rounded(plane: NDArray[np.float32]) -> Plane:
        return np.clip(np.round(plane), 0, 255).astype(np.uint8)

    def halved(plane: NDArray[np.float32]) -> Plane:
        whole = np.pad(plane, pad, mode="edge")
        return rounded(whole.reshape(whole.shape[0] // 2, 2, -1, 2).mean(axis=(1, 3)))

    return YuvPicture(rounded(y), halved(u), halved(v), rotation, mirrored)


def crop(
    picture: YuvPicture, roi: Roi, size: int, border: int = cv2.BORDER_REPLICATE
) -> images.Image:
    """`image.crop` on the planes, colours after it: RGB uint8 [size, size, 3]."""
    return to_rgb(images.crop(picture.upright(), roi, size, border))  # type: ignore[arg-type]
