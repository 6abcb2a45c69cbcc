"""Rooms and open places, all procedural: floor, walls or sky, boxes to clutter them, a seat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic.parts import NOWHERE, Part

Array = NDArray[np.floating]
Rng = np.random.Generator

NATURAL: tuple[tuple[float, float, float], ...] = (
    (0.55, 0.40, 0.26), (0.72, 0.63, 0.48), (0.58, 0.32, 0.25), (0.30, 0.42, 0.22),
    (0.50, 0.50, 0.52), (0.32, 0.48, 0.58), (0.82, 0.80, 0.74),
)  # fmt: skip
"""sRGB of wood, sand, brick, leaves, stone, sea, plaster."""
GROUNDS = ((0.22, 0.36, 0.12), (0.62, 0.55, 0.40), (0.33, 0.33, 0.35))
"""sRGB of grass, sand, asphalt."""
BRIGHTEST = 0.85
REACH, SKY_DISTANCE, SKY_WIDTH, SKY_HEIGHT, SKY_LOW = 60.0, 70.0, 480.0, 240.0, -20.0
SKY_SCALE = (180.0, 80.0)
"""Metres over which its clouds repeat and over which it darkens upwards."""
BEHIND = 14.0
"""Metres of floor on the viewer's side of the person."""


@dataclass(frozen=True)
class Place:
    """Static surroundings; the floor is z = 0 and the person stands at the origin."""

    parts: tuple[Part, ...]
    outdoors: bool


@dataclass(frozen=True)
class Finish:
    """A surface's material and its uniforms."""

    material: str
    uniforms: dict[str, Any]


def _quads(quads: list[tuple[Array, Array, Array]], finish: Finish, casts: bool = False) -> Part:
    """Rectangles (corner, right, up) of one finish; `rest` is metres along their two sides."""
    corner, right, up = (np.array(vectors) for vectors in zip(*quads, strict=True))
    width, height = np.linalg.norm(right, axis=1), np.linalg.norm(up, axis=1)
    positions = np.stack([corner, corner + right, corner + right + up, corner + up], axis=1)
    normals = np.cross(right, up) / (width * height)[:, None]
    # Far off the template, so that no landmark takes a chair for the person's own flesh.
    rest = np.full((len(quads), 4, 3), NOWHERE)
    rest[:, :, 0], rest[:, :, 1] = np.outer(width, [0, 1, 1, 0]), np.outer(height, [0, 0, 1, 1])
    faces = 4 * np.arange(len(quads))[:, None, None] + [[0, 1, 2], [0, 2, 3]]
    return Part(
        positions.reshape(-1, 3), np.repeat(normals, 4, axis=0), rest.reshape(-1, 3),
        np.zeros((4 * len(quads), 3)), faces.reshape(-1, 3),
        finish.material, finish.uniforms, casts,
    )  # fmt: skip


def box(center: Array, size: Array, angle: float, finish: Finish, casts: bool = False) -> Part:
    """A box of `size` (x, y, z) metres standing on the floor, turned by `angle`; no bottom."""
    x = np.array([np.cos(angle), np.sin(angle), 0]) * size[0]
    y = np.array([-np.sin(angle), np.cos(angle), 0]) * size[1]
    z = np.array([0, 0, size[2]])
    low = np.array([center[0], center[1], 0]) - x / 2 - y / 2
    sides = [(low, x, z), (low + x, y, z), (low + x + y, -x, z), (low + y, -y, z), (low + z, x, y)]
    return _quads(sides, finish, casts)


def _finish(
    rng: Rng, patterns: tuple[str, ...], frequency: tuple[float, float], contrast: float
) -> Finish:
    base = rng.uniform(0.2, BRIGHTEST) * np.exp(rng.normal(0, 0.06, 3))
    if rng.random() < 0.5:
        base = np.array(NATURAL[rng.integers(len(NATURAL))]) * rng.uniform(0.7, 1.2)
    base = np.clip(base, 0.03, BRIGHTEST)
    other = np.clip(base * (1 + rng.normal(0, contrast)) + rng.normal(0, contrast / 8, 3), 0.02, 1)
    uniforms = {
        "color": tuple(base), "second": tuple(np.minimum(other, BRIGHTEST)),
        "seed": float(rng.random()), "frequency": float(rng.uniform(*frequency)),
    }  # fmt: skip
    return Finish(f"room/{rng.choice(patterns)}", uniforms)


def _clutter(rng: Rng, count: int, nearest: float, farthest: float, tallest: float) -> list[Part]:
    """Boxes behind the person and at the sides: furniture, posts, houses."""
    parts = []
    for _ in range(count):
        away = rng.uniform(nearest, farthest)
        center = np.array([rng.normal(0, 0.45) * away + rng.choice([-1, 1]) * 0.6, away, 0])
        size = np.array([rng.uniform(0.2, 1.6), rng.uniform(0.2, 0.8), rng.uniform(0.3, tallest)])
        size[:2] *= 1 if farthest < 8 else away / 6
        patterns = ("plain", "plain", "mottled", "bricks", "stripes", "tiles")
        finish = _finish(rng, patterns, (0.6, 3), 0.3)
        parts.append(box(center, size, rng.uniform(-0.6, 0.6), finish))
    return parts


def room(rng: Rng) -> Place:
    """Floor, three walls, ceiling, sometimes pictures on the wall and furniture."""
    width, back, height = rng.uniform(5, 12), rng.uniform(1.6, 5), rng.uniform(2.6, 5)
    floor = _finish(rng, ("planks", "tiles", "mottled", "checks"), (0.5, 1.6), 0.3)
    patterns = ("plain", "plain", "mottled", "bricks", "stripes", "tiles")
    wall = _finish(rng, patterns, (0.5, 2), 0.12)
    x, y, z = (
        np.array([width, 0, 0]),
        np.array([0, BEHIND + back, 0]),
        np.array([0, 0, height]),
    )
    low = np.array([-width / 2, -BEHIND, 0])
    parts = [
        _quads([(low, x, y)], floor),
        _quads([(low + y, x, z), (low, y, z), (low + x, y, z)], wall),
        _quads([(low + z, x, y)], _finish(rng, ("plain",), (1, 1), 0.1)),
    ]
    for _ in range(rng.integers(0, 4)):
        across, up = rng.uniform(-width / 2, width / 2 - 1), rng.uniform(0.2, 1.5)
        wide, tall = rng.uniform(0.4, 1.8, 2)
        finish = _finish(rng, ("plain", "mottled", "stripes", "checks"), (0.5, 3), 0.5)
        picture = (
            np.array([across, back - 0.02, up]),
            np.array([wide, 0, 0]),
            np.array([0, 0, tall]),
        )
        parts.append(_quads([picture], finish))
    parts += _clutter(rng, int(rng.integers(0, 5)), 0.9, max(1.2, back - 0.4), 1.8)
    return Place(tuple(parts), outdoors=False)


def outdoors(rng: Rng) -> Place:
    """Ground to the horizon, sky with clouds, blocks in the distance."""
    ground = _finish(rng, ("mottled", "mottled", "tiles", "planks"), (0.15, 1.2), 0.3)
    if rng.random() < 0.5:
        base = np.array(GROUNDS[rng.integers(len(GROUNDS))]) * rng.uniform(0.8, 1.3)
        colors = {"color": tuple(base), "second": tuple(base * rng.uniform(0.6, 0.9))}
        ground = Finish("room/mottled", ground.uniforms | colors)
    floor = (
        np.array([-REACH, -BEHIND, 0]),
        np.array([2 * REACH, 0, 0]),
        np.array([0, BEHIND + REACH, 0]),
    )
    return Place(
        (_quads([floor], ground), _sky(rng), *_clutter(rng, int(rng.integers(2, 9)), 4, 40, 4)),
        outdoors=True,
    )


def _sky(rng: Rng) -> Part:
    """A far rectangle, paler towards the horizon."""
    blue, white = np.array([0.35, 0.55, 0.85]), np.array([0.85, 0.88, 0.92])
    share = rng.uniform(0, 1)
    uniforms = {
        "color": tuple((1 - share * 0.6) * white + share * 0.6 * blue),
        "second": tuple((1 - share) * white + share * blue), "seed": float(rng.random()),
    }  # fmt: skip
    corner = np.array([-SKY_WIDTH / 2, SKY_DISTANCE, SKY_LOW])
    sides = np.array([SKY_WIDTH, 0, 0]), np.array([0, 0, SKY_HEIGHT])
    sky = _quads([(corner, *sides)], Finish("sky", uniforms))
    unit = sky.rest / [*SKY_SCALE, NOWHERE]
    return Part(sky.positions, sky.normals, unit, sky.zone, sky.faces, "sky", uniforms, casts=False)


def random_place(rng: Rng) -> Place:
    """Indoors a little more often than outdoors."""
    return room(rng) if rng.random() < 0.55 else outdoors(rng)


def seat(rng: Rng, height: float, position: Array) -> Part:
    """A box to sit on, its top at `height` below `position` (x, y); it can cover landmarks."""
    size = np.array([rng.uniform(0.36, 0.6), rng.uniform(0.34, 0.42), height])
    return box(
        position, size, 0.0, _finish(rng, ("plain", "planks", "mottled"), (1, 3), 0.2), casts=True
    )
