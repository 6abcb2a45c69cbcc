"""Geometry and labels of rendered people (no OpenGL), and the rendered set that ships."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic.labels import CIRCLE_SHARE, Truth, full_body_circle, label, visible
from blazepose_tf.data.synthetic.parts import NOWHERE, Picture
from blazepose_tf.data.synthetic.scene import Camera, Framing, frame_points
from blazepose_tf.geometry import roi_from_alignment
from blazepose_tf.runtime.landmarker import Landmarker

CALIBRATION = Path(__file__).resolve().parents[2] / "blazepose_tf" / "assets" / "calibration"
INDEX = topology.INDEX
LEVEL = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Camera that looks along +y: world x is image x, world z is image -y."""


def camera_at(y: float, z: float) -> Camera:
    return Camera(200, 100, 80.0, (100.0, 50.0), LEVEL, -LEVEL @ [0, y, z])


def empty_picture(height: int = 100, width: int = 200) -> Picture:
    return Picture(
        np.zeros((height, width, 3), np.uint8),
        np.full((height, width), np.inf),
        np.full((height, width, 3), NOWHERE),
        np.ones((height, width)),
    )


def spread_truth(random: np.random.Generator) -> Truth:
    points = random.uniform([-0.8, -0.3, 0.2], [0.8, 0.3, 1.4], (33, 3))
    return Truth(points, points.copy(), np.full(33, 0.05), points[:11], points)


def test_known_points_project_where_a_pinhole_puts_them() -> None:
    camera = camera_at(-4.0, 1.0)
    # 4 m away: 80 px / 4 m = 20 px for a metre; up in the world is up in the picture.
    np.testing.assert_allclose(camera.project(np.array([0.0, 0, 1])), [100, 50])
    np.testing.assert_allclose(camera.project(np.array([1.0, 0, 1])), [120, 50])
    np.testing.assert_allclose(camera.project(np.array([0.0, 0, 2])), [100, 30])
    np.testing.assert_allclose(camera.project(np.array([1.0, 4, 1])), [110, 50])


@pytest.mark.parametrize("framing", [Framing(), Framing(0.5, (0.1, -0.05), 0.4, 0.1, 1.0)])
def test_framing_fills_the_picture_as_asked(framing: Framing, random: np.random.Generator) -> None:
    points = random.uniform([-0.4, -0.3, 0], [0.4, 0.3, 1.7], (500, 3))
    pixels = frame_points(points, framing, 300, 400).project(points)
    low, high = pixels.min(axis=0), pixels.max(axis=0)
    assert max((high - low) / [300, 400]) == pytest.approx(framing.fill, rel=0.03)
    middle = (low + high) / 2 / [300, 400] - 0.5
    np.testing.assert_allclose(middle, framing.shift, atol=0.02)


def test_the_camera_stays_above_the_floor(random: np.random.Generator) -> None:
    points = random.uniform([-0.4, -0.3, 0], [0.4, 0.3, 0.5], (100, 3))
    camera = frame_points(points, Framing(elevation=-0.8), 300, 300)
    assert (-camera.rotation.T @ camera.translation)[2] > 0.1


def test_labels_are_the_projection_and_its_depth(random: np.random.Generator) -> None:
    truth, camera = spread_truth(random), camera_at(-5.0, 1.0)
    sample = label(empty_picture(), truth, camera).sample
    hips = truth.points[[23, 24]].mean(axis=0)
    np.testing.assert_allclose(sample.points[:33], camera.project(truth.points), atol=1e-4)
    np.testing.assert_allclose(sample.points[33], sample.points[[23, 24]].mean(axis=0), atol=1e-4)
    # World y is away from the camera: a point 0.1 m nearer than the hips has z = -0.1 m.
    np.testing.assert_allclose(sample.world[:, 2], truth.points[:, 1] - hips[1], atol=1e-5)
    np.testing.assert_allclose(sample.world[:, 1], hips[2] - truth.points[:, 2], atol=1e-5)
    pixels_for_a_metre = 80 / (5 + hips[1])
    np.testing.assert_allclose(
        sample.depth[:33], sample.world[:, 2] * pixels_for_a_metre, rtol=1e-4
    )
    assert sample.roi is not None
    assert sample.roi.size == pytest.approx(2.5 * math.dist(sample.points[33], sample.points[34]))


def test_the_circle_reaches_the_farthest_point_along_the_trunk() -> None:
    body = np.array([[3.0, 4], [-1, 0], [0, 10]])
    circle = full_body_circle(np.zeros(2), np.array([0.0, -2]), body)
    np.testing.assert_allclose(circle, [0, -10 * CIRCLE_SHARE])


def test_a_covered_wrist_is_not_visible(random: np.random.Generator) -> None:
    truth, camera = spread_truth(random), camera_at(-5.0, 1.0)
    pixels, distance = camera.project(truth.points), camera.to_camera(truth.points)[:, 2]
    wrist = INDEX["left_wrist"]
    column, row = pixels[wrist].astype(int)
    picture = empty_picture()
    assert visible(picture, truth, pixels, distance).all()
    picture.depth[row, column] = distance[wrist] - 0.10
    assert not visible(picture, truth, pixels, distance)[wrist]
    picture.rest[row, column] = truth.rest[wrist] + [0, 0.04, 0]  # its own skin: it lies inside
    assert visible(picture, truth, pixels, distance)[wrist]
    picture.rest[row, column] = truth.rest[wrist] + [0, 0.06, 0]  # another part of the body
    assert not visible(picture, truth, pixels, distance)[wrist]
    picture.depth[row, column] = distance[wrist] + 0.10  # behind the wrist
    assert visible(picture, truth, pixels, distance)[wrist]


def test_points_outside_the_picture_are_not_visible(random: np.random.Generator) -> None:
    truth, camera = spread_truth(random), camera_at(-5.0, 1.0)
    shifted = replace(camera, center=(-30.0, 50.0))
    frame = label(empty_picture(), truth, shifted)
    x = frame.sample.points[:33, 0]
    assert (x < 0).any()
    np.testing.assert_array_equal(frame.sample.visibility, (x >= 0).astype(np.float32))
    np.testing.assert_array_equal(frame.inside, x >= 0)


# The set that ships.


@pytest.fixture(scope="module")
def shipped() -> list[PoseSample]:
    return read_coco(CALIBRATION / "annotations.json", CALIBRATION / "images")


@pytest.fixture(scope="module")
def annotations() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((CALIBRATION / "annotations.json").read_text())
    return content


def test_every_picture_is_labelled_once_and_small(annotations: dict[str, Any]) -> None:
    files = sorted((CALIBRATION / "images").iterdir())
    assert [entry["file_name"] for entry in annotations["images"]] == [f.name for f in files]
    assert len(files) == len(annotations["annotations"]) == 120
    assert sum(file.stat().st_size for file in files) <= 3_000_000
    for entry in annotations["images"]:
        picture = cv2.imread(str(CALIBRATION / "images" / entry["file_name"]))
        assert picture.shape == (entry["height"], entry["width"], 3)
        assert max(picture.shape) == 384


def test_people_vary(annotations: dict[str, Any], shipped: list[PoseSample]) -> None:
    families = [entry["family"] for entry in annotations["annotations"]]
    assert len(set(families)) >= 9
    across = [
        s.points[topology.LEFT_SHOULDER, 0] - s.points[topology.RIGHT_SHOULDER, 0] for s in shipped
    ]
    share = np.array(across) / np.array([s.torso for s in shipped])
    assert (share > 0.3).sum() >= 30  # seen from in front
    assert (share < -0.3).sum() >= 10  # from behind
    assert (abs(share) < 0.15).sum() >= 5  # from the side


def test_points_lie_inside_the_picture_or_are_flagged(shipped: list[PoseSample]) -> None:
    for sample in shipped:
        assert sample.known.all()
        height, width = images.read_image(sample.image).shape[:2]
        outside = ((sample.points[:33] < 0) | (sample.points[:33] >= [width, height])).any(axis=1)
        assert not (outside & (sample.visibility > 0)).any()
        assert outside.mean() < 0.2


def test_the_roi_follows_from_the_alignment_points_and_holds_everything(
    shipped: list[PoseSample],
) -> None:
    for sample in shipped:
        assert sample.roi is not None
        expected = roi_from_alignment(sample.points[33], sample.points[34])
        assert sample.roi.size == pytest.approx(expected.size, abs=0.1)
        assert sample.roi.rotation == pytest.approx(expected.rotation, abs=1e-3)
        np.testing.assert_allclose(sample.points[33], sample.mid_hip, atol=0.02)
        inside = sample.roi.to_crop(sample.points[:33])
        assert inside.min() > 0 and inside.max() < 1
        # The person does not get lost in it either: the farthest point is near the circle.
        reach = np.linalg.norm(sample.points[:33] - sample.points[33], axis=1).max()
        assert 0.75 < reach / math.dist(sample.points[33], sample.points[34]) < 1.05


def test_bones_have_human_lengths_the_same_left_and_right(shipped: list[PoseSample]) -> None:
    limits = {
        ("hip", "knee"): (0.25, 0.60), ("knee", "ankle"): (0.22, 0.55),
        ("shoulder", "elbow"): (0.14, 0.42), ("elbow", "wrist"): (0.12, 0.38),
    }  # fmt: skip
    for sample in shipped:
        np.testing.assert_allclose(sample.world[[23, 24]].mean(axis=0), 0, atol=1e-3)
        for (start, end), (shortest, longest) in limits.items():
            left, right = (
                math.dist(
                    sample.world[INDEX[f"{side}_{start}"]], sample.world[INDEX[f"{side}_{end}"]]
                )
                for side in ("left", "right")
            )
            assert shortest < left < longest, (start, sample.image.name)
            # A landmark lies up to 2 cm beside the joint it turns about.
            assert left == pytest.approx(right, rel=0.12), (start, sample.image.name)


def test_one_pinhole_camera_explains_pixels_and_world_points(shipped: list[PoseSample]) -> None:
    """x (Z + t) = f X + cx Z + a: linear in t, f, cx, a; the same t and f for x and y."""
    for sample in shipped:
        world, xy = sample.world.astype(float), sample.points[:33].astype(float)
        rows, right = [], []
        for axis in (0, 1):
            block = np.zeros((33, 6))
            block[:, 0], block[:, 1] = xy[:, axis], -world[:, axis]
            block[:, 2 + axis], block[:, 4 + axis] = -world[:, 2], -1
            rows.append(block)
            right.append(-xy[:, axis] * world[:, 2])
        design, target = np.concatenate(rows), np.concatenate(right)
        (distance, focal, *rest), *_ = np.linalg.lstsq(design, target, rcond=None)
        away = world[:, 2] + distance
        for axis in (0, 1):
            seen = (focal * world[:, axis] + rest[axis] * world[:, 2] + rest[2 + axis]) / away
            np.testing.assert_allclose(seen, xy[:, axis], atol=0.1)
        assert distance > 1 and focal > 100
        np.testing.assert_allclose(sample.depth[:33], world[:, 2] * focal / distance, atol=0.5)


def test_left_is_left(annotations: dict[str, Any], shipped: list[PoseSample]) -> None:
    """Toes point forwards, which is left x up for a person in a right-handed frame."""
    upright = [
        sample
        for sample, entry in zip(shipped, annotations["annotations"], strict=True)
        if entry["family"] in ("standing", "walking", "squat")
    ]
    assert len(upright) > 30
    for sample in upright:
        world = sample.world
        toes = world[[31, 32]] - world[[29, 30]]
        left = world[topology.LEFT_HIP] - world[topology.RIGHT_HIP]
        up = world[[11, 12]].mean(axis=0) - world[[23, 24]].mean(axis=0)
        assert np.dot(toes.sum(axis=0), np.cross(left, up)) > 0, sample.image.name


def test_mediapipe_heavy_finds_them(
    shipped: list[PoseSample], mediapipe_file: Callable[[str], Path]
) -> None:
    heavy = Landmarker(mediapipe_file("heavy"))
    for sample in shipped[::12]:
        assert sample.roi is not None
        found = heavy(images.read_image(sample.image), sample.roi)
        distance = np.linalg.norm(found.points[:33, :2] - sample.points[:33], axis=1)
        exchanged = found.points[list(topology.MIRRORED[:33]), :2] - sample.points[:33]
        assert found.presence > 0.9
        assert np.median(distance) < 0.05 * np.linalg.norm(np.ptp(sample.points[:33], axis=0))
        assert np.median(distance[11:]) < np.median(np.linalg.norm(exchanged, axis=1)[11:])
