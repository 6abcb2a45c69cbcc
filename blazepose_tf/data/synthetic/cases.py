"""Named kinds of picture: the everyday one, and those that users report as hard."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from blazepose_tf.data.synthetic.pose import Pose
from blazepose_tf.data.synthetic.poses import FAMILIES, random_pose
from blazepose_tf.data.synthetic.scene import Framing, random_framing
from blazepose_tf.data.synthetic.sensor import Sensor, random_sensor

Rng = np.random.Generator

LOW_FAMILIES = ("lying", "plank")
"""Postures that need a landscape picture."""


@dataclass(frozen=True)
class Case:
    """What is special about a kind of picture.

    families: of postures, by their usual shares (all alike where those are 0), empty: all;
    facing: (least, most) turn in radians away from facing the viewer, either side; None: as usual;
    fill: share of the picture that the body takes; top: where its upper end lies in the picture
    (None: centred); aside: its middle lies on the left or right edge; overturned: the camera is
    held upside down half of the time; dark, shaken: see `random_sensor`.
    """

    families: tuple[str, ...] = ()
    facing: tuple[float, float] | None = None
    fill: tuple[float, float] = (0.5, 0.9)
    top: tuple[float, float] | None = None
    aside: bool = False
    overturned: bool = False
    dark: bool = False
    shaken: bool = False

    def pose(self, rng: Rng) -> tuple[str, Pose]:
        """(family, posture) of somebody in such a picture."""
        family = None
        if self.families:
            shares = np.array([FAMILIES[name][1] for name in self.families])
            chances = shares / shares.sum() if shares.all() else None
            family = str(rng.choice(self.families, p=chances))
        name, pose = random_pose(rng, family)
        if self.facing is not None:
            forward = pose.root @ [0.0, -1.0, 0.0]
            heading = float(np.arctan2(forward[0], -forward[1]))
            wanted = rng.uniform(*self.facing) * rng.choice([-1, 1])
            pose = pose.turned(float(wanted) - heading)
        return name, pose

    def framing(self, rng: Rng, family: str) -> Framing:
        """How the camera is held."""
        aspect = 4 / 3 if family in LOW_FAMILIES else float(rng.choice([0.75, 1.0]))
        framing = random_framing(rng, self.fill, aspect)
        if self.top is not None:
            middle = rng.uniform(*self.top) + framing.fill / 2 - 0.5
            framing = replace(framing, shift=(framing.shift[0], float(middle)))
        if self.aside:
            edge = float(rng.choice([-1, 1]) * rng.uniform(0.42, 0.52))
            framing = replace(framing, shift=(edge, framing.shift[1]))
        if self.overturned and family != "handstand":
            framing = replace(framing, roll=float(np.pi + rng.normal(0, 0.3)))
        return framing

    def sensor(self, rng: Rng) -> Sensor:
        """The camera itself."""
        return random_sensor(rng, self.dark, self.shaken)


UPRIGHT = ("standing", "walking", "lunge", "squat", "yoga", "jumping", "free")
CASES: dict[str, Case] = {
    "everyday": Case(),
    "behind": Case(facing=(2.4, np.pi)),
    "lying": Case(("lying",)),
    "upside-down": Case(("handstand", "standing", "yoga", "free"), overturned=True),
    "feet-out": Case(UPRIGHT, fill=(1.15, 1.5), top=(0.03, 0.15)),
    "close-up": Case(("standing", "walking", "sitting", "free"), fill=(1.7, 2.6), top=(0.03, 0.15)),
    "dark": Case(dark=True),
    "motion-blur": Case(shaken=True),
    "half-outside": Case(fill=(0.6, 0.9), aside=True),
    "crouching": Case(("crouch", "squat", "kneeling")),
    "jumping": Case(("jumping",)),
}
HARD = tuple(name for name in CASES if name not in ("everyday", "crouching", "jumping"))
"""The cases that `tools/evaluate.py --hard-cases` reports on."""
TRAINING_MIX: dict[str, float] = {
    "everyday": 0.36, "behind": 0.12, "lying": 0.11, "upside-down": 0.08, "feet-out": 0.08,
    "close-up": 0.07, "dark": 0.02, "motion-blur": 0.02, "half-outside": 0.06, "crouching": 0.05,
    "jumping": 0.03,
}  # fmt: skip
"""Shares for training: rare views and postures come more often than in life."""
MIX = "mix"


def choose(rng: Rng, name: str) -> tuple[str, Case]:
    """The case of that name; `MIX` draws one of `TRAINING_MIX`."""
    if name == MIX:
        name = str(rng.choice(list(TRAINING_MIX), p=list(TRAINING_MIX.values())))
    return name, CASES[name]
