"""Crops against a formula per pixel; frames and picture files of every kind."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.image import as_rgb, crop, letterbox, read_image

ROIS = [
    Roi(40, 30, 60), Roi(40, 30, 25, 0.4), Roi(10, 50, 200, -2.0), Roi(70, 5, 33.3, math.pi),
]  # fmt: skip


def _bilinear(image: np.ndarray, x: float, y: float) -> np.ndarray:
    """The picture at continuous (x, y), pixel centres at .5, edge pixels repeated."""
    height, width = image.shape[:2]
    x, y = x - 0.5, y - 0.5
    left, top = math.floor(x), math.floor(y)
    value = np.zeros(3)
    for row, weight_y in ((top, top + 1 - y), (top + 1, y - top)):
        for column, weight_x in ((left, left + 1 - x), (left + 1, x - left)):
            pixel = image[min(max(row, 0), height - 1), min(max(column, 0), width - 1)]
            value += weight_x * weight_y * pixel
    return value


@pytest.mark.parametrize("roi", ROIS)
def test_crop_is_the_formula_per_pixel(roi: Roi) -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    size = 24
    cosine, sine = math.cos(roi.rotation), math.sin(roi.rotation)
    expected = np.zeros((size, size, 3))
    for row in range(size):
        for column in range(size):
            dx = ((column + 0.5) / size - 0.5) * roi.size
            dy = ((row + 0.5) / size - 0.5) * roi.size
            expected[row, column] = _bilinear(
                image,
                roi.center_x + dx * cosine - dy * sine,
                roi.center_y + dx * sine + dy * cosine,
            )
    difference = np.abs(crop(image, roi, size) - expected)
    # OpenCV places samples at 1/32 pixel: up to 1/64 pixel of noise with steps up to 255, twice.
    assert difference.max() <= 9 and difference.mean() < 2


@pytest.mark.parametrize("roi", ROIS)
def test_crop_samples_where_the_roi_says(roi: Roi) -> None:
    rows, columns = np.mgrid[0:300, 0:300] + 0.5
    coordinates = np.dstack([columns, rows, rows]).astype(np.float32)
    moved = Roi(roi.center_x + 110, roi.center_y + 110, min(roi.size, 100), roi.rotation)
    size = 32
    sampled = crop(coordinates, moved, size)[..., :2]  # type: ignore[arg-type]
    grid = (np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1) + 0.5) / size
    error = sampled - moved.to_image(grid)
    assert np.abs(error).max() < 0.04
    assert np.abs(error.mean(axis=(0, 1))).max() < 0.01


def test_crop_of_the_whole_square_is_the_picture_itself() -> None:
    image = np.random.default_rng(1).integers(0, 256, (50, 50, 3), np.uint8)
    assert np.array_equal(crop(image, Roi(25, 25, 50), 50), image)


def test_letterbox_is_centred_and_black_outside() -> None:
    square, roi = letterbox(np.full((50, 100, 3), 255, np.uint8), 200)
    assert (square[52:148, 2:-2] == 255).all()  # the outermost pixels blend with the bars
    assert (square[:48] == 0).all() and (square[152:] == 0).all()
    corners = roi.to_crop(np.array([[0, 0], [100, 50]]))
    assert corners == pytest.approx(np.array([[0, 0.25], [1, 0.75]]))


@pytest.mark.parametrize(("height", "width"), [(4, 40_000), (40_000, 4)])
def test_crop_of_a_picture_wider_than_opencv_allows(height: int, width: int) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :20_000] = 100
    image[:20_000] += 100
    size = 64
    result = crop(image, Roi(width / 2, height / 2, 40_000), size)
    along = result[size // 2] if width > height else result[:, size // 2]
    assert np.array_equal(along[: size // 2 - 1], np.full((size // 2 - 1, 3), 200))
    assert np.array_equal(along[size // 2 + 1 :], np.full((size // 2 - 1, 3), 100))


def test_frames_of_every_kind_become_rgb() -> None:
    grey = np.array([[7, 9]], np.uint8)
    rgb = np.array([[[7, 7, 7], [9, 9, 9]]], np.uint8)
    rgba = np.dstack([rgb, np.zeros((1, 2), np.uint8)])
    assert np.array_equal(as_rgb(grey), rgb)
    assert np.array_equal(as_rgb(grey[..., None]), rgb)
    assert np.array_equal(as_rgb(rgba), rgb)
    assert np.array_equal(as_rgb(rgb.astype(np.uint16) * 257), rgb)
    assert np.array_equal(as_rgb(rgb[:, ::-1]), rgb[:, ::-1])
    assert as_rgb(np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


@pytest.mark.parametrize(
    "frame",
    [
        None, [[1]], "picture", np.zeros((4, 4, 3)), np.zeros((4, 4, 3), bool),
        np.zeros((4, 4, 2), np.uint8), np.zeros((4, 4, 5), np.uint8), np.zeros(4, np.uint8),
        np.zeros((0, 4, 3), np.uint8), np.zeros((2, 4, 4, 3), np.uint8),
    ],
)  # fmt: skip
def test_what_is_no_frame_is_refused_in_one_line(frame: object) -> None:
    with pytest.raises(BadInputError) as caught:
        as_rgb(frame)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)


def _written(path: Path, pixels: np.ndarray) -> Path:
    assert cv2.imwrite(str(path), pixels)
    return path


def test_picture_files_of_every_kind_are_read_as_rgb(tmp_path: Path) -> None:
    blue_green_red = np.zeros((3, 5, 3), np.uint8) + np.array([10, 20, 30], np.uint8)
    expected = blue_green_red[..., ::-1]
    assert np.array_equal(read_image(_written(tmp_path / "c.png", blue_green_red)), expected)
    rgba = np.dstack([blue_green_red, np.full((3, 5), 128, np.uint8)])
    assert np.array_equal(read_image(_written(tmp_path / "a.png", rgba)), expected)
    deep = blue_green_red.astype(np.uint16) * 257
    assert np.array_equal(read_image(_written(tmp_path / "d.png", deep)), expected)
    grey = np.full((3, 5), 42, np.uint8)
    assert (read_image(_written(tmp_path / "g.png", grey)) == 42).all()
    assert read_image(_written(tmp_path / "one.png", grey[:1, :1])).shape == (1, 1, 3)


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    wide = np.zeros((8, 32, 3), np.uint8)
    wide[:, :8] = 255
    jpeg = cv2.imencode(".jpg", wide)[1].tobytes()
    # APP1 with one EXIF entry: 0x0112 (orientation) = 6, "turn by 90 degrees clockwise".
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    block = b"Exif\0\0" + tiff
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + segment + jpeg[2:])
    turned = read_image(path)
    assert turned.shape == (32, 8, 3)
    assert turned[:6].min() > 200 and turned[-6:].max() < 60


@pytest.mark.parametrize("content", [None, b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_file_is_refused_in_one_line(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "picture.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInputError, match=r"picture\.png") as caught:
        read_image(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_picture(tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        read_image(tmp_path)
