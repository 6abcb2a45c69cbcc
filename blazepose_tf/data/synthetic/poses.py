"""Postures: hand-made families (standing, walking, sitting, yoga, lying, ...) varied within joint limits.

Every family is a function of a random generator; nothing is copied from motion capture. Joint limits
are the usual textbook ranges of motion (knee 0-140 degrees, elbow 0-145, hip flexion -20-120, ...).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from blazepose_tf.data.synthetic.skeleton import Arm, Leg, Pose, about

Rng = np.random.Generator


def _degrees(rng: Rng, low: float, high: float) -> float:
    return float(np.radians(rng.uniform(low, high)))


def _around(rng: Rng, spread: float, mean: float = 0.0) -> float:
    return float(np.radians(rng.normal(mean, spread)))


def _turns(rng: Rng, spread: float) -> tuple[float, float, float]:
    return _around(rng, spread), _around(rng, spread * 0.7), _around(rng, spread)


def _arm(
    rng: Rng, direction: tuple[float, float, float], elbow: tuple[float, float], twist: float = 0.0
) -> Arm:
    """An arm near `direction` with the elbow bent by `elbow` = (least, most) degrees."""
    varied = np.array(direction) / np.linalg.norm(direction) + rng.normal(0, 0.12, 3)
    return Arm(
        (float(varied[0]), float(varied[1]), float(varied[2])), _degrees(rng, *elbow),
        twist + _around(rng, 12), _around(rng, 25), (_around(rng, 10), _around(rng, 6)), abs(_around(rng, 16, 14)),
    )  # fmt: skip


ARMS: dict[str, Callable[[Rng], Arm]] = {
    "hanging": lambda rng: _arm(rng, (0.15, 0.0, -1), (2, 35)),
    "sideways": lambda rng: _arm(rng, (1, -0.1, 0), (0, 40)),
    "raised": lambda rng: _arm(rng, (0.3, -0.1, 1), (0, 60)),
    "forwards": lambda rng: _arm(rng, (0.15, -1, -0.05), (0, 70)),
    "on_hip": lambda rng: _arm(rng, (0.75, 0.25, -0.75), (75, 100), twist=0.9),
    "bent": lambda rng: _arm(rng, (0.2, -0.3, -1), (60, 130)),
    "to_head": lambda rng: _arm(rng, (0.7, -0.4, 0.5), (90, 130)),
    "behind": lambda rng: _arm(rng, (0.2, 0.5, -1), (5, 60)),
}


def _arms(rng: Rng, *kinds: str) -> tuple[Arm, Arm]:
    """Both arms alike two times in three."""
    chosen = kinds or tuple(ARMS)
    left = str(rng.choice(chosen))
    right = left if rng.random() < 0.67 else str(rng.choice(chosen))
    return ARMS[left](rng), ARMS[right](rng)


def _free_arm(rng: Rng) -> Arm:
    direction = rng.normal(size=3)
    direction[0] = abs(direction[0]) * 1.2 - 0.15
    direction[1] = -abs(direction[1]) if rng.random() < 0.85 else 0.3 * abs(direction[1])
    return _arm(
        rng,
        (float(direction[0]), float(direction[1]), float(direction[2])),
        (0, 135),
        _around(rng, 25),
    )


def _flat_arm(rng: Rng) -> Arm:
    """In the plane of the body, as of somebody lying."""
    angle = _degrees(rng, -80, 80)
    return Arm(
        (float(np.cos(angle)), float(rng.normal(0, 0.05)), float(np.sin(angle))),
        _degrees(rng, 0, 25),
        0.0,
    )


def standing(rng: Rng) -> Pose:
    """Upright, weight on both feet, arms in any everyday position."""
    left, right = _arms(rng)
    legs = [
        Leg(_around(rng, 4), _degrees(rng, 1, 14), _degrees(rng, -5, 25), abs(_around(rng, 4)))
        for _ in range(2)
    ]
    return Pose(np.eye(3), _turns(rng, 6), _turns(rng, 12), left, right, legs[0], legs[1])


def walking(rng: Rng, phase: float | None = None, stride: float | None = None) -> Pose:
    """A walker at `phase` 0..1 of the gait cycle (0: left heel strikes), `stride` 0.6 calm .. 1.6 run."""
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
        about((1, 0, 0), 0.04 * size**2), (0.05, 0.0, float(twist)), _turns(rng, 8),
        arm(0.0), arm(np.pi), leg(0.0), leg(np.pi),
    )  # fmt: skip


def lunge(rng: Rng) -> Pose:
    """One leg far in front; also the warrior postures."""
    left, right = _arms(rng, "hanging", "sideways", "raised", "on_hip", "bent", "forwards")
    front = Leg(_degrees(rng, 50, 90), _degrees(rng, 0, 15), 0.1, _degrees(rng, 50, 95))
    back = Leg(_degrees(rng, -30, -5), _degrees(rng, 0, 15), 0.2, _degrees(rng, 2, 45))
    pose = Pose(np.eye(3), _turns(rng, 9), _turns(rng, 12), left, right, front, back)
    return pose if rng.random() < 0.5 else pose.mirrored()


def squat(rng: Rng) -> Pose:
    """Knees and hips bent alike, leaning forward for balance."""
    depth, width = _degrees(rng, 35, 105), _degrees(rng, 4, 28)
    left, right = _arms(rng, "forwards", "bent", "raised", "hanging", "to_head")
    leg = Leg(depth, width, width * 0.8, depth * float(rng.uniform(0.95, 1.12)))
    lean = depth * float(rng.uniform(0.2, 0.4))
    return Pose(
        about((1, 0, 0), lean),
        (_degrees(rng, -5, 15), 0, 0),
        (-0.5 * lean, 0, 0),
        left,
        right,
        leg,
        leg,
    )


def sitting(rng: Rng) -> Pose:
    """On a seat: thighs level."""
    left, right = _arms(rng, "bent", "forwards", "hanging", "on_hip", "to_head")
    legs = [
        Leg(
            _degrees(rng, 78, 98),
            _degrees(rng, 2, 18),
            _degrees(rng, -5, 15),
            _degrees(rng, 60, 105),
        )
        for _ in range(2)
    ]
    return Pose(
        about((1, 0, 0), _around(rng, 7)),
        _turns(rng, 8),
        _turns(rng, 12),
        left,
        right,
        legs[0],
        legs[1],
    )


def yoga(rng: Rng) -> Pose:
    """Tree, triangle, forward fold, high leg: one leg stands."""
    kind = rng.choice(["tree", "triangle", "fold", "kick"])
    stand = Leg(_around(rng, 4), _degrees(rng, 0, 8), 0.1, abs(_around(rng, 4)))
    if kind == "tree":
        left, right = _arms(rng, "raised", "sideways", "on_hip")
        free = Leg(
            _degrees(rng, 35, 70),
            _degrees(rng, 35, 55),
            _degrees(rng, 20, 45),
            _degrees(rng, 85, 130),
            level=False,
        )
        pose = Pose(np.eye(3), _turns(rng, 4), _turns(rng, 8), left, right, stand, free)
    elif kind == "triangle":
        wide = Leg(0.0, _degrees(rng, 20, 35), 0.3, 0.03)
        left, right = ARMS["sideways"](rng), ARMS["sideways"](rng)
        side = _degrees(rng, 25, 60)
        pose = Pose(
            np.eye(3),
            (_around(rng, 8), side, _around(rng, 12)),
            _turns(rng, 12),
            left,
            right,
            wide,
            wide,
        )
    elif kind == "fold":
        lean = _degrees(rng, 35, 80)
        left, right = _arms(rng, "raised", "forwards", "hanging", "sideways")
        stand = replace(stand, flexion=lean + _around(rng, 4), knee=_degrees(rng, 0, 20))
        bend = (_degrees(rng, 0, 30), 0.0, 0.0)
        pose = Pose(about((1, 0, 0), lean), bend, _turns(rng, 10), left, right, stand, stand)
    else:
        left, right = _arms(rng, "sideways", "forwards", "bent", "raised")
        free = Leg(
            _degrees(rng, 30, 95), _degrees(rng, 0, 45), 0.2, _degrees(rng, 0, 70), level=False
        )
        pose = Pose(np.eye(3), _turns(rng, 9), _turns(rng, 9), left, right, stand, free)
    return pose if rng.random() < 0.5 else pose.mirrored()


def jumping(rng: Rng) -> Pose:
    """In the air: star jumps and tucked legs."""
    left, right = _arms(rng, "raised", "sideways", "bent")
    wide, tuck = _degrees(rng, 5, 35), _degrees(rng, 0, 60)
    legs = [
        Leg(
            tuck + _around(rng, 8), wide, 0.2, tuck * 1.3 + abs(_around(rng, 10)), -0.4, level=False
        )
        for _ in range(2)
    ]
    return Pose(np.eye(3), _turns(rng, 8), _turns(rng, 8), left, right, legs[0], legs[1])


def lying(rng: Rng) -> Pose:
    """On the back, the belly or a side, at any heading."""
    lean = rng.choice([-90.0, 90.0])
    root = about((1, 0, 0), _around(rng, 5, lean))
    if rng.random() < 0.3:
        root = root @ about((0, 0, 1), _degrees(rng, 60, 110) * rng.choice([-1, 1]))
    left, right = (_flat_arm(rng) for _ in range(2))
    most = 50 if lean < 0 else 4  # on the belly the hips cannot bend
    legs = [
        Leg(
            _degrees(rng, 0, most),
            _degrees(rng, 0, 20),
            0.1,
            _degrees(rng, 0, 80),
            -0.3,
            level=False,
        )
        for _ in range(2)
    ]
    return Pose(root, _turns(rng, 4), _turns(rng, 10), left, right, legs[0], legs[1])


def plank(rng: Rng) -> Pose:
    """Push-up: straight body, stretched arms down to the floor."""
    lean = _degrees(rng, 62, 78)
    left = _arm(rng, (0.25, -1, -0.1), (0, 30))
    leg = Leg(_around(rng, 4), _degrees(rng, 0, 8), 0.05, abs(_around(rng, 4)), 0.3, level=False)
    return Pose(about((1, 0, 0), lean), (_around(rng, 4), 0, 0), (-0.3, 0, 0), left, left, leg, leg)


def kneeling(rng: Rng) -> Pose:
    """Down on one knee or on both."""
    left, right = _arms(rng)
    down = Leg(_degrees(rng, -5, 30), 0.08, 0.05, _degrees(rng, 85, 125), -0.5, level=False)
    up = Leg(_degrees(rng, 75, 95), 0.1, 0.1, _degrees(rng, 75, 100))
    other = up if rng.random() < 0.6 else down
    pose = Pose(np.eye(3), _turns(rng, 8), _turns(rng, 12), left, right, down, other)
    return pose if rng.random() < 0.5 else pose.mirrored()


def free(rng: Rng) -> Pose:
    """Every joint on its own, within its limits: rare postures, dance."""
    legs = [
        Leg(
            _degrees(rng, -15, 85),
            _degrees(rng, -3, 40),
            _degrees(rng, -10, 30),
            _degrees(rng, 0, 110),
        )
        for _ in range(2)
    ]
    root = about((1, 0, 0), _around(rng, 12)) @ about((0, 1, 0), _around(rng, 8))
    return Pose(
        root, _turns(rng, 15), _turns(rng, 15), _free_arm(rng), _free_arm(rng), legs[0], legs[1]
    )


FAMILIES: dict[str, tuple[Callable[[Rng], Pose], float]] = {
    "standing": (standing, 0.24), "walking": (walking, 0.14), "lunge": (lunge, 0.08),
    "squat": (squat, 0.08), "sitting": (sitting, 0.08), "yoga": (yoga, 0.12), "jumping": (jumping, 0.05),
    "lying": (lying, 0.05), "plank": (plank, 0.03), "kneeling": (kneeling, 0.04), "free": (free, 0.09),
}  # fmt: skip
"""Name -> (function, share)."""


def random_pose(rng: Rng, family: str | None = None) -> tuple[str, Pose]:
    """A family by its share (or the one named) and a posture of it, facing any way.

    Three of four people face the viewer more or less; the rest any direction, backs included.
    """
    names = tuple(FAMILIES)
    name = family or str(rng.choice(names, p=np.array([FAMILIES[n][1] for n in names])))
    heading = rng.normal(0, 0.8) if rng.random() < 0.7 else rng.uniform(-np.pi, np.pi)
    return name, FAMILIES[name][0](rng).turned(float(heading))
