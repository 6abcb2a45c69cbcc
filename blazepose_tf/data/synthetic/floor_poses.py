"""Postures on or near the floor: lying, push-ups, on the knees, on the heels, on the hands."""

from __future__ import annotations

import numpy as np

from blazepose_tf.data.synthetic.arms import arm_near, arms, around, degrees, flat_arm, turns
from blazepose_tf.data.synthetic.pose import Leg, Pose, about

Rng = np.random.Generator


def lying(rng: Rng) -> Pose:
    """On the back, the belly or a side; no limb is pushed into the floor."""
    back, side = rng.random() < 0.5, rng.random() < 0.3
    root = about((1, 0, 0), around(rng, 4, -90 if back else 90))
    if side:
        root = root @ about((0, 0, 1), degrees(rng, 75, 105) * rng.choice([-1, 1]))
    left, right = (flat_arm(rng, 20 if side else 90) for _ in range(2))
    legs = []
    for _ in range(2):
        flexion = degrees(rng, 0, 50) if back or side else degrees(rng, -4, 4)
        knee = flexion * rng.uniform(0, 1.9) if back else degrees(rng, 0, 80)
        legs.append(Leg(flexion, degrees(rng, 0, 3 if side else 20), 0.1, knee, -0.3, level=False))
    return Pose(root, turns(rng, 3), turns(rng, 8), left, right, legs[0], legs[1])


def plank(rng: Rng) -> Pose:
    """Push-up: straight body, stretched arms down to the floor."""
    lean = degrees(rng, 62, 78)
    left = arm_near(rng, (0.25, -1, -0.1), (0, 30))
    leg = Leg(around(rng, 4), degrees(rng, 0, 8), 0.05, abs(around(rng, 4)), 0.3, level=False)
    return Pose(about((1, 0, 0), lean), (around(rng, 4), 0, 0), (-0.3, 0, 0), left, left, leg, leg)


def kneeling(rng: Rng) -> Pose:
    """Down on one knee or on both."""
    left, right = arms(rng)
    down = Leg(degrees(rng, -5, 30), 0.08, 0.05, degrees(rng, 85, 125), -0.5, level=False)
    up = Leg(degrees(rng, 75, 95), 0.1, 0.1, degrees(rng, 75, 100))
    other = up if rng.random() < 0.6 else down
    pose = Pose(np.eye(3), turns(rng, 8), turns(rng, 12), left, right, down, other)
    return pose if rng.random() < 0.5 else pose.mirrored()


def crouch(rng: Rng) -> Pose:
    """Down on the heels, bent over the knees."""
    depth, width = degrees(rng, 100, 122), degrees(rng, 5, 30)
    left, right = arms(rng, "forwards", "bent", "hanging")
    leg = Leg(depth, width, width * 0.8, depth * float(rng.uniform(1.02, 1.14)))
    bend = (degrees(rng, 5, 45), around(rng, 6), around(rng, 8))
    lean = degrees(rng, 10, 40)
    return Pose(about((1, 0, 0), lean), bend, turns(rng, 12), left, right, leg, leg)


def handstand(rng: Rng) -> Pose:
    """Upside down on the hands, legs anywhere above; cartwheels too."""
    sideways = rng.random() < 0.4
    root = about((0, 1, 0) if sideways else (1, 0, 0), around(rng, 18, 180))
    left, right = (arm_near(rng, (0.12 + 0.3 * sideways, -0.05, 1), (0, 15)) for _ in range(2))
    legs = [
        Leg(degrees(rng, -20, 45), degrees(rng, 0, 45), 0.1, degrees(rng, 0, 70), -0.4, level=False)
        for _ in range(2)
    ]
    return Pose(root, turns(rng, 6), turns(rng, 8), left, right, legs[0], legs[1])
