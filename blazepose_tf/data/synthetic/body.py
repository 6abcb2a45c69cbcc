"""MakeHuman's CC0 base mesh: shapes from phenotypes, linear blend skinning, surface normals.

The blend of targets is MakeHuman's: every target's name is a product of traits ("female", "young",
"maxweight", ...), its weight the product of the traits' weights (as in anny's `Anny` model).
"""

from __future__ import annotations

import gzip
import itertools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from blazepose_tf.data.synthetic.assets import BodyAssets

Array = NDArray[np.floating]

DECIMETRE = 0.1
"""MakeHuman measures in decimetres, y up; we in metres, z up."""

TRAITS: dict[str, tuple[str, ...]] = {
    "race": ("african", "asian", "caucasian"),
    "gender": ("female", "male"),
    "age": ("child", "young", "old"),
    "muscle": ("minmuscle", "averagemuscle", "maxmuscle"),
    "weight": ("minweight", "averageweight", "maxweight"),
    "height": ("minheight", "maxheight"),
    "proportions": ("uncommonproportions", "idealproportions"),
    "cupsize": ("mincup", "averagecup", "maxcup"),
    "firmness": ("minfirmness", "averagefirmness", "maxfirmness"),
}
TARGETS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("macrodetails/universal-{}", ("gender", "age", "muscle", "weight")),
    ("macrodetails/{}", ("race", "gender", "age")),
    ("macrodetails/height/{}", ("gender", "age", "muscle", "weight", "height")),
    ("macrodetails/proportions/{}", ("gender", "age", "muscle", "weight", "proportions")),
    ("breast/{}", ("gender", "age", "muscle", "weight", "cupsize", "firmness")),
)
"""File name patterns below targets/ and the traits that fill them, in order."""


@dataclass(frozen=True)
class Phenotype:
    """What a person looks like, all 0..1.

    `gender` 0 female, 1 male; `age` 0 child, 0.5 young, 1 old;
    `race` is a weight for each of `TRAITS["race"]`, summing to 1.
    """

    gender: float
    age: float
    muscle: float
    weight: float
    height: float
    proportions: float
    cupsize: float
    firmness: float
    race: tuple[float, float, float]

    def trait_weights(self) -> dict[str, float]:
        """Weight of each trait: linear between neighbours along each scale."""
        weights = dict(zip(TRAITS["race"], self.race, strict=True))
        for scale, traits in TRAITS.items():
            if scale != "race":
                at = getattr(self, scale) * (len(traits) - 1)
                weights.update((t, max(0.0, 1 - abs(at - i))) for i, t in enumerate(traits))
        return weights


@dataclass(frozen=True)
class Shape:
    """One person at rest. vertices [19158, 3] and bone heads [bones, 3] in metres."""

    vertices: Array
    heads: Array

    @property
    def stature(self) -> float:
        """Height in metres of everything between the lowest and the highest joint helper."""
        return float(np.ptp(self.heads[:, 2]))


@dataclass(frozen=True)
class Surface:
    """A part of the base mesh: `vertices` [V] index the base mesh, `faces` [F, 3] index those."""

    vertices: NDArray[np.int64]
    faces: NDArray[np.int64]
    weights: sparse.csr_matrix
    adjacency: sparse.csr_matrix

    def normals(self, positions: Array) -> Array:
        """Unit normals [V, 3] of the surface posed at `positions` [V, 3]."""
        a, b, c = (positions.T.take(corner, axis=1) for corner in self.faces.T)
        u, v = b - a, c - a
        normals = self.adjacency @ np.stack(  # np.cross takes three times as long
            [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]], 1
        )
        length = np.sqrt(np.einsum("ni,ni->n", normals, normals))
        return normals / np.maximum(length, 1e-12)[:, None]


class BodyModel:
    """The base mesh, its targets and its rig (163 bones)."""

    def __init__(self, assets: BodyAssets) -> None:
        self.assets = assets
        self.template, self.groups = _read_mesh(assets.read("3dobjs/base.obj").decode())
        self._targets: dict[str, Array] = {}
        rig = assets.json("rigs/standard/rig.default.json")
        rig = rig.get("bones", rig)
        self.bones = _parents_first({name: bone["parent"] for name, bone in rig.items()})
        self.bone = {name: i for i, name in enumerate(self.bones)}
        self.parents = [self.bone.get(rig[name]["parent"], -1) for name in self.bones]
        self.head_weights = _mean_rows(
            [self._head_vertices(rig[n]["head"]) for n in self.bones], len(self.template)
        )
        self.weights = self._read_weights()

    def _head_vertices(self, joint: dict[str, Any]) -> NDArray[np.int64]:
        strategy = joint["strategy"]
        if strategy == "CUBE":
            return np.unique(self.groups[str(joint["cube_name"])])
        return np.atleast_1d(joint["vertex_index" if strategy == "VERTEX" else "vertex_indices"])

    def _read_weights(self) -> sparse.csr_matrix:
        """Skinning weights [19158, bones]; rows sum to 1."""
        table = self.assets.json("rigs/standard/weights.default.json")["weights"]
        pairs = {
            self.bone[name]: np.array(entries).reshape(-1, 2) for name, entries in table.items()
        }
        vertices = np.concatenate([entries[:, 0] for entries in pairs.values()]).astype(int)
        values = np.concatenate([entries[:, 1] for entries in pairs.values()]).astype(np.float32)
        bones = np.repeat(list(pairs), [len(entries) for entries in pairs.values()])
        shape = (len(self.template), len(self.bones))
        weights = sparse.csr_matrix((values, (vertices, bones)), shape)
        total = np.maximum(np.asarray(weights.sum(axis=1)).ravel(), 1e-9)
        return sparse.csr_matrix(sparse.diags(1 / total) @ weights)

    def surface(self, *groups: str, keep: NDArray[np.bool_] | None = None) -> Surface:
        """Groups of the mesh ("body", "helper-skirt", ...); `keep` [19158]: only these vertices."""
        faces = np.concatenate([self.groups[group] for group in groups])
        if keep is not None:
            faces = faces[keep[faces].all(axis=1)]
        vertices, inverse = np.unique(faces, return_inverse=True)
        local = inverse.reshape(-1, 3)
        entries = np.ones(local.size, np.float32)
        places = (local.ravel(), np.repeat(np.arange(len(local)), 3))
        adjacency = sparse.csr_matrix((entries, places), shape=(len(vertices), len(local)))
        return Surface(vertices, local, self.weights[vertices].tocsr(), adjacency)

    def shape(self, phenotype: Phenotype) -> Shape:
        """The person at rest."""
        weights = phenotype.trait_weights()
        vertices = self.template.copy()
        addend = np.empty_like(vertices)
        for pattern, scales in TARGETS:
            choices = [[t for t in TRAITS[scale] if weights[t] > 0] for scale in scales]
            for traits in itertools.product(*choices):
                name = f"targets/{pattern.format('-'.join(traits))}.target.gz"
                if self.assets.has(name):
                    share = np.float32(math.prod(weights[t] for t in traits))
                    vertices += np.multiply(self._target(name), share, out=addend)
        return Shape(vertices, self.head_weights @ vertices)

    def _target(self, name: str) -> Array:
        """Offset of every vertex [19158, 3]; dense, since adding is then three times as fast."""
        if name not in self._targets:
            text = gzip.decompress(self.assets.read(name)).decode()
            table = np.fromstring(text, np.float32, sep=" ").reshape(-1, 4)
            offsets = np.zeros_like(self.template)
            offsets[table[:, 0].astype(int)] = _to_z_up(table[:, 1:])
            self._targets[name] = offsets
        return self._targets[name]

    @cached_property
    def template_heads(self) -> Array:
        """Bone heads [bones, 3] of the undeformed template."""
        return self.head_weights @ self.template


def skin(weights: sparse.csr_matrix, transforms: Array, vertices: Array) -> Array:
    """Linear blend skinning: `vertices` [V, 3] at rest -> posed; `transforms` [bones, 3, 4]."""
    blended = (weights @ transforms.reshape(len(transforms), 12)).reshape(-1, 3, 4)
    return np.einsum("nij,nj->ni", blended[:, :, :3], vertices) + blended[:, :, 3]


def _to_z_up(points: Array) -> Array:
    return np.stack([points[:, 0], -points[:, 2], points[:, 1]], axis=1) * DECIMETRE


def _read_mesh(text: str) -> tuple[Array, dict[str, NDArray[np.int64]]]:
    """Vertices [N, 3] and triangles [F, 3] by group of a Wavefront .obj file."""
    vertices: list[list[str]] = []
    groups: dict[str, list[list[int]]] = {}
    group = ""
    for line in text.splitlines():
        key, *values = line.split() or [""]
        if key == "v":
            vertices.append(values[:3])
        elif key == "g":
            group = values[0]
        elif key == "f":
            corners = [int(value.split("/")[0]) - 1 for value in values]
            triangles = [[corners[0], b, c] for b, c in itertools.pairwise(corners[1:])]
            groups.setdefault(group, []).extend(triangles)
    points = _to_z_up(np.array(vertices, np.float32))
    return points, {name: np.array(faces) for name, faces in groups.items()}


def _parents_first(parents: dict[str, str]) -> list[str]:
    order: list[str] = [name for name, parent in parents.items() if not parent]
    for name in order:  # grows while it is walked
        order.extend(child for child, parent in parents.items() if parent == name)
    return order


def _mean_rows(indices: list[NDArray[np.int64]], columns: int) -> sparse.csr_matrix:
    """A matrix whose row i averages the entries `indices[i]`."""
    rows = np.repeat(np.arange(len(indices)), [len(i) for i in indices])
    values = np.concatenate([np.full(len(i), 1 / len(i), np.float32) for i in indices])
    return sparse.csr_matrix((values, (rows, np.concatenate(indices))), (len(indices), columns))
