"""Augmentation moves labels with the pixels they belong to."""

from __future__ import annotations

import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.augment import (
    PLAIN,
    Augmentation,
    TrainingExample,
    augment,
    degrade,
    flip,
    occlude,
)
from blazepose_tf.data.crops import WIDE, WIDE_SIZE
from blazepose_tf.geometry import Roi

NOTHING = np.full((33, 3), np.nan, np.float32)


def _marked(x: float = 0.4, y: float = 0.6) -> TrainingExample:
    """A black wide crop with a white blob on point 0, at (x, y) of it."""
    image = np.zeros((WIDE_SIZE, WIDE_SIZE, 3), np.uint8)
    points = np.full((35, 3), np.nan, np.float32)
    points[0] = [x, y, 0.1]
    column, row = int(x * WIDE_SIZE), int(y * WIDE_SIZE)
    image[row - 3 : row + 3, column - 3 : column + 3] = 255
    return TrainingExample(image, points, np.ones(33, np.float32), NOTHING)


def _blob(image: images.Image) -> np.ndarray:
    """Centre of brightness (x, y) in crop units."""
    weights = image[..., 0].astype(float)
    rows, columns = np.indices(weights.shape) + 0.5
    return (
        np.array([(columns * weights).sum(), (rows * weights).sum()]) / weights.sum() / len(image)
    )


def test_points_stay_on_their_pixels(random: np.random.Generator) -> None:
    options = Augmentation(flip=0, occlusion=0, color=0, blur=0)
    for _ in range(20):
        x, y = random.uniform(0.4, 0.6, 2)
        wide = _marked(round(x * WIDE_SIZE) / WIDE_SIZE, round(y * WIDE_SIZE) / WIDE_SIZE)
        example = augment(wide, 256, options, random)
        assert _blob(example.image) == pytest.approx(example.points[0, :2], abs=1 / 256)


def test_what_degrades_a_picture_moves_nothing_in_it() -> None:
    """Blur, streaks, a small sensor, grain: a bright square's middle stays, and it is not lost."""
    picture = np.zeros((256, 256, 3), np.uint8)
    picture[80:150, 100:170] = 255
    changes = set()
    for seed in range(40):
        degraded = degrade(picture, np.random.default_rng(seed))
        assert (degraded.shape, degraded.dtype) == (picture.shape, picture.dtype)
        rows, columns = np.nonzero(degraded[..., 0] > 128)
        assert (rows.mean(), columns.mean()) == pytest.approx((114.5, 134.5), abs=0.6)
        assert len(rows) == pytest.approx(70 * 70, rel=0.2)
        changes.add(round(float(np.abs(degraded.astype(int) - picture).mean()), 3))
    assert len(changes) > 30  # in kind and in strength


def test_plain_crop_is_the_wide_ones_middle(random: np.random.Generator) -> None:
    wide = _marked()
    example = augment(wide, 256, PLAIN, random)
    known = wide.points[0, :2]
    assert example.points[0, :2] == pytest.approx((known - 0.5) * WIDE + 0.5, abs=1e-5)
    assert example.points[0, 2] == pytest.approx(0.1 * WIDE)


def test_flip_exchanges_left_and_right() -> None:
    points = np.zeros((35, 3), np.float32)
    points[topology.INDEX["left_wrist"], 0] = 0.9
    world = np.zeros((33, 3), np.float32)
    world[topology.INDEX["left_wrist"], 0] = 0.4
    image = np.zeros((4, 4, 3), np.uint8)
    image[:, 0] = 255
    flipped = flip(TrainingExample(image, points, np.zeros(33, np.float32), world))
    assert flipped.points[topology.INDEX["right_wrist"], 0] == pytest.approx(0.1)
    assert flipped.world[topology.INDEX["right_wrist"], 0] == pytest.approx(-0.4)
    assert flipped.image[:, 3].min() == 255 and flipped.image[:, 0].max() == 0


def test_flip_twice_is_the_identity(random: np.random.Generator) -> None:
    example = TrainingExample(
        random.integers(0, 255, (8, 8, 3), np.uint8), random.random((35, 3), np.float32),
        random.random(33, np.float32), random.random((33, 3), np.float32),
    )  # fmt: skip
    again = flip(flip(example))
    assert (again.image == example.image).all()
    for name in ("points", "visibility", "world"):
        assert getattr(again, name) == pytest.approx(getattr(example, name), abs=1e-6)


def test_covered_points_become_invisible_and_stay_where_they_are() -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    xy = np.stack(np.meshgrid(np.linspace(0.05, 0.95, 7), np.linspace(0.05, 0.95, 5)), -1)
    points = np.concatenate([xy.reshape(-1, 2), np.zeros((35, 1))], axis=1).astype(np.float32)
    example = TrainingExample(image, points, np.ones(33, np.float32), NOTHING)
    covered = 0
    for seed in range(10):
        result = occlude(example, np.random.default_rng(seed))
        assert (result.points == points).all()
        for i in range(33):
            x, y = (points[i, :2] * 100).astype(int)
            painted = result.image[y, x].any()
            assert (result.visibility[i] == 0) == bool(painted)
            covered += bool(painted)
    assert covered > 10


def test_unknown_labels_stay_unknown(random: np.random.Generator) -> None:
    example = augment(_marked(), 256, Augmentation(), random)
    assert np.isnan(example.points[33]).all() and np.isnan(example.world).all()


def test_world_turns_with_the_crop(random: np.random.Generator) -> None:
    """A point that is up in the wide crop turns against the crop's own turn."""
    from blazepose_tf.data.augment import recrop

    world = np.zeros((33, 3), np.float32)
    world[0] = [0, -1, 0.2]
    wide = TrainingExample(
        np.zeros((WIDE_SIZE, WIDE_SIZE, 3), np.uint8), np.zeros((35, 3), np.float32),
        np.ones(33, np.float32), world,
    )  # fmt: skip
    wide.points[0, :2] = [0.5, 0.3]
    turned = recrop(wide, 64, Roi(0.5, 0.5, 1.0, np.pi / 2))
    assert turned.points[0, :2] == pytest.approx([0.3, 0.5], abs=1e-5)
    assert turned.world[0] == pytest.approx([-1, 0, 0.2], abs=1e-5)
