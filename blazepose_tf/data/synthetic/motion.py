"""Motions: what a body does at every moment, where on the floor, and how high above it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.synthetic.arms import ARMS, arm_near
from blazepose_tf.data.synthetic.clips import LEG_LENGTH, Clip
from blazepose_tf.data.synthetic.floor_poses import crouch, lying
from blazepose_tf.data.synthetic.pose import Arm, Leg, Pose, Stance, about, stance
from blazepose_tf.data.synthetic.poses import walking

Array = NDArray[np.floating]
Rng = np.random.Generator

GRAVITY = 9.81
CYCLE_LENGTH = 1.4
"""Metres that a walker of stride 1 covers in a cycle of two steps."""


@dataclass(frozen=True)
class Moment:
    """A body at one instant.

    position: (x, y) of the pelvis, metres; lift: metres of the lowest point above the floor;
    pelvis: its height in metres, if the motion knows it (the floor still holds the body up).
    """

    stance: Stance
    position: tuple[float, float] = (0.0, 0.0)
    lift: float = 0.0
    pelvis: float | None = None


Motion = Callable[[float], Moment]
"""Seconds from the start -> moment."""


def smooth(share: float) -> float:
    """0..1 -> 0..1 without a jerk at the ends (3s^2 - 2s^3)."""
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def placed(motion: Motion, heading: float = 0.0, offset: tuple[float, float] = (0, 0)) -> Motion:
    """The same motion elsewhere, turned about the vertical by `heading`."""
    turn = about((0, 0, 1), heading)[:2, :2]

    def at(time: float) -> Moment:
        moment = motion(time)
        x, y = turn @ moment.position + offset
        return replace(moment, stance=moment.stance.turned(heading), position=(float(x), float(y)))

    return at


def keyed(keys: Sequence[tuple[float, Pose | Stance]]) -> Motion:
    """From one stance to the next, eased; (seconds, posture) in order, repeated for ever."""
    times = np.array([time for time, _ in keys])
    stances = [stance(p) if isinstance(p, Pose) else p for _, p in keys]

    def at(time: float) -> Moment:
        rest = time % times[-1]
        i = int(np.searchsorted(times, rest, "right")) - 1
        share = smooth((rest - times[i]) / (times[i + 1] - times[i]))
        return Moment(stances[i].blend(stances[i + 1], share))

    return at


def stroll(length: float, stride: float = 0.9, pace: float = 1.0, turn_s: float = 0.8) -> Motion:
    """Walk `length` metres towards +x, turn about, walk back, for ever; `pace` cycles a second."""
    speed = CYCLE_LENGTH * stride * pace
    walk_s = length / speed
    still = np.random.default_rng(0)  # the gait's own small variations, the same at all times
    neck = walking(still, 0.0, stride).neck

    def at(time: float) -> Moment:
        laps, rest = divmod(time, 2 * (walk_s + turn_s))
        back = rest > walk_s + turn_s
        rest -= (walk_s + turn_s) * back
        gone = min(rest, walk_s) * speed
        turned = smooth((rest - walk_s) / turn_s)
        heading = np.pi / 2 + np.pi * (back + turned)
        phase = (rest * pace) % 1.0
        pose = replace(walking(still, phase, stride), neck=neck)
        x = length - gone if back else gone
        return Moment(stance(pose).turned(float(heading)), (x - length / 2, 0.0))

    return at


def turning(pose: Pose, period_s: float) -> Motion:
    """On the spot, all the way round once in `period_s`."""
    base = stance(pose)
    return lambda time: Moment(base.turned(2 * np.pi * time / period_s))


def hopping(rng: Rng, height: float = 0.3) -> Motion:
    """Crouch, jump with the arms up, land, for ever."""
    low = Leg(0.9, 0.1, 0.1, 1.3)
    crouched = Pose(about((1, 0, 0), 0.5), (0.2, 0, 0), (-0.3, 0, 0), ARMS["behind"](rng),
                    ARMS["behind"](rng), low, low)  # fmt: skip
    up, legs = ARMS["raised"](rng), Leg(0.05, 0.1, 0.1, 0.1, -0.5, level=False)
    stretched = Pose(left_arm=up, right_arm=up, left_leg=legs, right_leg=legs)
    air = 2 * float(np.sqrt(2 * height / GRAVITY))
    takeoff, landing = 0.75, 0.75 + air
    keys = [(0.0, Pose()), (0.5, crouched), (takeoff, stretched), (landing, stretched),
            (landing + 0.25, crouched), (landing + 0.8, Pose())]  # fmt: skip
    ground = keyed(keys)

    def at(time: float) -> Moment:
        flown = time % keys[-1][0] - takeoff
        lift = max(0.0, GRAVITY / 2 * flown * (air - flown))
        return replace(ground(time), lift=lift)

    return at


def squatting(rng: Rng) -> Motion:
    """Down to the heels and up again."""
    return keyed([(0.0, Pose()), (1.1, crouch(rng)), (1.5, crouch(rng)), (2.6, Pose())])


def waving(rng: Rng) -> Motion:
    """One arm up, waving; the other moves a little."""
    hip, idle = ARMS["on_hip"](rng), ARMS["hanging"](rng)

    def wave(elbow: float) -> Pose:
        return Pose(left_arm=Arm((0.8, -0.3, 0.5), elbow, 0.2), right_arm=hip)

    keys = [(0.0, Pose(right_arm=idle)), (0.6, wave(1.2)), (0.95, wave(2.0)), (1.3, wave(1.1)),
            (1.65, wave(2.0)), (2.0, wave(1.2)), (2.8, Pose(right_arm=idle))]  # fmt: skip
    return keyed(keys)


def lying_down(rng: Rng) -> Motion:
    """From standing over sitting on the heels onto the floor, and up again."""
    down, low = lying(rng), crouch(rng)
    moved = replace(down, left_arm=arm_near(rng, (1, 0, 0.6), (10, 60)),
                    right_leg=Leg(0.6, 0.1, 0.1, 1.0, -0.3, level=False))  # fmt: skip
    return keyed([(0.0, Pose()), (0.8, low), (1.8, down), (2.6, moved), (3.4, down), (4.4, low),
                  (5.2, Pose())])  # fmt: skip


def acting(clip: Clip, leg_length: float, rate: float = 1.0, in_place: bool = True) -> Motion:
    """A clip by a person with such legs; `in_place` keeps its loops from wandering off."""
    scale = leg_length / LEG_LENGTH
    step = (clip.roots[-1] - clip.roots[0])[:2] * scale

    def at(time: float) -> Moment:
        posture, root = clip.at(time * rate)
        x, y, height = root * scale
        if in_place and clip.loops:
            x, y = np.array([x, y]) - step * (time * rate / clip.seconds)
        return Moment(posture, (float(x), float(y)), pelvis=float(height))

    return at
