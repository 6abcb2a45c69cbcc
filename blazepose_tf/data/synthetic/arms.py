"""Where arms go: everyday positions, varied; and the random angles that all postures use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from blazepose_tf.data.synthetic.pose import Arm

Rng = np.random.Generator


def degrees(rng: Rng, low: float, high: float) -> float:
    return float(np.radians(rng.uniform(low, high)))


def around(rng: Rng, spread: float, mean: float = 0.0) -> float:
    return float(np.radians(rng.normal(mean, spread)))


def turns(rng: Rng, spread: float) -> tuple[float, float, float]:
    return around(rng, spread), around(rng, spread * 0.7), around(rng, spread)


def arm_near(
    rng: Rng, direction: tuple[float, float, float], elbow: tuple[float, float], twist: float = 0.0
) -> Arm:
    """An arm near `direction` with the elbow bent by `elbow` = (least, most) degrees."""
    varied = np.array(direction) / np.linalg.norm(direction) + rng.normal(0, 0.12, 3)
    return Arm(
        (float(varied[0]), float(varied[1]), float(varied[2])),
        elbow=degrees(rng, *elbow), twist=twist + around(rng, 12), roll=around(rng, 25),
        wrist=(around(rng, 10), around(rng, 6)), curl=abs(around(rng, 16, 14)),
    )  # fmt: skip


ARMS: dict[str, Callable[[Rng], Arm]] = {
    "hanging": lambda rng: arm_near(rng, (0.15, 0.0, -1), (2, 35)),
    "sideways": lambda rng: arm_near(rng, (1, -0.1, 0), (0, 40)),
    "raised": lambda rng: arm_near(rng, (0.3, -0.1, 1), (0, 60)),
    "forwards": lambda rng: arm_near(rng, (0.15, -1, -0.05), (0, 70)),
    "on_hip": lambda rng: arm_near(rng, (0.75, 0.25, -0.75), (75, 100), twist=0.9),
    "bent": lambda rng: arm_near(rng, (0.2, -0.3, -1), (60, 130)),
    "to_head": lambda rng: arm_near(rng, (0.7, -0.4, 0.5), (90, 130)),
    "behind": lambda rng: arm_near(rng, (0.2, 0.5, -1), (5, 60)),
}


def arms(rng: Rng, *kinds: str) -> tuple[Arm, Arm]:
    """Both arms alike two times in three."""
    chosen = kinds or tuple(ARMS)
    left = str(rng.choice(chosen))
    right = left if rng.random() < 0.67 else str(rng.choice(chosen))
    return ARMS[left](rng), ARMS[right](rng)


def free_arm(rng: Rng) -> Arm:
    direction = rng.normal(size=3)
    direction[0] = abs(direction[0]) * 1.2 - 0.15
    direction[1] = -abs(direction[1]) if rng.random() < 0.85 else 0.3 * abs(direction[1])
    return arm_near(
        rng,
        (float(direction[0]), float(direction[1]), float(direction[2])),
        (0, 135),
        around(rng, 25),
    )


def flat_arm(rng: Rng, widest: float = 90) -> Arm:
    """In the plane of the body, as of somebody lying, up to `widest` degrees away from its axis."""
    angle = degrees(rng, 90 - widest, 88) * rng.choice([-1, 1])
    return Arm(
        (float(np.cos(angle)), float(rng.normal(0, 0.05)), float(np.sin(angle))),
        degrees(rng, 0, 25),
        0.0,
    )
