"""ROI geometry against formulas written out and against its own inverse."""

from __future__ import annotations

import math

import numpy as np
import pytest

from blazepose_tf.geometry import (
    Roi,
    alignment_points,
    normalize_angle,
    roi_from_alignment,
    roi_from_joints,
    roi_from_landmarks,
)


def _random_rois(count: int = 200) -> list[Roi]:
    generator = np.random.default_rng(1)
    return [
        Roi(
            float(generator.uniform(-2000, 6000)), float(generator.uniform(-2000, 6000)),
            float(np.exp(generator.uniform(0, 9))), float(generator.uniform(-7, 7)),
        )
        for _ in range(count)
    ]  # fmt: skip


def test_crop_and_its_inverse_agree_to_a_ten_thousandth_of_a_pixel() -> None:
    points = np.random.default_rng(2).uniform(-3000, 7000, (50, 2))
    for roi in _random_rois():
        assert np.abs(roi.to_image(roi.to_crop(points)) - points).max() < 1e-4


def test_to_image_is_a_rotated_scaled_square() -> None:
    for roi in _random_rois(20):
        for u, v in [(0, 0), (0.5, 0.5), (1, 0), (0.2, 1.3)]:
            dx, dy = (u - 0.5) * roi.size, (v - 0.5) * roi.size
            expected = (
                roi.center_x + dx * math.cos(roi.rotation) - dy * math.sin(roi.rotation),
                roi.center_y + dx * math.sin(roi.rotation) + dy * math.cos(roi.rotation),
            )
            assert roi.to_image(np.array([u, v])) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("angle", np.linspace(0, 2 * math.pi, 13))
def test_body_circle_lands_straight_above_the_hips(angle: float) -> None:
    hips = np.array([321.0, 123.0])
    circle = hips + 80 * np.array([math.cos(angle), math.sin(angle)])
    roi = roi_from_alignment(hips, circle)
    assert roi.size == pytest.approx(2.5 * 80)
    assert roi.to_crop(hips) == pytest.approx([0.5, 0.5], abs=1e-9)
    # 80 px of a side of 200 px, upwards.
    assert roi.to_crop(circle) == pytest.approx([0.5, 0.5 - 0.4], abs=1e-9)


def test_a_person_standing_upright_needs_no_rotation() -> None:
    roi = roi_from_alignment(np.array([50.0, 90.0]), np.array([50.0, 10.0]))
    assert roi == Roi(50, 90, 200, 0)


def test_alignment_points_are_the_inverse() -> None:
    for roi in _random_rois():
        again = roi_from_alignment(*alignment_points(roi))
        assert (again.center_x, again.center_y) == (roi.center_x, roi.center_y)
        assert again.size == pytest.approx(roi.size, rel=1e-6)
        assert math.cos(again.rotation - roi.rotation) == pytest.approx(1, abs=1e-9)


def test_points_on_one_spot_make_no_singular_roi() -> None:
    roi = roi_from_alignment(np.array([5.0, 5.0]), np.array([5.0, 5.0]))
    assert roi.is_finite and roi.size >= 1
    assert np.isfinite(roi.to_crop(np.array([[0.0, 0.0]]))).all()


def test_roi_of_the_next_frame_comes_from_points_33_and_34() -> None:
    points = np.random.default_rng(3).uniform(0, 100, (35, 3))
    points[33], points[34] = (40, 60, 1), (40, 20, 2)
    assert roi_from_landmarks(points) == Roi(40, 60, 100, 0)


def test_roi_of_labelled_joints_holds_them_all_with_the_margin() -> None:
    generator = np.random.default_rng(4)
    for _ in range(50):
        joints = generator.uniform(0, 300, (14, 2))
        hips, shoulders = joints[:2].mean(axis=0), joints[2:4].mean(axis=0)
        roi = roi_from_joints(hips, shoulders, joints)
        inside = roi.to_crop(joints) - 0.5
        # The farthest joint lies on the circle of radius 1 / (2 * 1.25) of the side.
        assert np.linalg.norm(inside, axis=1).max() == pytest.approx(0.4)
        up = roi.to_crop(shoulders) - 0.5
        assert up[0] == pytest.approx(0, abs=1e-9) and up[1] < 0


@pytest.mark.parametrize("angle", [-10.0, -math.pi, -0.1, 0.0, 3.0, math.pi, 100.0])
def test_normalized_angle_is_the_same_direction(angle: float) -> None:
    result = normalize_angle(angle)
    assert -math.pi <= result < math.pi
    assert math.cos(result - angle) == pytest.approx(1)


@pytest.mark.parametrize("field", ["center_x", "center_y", "size", "rotation"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_roi_knows_that_it_is_not_finite(field: str, value: float) -> None:
    numbers = {"center_x": 1.0, "center_y": 1.0, "size": 1.0, "rotation": 0.0}
    assert Roi(**numbers).is_finite
    assert not Roi(**{**numbers, field: value}).is_finite
