"""Dresses a person: garments cut from MakeHuman's helper-tights mesh, shoes, hair, skin.

A garment is the tights mesh pushed outwards and cut along three coordinates that every vertex has:
torso height (0 hips, 1 shoulders), arm (0 shoulder, 1 elbow, 2 wrist) and leg (0 hip, 1 knee, 2 ankle).
The cut is made per pixel, so hems are smooth, and the skin below is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic import renderer as draw
from blazepose_tf.data.synthetic.body import BodyModel, Shape, Surface, skin
from blazepose_tf.data.synthetic.renderer import Part

Array = NDArray[np.floating]
Color = tuple[float, float, float]

FAR_OUT = 99.0
NO_NECK = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Garment:
    """`low`, `high`: (height, arm, leg) range that it covers; `mesh`; `offset` metres from the skin,

    `flare` metres more at the lower hem; `neck` (x, y, z, radius): ball cut out for the neck, in
    template metres; `material`: the shader's uniforms.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    mesh: str
    offset: float
    flare: float
    neck: tuple[float, float, float, float]
    material: dict[str, Any]


@dataclass(frozen=True)
class Outfit:
    """Everything about the looks of a person that stays through a sequence."""

    garments: tuple[Garment, ...]
    skin: Color
    hair: Color
    eyes: Color
    hair_volume: float
    hair_low: float
    long_hair: bool
    seed: float


class Wardrobe:
    """The meshes of clothes and skin, and the coordinates they are cut along."""

    MESHES = ("body", "helper-tights", "helper-skirt", "helper-hair", "eyes")

    def __init__(self, body: BodyModel) -> None:
        self.body = body
        body.groups["eyes"] = np.concatenate(
            [body.groups["helper-l-eye"], body.groups["helper-r-eye"]]
        )
        self.zones = _zones(body)
        self.surfaces: dict[str, Surface] = {name: body.surface(name) for name in self.MESHES}
        head = body.template[:, 2] > 0.62
        self.surfaces["scalp"] = body.surface("body", keep=head)

    def dress(self, shape: Shape, outfit: Outfit, transforms: Array) -> list[Part]:
        """The parts of the posed, dressed person."""
        covers = {
            "covers": len(outfit.garments),
            "coverLow": _rows([g.low for g in outfit.garments], 3),
            "coverHigh": _rows([g.high for g in outfit.garments], 3),
            "coverNeck": _rows([g.neck for g in outfit.garments], 4),
        }
        hair = {"seed": outfit.seed, "hairLow": outfit.hair_low}
        flesh = {
            "kind": draw.SKIN,
            "color": outfit.skin,
            "second": outfit.hair,
            "shine": 0.2,
            **hair,
            **covers,
        }
        parts = [
            self._part("body", shape, transforms, flesh),
            self._part("eyes", shape, transforms, {"kind": draw.EYE, "color": outfit.eyes}),
        ]
        for garment in outfit.garments:
            material = {
                "kind": draw.CLOTH, "keepLow": garment.low, "keepHigh": garment.high,
                "neck": garment.neck, **garment.material,
            }  # fmt: skip
            parts.append(self._part(garment.mesh, shape, transforms, material, garment))
        if outfit.hair_volume > 0:
            material = {"kind": draw.SCALP, "color": outfit.hair, **hair}
            parts.append(
                self._part("scalp", shape, transforms, material, volume=outfit.hair_volume)
            )
        if outfit.long_hair:
            material = {"kind": draw.HAIR, "color": outfit.hair, "seed": outfit.seed}
            parts.append(self._part("helper-hair", shape, transforms, material))
        return parts

    def _part(
        self, mesh: str, shape: Shape, transforms: Array, material: dict[str, Any],
        garment: Garment | None = None, volume: float = 0.0,
    ) -> Part:  # fmt: skip
        surface = self.surfaces[mesh]
        rest = shape.vertices[surface.vertices]
        template, zone = self.body.template[surface.vertices], self.zones[surface.vertices]
        if mesh == "helper-skirt":  # hangs from the torso: only its height counts
            zone = np.column_stack([zone[:, 0], np.full((len(zone), 2), -1.0)])
        if garment:
            rest = rest + surface.normals(rest) * _ease(garment, zone)[:, None]
        if volume:  # fullest on the crown, nothing at the hairline
            share = np.clip((template[:, 2] - 0.70) / 0.08, 0, 1) * 0.7 + 0.3
            rest = rest + surface.normals(rest) * (volume * share)[:, None]
        posed = skin(surface.weights, transforms, rest)
        return Part(posed, surface.normals(posed), template, zone, surface.faces, material)


def _ease(garment: Garment, zone: Array) -> Array:
    """How far each vertex of a garment stands off the skin, metres."""
    leg, arm, height = zone[:, 2], zone[:, 1], zone[:, 0]
    along = np.zeros(len(zone))
    if garment.high[2] > 0.3:  # trousers, shoes: along the leg
        along = np.clip(leg / max(garment.high[2], 0.1), 0, 1)
    elif garment.mesh == "helper-tights":  # tops: along the sleeve and towards the hem
        along = np.maximum(
            np.clip(arm / max(garment.high[1], 0.1), 0, 1), np.clip(0.5 - height, 0, 1)
        )
    return garment.offset + garment.flare * along


def _rows(rows: list[tuple[float, ...]], width: int) -> Array:
    table = np.zeros((4, width))
    for i, row in enumerate(rows):
        table[i] = row
    return table


def _zones(body: BodyModel) -> Array:
    """(height, arm, leg) coordinates of every vertex [19158, 3], from the template."""
    points, heads, bone = body.template, body.template_heads, body.bone

    def along(first: str, second: str) -> Array:
        start, end = heads[bone[first]], heads[bone[second]]
        return (points - start) @ (end - start) / ((end - start) @ (end - start))

    hips, shoulders = heads[bone["upperleg01.L"]][2], heads[bone["upperarm01.L"]][2]
    height = (points[:, 2] - hips) / (shoulders - hips)
    in_arm = np.zeros(len(body.bones), np.float32)
    for i, name in enumerate(body.bones):
        parent = body.parents[i]
        in_arm[i] = name.startswith("upperarm01") or (parent >= 0 and in_arm[parent])
    share = np.minimum(1, 2 * np.asarray(body.weights @ in_arm).ravel())
    arm, leg = np.full(len(points), -1.0), np.full(len(points), -1.0)
    for side, sign in (("L", 1), ("R", -1)):
        own = points[:, 0] * sign > 0
        upper = along(f"upperarm01.{side}", f"lowerarm01.{side}")
        lower = 1 + along(f"lowerarm01.{side}", f"wrist.{side}")
        coordinate = np.where(upper < 1, upper, np.maximum(1, lower))
        arm = np.where(own, -1 + (1 + np.clip(coordinate, -1, 4)) * share, arm)
        thigh = along(f"upperleg01.{side}", f"lowerleg01.{side}")
        shank = 1 + along(f"lowerleg01.{side}", f"foot.{side}")
        leg = np.where(own, np.where(thigh < 1, thigh, np.maximum(1, shank)), leg)
    leg = np.where(share > 0.5, -1.0, np.clip(leg, -1, 4))
    return np.column_stack([height, arm, leg])
