"""Camera, light and a procedural place to stand in. Nothing here comes from photographs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera.

    `rotation` [3, 3] and `translation` [3] take world metres to its frame (x right, y down, z
    forwards); `focal` and `center` (x, y) in pixels of a width x height picture.
    """

    width: int
    height: int
    focal: float
    center: tuple[float, float]
    rotation: Array
    translation: Array

    def matrix(self) -> Array:
        """World -> camera, 4x4."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self.rotation, self.translation
        return matrix

    def to_camera(self, points: Array) -> Array:
        """World metres [..., 3] -> camera metres."""
        return np.asarray(points) @ self.rotation.T + self.translation

    def project(self, points: Array) -> Array:
        """World metres [..., 3] -> image pixels [..., 2]; pixel (0, 0) covers [0, 1)."""
        seen = self.to_camera(points)
        return self.focal * seen[..., :2] / seen[..., 2:] + np.asarray(self.center)


@dataclass(frozen=True)
class Light:
    """`direction`: unit, to the sun or lamp; the rest is linear RGB: its light, and that around."""

    direction: Array
    sun: Array
    sky: Array
    ground: Array
    haze: Array


@dataclass(frozen=True)
class Framing:
    """How a person is framed.

    fill: share of the picture's height (or width, whichever is tighter) that the body takes;
    shift: (x, y) of its middle in shares of the picture; elevation: of the camera above the
    person's middle; that, roll and vertical field_of_view in radians; aspect: width over height.
    """

    fill: float = 0.75
    shift: tuple[float, float] = (0.0, 0.0)
    elevation: float = 0.1
    roll: float = 0.0
    field_of_view: float = 0.8
    aspect: float = 1.0


def frame_points(points: Array, framing: Framing, width: int, height: int) -> Camera:
    """The camera on the -y side, above the floor, that shows `points` [N, 3] as `framing` asks."""
    elevation, focal = framing.elevation, height / 2 / np.tan(framing.field_of_view / 2)
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    target, distance = middle.copy(), 5.0
    center = (width * (0.5 + framing.shift[0]), height * (0.5 + framing.shift[1]))
    camera = None
    for _ in range(6):  # a few rounds settle distance and target under perspective
        lowest = np.arcsin(np.clip((0.15 - target[2]) / distance, -1, 1))
        rotation = _look_direction(max(elevation, lowest), framing.roll)
        eye = target - distance * rotation[2]
        camera = Camera(width, height, focal, center, rotation, -rotation @ eye)
        seen = camera.to_camera(points)
        pixels = focal * seen[:, :2] / np.maximum(seen[:, 2:], 0.2)
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        size = max((high[1] - low[1]) / height, (high[0] - low[0]) / width)
        distance *= float(np.clip(size / framing.fill, 0.6, 1.7))
        target = target + rotation[:2].T @ ((low + high) / 2 / focal * distance)
    assert camera is not None
    return camera


def _look_direction(elevation: float, roll: float) -> Array:
    forward = np.array([0.0, np.cos(elevation), -np.sin(elevation)])
    right = np.array([1.0, 0.0, 0.0])
    rotation = np.stack([right, np.cross(forward, right), forward])
    cosine, sine = np.cos(roll), np.sin(roll)
    return np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]) @ rotation


def random_framing(rng: np.random.Generator, fill: tuple[float, float], aspect: float) -> Framing:
    """Mostly eye level, sometimes from above or below."""
    return Framing(
        fill=float(rng.uniform(*fill)),
        shift=(float(rng.normal(0, 0.03)), float(rng.normal(0, 0.02))),
        elevation=float(np.clip(rng.normal(0.12, 0.16), -0.25, 0.8)),
        roll=float(rng.normal(0, 0.04)),
        field_of_view=float(rng.uniform(0.5, 1.05)),
        aspect=aspect,
    )


def random_light(rng: np.random.Generator, outdoors: bool) -> Light:
    """Sun or lamp anywhere above, mostly from the viewer's side; mild tints."""
    azimuth, height = rng.uniform(-np.pi, np.pi), rng.uniform(0.45, 1.35)
    if rng.random() < 0.6:
        azimuth = rng.normal(-np.pi / 2, 0.8)
    direction = np.array(
        [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)]
    )
    strength = rng.uniform(0.5, 1.3) if outdoors else rng.uniform(0.15, 0.9)
    level = rng.uniform(0.3, 0.6) if outdoors else rng.uniform(0.35, 0.8)
    tint = np.exp(rng.normal(0, 0.07, 3))
    sky = level * tint * np.exp(rng.normal(0, 0.05, 3))
    haze = np.array([0.62, 0.70, 0.78]) * rng.uniform(0.8, 1.15) if outdoors else sky * 0.6
    return Light(direction, strength * tint, sky, sky * rng.uniform(0.4, 0.7), haze)
