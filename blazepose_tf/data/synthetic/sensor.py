"""What a camera adds to a picture: exposure, blur, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Rng = np.random.Generator


@dataclass(frozen=True)
class Sensor:
    """A camera's picture quality.

    exposure: factor on brightness; blur: standard deviation in pixels, 0 none; grain: standard
    deviation of grey noise in grey levels (as much again, 0.7 of a level, is coloured);
    streak: (length in shares of the longer side, angle in radians) of a shaken exposure.
    """

    exposure: float = 1.0
    blur: float = 0.0
    grain: float = 0.0
    streak: tuple[float, float] = (0.0, 0.0)

    def __call__(self, image: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
        """The picture as taken; only the noise is random."""
        picture: Array = image.astype(np.float32) * self.exposure
        picture = smeared(picture, self.streak[0] * max(image.shape[:2]), self.streak[1])
        if self.blur > 0:
            picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), self.blur))
        noise = self.grain * rng.standard_normal((*image.shape[:2], 1), np.float32)
        noise = noise + 0.7 * rng.standard_normal(image.shape, np.float32)
        return np.clip(picture + noise, 0, 255).astype(np.uint8)


def random_sensor(rng: Rng, dark: bool = False, shaken: bool = False) -> Sensor:
    """A usual camera; `dark`: too little light for it, `shaken`: moved while it looked."""
    exposure = rng.uniform(0.85, 1.15)
    blur = rng.uniform(0.3, 0.8) if rng.random() < 0.6 else 0.0
    grain, streak = rng.uniform(0.3, 3), (0.0, 0.0)
    if dark:
        exposure, grain = rng.uniform(0.12, 0.35), rng.uniform(2, 6)
    if shaken:
        streak = (float(rng.uniform(0.03, 0.08)), float(rng.uniform(0, np.pi)))
    return Sensor(float(exposure), float(blur), float(grain), streak)


def smeared(picture: Array, length: float, angle: float) -> Array:
    """[H, W, 3] as a camera sees it that moves `length` pixels at `angle` radians; same type."""
    if length <= 1:
        return picture
    return np.asarray(cv2.filter2D(picture, -1, _line(length, angle)))


def _line(length: float, angle: float) -> Array:
    """A kernel that smears over `length` pixels; odd size, sums to 1."""
    size = int(np.ceil(length)) // 2 * 2 + 1
    kernel = np.zeros((size, size), np.float32)
    middle, reach = (size - 1) / 2, length / 2
    step = np.array([np.cos(angle), np.sin(angle)]) * reach
    start, end = ([round(float(v)) for v in middle + sign * step] for sign in (-1, 1))
    cv2.line(kernel, start, end, (1.0,), 1, cv2.LINE_AA)
    return np.asarray(kernel / kernel.sum())
