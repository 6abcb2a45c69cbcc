"""Scripts of moving sequences: who does what, where, before which camera."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic import motion
from blazepose_tf.data.synthetic.clips import find_clips, read_clip
from blazepose_tf.data.synthetic.motion import Motion
from blazepose_tf.data.synthetic.pose import Pose
from blazepose_tf.data.synthetic.scene import Camera

Array = NDArray[np.floating]
Rng = np.random.Generator
Role = Callable[[Rng, float], Motion]
"""(random generator, length of the actor's legs in metres) -> motion."""


@dataclass(frozen=True)
class Script:
    """roles: one for each person; fill: share of the picture that all they do takes."""

    roles: tuple[Role, ...]
    fill: float = 0.8
    aspect: float = 1.0


def _clip(name: str, heading: float = 0.0, rate: float = 1.0) -> Role:
    def role(rng: Rng, legs: float) -> Motion:
        clip = read_clip(name, find_clips())
        return motion.placed(motion.acting(clip, legs, rate), heading + float(rng.normal(0, 0.3)))

    return role


def _walk(length: float, heading: float = 0.0, y: float = 0.0, start: float = 0.0) -> Role:
    """Back and forth along a line turned by `heading`, `y` metres behind the middle."""

    def role(rng: Rng, legs: float) -> Motion:
        walk = motion.stroll(length, float(rng.uniform(0.8, 1.1)), float(rng.uniform(0.85, 1.1)))
        return motion.placed(lambda time: walk(time + start), heading, (0.0, y))

    return role


def _beside(role: Role, x: float) -> Role:
    return lambda rng, legs: motion.placed(role(rng, legs), 0.0, (x, 0.0))


def _turn(rng: Rng, legs: float) -> Motion:
    return motion.turning(Pose(), float(rng.uniform(3, 5)) * float(rng.choice([-1, 1])))


def _simple(make: Callable[[Rng], Motion], spread: float = 0.5) -> Role:
    return lambda rng, legs: motion.placed(make(rng), float(rng.normal(0, spread)))


WIDE = 16 / 9
SCRIPTS: dict[str, Script] = {
    "walk": Script((_walk(2.6, heading=0.15),), 0.85, 4 / 3),
    "turn": Script((_turn,)),
    "wave": Script((_simple(motion.waving),)),
    "squat": Script((_simple(motion.squatting),)),
    "jump": Script((_simple(motion.hopping),)),
    "lie": Script((_simple(motion.lying_down, 1.0),), 0.85, 4 / 3),
    "run": Script((_clip("run", 0.9),)),
    "dance": Script((_clip("dance_a"),), 0.85),
    "kick": Script((_clip("kick"),), 0.85),
    "cartwheel": Script((_clip("cartwheel", 1.5),), 0.85, 4 / 3),
    "getup": Script((_clip("getup_faceup", 1.2),), 0.85, 4 / 3),
    "roll": Script((_clip("roll", 1.2),), 0.85, 4 / 3),
    "two-apart": Script((_beside(_simple(motion.waving), -0.8), _beside(_turn, 0.8)), 0.8, 4 / 3),
    "two-crossing": Script(
        (_walk(3.0), _walk(3.0, np.pi, 0.9)), 0.9, WIDE
    ),
}  # fmt: skip
PLAIN = ("walk", "turn", "wave", "squat", "jump", "lie", "two-apart", "two-crossing")
"""Scripts that need no motion clips from the package index."""


@dataclass(frozen=True)
class Shake:
    """A hand-held camera: sums of slow sines; pan, tilt, roll in radians, [3, waves] each."""

    size: Array
    frequency: Array
    phase: Array

    def __call__(self, camera: Camera, time: float) -> Camera:
        """The camera at `time` seconds: it turns about itself."""
        angles = (self.size * np.sin(2 * np.pi * self.frequency * time + self.phase)).sum(axis=1)
        (cx, sx), (cy, sy), (cz, sz) = ((np.cos(a), np.sin(a)) for a in angles)
        tilt = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
        pan = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        roll = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        turn = roll @ pan @ tilt
        return replace(
            camera, rotation=turn @ camera.rotation, translation=turn @ camera.translation
        )


def random_shake(rng: Rng, strength: float = 1.0) -> Shake:
    """Drift of about a degree below 1 Hz, tremor of a tenth of that up to 8 Hz."""
    frequency = np.concatenate([rng.uniform(0.1, 1.0, (3, 3)), rng.uniform(3, 8, (3, 2))], axis=1)
    size = np.radians([0.5, 0.5, 0.5, 0.05, 0.05]) * rng.uniform(0.5, 1.2, (3, 5)) * strength
    return Shake(size, frequency, rng.uniform(0, 2 * np.pi, (3, 5)))
