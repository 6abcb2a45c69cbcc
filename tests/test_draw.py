"""The overlay: where it draws, in which colours, and that no input breaks it."""

from __future__ import annotations

import numpy as np
import pytest

from blazepose_tf.draw import (
    LEFT,
    MIDDLE,
    RIGHT,
    draw_banner,
    draw_label,
    draw_pose,
    line_thickness,
)
from blazepose_tf.geometry import Roi
from blazepose_tf.topology import INDEX

GREY = 120
SIDES = ("left", "right")


def _standing(height: int, width: int) -> np.ndarray:
    """[33, 2] pixels: a person facing us fills the picture; its left is on our right."""
    rows = {"eye": 0.1, "ear": 0.1, "shoulder": 0.25, "elbow": 0.4, "wrist": 0.55, "hip": 0.55,
            "knee": 0.75, "ankle": 0.92, "heel": 0.95, "foot": 0.96, "mouth": 0.15, "nose": 0.12,
            "pinky": 0.6, "index": 0.62, "thumb": 0.58}  # fmt: skip
    out = {
        "shoulder": 0.15,
        "elbow": 0.25,
        "wrist": 0.3,
        "pinky": 0.34,
        "index": 0.31,
        "thumb": 0.28,
    }
    points = np.zeros((33, 2))
    for name, number in INDEX.items():
        if number < 33:
            part = next(p for p in rows if p in name)
            side = 0 if name == "nose" else 1 if "left" in name else -1
            reach = out.get(part, 0.03 if rows[part] < 0.2 else 0.1)
            points[number] = (0.5 + side * reach) * width, rows[part] * height
    return points


def _canvas(height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), GREY, np.uint8)


def _pixel(image: np.ndarray, point: np.ndarray) -> np.ndarray:
    return image[int(point[1]), int(point[0])].astype(int)


def test_sides_have_their_colours_at_points_and_on_bones() -> None:
    points = _standing(400, 400)
    drawn = draw_pose(_canvas(400, 400), points)
    for side, color in (("left", LEFT), ("right", RIGHT)):
        knee, ankle = points[INDEX[f"{side}_knee"]], points[INDEX[f"{side}_ankle"]]
        assert tuple(_pixel(drawn, knee)) == color
        assert np.abs(_pixel(drawn, (knee + ankle) / 2) - color).max() < 40
    hips = points[[INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=0)
    assert np.abs(_pixel(drawn, hips) - MIDDLE).max() < 40


def test_the_input_is_not_changed_and_far_pixels_stay() -> None:
    image = _canvas(300, 200)
    drawn = draw_pose(image, _standing(300, 200))
    assert (image == GREY).all()
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert (drawn[:10] == GREY).all() and (drawn[:, :5] == GREY).all()
    assert (drawn != GREY).any(axis=2).mean() > 0.01


def test_hidden_points_are_hollow_and_their_bones_faint() -> None:
    points = _standing(800, 800)
    # One point alone, away from any bone that is seen.
    visibility = np.ones(33)
    hidden = [INDEX[f"left_{name}"] for name in ("knee", "ankle", "heel", "foot_index")]
    visibility[hidden] = 0.2
    full = draw_pose(_canvas(800, 800), points)
    drawn = draw_pose(_canvas(800, 800), points, visibility)
    between = (points[INDEX["left_knee"]] + points[INDEX["left_ankle"]]) / 2
    strong = np.abs(_pixel(full, between) - GREY).max()
    faint = np.abs(_pixel(drawn, between) - GREY).max()
    assert 0.2 * strong < faint < 0.5 * strong
    assert tuple(_pixel(drawn, points[INDEX["right_knee"]])) == RIGHT
    # With its bones left out, the middle of a hidden point shows the picture.
    lonely = np.full((33, 2), np.nan)
    lonely[INDEX["left_knee"]] = 400, 400
    lonely[INDEX["right_knee"]] = 100, 400
    ring = draw_pose(_canvas(800, 800), lonely, visibility)
    assert tuple(_pixel(ring, np.array([100, 400]))) == RIGHT
    assert (ring[398:402, 398:402] == GREY).all()
    assert (ring[390:410, 390:410] != GREY).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (8, 8), (33, 70), (240, 320), (2000, 3000)])
def test_any_size_of_picture(shape: tuple[int, int]) -> None:
    drawn = draw_pose(_canvas(*shape), _standing(*shape))
    assert drawn.shape == (*shape, 3)
    assert (drawn != GREY).any()


def test_lines_grow_with_the_picture_but_not_beyond_the_person() -> None:
    sizes = [line_thickness(side, side, _standing(side, side)) for side in (64, 480, 1080, 4000)]
    assert sizes == sorted(sizes) and sizes[0] == 1 and sizes[-1] >= 20
    assert line_thickness(4000, 4000, _standing(200, 200)) <= 4


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e12, -1e12])
def test_points_without_a_place_are_left_out(value: float) -> None:
    points = _standing(300, 300)
    clean = draw_pose(_canvas(300, 300), np.where(np.arange(33)[:, None] == 31, np.nan, points))
    points[31] = value
    assert np.array_equal(draw_pose(_canvas(300, 300), points), clean)
    everything = np.full((33, 3), value)
    assert (draw_pose(_canvas(300, 300), everything, roi=Roi(value, 0, 10)) == GREY).all()


def test_points_outside_the_picture_are_clipped() -> None:
    points = _standing(300, 300) - [0, 200]
    drawn = draw_pose(_canvas(300, 300), points)
    assert (drawn[120:] == GREY).all() and (drawn[:90] != GREY).any()


def test_the_roi_is_outlined() -> None:
    points = _standing(300, 300) * 0.1 + 135
    plain = draw_pose(_canvas(300, 300), points)
    drawn = draw_pose(_canvas(300, 300), points, roi=Roi(150, 150, 200))
    changed = np.argwhere((plain != drawn).any(axis=2)) + 0.5
    assert np.abs(np.abs(changed - 150).max(axis=1) - 100).max() <= 2
    assert len(changed) >= 4 * 200


def test_near_parts_cover_far_ones() -> None:
    """Two crossing shins: the nearer is on top, whichever side it is."""
    knees, ankles = [INDEX["left_knee"], INDEX["right_knee"]], [INDEX[f"{s}_ankle"] for s in SIDES]
    for near, color in ((0, LEFT), (1, RIGHT)):
        points = np.full((33, 3), np.nan)
        points[knees] = [[100, 100, 0], [300, 100, 0]]
        points[ankles] = [[300, 300, 0], [100, 300, 0]]
        points[[knees[near], ankles[near]], 2] = -50
        drawn = draw_pose(_canvas(400, 400), points)
        assert tuple(_pixel(drawn, np.array([200, 200]))) == color


def test_a_label_stands_above_the_head_and_inside_the_picture() -> None:
    points = _standing(300, 300)
    drawn = draw_label(_canvas(300, 300), points + [0, 60], "12")
    rows, columns = np.nonzero((drawn != GREY).any(axis=2))
    assert len(rows) > 50
    assert rows.max() < points[:11, 1].min() + 60  # above the face
    assert abs(columns.mean() - 150) < 15
    for away in ([0, -200], [-200, 0], [900, 900]):
        drawn = draw_label(_canvas(300, 300), points + away, "12")
        assert (drawn != GREY).any()
    for nowhere in (np.full((33, 2), np.nan), points + 1e9):
        assert (draw_label(_canvas(300, 300), nowhere, "12") == GREY).all()


@pytest.mark.parametrize("shape", [(1, 1), (60, 80), (480, 640)])
def test_a_banner_is_written_into_the_corner(shape: tuple[int, int]) -> None:
    canvas = _canvas(*shape)
    drawn = draw_banner(canvas, "lite  30 FPS")
    assert drawn.shape == canvas.shape and (canvas == GREY).all()
    if shape[0] > 1:
        rows, _ = np.nonzero((drawn != GREY).any(axis=2))
        assert rows.max() < max(40, shape[0] // 8)
