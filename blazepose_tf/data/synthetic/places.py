"""Rooms and open places, all procedural: floor, walls or sky, boxes to clutter them, a seat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic import renderer as draw
from blazepose_tf.data.synthetic.renderer import Part

Array = NDArray[np.floating]
Rng = np.random.Generator

PLANKS, TILES, MOTTLED, CHECKS, BRICKS, STRIPES, GROUND = 1, 2, 3, 4, 5, 6, 7
"""Patterns of the shader's `roomColor`."""
NATURAL = (
    (0.55, 0.40, 0.26), (0.72, 0.63, 0.48), (0.58, 0.32, 0.25), (0.30, 0.42, 0.22), (0.50, 0.50, 0.52),
    (0.32, 0.48, 0.58), (0.82, 0.80, 0.74),
)  # fmt: skip
OUTDOOR_REACH, SKY_DISTANCE = 60.0, 70.0


@dataclass(frozen=True)
class Place:
    """Static surroundings; the floor is z = 0 and the person stands at the origin."""

    parts: tuple[Part, ...]
    outdoors: bool


def _quad(
    corner: Array, right: Array, up: Array, material: dict[str, Any], casts: bool = False
) -> Part:
    """A rectangle; its `rest` coordinates are metres along the two sides."""
    positions = np.stack([corner, corner + right, corner + right + up, corner + up])
    normal = np.cross(right, up)
    width, height = np.linalg.norm(right), np.linalg.norm(up)
    rest = np.array([[0, 0, 0], [width, 0, 0], [width, height, 0], [0, height, 0]])
    normals = np.tile(normal / np.linalg.norm(normal), (4, 1))
    return Part(
        positions,
        normals,
        rest,
        np.zeros((4, 3)),
        np.array([[0, 1, 2], [0, 2, 3]]),
        material,
        casts,
    )


def box(
    center: Array, size: Array, angle: float, material: dict[str, Any], casts: bool = False
) -> list[Part]:
    """A box of `size` (x, y, z) metres standing on the floor, turned by `angle`; no bottom."""
    x = np.array([np.cos(angle), np.sin(angle), 0]) * size[0]
    y = np.array([-np.sin(angle), np.cos(angle), 0]) * size[1]
    z = np.array([0, 0, size[2]])
    low = np.array([center[0], center[1], 0]) - x / 2 - y / 2
    sides = ((low, x, z), (low + x, y, z), (low + x + y, -x, z), (low + y, -y, z), (low + z, x, y))
    return [_quad(corner, right, up, material, casts) for corner, right, up in sides]


def _material(
    rng: Rng, pattern: int, frequency: tuple[float, float], contrast: float
) -> dict[str, Any]:
    base = rng.uniform(0.2, 0.9) * np.exp(rng.normal(0, 0.06, 3))
    if rng.random() < 0.5:  # wood, sand, brick, leaves, stone, sea
        base = np.array(NATURAL[rng.integers(len(NATURAL))]) * rng.uniform(0.7, 1.3)
    base = np.clip(base, 0.03, 1)
    other = np.clip(base * (1 + rng.normal(0, contrast)) + rng.normal(0, contrast / 8, 3), 0.02, 1)
    return {
        "kind": draw.SURFACE, "color": tuple(base), "second": tuple(other), "pattern": pattern,
        "frequency": float(rng.uniform(*frequency)), "seed": float(rng.random()), "shine": 0.0,
    }  # fmt: skip


def _clutter(rng: Rng, count: int, nearest: float, farthest: float, tallest: float) -> list[Part]:
    """Boxes behind the person and at the sides: furniture, posts, houses."""
    parts: list[Part] = []
    for _ in range(count):
        away = rng.uniform(nearest, farthest)
        center = np.array([rng.normal(0, 0.45) * away + rng.choice([-1, 1]) * 0.6, away, 0])
        size = np.array([rng.uniform(0.2, 1.6), rng.uniform(0.2, 0.8), rng.uniform(0.3, tallest)])
        size[:2] *= 1 if farthest < 8 else away / 6
        pattern = int(rng.choice([0, 0, MOTTLED, BRICKS, STRIPES, TILES]))
        parts += box(center, size, rng.uniform(-0.6, 0.6), _material(rng, pattern, (0.6, 3), 0.3))
    return parts


def room(rng: Rng) -> Place:
    """Floor, back wall, side walls, sometimes a picture or window on the wall, furniture."""
    width, back, height = rng.uniform(5, 12), rng.uniform(1.6, 5), rng.uniform(2.6, 5)
    floor = _material(rng, int(rng.choice([PLANKS, TILES, MOTTLED, CHECKS])), (0.5, 1.6), 0.3)
    wall = _material(rng, int(rng.choice([0, 0, MOTTLED, BRICKS, STRIPES, TILES])), (0.5, 2), 0.12)
    x, y, z = np.array([width, 0, 0]), np.array([0, 14 + back, 0]), np.array([0, 0, height])
    low = np.array([-width / 2, -14, 0])
    parts = [
        _quad(low, x, y, floor),
        _quad(low + y, x, z, wall),
        _quad(low, y, z, wall),
        _quad(low + x, y, z, wall),
        _quad(low + z, x, y, _material(rng, 0, (1, 1), 0.1)),
    ]
    for _ in range(rng.integers(0, 4)):
        corner = np.array(
            [rng.uniform(-width / 2, width / 2 - 1), back - 0.02, rng.uniform(0.2, 1.5)]
        )
        size = rng.uniform(0.4, 1.8, 2)
        pattern = int(rng.choice([0, MOTTLED, STRIPES, CHECKS]))
        decoration = _material(rng, pattern, (0.5, 3), 0.5)
        parts.append(
            _quad(corner, np.array([size[0], 0, 0]), np.array([0, 0, size[1]]), decoration)
        )
    parts += _clutter(rng, int(rng.integers(0, 5)), 0.9, max(1.2, back - 0.4), 1.8)
    return Place(tuple(parts), outdoors=False)


def outdoors(rng: Rng) -> Place:
    """Ground to the horizon, sky with clouds, blocks in the distance."""
    reach = OUTDOOR_REACH
    ground = _material(rng, int(rng.choice([MOTTLED, MOTTLED, TILES, PLANKS])), (0.15, 1.2), 0.3)
    if rng.random() < 0.5:  # grass, sand or asphalt
        choices = ((0.22, 0.36, 0.12), (0.62, 0.55, 0.40), (0.33, 0.33, 0.35))
        base = np.array(choices[rng.integers(3)]) * rng.uniform(0.8, 1.3)
        ground |= {
            "color": tuple(base),
            "second": tuple(base * rng.uniform(0.6, 0.9)),
            "pattern": MOTTLED,
        }
    floor = _quad(
        np.array([-reach, -20, 0.0]),
        np.array([2 * reach, 0, 0]),
        np.array([0, 20 + reach, 0]),
        ground,
    )
    blue, white = np.array([0.35, 0.55, 0.85]), np.array([0.85, 0.88, 0.92])
    share = rng.uniform(0, 1)
    sky = {
        "kind": draw.BACKDROP, "color": tuple((1 - share * 0.6) * white + share * 0.6 * blue),
        "second": tuple((1 - share) * white + share * blue), "seed": float(rng.random()),
    }  # fmt: skip
    far = SKY_DISTANCE
    backdrop = _quad(
        np.array([-90, far, -20.0]), np.array([180, 0, 0]), np.array([0, 0, 80.0]), sky
    )
    unit = Part(
        backdrop.positions,
        backdrop.normals,
        backdrop.rest / [180, 80, 1],
        backdrop.zone,
        backdrop.faces,
        sky,
        False,
    )
    upright = Part(
        unit.positions, unit.normals, unit.rest[:, [0, 2, 1]], unit.zone, unit.faces, sky, False
    )
    parts = [floor, upright, *_clutter(rng, int(rng.integers(2, 9)), 4, 40, 4)]
    return Place(tuple(parts), outdoors=True)


def random_place(rng: Rng) -> Place:
    """Indoors a little more often than outdoors."""
    return room(rng) if rng.random() < 0.55 else outdoors(rng)


def seat(rng: Rng, height: float, position: Array) -> list[Part]:
    """A box to sit on, its top at `height` under `position` (x, y); it can cover landmarks."""
    size = np.array([rng.uniform(0.36, 0.6), rng.uniform(0.34, 0.42), height])
    return box(
        position,
        size,
        0.0,
        _material(rng, int(rng.choice([0, PLANKS, MOTTLED])), (1, 3), 0.2),
        casts=True,
    )
