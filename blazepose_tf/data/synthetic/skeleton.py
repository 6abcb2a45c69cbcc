"""From joint angles to bone transforms: anatomical poses on MakeHuman's rig.

Angles count from standing upright, arms hanging down; MakeHuman's rest pose (arms spread, elbows
slightly bent) is turned into that standard first, whatever the person's proportions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from blazepose_tf.data.synthetic.body import BodyModel, Shape

Array = NDArray[np.floating]
Side = Literal["L", "R"]
SIDES: tuple[Side, Side] = ("L", "R")

SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
NECK = ("neck01", "neck02", "neck03", "head")
SHOULDER_SHARE, MAX_CLAVICLE = 0.22, 0.45
"""The collar bone takes this share of the upper arm's turn, at most so many radians."""
DOWN, FORWARD = np.array([0.0, 0.0, -1.0]), np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True)
class Arm:
    """One arm; angles in radians.

    direction: of the upper arm in the chest's frame: x outwards, -y forward, z up; elbow: flexion;
    twist: of the bend's plane about the upper arm; roll: of the hand about the forearm; wrist:
    (flexion, deviation); curl: of the fingers at each joint.
    """

    direction: tuple[float, float, float] = (0.12, 0.0, -1.0)
    elbow: float = 0.2
    twist: float = 0.0
    roll: float = 0.0
    wrist: tuple[float, float] = (0.0, 0.0)
    curl: float = 0.3


@dataclass(frozen=True)
class Leg:
    """One leg; angles in radians.

    flexion (thigh forwards), abduction (outwards) and rotation (toes outwards) of the hip; knee:
    flexion; ankle: toes up; level: keep the sole level as far as the ankle allows.
    """

    flexion: float = 0.0
    abduction: float = 0.05
    rotation: float = 0.1
    knee: float = 0.05
    ankle: float = 0.0
    level: bool = True


@dataclass(frozen=True)
class Pose:
    """One posture.

    `root`: 3x3 turn of the pelvis; `spine`, `neck`: (forward bend, side bend, twist) in radians.
    """

    root: Array = field(default_factory=lambda: np.eye(3))
    spine: tuple[float, float, float] = (0.0, 0.0, 0.0)
    neck: tuple[float, float, float] = (0.0, 0.0, 0.0)
    left_arm: Arm = Arm()
    right_arm: Arm = Arm()
    left_leg: Leg = Leg()
    right_leg: Leg = Leg()

    def turned(self, angle: float) -> Pose:
        """The whole person turned about the vertical."""
        return replace(self, root=about((0, 0, 1), angle) @ self.root)

    def mirrored(self) -> Pose:
        """Left and right exchanged."""
        flip = np.diag([-1.0, 1.0, 1.0])
        return Pose(
            flip @ self.root @ flip,
            (self.spine[0], -self.spine[1], -self.spine[2]),
            (self.neck[0], -self.neck[1], -self.neck[2]),
            self.right_arm, self.left_arm, self.right_leg, self.left_leg,
        )  # fmt: skip


def about(axis: Array | tuple[float, float, float], angle: float) -> Array:
    """3x3 rotation by `angle` radians about `axis` (any length)."""
    unit = np.asarray(axis, float)
    return Rotation.from_rotvec(unit / np.linalg.norm(unit) * angle).as_matrix()


def _part(rotation: Array, share: float) -> Array:
    return Rotation.from_rotvec(Rotation.from_matrix(rotation).as_rotvec() * share).as_matrix()


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _frame(direction: Array, hinge: Array) -> Array:
    """Orthonormal columns: `direction`, the part of `hinge` across it, their product."""
    first = _unit(direction)
    second = _unit(hinge - first * (hinge @ first))
    return np.stack([first, second, np.cross(first, second)], axis=1)


def _swing(source: Array, target: Array) -> Array:
    """Shortest rotation that takes the direction `source` to `target`."""
    axis = np.cross(_unit(source), _unit(target))
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return np.eye(3)
    return about(axis, float(np.arctan2(sine, _unit(source) @ _unit(target))))


def _bend(angles: tuple[float, float, float]) -> Array:
    forward, side, twist = angles
    return about((1, 0, 0), forward) @ about((0, 1, 0), side) @ about((0, 0, 1), twist)


class Skeleton:
    """Solves poses for one person's bone lengths."""

    def __init__(self, body: BodyModel, shape: Shape) -> None:
        self.body, self.heads = body, shape.heads.astype(float)

    def transforms(self, pose: Pose) -> Array:
        """Skinning matrices [bones, 3, 4] (rest -> posed), the pelvis staying where it rests."""
        turns = self.rotations(pose)
        moved = np.zeros_like(self.heads)
        matrices = np.zeros((len(self.heads), 3, 4), np.float32)
        for i, parent in enumerate(self.body.parents):
            head = self.heads[i]
            step = turns[parent] @ (head - self.heads[parent]) if parent >= 0 else head
            moved[i] = moved[parent] + step if parent >= 0 else step
            matrices[i, :, :3] = turns[i]
            matrices[i, :, 3] = moved[i] - turns[i] @ head
        return matrices

    def rotations(self, pose: Pose) -> Array:
        """World rotation of every bone relative to rest [bones, 3, 3]."""
        fixed: dict[str, Array] = {"root": pose.root}
        spine, neck = _bend(pose.spine), _bend(pose.neck)
        for i, name in enumerate(SPINE):
            fixed[name] = pose.root @ _part(spine, (i + 1) / len(SPINE))
        chest = pose.root @ spine
        for i, name in enumerate(NECK):
            fixed[name] = chest @ _part(neck, (i + 1) / len(NECK))
        for side in SIDES:
            fixed[f"pelvis.{side}"] = pose.root
            fixed |= self._leg(pose.left_leg if side == "L" else pose.right_leg, pose.root, side)
            fixed |= self._arm(pose.left_arm if side == "L" else pose.right_arm, chest, side)
        turns = np.tile(np.eye(3), (len(self.heads), 1, 1))
        curls = self._curls(pose)
        for i, name in enumerate(self.body.bones):
            parent = turns[self.body.parents[i]] if self.body.parents[i] >= 0 else np.eye(3)
            turns[i] = fixed.get(name, parent @ curls[name] if name in curls else parent)
        return turns

    def _between(self, first: str, second: str) -> Array:
        return self.heads[self.body.bone[second]] - self.heads[self.body.bone[first]]

    def _leg(self, leg: Leg, root: Array, side: Side) -> dict[str, Array]:
        sign = 1.0 if side == "L" else -1.0
        thigh = (
            root @ about((0, 1, 0), -sign * leg.abduction) @ about((1, 0, 0), -leg.flexion)
            @ about((0, 0, 1), sign * leg.rotation)
        )  # fmt: skip
        shank = thigh @ about((1, 0, 0), leg.knee)
        ankle = leg.ankle
        if leg.level:  # the angle that brings the toes' direction back into the horizontal plane
            toes, up = shank @ FORWARD, shank @ -DOWN
            ankle += float(np.clip(-np.arctan2(toes[2], up[2]), -0.7, 0.45)) if up[2] > 0.2 else 0.0
        foot = shank @ about((1, 0, 0), -ankle)
        thigh = thigh @ _swing(self._between(f"upperleg01.{side}", f"lowerleg01.{side}"), DOWN)
        shank = shank @ _swing(self._between(f"lowerleg01.{side}", f"foot.{side}"), DOWN)
        return {
            f"upperleg01.{side}": thigh, f"upperleg02.{side}": thigh,
            f"lowerleg01.{side}": shank, f"lowerleg02.{side}": shank, f"foot.{side}": foot,
        }  # fmt: skip

    def _arm(self, arm: Arm, chest: Array, side: Side) -> dict[str, Array]:
        sign = 1.0 if side == "L" else -1.0
        mirror = np.array([sign, 1.0, 1.0])
        upper_rest = self._between(f"upperarm01.{side}", f"lowerarm01.{side}")
        lower_rest = self._between(f"lowerarm01.{side}", f"wrist.{side}")
        hinge_rest = np.cross(upper_rest, lower_rest)
        direction = _unit(np.asarray(arm.direction) * mirror)
        # The forearm bends forwards when the arm hangs, inwards over the head when it is raised.
        towards = FORWARD if direction[2] < 0.3 else np.array([-0.6 * sign, -0.6, 0.3])
        if abs(direction @ _unit(towards)) > 0.85:
            towards = np.array([-0.5 * sign, 0.0, 0.85])
        hinge = about(direction, sign * arm.twist) @ _unit(np.cross(direction, towards))
        forearm = about(hinge, arm.elbow) @ direction
        upper = chest @ _frame(direction, hinge) @ _frame(upper_rest, hinge_rest).T
        lower = chest @ _frame(forearm, hinge) @ _frame(lower_rest, hinge_rest).T
        hand = lower @ about(lower_rest, sign * arm.roll)
        flexion, deviation = arm.wrist
        across = np.cross(lower_rest, hinge_rest)
        hand = hand @ about(hinge_rest, flexion) @ about(across, sign * deviation)
        turn = Rotation.from_matrix(chest.T @ upper).as_rotvec() * SHOULDER_SHARE
        clavicle = (
            chest @ Rotation.from_rotvec(np.clip(turn, -MAX_CLAVICLE, MAX_CLAVICLE)).as_matrix()
        )
        return {
            f"clavicle.{side}": clavicle,
            f"shoulder01.{side}": clavicle @ _part(clavicle.T @ upper, 0.3),
            f"upperarm01.{side}": upper, f"upperarm02.{side}": upper,
            f"lowerarm01.{side}": lower, f"lowerarm02.{side}": lower @ _part(lower.T @ hand, 0.5),
            f"wrist.{side}": hand,
        }  # fmt: skip

    def _curls(self, pose: Pose) -> dict[str, Array]:
        """Turn of every finger joint relative to its parent."""
        curls = {}
        for side in SIDES:
            arm = pose.left_arm if side == "L" else pose.right_arm
            index = self._between(f"wrist.{side}", f"finger2-1.{side}")
            pinky = self._between(f"wrist.{side}", f"finger5-1.{side}")
            across = index - pinky  # from the little finger to the index: the fist closes about it
            for finger in range(2, 6):
                angle = arm.curl * (1 + 0.15 * (finger - 3)) * (1 if side == "L" else -1)
                for joint in (1, 2, 3):
                    curls[f"finger{finger}-{joint}.{side}"] = about(across, angle)
        return curls
