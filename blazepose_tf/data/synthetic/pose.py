"""What a body does: a `Pose` in joint angles becomes a `Stance`, the turns of its segments.

Angles count from standing upright, arms hanging down, whatever the person's proportions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

Array = NDArray[np.floating]
Side = Literal["L", "R"]
SIDES: tuple[Side, Side] = ("L", "R")
DOWN, FORWARD = np.array([0.0, 0.0, -1.0]), np.array([0.0, -1.0, 0.0])
HINGE = np.array([-1.0, 0.0, 0.0])
"""The elbow of a hanging arm bends about it, forwards."""
LIMBS = ("thigh", "shank", "foot", "upper_arm", "forearm", "hand")
SEGMENTS = ("pelvis", "chest", "head", *(f"{limb}.{side}" for side in SIDES for limb in LIMBS))
"""Rows of a stance."""


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
    vector = np.asarray(axis, float)
    return matrix_of(vector / np.linalg.norm(vector) * angle)


def matrix_of(vector: Array) -> Array:
    """3x3 rotation of a rotation vector (radians times axis); SciPy's takes eight times as long."""
    return np.asarray(cv2.Rodrigues(vector)[0], float)


def vector_of(rotation: Array) -> Array:
    """Rotation vector [3] of a 3x3 rotation; SciPy's takes twenty times as long."""
    return np.asarray(cv2.Rodrigues(rotation)[0], float)[:, 0]


def cross(first: Array, second: Array) -> Array:
    """Product [3] of two vectors; NumPy's takes twenty times as long."""
    (a, b, c), (d, e, f) = first.tolist(), second.tolist()
    return np.array([b * f - c * e, c * d - a * f, a * e - b * d])


def unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def hinge_frame(direction: Array, hinge: Array) -> Array:
    """Orthonormal columns: `direction`, the part of `hinge` across it, their product."""
    first = unit(direction)
    second = unit(hinge - first * (hinge @ first))
    return np.stack([first, second, cross(first, second)], axis=1)


def _bend(angles: tuple[float, float, float]) -> Array:
    forward, side, twist = angles
    return about((1, 0, 0), forward) @ about((0, 1, 0), side) @ about((0, 0, 1), twist)


@dataclass(frozen=True)
class Stance:
    """The turn of every body segment: what motions are interpolated in, whoever makes them.

    turns [15, 3, 3]: world rotation of each of `SEGMENTS` from standing upright, facing -y, arms
    hanging; curl: of the fingers (left, right), radians at each joint.
    """

    turns: Array
    curl: tuple[float, float] = (0.3, 0.3)

    def turned(self, angle: float) -> Stance:
        """The whole person turned about the vertical."""
        return Stance(about((0, 0, 1), angle) @ self.turns, self.curl)

    def blend(self, other: Stance, share: float) -> Stance:
        """Every segment turned the shortest way by `share` (0..1) of what divides it from other."""
        path = np.swapaxes(self.turns, 1, 2) @ other.turns
        steps = Rotation.from_rotvec(Rotation.from_matrix(path).as_rotvec() * share).as_matrix()
        left, right = (
            (1 - share) * a + share * b for a, b in zip(self.curl, other.curl, strict=True)
        )
        return Stance(self.turns @ steps, (left, right))


def stance(pose: Pose) -> Stance:
    """The stance that the joint angles of `pose` make."""
    chest = pose.root @ _bend(pose.spine)
    legs = [
        _leg(leg, pose.root, sign) for leg, sign in ((pose.left_leg, 1.0), (pose.right_leg, -1.0))
    ]
    arms = [_arm(arm, chest, sign) for arm, sign in ((pose.left_arm, 1.0), (pose.right_arm, -1.0))]
    limbs = [turn for leg, arm in zip(legs, arms, strict=True) for turn in (*leg, *arm)]
    turns = np.stack([pose.root, chest, chest @ _bend(pose.neck), *limbs])
    return Stance(turns, (pose.left_arm.curl, pose.right_arm.curl))


def _leg(leg: Leg, root: Array, sign: float) -> tuple[Array, Array, Array]:
    """Turns of thigh, shank and foot; `sign` is 1 for the left."""
    thigh = (
        root @ about((0, 1, 0), -sign * leg.abduction) @ about((1, 0, 0), -leg.flexion)
        @ about((0, 0, 1), sign * leg.rotation)
    )  # fmt: skip
    shank = thigh @ about((1, 0, 0), leg.knee)
    ankle = leg.ankle
    if leg.level:  # the angle that brings the toes' direction back into the horizontal plane
        toes, up = shank @ FORWARD, shank @ -DOWN
        ankle += float(np.clip(-np.arctan2(toes[2], up[2]), -0.7, 0.45)) if up[2] > 0.2 else 0.0
    return thigh, shank, shank @ about((1, 0, 0), -ankle)


def _arm(arm: Arm, chest: Array, sign: float) -> tuple[Array, Array, Array]:
    """Turns of upper arm, forearm and hand; `sign` is 1 for the left."""
    direction = unit(np.asarray(arm.direction) * np.array([sign, 1.0, 1.0]))
    # The forearm bends forwards when the arm hangs, inwards over the head when it is raised.
    towards = FORWARD if direction[2] < 0.3 else np.array([-0.6 * sign, -0.6, 0.3])
    if abs(direction @ unit(towards)) > 0.85:
        towards = np.array([-0.5 * sign, 0.0, 0.85])
    hinge = about(direction, sign * arm.twist) @ unit(cross(direction, towards))
    hanging = hinge_frame(DOWN, HINGE).T
    upper = chest @ hinge_frame(direction, hinge) @ hanging
    lower = chest @ hinge_frame(about(hinge, arm.elbow) @ direction, hinge) @ hanging
    flexion, deviation = arm.wrist
    hand = lower @ about(DOWN, sign * arm.roll) @ about(HINGE, flexion)
    return upper, lower, hand @ about(cross(DOWN, HINGE), sign * deviation)
