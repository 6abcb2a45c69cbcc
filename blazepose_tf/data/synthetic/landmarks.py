"""Where the 33 BlazePose landmarks lie on the body.

At rest, body joints and heels come from anny's COCO regressor (weights on mesh vertices), hands and
feet from the rig's joints, face points from mesh vertices found on the template. When the person
moves, a point goes with the bones that it lies between, so that bones keep their lengths.
`conventions` moves points to where MediaPipe puts them, when asked.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.synthetic.body import BodyModel, Shape, skin
from blazepose_tf.data.synthetic.conventions import ANATOMY, rest_offsets

Array = NDArray[np.floating]

BONES: dict[str, tuple[str, str]] = {
    "nose": ("head", "head"), "eye": ("head", "head"), "ear": ("head", "head"),
    "mouth": ("head", "head"), "shoulder": ("shoulder01", "upperarm01"),
    "elbow": ("upperarm02", "lowerarm01"), "wrist": ("lowerarm02", "wrist"),
    "pinky": ("wrist", "finger5-1"), "foot_index": ("foot", "toe1-2"),
    "index": ("wrist", "finger2-1"), "thumb": ("finger1-1", "finger1-2"),
    "hip": ("pelvis", "upperleg01"), "knee": ("upperleg02", "lowerleg01"),
    "ankle": ("lowerleg02", "foot"), "heel": ("foot", "foot"),
}  # fmt: skip
"""Kind of landmark -> the two bones that it lies between; it moves by the mean of both."""
HEADS = ("pinky", "foot_index", "index", "thumb")
"""Kinds that are the head of their second bone."""
MOUTH_CORNER = "levator05"
"""This bone of the face starts in the corner of the mouth."""
RADII: dict[str, float] = {
    "nose": 0.04, "eye": 0.03, "ear": 0.05, "mouth": 0.035, "shoulder": 0.13, "elbow": 0.08,
    "wrist": 0.06, "pinky": 0.06, "foot_index": 0.09, "index": 0.06, "thumb": 0.05, "hip": 0.17,
    "knee": 0.12, "ankle": 0.09, "heel": 0.08,
}  # fmt: skip
"""Distance on the template (metres) within which flesh, skin and cloth are a landmark's own."""


def _kind(name: str) -> str:
    """ "foot_index" of "left_foot_index"."""
    return next(kind for kind in BONES if kind in name)


def _bone(name: str, bone: str) -> str:
    """The bone's name on the landmark's side; bones of the trunk and the head have no side."""
    side = "L" if "left" in name else "R"
    return bone if bone == "head" else f"{bone}.{side}"


class LandmarkRegressor:
    """Finds the 33 points on a posed body.

    radii [33]: see `RADII`; template [33, 3]: the points on the undeformed template.
    """

    def __init__(self, body: BodyModel, convention: str = ANATOMY) -> None:
        self._moves = rest_offsets(convention)
        kinds = [_kind(name) for name in topology.LANDMARK_NAMES]
        self.radii = np.array([RADII[kind] for kind in kinds])
        self._bones = np.array([
            [body.bone[_bone(name, bone)] for bone in BONES[kind]]
            for name, kind in zip(topology.LANDMARK_NAMES, kinds, strict=True)
        ])  # fmt: skip
        self._weights = sparse.csr_matrix(_vertex_weights(body))
        self.template = self.rest(body.template)
        surface = np.unique(body.groups["body"])
        height, depth = body.template[surface, 2], body.template[surface, 1]
        # Chin to forehead, and forward of the ears.
        self._face = surface[(height > 0.615) & (height < 0.80) & (depth < -0.05)]
        self._face_skin = body.weights[self._face].tocsr()

    def rest(self, vertices: Array) -> Array:
        """Points [33, 3] of somebody at rest with the base mesh's `vertices` [19158, 3]; metres."""
        return np.asarray(self._weights @ vertices + self._moves, np.float64)

    def points(self, shape: Shape, transforms: Array) -> Array:
        """World positions [33, 3] in metres of the person `shape` posed by `transforms`."""
        between = transforms[self._bones].mean(axis=1)
        rest = self.rest(shape.vertices)
        return np.asarray(np.einsum("nij,nj->ni", between[:, :, :3], rest) + between[:, :, 3])

    def face(self, shape: Shape, transforms: Array) -> Array:
        """World positions [V, 3] of the skin of the face, for the face box."""
        return skin(self._face_skin, transforms, shape.vertices[self._face])


def _vertex_weights(body: BodyModel) -> Array:
    """Weight of every vertex [33, 19158] on the landmarks at rest."""
    template, regressor = body.template, body.assets.regressor
    rows = np.zeros((topology.NUM_LANDMARKS, len(template)), np.float32)
    for name, row in regressor.items():
        if name in topology.INDEX:
            rows[topology.INDEX[name]] = row
    for name in topology.LANDMARK_NAMES:
        kind = _kind(name)
        if kind in HEADS or kind == "mouth":
            bone = body.bone[_bone(name, MOUTH_CORNER if kind == "mouth" else BONES[kind][1])]
            rows[topology.INDEX[name]] = body.head_weights[bone].toarray()[0]

    def put(name: str, vertex: int) -> None:
        rows[topology.INDEX[name]] = 0
        rows[topology.INDEX[name], vertex] = 1

    surface = np.unique(body.groups["body"])
    points = template[surface]
    nose = (abs(points[:, 0]) < 0.01) & (points[:, 2] > 0.67) & (points[:, 2] < 0.73)
    put("nose", surface[nose][points[nose, 1].argmin()])
    for side, letter, sign in (("left", "l", 1), ("right", "r", -1)):
        eye = np.unique(body.groups[f"helper-{letter}-eye"])
        lashes = np.unique(body.groups[f"helper-{letter}-eyelashes-1"])
        across = template[lashes, 0] * sign
        put(f"{side}_eye", eye[template[eye, 1].argmin()])
        put(f"{side}_eye_inner", lashes[across.argmin()])
        put(f"{side}_eye_outer", lashes[across.argmax()])
    return rows
