"""Dresses a person: garments cut from MakeHuman's helper-tights mesh, hair, skin, eyes.

A garment is the tights mesh pushed outwards and cut along three coordinates that every vertex has:
torso height (0 hips, 1 shoulders), arm (0 shoulder, 1 elbow, 2 wrist) and leg (0 hip, 1 knee, 2
ankle). The cut is made per pixel, so hems are smooth, and the skin below is not drawn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic.body import BodyModel, Shape, Surface, skin
from blazepose_tf.data.synthetic.parts import Part

Array = NDArray[np.floating]
Color = tuple[float, float, float]
Ball = tuple[float, float, float, float]

FAR_OUT = 99.0
"""Beyond any coordinate."""
NO_NECK: Ball = (0.0, 0.0, 0.0, 0.0)
MAX_GARMENTS = 4
"""The shader's limit."""
HEM = 0.03
"""The shader draws this much skin, in zone coordinates, below the ends of a garment."""
NECK_SHAPE = (1.0, 1.0, 0.8)
"""The ball that is cut out for the neck is flattened by this (`inBall` of the shaders)."""
NECK_MARGIN = 0.05
"""Metres around it that triangles are left to the shader."""
HAIR_OFFSET = 0.018
"""Long hair lies this far (metres) outside MakeHuman's helper mesh, on top of the clothes."""


@dataclass(frozen=True)
class Garment:
    """One piece of clothing.

    low, high: range of (height, arm, leg) that it covers; mesh: the helper mesh it is cut from;
    offset: metres from the skin; flare: metres more at its far ends; neck: ball (x, y, z, radius)
    cut out for the neck, template metres; pattern: of `materials.CLOTH_PATTERNS`; uniforms: its
    colours.
    """

    low: tuple[float, float, float]
    high: tuple[float, float, float]
    mesh: str
    offset: float
    flare: float
    neck: Ball
    pattern: str
    uniforms: dict[str, Any]


@dataclass(frozen=True)
class Outfit:
    """Everything about the looks of a person that stays through a sequence.

    hair_volume: metres that short hair stands off the skull (0: shaved); hair_low: where it ends at
    the nape, template metres.
    """

    garments: tuple[Garment, ...]
    skin: Color
    hair: Color
    eyes: Color
    hair_volume: float
    hair_low: float
    long_hair: bool
    seed: float


@dataclass(frozen=True)
class _Figure:
    """A posed body to dress; outwards: normals at rest of the meshes that were needed so far."""

    shape: Shape
    transforms: Array
    outwards: dict[str, Array] = field(default_factory=dict)


class Wardrobe:
    """The meshes of clothes and skin, and the coordinates they are cut along."""

    MESHES = ("body", "helper-tights", "helper-skirt", "helper-hair")

    def __init__(self, body: BodyModel) -> None:
        self.body = body
        self.surfaces: dict[str, Surface] = {name: body.surface(name) for name in self.MESHES}
        self.surfaces["eyes"] = body.surface("helper-l-eye", "helper-r-eye")
        self.surfaces["scalp"] = body.surface("body", keep=body.template[:, 2] > 0.62)
        zones = _zones(body).astype(np.float32)
        self._zones = {mesh: zones[surface.vertices] for mesh, surface in self.surfaces.items()}
        self._zones["helper-skirt"][:, 1:] = -1  # hangs from the torso: only its height counts
        self._ends = {mesh: _ends(self._zones[mesh], s.faces) for mesh, s in self.surfaces.items()}

    def dress(self, shape: Shape, outfit: Outfit, transforms: Array) -> list[Part]:
        """The parts of the posed, dressed person, the skin first."""
        hair = {"seed": outfit.seed, "hairLow": outfit.hair_low}
        flesh = {
            "color": outfit.skin, "second": outfit.hair, "shine": 0.2, **hair,
            "covers": len(outfit.garments),
            "coverLow": _rows([g.low for g in outfit.garments]),
            "coverHigh": _rows([g.high for g in outfit.garments]),
            "coverNeck": _rows([g.neck for g in outfit.garments]),
        }  # fmt: skip
        bare = ~self._covered(outfit)
        figure = _Figure(shape, transforms)
        parts = [
            self._part("body", figure, "skin", flesh, keep=bare),
            self._part("eyes", figure, "eye", {"color": outfit.eyes, "shine": 0.6}),
        ]
        for garment in outfit.garments:
            cut = {"keepLow": garment.low, "keepHigh": garment.high, "neck": garment.neck}
            offset = _ease(garment, self._zones[garment.mesh])
            name, uniforms = f"cloth/{garment.pattern}", {**cut, **garment.uniforms}
            keep = ~self._beyond(garment)
            parts.append(self._part(garment.mesh, figure, name, uniforms, offset, keep))
        strands = {"color": outfit.hair, "shine": 0.25, **hair}
        if outfit.hair_volume > 0:
            height = self.body.template[self.surfaces["scalp"].vertices, 2]
            crown = np.clip((height - 0.70) / 0.08, 0, 1)  # fullest there, little at the hairline
            offset = outfit.hair_volume * (0.3 + 0.7 * crown)
            keep = ~self._hairless("scalp")
            parts.append(self._part("scalp", figure, "scalp", strands, offset, keep))
        if outfit.long_hair:
            offset = np.full(len(self.surfaces["helper-hair"].vertices), HAIR_OFFSET)
            parts.append(self._part("helper-hair", figure, "hair", strands, offset))
        return parts

    def _part(
        self, mesh: str, figure: _Figure, material: str, uniforms: dict[str, Any],
        offset: Array | None = None, keep: NDArray[np.bool_] | None = None,
    ) -> Part:  # fmt: skip
        """A mesh on the posed body, `offset` [V] metres outside of its rest surface.

        `keep` [F]: the triangles to draw; the others would be cut away pixel by pixel.
        """
        surface = self.surfaces[mesh]
        rest = figure.shape.vertices[surface.vertices]
        if offset is not None:
            if mesh not in figure.outwards:
                figure.outwards[mesh] = surface.normals(rest)
            rest = rest + figure.outwards[mesh] * offset[:, None].astype(np.float32)
        posed = skin(surface.weights, figure.transforms, rest)
        template, zone = self.body.template[surface.vertices], self._zones[mesh]
        faces = surface.faces if keep is None else surface.faces[keep]
        return Part(posed, surface.normals(posed), template, zone, faces, material, uniforms)

    def _covered(self, outfit: Outfit) -> NDArray[np.bool_]:
        """[F] True for triangles of the skin that the shader would cut away as a whole.

        Coordinates are linear along a triangle, so three corners below one garment suffice.
        """
        surface, (least, most) = self.surfaces["body"], self._ends["body"]
        places = self.body.template[surface.vertices]
        covered = np.zeros(len(surface.faces), bool)
        for garment in outfit.garments:
            below = np.ones(len(surface.faces), bool)
            for i in range(3):
                below &= (least[i] > garment.low[i] + HEM) & (most[i] < garment.high[i] - HEM)
            if garment.neck[3] > 0:
                apart = (places - garment.neck[:3]) * NECK_SHAPE
                outside = (apart**2).sum(axis=1) > (garment.neck[3] + NECK_MARGIN) ** 2
                below &= _all_corners(outside, surface)
            covered |= below
        return covered

    def _beyond(self, garment: Garment) -> NDArray[np.bool_]:
        """[F] True for triangles that lie beyond one end of a garment."""
        least, most = self._ends[garment.mesh]
        beyond = np.zeros(least.shape[1], bool)
        for i in range(3):
            beyond |= (most[i] < garment.low[i]) | (least[i] > garment.high[i])
        return beyond

    def _hairless(self, mesh: str) -> NDArray[np.bool_]:
        """[F] True for triangles of forehead and cheeks, below every hairline of the shader."""
        surface = self.surfaces[mesh]
        _, y, z = self.body.template[surface.vertices].T
        face, cheek = (y < -0.08) & (z < 0.775), (y < -0.035) & (z < 0.70)
        return _all_corners(face, surface) | _all_corners(cheek, surface)


def _ends(zone: Array, faces: NDArray[np.int64]) -> tuple[Array, Array]:
    """Least and greatest coordinates [3, F] of the corners of each triangle."""
    corners = zone.T[:, faces]
    return corners.min(axis=2), corners.max(axis=2)


def _all_corners(vertices: NDArray[np.bool_], surface: Surface) -> NDArray[np.bool_]:
    """[F] True for triangles whose three corners are all in `vertices` [V]."""
    a, b, c = (vertices[surface.faces[:, i]] for i in range(3))
    return np.asarray(a & b & c)


def _ease(garment: Garment, zone: Array) -> Array:
    """How far each vertex of a garment stands off the skin, metres."""
    height, arm, leg = zone.T
    along = np.zeros(len(zone))
    if garment.high[2] > 0.5:  # trousers, shoes: along the leg
        along = np.clip(leg / garment.high[2], 0, 1)
    elif garment.mesh == "helper-tights":  # tops: along the sleeve and towards the hem
        along = np.maximum(
            np.clip(arm / max(garment.high[1], 0.1), 0, 1), np.clip(0.5 - height, 0, 1)
        )
    return garment.offset + garment.flare * along


def _rows(rows: list[Any]) -> Array:
    """The shader's arrays have MAX_GARMENTS rows."""
    table = np.zeros((MAX_GARMENTS, len(rows[0]) if rows else 3))
    table[: len(rows)] = rows
    return table


def _zones(body: BodyModel) -> Array:
    """(height, arm, leg) coordinates of every vertex [19158, 3], from the template."""
    points, heads, bone = body.template, body.template_heads, body.bone

    def along(first: str, second: str) -> Array:
        start, end = heads[bone[first]], heads[bone[second]]
        return np.asarray((points - start) @ (end - start) / ((end - start) @ (end - start)))

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
