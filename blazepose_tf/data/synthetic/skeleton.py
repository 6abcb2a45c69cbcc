"""MakeHuman's rig, moved by a stance.

MakeHuman's rest pose (arms spread, elbows slightly bent) is turned into standing upright with
hanging arms first, whatever the person's proportions.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic.body import BodyModel, Shape
from blazepose_tf.data.synthetic.pose import (
    DOWN,
    HINGE,
    LIMBS,
    SEGMENTS,
    SIDES,
    Pose,
    Side,
    Stance,
    about,
    cross,
    hinge_frame,
    matrix_of,
    stance,
    unit,
    vector_of,
)

Array = NDArray[np.floating]

SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
SHOULDER_SHARE, MAX_CLAVICLE = 0.22, 0.45
"""The collar bone takes this share of the upper arm's turn, at most so many radians."""


def _part(rotation: Array, share: float) -> Array:
    return matrix_of(vector_of(rotation) * share)


def _swing(source: Array, target: Array) -> Array:
    """Shortest rotation that takes the direction `source` to `target`."""
    axis = cross(unit(source), unit(target))
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3)
    return about(axis, float(np.arctan2(sine, unit(source) @ unit(target))))


class Skeleton:
    """Moves one person's bones."""

    def __init__(self, body: BodyModel, shape: Shape) -> None:
        self.body, self.heads = body, shape.heads.astype(float)
        self._aligned = {  # rest -> standing upright with hanging arms, whatever the proportions
            f"{limb}.{side}": turn for side in SIDES for limb, turn in self._alignment(side).items()
        }

    def _alignment(self, side: Side) -> dict[str, Array]:
        upper = self._between(f"upperarm01.{side}", f"lowerarm01.{side}")
        lower = self._between(f"lowerarm01.{side}", f"wrist.{side}")
        hinge, hanging = cross(upper, lower), hinge_frame(DOWN, HINGE)
        forearm = hanging @ hinge_frame(lower, hinge).T
        return {
            "thigh": _swing(self._between(f"upperleg01.{side}", f"lowerleg01.{side}"), DOWN),
            "shank": _swing(self._between(f"lowerleg01.{side}", f"foot.{side}"), DOWN),
            "foot": np.eye(3), "upper_arm": hanging @ hinge_frame(upper, hinge).T,
            "forearm": forearm, "hand": forearm,
        }  # fmt: skip

    @property
    def leg_length(self) -> float:
        """Hip to ankle, metres."""
        chain = ("upperleg01.L", "lowerleg01.L", "foot.L")
        steps = (self._between(a, b) for a, b in pairwise(chain))
        return float(sum(np.linalg.norm(step) for step in steps))

    def transforms(self, pose: Pose | Stance) -> Array:
        """Skinning matrices [bones, 3, 4] (rest -> posed), the pelvis staying where it rests."""
        turns = self.rotations(stance(pose) if isinstance(pose, Pose) else pose)
        parents = np.array(self.body.parents)
        steps = np.einsum("nij,nj->ni", turns[parents], self.heads - self.heads[parents])
        moved = np.where(parents[:, None] < 0, self.heads, steps)
        for i, parent in enumerate(self.body.parents):
            if parent >= 0:
                moved[i] += moved[parent]
        shift = moved - np.einsum("nij,nj->ni", turns, self.heads)
        return np.concatenate([turns, shift[:, :, None]], axis=2).astype(np.float32)

    def rotations(self, posture: Stance) -> Array:
        """World rotation of every bone relative to rest [bones, 3, 3]."""
        segment = dict(zip(SEGMENTS, posture.turns, strict=True))
        root, chest = segment["pelvis"], segment["chest"]
        fixed: dict[str, Array] = {"root": root}
        spine, neck = root.T @ chest, chest.T @ segment["head"]
        for i, name in enumerate(SPINE):
            fixed[name] = root @ _part(spine, (i + 1) / len(SPINE))
        for i, name in enumerate(NECK):
            fixed[name] = chest @ _part(neck, (i + 1) / len(NECK))
        for side in SIDES:
            limb = {n: segment[f"{n}.{side}"] @ self._aligned[f"{n}.{side}"] for n in LIMBS}
            thigh, shank, foot, upper, lower, hand = limb.values()
            turn = vector_of(chest.T @ upper) * SHOULDER_SHARE
            clavicle = chest @ matrix_of(np.clip(turn, -MAX_CLAVICLE, MAX_CLAVICLE))
            fixed |= {
                f"pelvis.{side}": root, f"upperleg01.{side}": thigh, f"upperleg02.{side}": thigh,
                f"lowerleg01.{side}": shank, f"lowerleg02.{side}": shank, f"foot.{side}": foot,
                f"clavicle.{side}": clavicle, f"upperarm01.{side}": upper,
                f"shoulder01.{side}": clavicle @ _part(clavicle.T @ upper, 0.3),
                f"upperarm02.{side}": upper, f"lowerarm01.{side}": lower,
                f"lowerarm02.{side}": lower @ _part(lower.T @ hand, 0.5), f"wrist.{side}": hand,
            }  # fmt: skip
        turns = np.tile(np.eye(3), (len(self.heads), 1, 1))
        curls = self._curls(posture.curl)
        for i, name in enumerate(self.body.bones):
            parent = turns[self.body.parents[i]] if self.body.parents[i] >= 0 else np.eye(3)
            turns[i] = fixed.get(name, parent @ curls[name] if name in curls else parent)
        return turns

    def _between(self, first: str, second: str) -> Array:
        return self.heads[self.body.bone[second]] - self.heads[self.body.bone[first]]

    def _curls(self, curl: tuple[float, float]) -> dict[str, Array]:
        """Turn of every finger joint relative to its parent."""
        curls: dict[str, Array] = {}
        for side, sign, angle in zip(SIDES, (1, -1), curl, strict=True):
            index = self._between(f"wrist.{side}", f"finger2-1.{side}")
            pinky = self._between(f"wrist.{side}", f"finger5-1.{side}")
            across = index - pinky  # from the little finger to the index: the fist closes about it
            for finger in range(2, 6):
                turn = about(across, angle * (1 + 0.15 * (finger - 3)) * sign)
                curls |= {f"finger{finger}-{joint}.{side}": turn for joint in (1, 2, 3)}
        return curls
