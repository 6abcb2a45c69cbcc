"""Postures: families made by hand (standing, walking, sitting, yoga, lying, ...), varied.

Every family is a function of a random generator; nothing is copied from motion capture. Joints stay
within textbook ranges of motion (knee 0-140 degrees, elbow 0-145, hip flexion -30-120, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from blazepose_tf.data.synthetic.arms import (
    ARMS,
    arms,
    around,
    degrees,
    free_arm,
    turns,
)
from blazepose_tf.data.synthetic.floor_poses import crouch, handstand, kneeling, lying, plank
from blazepose_tf.data.synthetic.pose import Arm, Leg, Pose, about

Rng = np.random.Generator


def standing(rng: Rng) -> Pose:
    """Upright, weight on both feet, arms in any everyday position."""
    left, right = arms(rng)
    legs = [
        Leg(around(rng, 4), degrees(rng, 1, 14), degrees(rng, -5, 25), abs(around(rng, 4)))
        for _ in range(2)
    ]
    return Pose(np.eye(3), turns(rng, 6), turns(rng, 12), left, right, legs[0], legs[1])


def walking(rng: Rng, phase: float | None = None, stride: float | None = None) -> Pose:
    """A walker at `phase` 0..1 of the gait cycle (0: left heel strikes).

    `stride` goes from 0.6 (strolling) to 1.6 (running).
    """
    at = 2 * np.pi * (rng.random() if phase is None else phase)
    size = rng.uniform(0.6, 1.6) if stride is None else stride

    def leg(shift: float) -> Leg:
        swing = np.cos(at + shift)
        lift = max(
            0.0, np.cos(at + shift + np.pi / 2 + 0.5)
        )  # the knee bends while swinging forwards
        return Leg(
            0.06 + 0.42 * size * swing, 0.03, 0.1, 0.12 + 0.85 * size * lift, 0.0, lift < 0.35
        )

    def arm(shift: float) -> Arm:
        swing = -np.cos(at + shift)
        elbow = 0.25 + 0.55 * max(0.0, size - 0.7) + 0.2 * size * max(0.0, swing)
        return Arm((0.16, -0.42 * size * swing, -1.0), elbow, 0.0, 0.0, (0.0, 0.0), 0.5)

    twist = 0.12 * size * np.cos(at)
    return Pose(
        about((1, 0, 0), 0.04 * size**2), (0.05, 0.0, float(twist)), turns(rng, 8),
        arm(0.0), arm(np.pi), leg(0.0), leg(np.pi),
    )  # fmt: skip


def lunge(rng: Rng) -> Pose:
    """One leg far in front; also the warrior postures."""
    left, right = arms(rng, "hanging", "sideways", "raised", "on_hip", "bent", "forwards")
    front = Leg(degrees(rng, 50, 90), degrees(rng, 0, 15), 0.1, degrees(rng, 50, 95))
    back = Leg(degrees(rng, -30, -5), degrees(rng, 0, 15), 0.2, degrees(rng, 2, 45))
    pose = Pose(np.eye(3), turns(rng, 9), turns(rng, 12), left, right, front, back)
    return pose if rng.random() < 0.5 else pose.mirrored()


def squat(rng: Rng) -> Pose:
    """Knees and hips bent alike, leaning forward for balance."""
    depth, width = degrees(rng, 35, 105), degrees(rng, 4, 28)
    left, right = arms(rng, "forwards", "bent", "raised", "hanging", "to_head")
    leg = Leg(depth, width, width * 0.8, depth * float(rng.uniform(0.95, 1.12)))
    lean = depth * float(rng.uniform(0.2, 0.4))
    return Pose(
        about((1, 0, 0), lean),
        (degrees(rng, -5, 15), 0, 0),
        (-0.5 * lean, 0, 0),
        left,
        right,
        leg,
        leg,
    )


def sitting(rng: Rng) -> Pose:
    """On a seat: thighs level."""
    left, right = arms(rng, "bent", "forwards", "hanging", "on_hip", "to_head")
    legs = [
        Leg(
            degrees(rng, 78, 98),
            degrees(rng, 2, 18),
            degrees(rng, -5, 15),
            degrees(rng, 60, 105),
        )
        for _ in range(2)
    ]
    return Pose(
        about((1, 0, 0), around(rng, 7)),
        turns(rng, 8),
        turns(rng, 12),
        left,
        right,
        legs[0],
        legs[1],
    )


def yoga(rng: Rng) -> Pose:
    """Tree, triangle, forward fold, high leg: one leg stands."""
    kind = rng.choice(["tree", "triangle", "fold", "kick"])
    stand = Leg(around(rng, 4), degrees(rng, 0, 8), 0.1, abs(around(rng, 4)))
    if kind == "tree":
        left, right = arms(rng, "raised", "sideways", "on_hip")
        free = Leg(
            degrees(rng, 35, 70),
            degrees(rng, 35, 55),
            degrees(rng, 20, 45),
            degrees(rng, 85, 130),
            level=False,
        )
        pose = Pose(np.eye(3), turns(rng, 4), turns(rng, 8), left, right, stand, free)
    elif kind == "triangle":
        wide = Leg(0.0, degrees(rng, 20, 35), 0.3, 0.03)
        left, right = ARMS["sideways"](rng), ARMS["sideways"](rng)
        side = degrees(rng, 25, 60)
        pose = Pose(
            np.eye(3),
            (around(rng, 8), side, around(rng, 12)),
            turns(rng, 12),
            left,
            right,
            wide,
            wide,
        )
    elif kind == "fold":
        lean = degrees(rng, 35, 80)
        left, right = arms(rng, "raised", "forwards", "hanging", "sideways")
        stand = replace(stand, flexion=lean + around(rng, 4), knee=degrees(rng, 0, 20))
        bend = (degrees(rng, 0, 30), 0.0, 0.0)
        pose = Pose(about((1, 0, 0), lean), bend, turns(rng, 10), left, right, stand, stand)
    else:
        left, right = arms(rng, "sideways", "forwards", "bent", "raised")
        free = Leg(degrees(rng, 30, 95), degrees(rng, 0, 45), 0.2, degrees(rng, 0, 70), level=False)
        pose = Pose(np.eye(3), turns(rng, 9), turns(rng, 9), left, right, stand, free)
    return pose if rng.random() < 0.5 else pose.mirrored()


def jumping(rng: Rng) -> Pose:
    """In the air: star jumps and tucked legs."""
    left, right = arms(rng, "raised", "sideways", "bent")
    wide, tuck = degrees(rng, 5, 35), degrees(rng, 0, 60)
    legs = [
        Leg(tuck + around(rng, 8), wide, 0.2, tuck * 1.3 + abs(around(rng, 10)), -0.4, level=False)
        for _ in range(2)
    ]
    return Pose(np.eye(3), turns(rng, 8), turns(rng, 8), left, right, legs[0], legs[1])


def free(rng: Rng) -> Pose:
    """Every joint on its own, within its limits: rare postures, dance."""
    legs = [
        Leg(
            degrees(rng, -15, 85),
            degrees(rng, -3, 40),
            degrees(rng, -10, 30),
            degrees(rng, 0, 110),
        )
        for _ in range(2)
    ]
    root = about((1, 0, 0), around(rng, 12)) @ about((0, 1, 0), around(rng, 8))
    return Pose(
        root, turns(rng, 15), turns(rng, 15), free_arm(rng), free_arm(rng), legs[0], legs[1]
    )


FAMILIES: dict[str, tuple[Callable[[Rng], Pose], float]] = {
    "standing": (standing, 0.24), "walking": (walking, 0.14), "lunge": (lunge, 0.08),
    "squat": (squat, 0.08), "sitting": (sitting, 0.08), "yoga": (yoga, 0.12),
    "jumping": (jumping, 0.05), "lying": (lying, 0.05), "plank": (plank, 0.03),
    "kneeling": (kneeling, 0.04), "free": (free, 0.09), "crouch": (crouch, 0.0),
    "handstand": (handstand, 0.0),
}  # fmt: skip
"""Name -> (function, share of everyday pictures)."""


def random_pose(rng: Rng, family: str | None = None) -> tuple[str, Pose]:
    """A family by its share (or the one named) and a posture of it, facing any way.

    Three of four people face the viewer more or less; the rest any direction, backs included.
    """
    names = tuple(FAMILIES)
    name = family or str(rng.choice(names, p=np.array([FAMILIES[n][1] for n in names])))
    heading = rng.normal(0, 0.8) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi)
    return name, FAMILIES[name][0](rng).turned(float(heading))
