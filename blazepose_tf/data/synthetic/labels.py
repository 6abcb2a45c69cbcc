"""Exact labels of a rendered person: pixels, depth, world points, visibility, ROI, face box."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic.parts import Picture
from blazepose_tf.data.synthetic.scene import Camera
from blazepose_tf.geometry import roi_from_alignment

Array = NDArray[np.floating]

CIRCLE_SHARE = 0.96
"""MediaPipe's circle over the distance from the mid-hip to the farthest point of body and clothes:

median over rendered people of what its heavy file predicts (80 % of them lie within 0.93-1.02).
"""
CLEARANCE = 0.03
"""Metres that something foreign may lie in front of a visible point (its own flesh may by more)."""


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


@dataclass(frozen=True)
class Truth:
    """What is known of a person before the camera sees it; world metres.

    points [33, 3] and their places on the template rest [33, 3]; radii [33]: how far from there, on
    the template, flesh and cloth are the point's own; face [V, 3], body [V, 3]: surfaces.
    """

    points: Array
    rest: Array
    radii: Array
    face: Array
    body: Array


def label(picture: Picture, truth: Truth, camera: Camera, who: int = 1) -> Frame:
    """Labels of the person drawn as number `who`.

    Depth is weak perspective: camera z relative to the hips, times the pixels that a metre measures
    at the hips' distance; smaller is nearer. (MediaPipe's own z has the same sign and zero, but
    is larger: see `conventions`.) World points lie along the camera's axes.
    """
    seen, pixels = camera.to_camera(truth.points), camera.project(truth.points)
    hips = seen[[topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=0)
    mid_hip = pixels[[topology.LEFT_HIP, topology.RIGHT_HIP]].mean(axis=0)
    mid_shoulder = pixels[[topology.LEFT_SHOULDER, topology.RIGHT_SHOULDER]].mean(axis=0)
    circle = full_body_circle(mid_hip, mid_shoulder, camera.project(truth.body))
    z = (seen[:, 2] - hips[2]) * camera.focal / hips[2]
    inside = ((pixels >= 0) & (pixels < [camera.width, camera.height])).all(axis=1)
    sample = PoseSample(
        Path(),
        points=np.concatenate([pixels, [mid_hip, circle]]).astype(np.float32),
        depth=np.concatenate([z, [0.0, 0.0]]).astype(np.float32),
        visibility=visible(picture, truth, pixels, seen[:, 2], who).astype(np.float32),
        world=(seen - hips).astype(np.float32),
        roi=roi_from_alignment(mid_hip, circle),
    )
    outline = camera.project(truth.face)
    face = np.concatenate([outline.min(axis=0), outline.max(axis=0)])
    return Frame(picture.image, sample, face, inside)


def visible(
    picture: Picture, truth: Truth, pixels: Array, distance: Array, who: int = 1
) -> NDArray[np.bool_]:
    """[33] True where a point lies in the picture and nothing foreign is drawn in front of it.

    Joints lie inside the flesh, so something always is in front. It counts as the point's own when
    it lies within the point's radius on the template, whichever way the body is bent. What covers:
    a hand in front of the hip, another limb, a chair, the back of the head before the nose, and
    everybody but `who`.
    `pixels` [33, 2] and `distance` [33]: the points as the camera sees them.
    """
    height, width = picture.depth.shape
    inside = ((pixels >= 0) & (pixels < [width, height])).all(axis=1)
    column, row = np.floor(np.clip(pixels, 0, [width - 1, height - 1])).astype(int).T
    open_view = picture.depth[row, column] > distance - CLEARANCE
    own = np.linalg.norm(picture.rest[row, column] - truth.rest, axis=1) < truth.radii
    own &= picture.who[row, column] == who
    return np.asarray(inside & (open_view | own))


def full_body_circle(mid_hip: Array, mid_shoulder: Array, body: Array) -> Array:
    """Point [2] up the hip-to-shoulder line, on the circle around `body` [N, 2] as MediaPipe's."""
    upright = mid_shoulder - mid_hip
    radius = CIRCLE_SHARE * np.linalg.norm(body - mid_hip, axis=1).max()
    return np.asarray(mid_hip + radius * upright / max(float(np.linalg.norm(upright)), 1e-6))
