"""Refinement by heatmaps, against MediaPipe's loop written out; masks laid over pictures."""

from __future__ import annotations

import math

import cv2
import numpy as np

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.heatmap import refine


def loop(points: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """RefineLandmarksFromHeatmapCalculator: cell by cell, kernel 7, confidence 0.5."""
    size, _, count = heatmaps.shape
    refined = points.copy()
    for k in range(count):
        column, row = int(points[k, 0] * size), int(points[k, 1] * size)
        if column < 0 or column >= size or row < 0 or row >= size:
            continue
        total = across = down = best = 0.0
        for r in range(max(0, row - 3), min(size, row + 4)):
            for c in range(max(0, column - 3), min(size, column + 4)):
                confidence = 1 / (1 + math.exp(-float(heatmaps[r, c, k])))
                total, best = total + confidence, max(best, confidence)
                across, down = across + c * confidence, down + r * confidence
        if best >= 0.5:
            refined[k, :2] = across / size / total, down / size / total
    return refined


def test_refinement_is_mediapipes(random: np.random.Generator) -> None:
    """Points inside, at the edges (smaller kernels), outside; sure and unsure heatmaps."""
    points = random.uniform(-0.2, 1.2, (35, 3)).astype(np.float32)
    points[0], points[1], points[2] = (0.0, 0.0, 5.0), (0.999, 0.999, 5.0), (-0.001, 0.5, 0.0)
    heatmaps = random.normal(-3, 2, (64, 64, 35)).astype(np.float32)
    heatmaps[:, :, ::3] -= 12  # nowhere sure
    refined, expected = refine(points, heatmaps), loop(points, heatmaps)
    np.testing.assert_allclose(refined, expected, atol=1e-5)
    moved = (refined != points).any(axis=1)
    assert 5 < moved.sum() < 30 and not moved[3::3].any()
    np.testing.assert_array_equal(refined[:, 2], points[:, 2])


def test_refinement_finds_the_peak_by_mediapipes_convention() -> None:
    """A cell's place is index / size: a peak at cell (40, 10) is the point (40 / 64, 10 / 64)."""
    heatmaps = np.full((64, 64, 1), -20, np.float32)
    heatmaps[10, 40] = 20
    points = np.array([[41.5 / 64, 11.2 / 64, 0.0]], np.float32)
    np.testing.assert_allclose(refine(points, heatmaps)[0, :2], [40 / 64, 10 / 64], atol=1e-4)


def test_paste_is_the_inverse_of_crop() -> None:
    """A disc, cropped turned and laid back, is where it was."""
    picture = np.zeros((200, 320, 3), np.uint8)
    cv2.circle(picture, (190, 90), 40, (255, 255, 255), -1)
    roi = Roi(180.0, 100.0, 150.0, 0.6)
    mask = images.crop(picture, roi, 256)[..., 0].astype(np.float32) / 255
    back = images.paste(mask, roi, 200, 320) > 0.5
    truth = picture[..., 0] > 0
    assert back.shape == truth.shape
    assert (back & truth).sum() / (back | truth).sum() > 0.985
    far = images.paste(np.ones((64, 64), np.float32), Roi(50.0, 50.0, 40.0), 200, 320)
    assert far[100:].max() == 0 and far[:, 100:].max() == 0 and far[50, 50] == 1


def test_corner_sampling_is_half_a_pixel_beside_centres() -> None:
    """128 pixels of picture in 64 of crop, brightness 2 a pixel: pixel i of the crop lies at
    2 i of the picture, or, counted between centres, at 2 i + 0.5."""
    ramp = np.repeat(2 * np.arange(128, dtype=np.uint8)[None, :, None], 128, axis=0).repeat(3, 2)
    roi = Roi(64.0, 64.0, 128.0)
    centres = images.crop(ramp, roi, 64)[32, 5:59, 0]
    corners = images.crop(ramp, roi, 64, corner_sampling=True)[32, 5:59, 0]
    assert corners.tolist() == [4 * i for i in range(5, 59)]
    assert centres.tolist() == [4 * i + 1 for i in range(5, 59)]
