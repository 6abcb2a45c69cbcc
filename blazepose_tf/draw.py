"""Draws a pose over a picture: left, right and middle in colours of their own.

Points the network sees are filled; points it takes for hidden or outside (visibility below one
half) are hollow, and the bones that end in them faint.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf.geometry import Roi
from blazepose_tf.image import Image
from blazepose_tf.topology import EDGES, INDEX, LANDMARK_NAMES

Array = NDArray[np.floating]
Color = tuple[int, int, int]

LEFT: Color = (255, 138, 0)
RIGHT: Color = (0, 190, 230)
MIDDLE: Color = (245, 245, 245)
OUTLINE: Color = (25, 25, 25)
"""RGB. Orange for left and blue for right as in MediaPipe's drawings; both tell apart for the
colour-blind. The dark outline keeps all of them readable on any background."""

VISIBLE = 0.5
FAINT = 0.35
"""Opacity of bones and points that are not visible."""
FRACTION_BITS = 4
"""OpenCV draws at 1/16 pixel."""
FACE = range(INDEX["mouth_right"] + 1)
"""Landmarks of the face: so close together that lines and dots must be finer."""


def side_color(*names: str) -> Color:
    """Colour of a landmark or of a bone between landmarks: its side's, middle where they differ."""
    if all("left" in name for name in names):
        return LEFT
    return RIGHT if all("right" in name for name in names) else MIDDLE


def line_thickness(height: int, width: int, points: Array) -> int:
    """Pixels: 1/160 of the picture's shorter side, at most 1/60 of the person, at least 1."""
    extent = float(np.ptp(points[:, :2], axis=0).max())
    return max(1, round(min(min(height, width) / 160, extent / 60)))


def draw_pose(
    image: Image, landmarks: Array, visibility: Array | None = None, *, roi: Roi | None = None
) -> Image:
    """A copy of the RGB uint8 `image` [H, W, 3] with the skeleton over it.

    landmarks: [33, >=2] image pixels, may lie outside; a third column is depth, smaller is nearer,
    and what is nearer is drawn later. visibility: [33] probabilities; None draws every point as
    visible. roi: also outline this square.
    """
    height, width = image.shape[:2]
    values = np.asarray(landmarks, np.float64)
    points = values[:, :2]
    depth = np.nan_to_num(values[:, 2]) if values.shape[1] > 2 else np.zeros(len(points))
    drawable = np.isfinite(points).all(axis=1) & (np.abs(points) < 4 * max(height, width)).all(
        axis=1
    )
    seen = np.ones(len(points), bool) if visibility is None else np.asarray(visibility) >= VISIBLE
    result = image.copy()
    if not drawable.any():
        return result
    thickness = line_thickness(height, width, points[drawable])
    if roi is not None and roi.is_finite:
        _draw_roi(result, roi, max(1, thickness // 2))
    faint = result.copy()
    for visible, canvas in ((False, faint), (True, result)):
        if visible:  # what is hidden lies below what is seen
            cv2.addWeighted(faint, FAINT, result, 1 - FAINT, 0, dst=result)
        bones = [
            (a, b)
            for a, b in EDGES
            if drawable[a] and drawable[b] and (seen[a] and seen[b]) == visible
        ]
        bones.sort(key=lambda bone: -depth[list(bone)].sum())
        dots = [i for i in range(len(points)) if drawable[i] and seen[i] == visible]
        dots.sort(key=lambda i: -depth[i])
        for outline in (True, False):
            _draw(canvas, points, bones, dots, thickness, hollow=not visible, outline=outline)
    return result


def draw_label(image: Image, landmarks: Array, text: str) -> Image:
    """A copy of the RGB uint8 `image` with `text` above the head of a person ([33, >=2] pixels)."""
    points = np.asarray(landmarks, np.float64)[:, :2]
    result = image.copy()
    if not np.isfinite(points).all() or np.abs(points).max() > 4 * max(image.shape[:2]):
        return result
    rows, columns = image.shape[:2]
    thickness = line_thickness(rows, columns, points)
    scale = max(0.5, thickness / 4)
    head = points[list(FACE)]
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, thickness)
    x = float(np.clip(head[:, 0].mean() - width / 2, 0, max(0, columns - width)))
    above = head[:, 1].min() - max(height, np.ptp(head[:, 1]))
    y = float(np.clip(above, height + thickness, rows - 1))
    _text(result, text, (round(x), round(y)), scale, thickness)
    return result


def draw_banner(image: Image, text: str) -> Image:
    """A copy of the RGB uint8 `image` with one line of text in its upper left corner."""
    result = image.copy()
    scale = max(0.4, min(image.shape[:2]) / 900)
    _text(result, text, (round(14 * scale), round(34 * scale)), scale, max(1, round(2 * scale)))
    return result


def _text(canvas: Image, text: str, place: tuple[int, int], scale: float, thickness: int) -> None:
    for color, width in ((OUTLINE, 3 * thickness), (MIDDLE, thickness)):
        cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, color, width, cv2.LINE_AA)


def _draw(
    canvas: Image, points: Array, bones: list[tuple[int, int]], dots: list[int], thickness: int,
    *, hollow: bool, outline: bool,
) -> None:  # fmt: skip
    """One layer: the dark outlines of all parts, or the parts themselves."""
    extra = max(1, round(2 / 3 * thickness)) if outline else 0
    for a, b in bones:
        color = OUTLINE if outline else side_color(LANDMARK_NAMES[a], LANDMARK_NAMES[b])
        fine = max(1, round(thickness * 0.6)) if a in FACE and b in FACE else thickness
        _line(canvas, points[a], points[b], color, fine + extra)
    for i in dots:
        radius = thickness * (0.8 if i in FACE else 1.5) + extra / 2
        color = OUTLINE if outline else side_color(LANDMARK_NAMES[i])
        ring = max(1, round(thickness / 2)) + extra if hollow else cv2.FILLED
        cv2.circle(
            canvas, _fixed(points[i]), round(radius * 2**FRACTION_BITS), color, ring,
            cv2.LINE_AA, FRACTION_BITS,
        )  # fmt: skip


def _draw_roi(canvas: Image, roi: Roi, thickness: int) -> None:
    corners = roi.to_image(np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float))
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        _line(canvas, start, end, MIDDLE, thickness)


def _line(canvas: Image, start: Array, end: Array, color: Color, thickness: int) -> None:
    cv2.line(canvas, _fixed(start), _fixed(end), color, thickness, cv2.LINE_AA, FRACTION_BITS)


def _fixed(point: Array) -> tuple[int, int]:
    """Image pixels -> OpenCV's fixed-point coordinates, which count from pixel centres."""
    x, y = np.round((point - 0.5) * 2**FRACTION_BITS).astype(int)
    return int(x), int(y)
