"""Small vectors for every stage before the networks, kept in tests/golden/ as JSON.

Each has what goes in and what Python makes of it. Random numbers, always the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from blazepose_tf import geometry
from blazepose_tf import image as images
from blazepose_tf.anchors import AnchorOptions, generate_anchors
from blazepose_tf.geometry import Roi
from blazepose_tf.golden import tracking, yuv
from blazepose_tf.golden.encoding import array
from blazepose_tf.golden.encoding import roi as encoded
from blazepose_tf.runtime import detector, filters
from blazepose_tf.runtime.follower import is_usable
from blazepose_tf.runtime.landmarker import CropLandmarks, Landmarker
from blazepose_tf.topology import NUM_LANDMARKS, NUM_POINTS

BORDERS = {"REPLICATE": cv2.BORDER_REPLICATE, "BLACK": cv2.BORDER_CONSTANT}
CROP_SIZE = 24


def anchors() -> dict[str, Any]:
    """The shipped detector's options and odd ones."""
    options = [
        AnchorOptions(),
        AnchorOptions(input_size=100, strides=(16, 8, 32, 16), per_layer=3, offset=0.25),
    ]
    return {
        "cases": [
            {
                "input_size": o.input_size, "strides": list(o.strides), "per_layer": o.per_layer,
                "offset": o.offset, "centers": array(generate_anchors(o), "float32"),
            }
            for o in options
        ]
    }  # fmt: skip


def detection() -> dict[str, Any]:
    """Raw network output -> decoded candidates -> people, best first -> the best one's ROI."""
    random = np.random.default_rng(1)
    options = AnchorOptions(input_size=64, strides=(8, 16, 16))
    centers = generate_anchors(options)
    cases = []
    for threshold, height, width in ((0.5, 48, 64), (0.1, 1080, 1920), (0.9, 640, 480)):
        raw = random.normal(0, 8, (len(centers), detector.VALUES)).astype(np.float32)
        raw[:, 2:4] = random.uniform(-4, 48, (len(centers), 2))  # some boxes are inside out
        scores = random.uniform(0, 1, len(centers)).astype(np.float32)
        scores[5] = scores[77] = scores.max()  # equal scores: the first one counts
        scores[9] = threshold
        cases.append(_detection_case(raw, scores, centers, options, threshold, height, width))
    nobody = np.zeros(len(centers), np.float32)
    cases.append(_detection_case(raw, nobody, centers, options, 0.5, 48, 64))
    return {"anchors": array(centers, "float32"), "input_size": options.input_size, "cases": cases}


def _detection_case(
    raw: detector.Array, scores: detector.Array, centers: detector.Array, options: AnchorOptions,
    threshold: float, height: int, width: int,
) -> dict[str, Any]:  # fmt: skip
    keep = scores >= np.float32(threshold)
    values = detector.decode(raw[keep], centers[keep], options.input_size)
    people = detector.weighted_nms(values, scores[keep], limit=len(scores))
    square = images.letterbox_roi(height, width)
    best = None
    if people:
        points = square.to_image(people[0][1].reshape(-1, 2)).astype(np.float32)
        found = detector.Detection(people[0][0], points[:2].reshape(4), points[2:])
        best = {
            "score": found.score, "box": array(found.box, "float32"),
            "keypoints": array(found.keypoints, "float32"), "roi": encoded(found.roi),
        }  # fmt: skip
    return {
        "threshold": threshold, "height": height, "width": width,
        "boxes": array(raw, "float32"), "scores": array(scores, "float32"),
        "candidates": array(values, "float32"),
        "candidate_scores": array(scores[keep], "float32"),
        "people": array([value for _, value in people], "float32"),
        "people_scores": array([score for score, _ in people], "float32"),
        "best": best,
    }  # fmt: skip


def rois() -> dict[str, Any]:
    """Alignment points -> ROI; a ROI's corners in the picture; whether it is of use."""
    random = np.random.default_rng(2)
    pairs = random.uniform(-200, 2000, (40, 2, 2)).astype(np.float32)
    pairs[0, 1] = pairs[0, 0]
    pairs[1, 1] = pairs[1, 0] + np.array([0, 90], np.float32)  # upside down: the angle's edge
    pairs[2, 1] = pairs[2, 0] + np.array([0, -90], np.float32)
    pairs[3, 1] = pairs[3, 0] + np.array([0.1, 0], np.float32)
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.3, 1.7]])
    cases = []
    for center, circle in pairs:
        roi = geometry.roi_from_alignment(center, circle)
        cases.append(
            {
                "center": array(center, "float32"), "circle": array(circle, "float32"),
                "roi": encoded(roi), "corners": array(roi.to_image(corners), "float64"),
            }
        )  # fmt: skip
    edges = [
        Roi(50, 50, 40), Roi(-19.9, 50, 40), Roi(-20, 50, 40), Roi(119.9, 50, 40),
        Roi(120, 50, 40), Roi(50, -20, 40), Roi(50, 219.9, 40), Roi(50, 220, 40),
        Roi(50, 50, 1.9), Roi(50, 50, 2.0), Roi(50, 50, 2000), Roi(50, 50, 2000.1),
    ]  # fmt: skip
    usable = [{"roi": encoded(roi), "usable": is_usable(roi, 200, 100)} for roi in edges]
    angles = random.uniform(-20, 20, 20)
    return {
        "units": array(corners, "float64"),
        "cases": cases,
        "usable": {"height": 200, "width": 100, "cases": usable},
        "angles": array(angles, "float64"),
        "normalized": array([geometry.normalize_angle(a) for a in angles], "float64"),
    }


CROP_ROIS: dict[str, Roi] = {
    "inside": Roi(31.3, 22.9, 19.0, 0.4),
    "upright": Roi(30.0, 24.0, 24.0),
    "over two edges": Roi(3.0, 44.0, 30.0, -2.2),
    "far outside": Roi(90.0, -20.0, 40.0, 1.0),
    "larger than the picture": Roi(28.0, 20.0, 160.0, 3.0),
    "less than a pixel": Roi(11.7, 8.2, 0.6, 0.9),
    "turned by a right angle": Roi(30.5, 23.5, 24.0, math.pi / 2),
}


def crops() -> dict[str, Any]:
    """Noise, 61 x 47 pixels, cut by every ROI with both borders: equal to the bit."""
    picture = np.random.default_rng(3).integers(0, 256, (47, 61, 3), np.uint8)
    cases = [
        {
            "name": name, "roi": encoded(roi), "border": border,
            "crop": array(images.crop(picture, roi, CROP_SIZE, flag), "uint8"),
        }
        for name, roi in CROP_ROIS.items()
        for border, flag in BORDERS.items()
    ]  # fmt: skip
    square, roi = images.letterbox(picture, CROP_SIZE)
    letterbox = {"name": "letterbox", "roi": encoded(roi), "border": "BLACK",
                 "crop": array(square, "uint8")}  # fmt: skip
    return {"picture": array(picture, "uint8"), "cases": [*cases, letterbox]}


def yuv_crops() -> dict[str, Any]:
    """YUV noise with odd sides in all eight positions of a camera; every ROI in some of them."""
    random = np.random.default_rng(4)
    y, u, v = (random.integers(0, 256, shape, np.uint8) for shape in ((47, 61), (24, 31), (24, 31)))
    cases = []
    number = 0
    for rotation in (0, 90, 180, 270):
        for mirrored in (False, True):
            picture = yuv.YuvPicture(y, u, v, rotation, mirrored)
            height, width = picture.upright().shape[:2]
            for name in list(CROP_ROIS)[number % 2 :: 2]:
                border = list(BORDERS)[number // 2 % 2]
                crop = yuv.crop(picture, CROP_ROIS[name], CROP_SIZE, BORDERS[border])
                cases.append(
                    {
                        "name": name, "rotation": rotation, "mirrored": mirrored,
                        "roi": encoded(CROP_ROIS[name]), "border": border,
                        "width": width, "height": height, "crop": array(crop, "uint8"),
                    }
                )  # fmt: skip
            number += 1
    planes = {name: array(plane, "uint8") for name, plane in (("y", y), ("u", u), ("v", v))}
    return {**planes, "cases": cases}


def projection() -> dict[str, Any]:
    """What the landmark network says of a crop -> landmarks in the picture -> the next ROI."""
    random = np.random.default_rng(5)
    cases = []
    for roi in (Roi(320.5, 240.25, 200, 0.3), Roi(10, 900, 1500, -3.1), Roi(5, 5, 1, 0)):
        points = random.uniform(-0.5, 1.5, (NUM_POINTS, 3)).astype(np.float32)
        world = random.normal(0, 1, (NUM_LANDMARKS, 3)).astype(np.float32)
        seen = random.uniform(0, 1, NUM_LANDMARKS).astype(np.float32)
        found = Landmarker.to_image(CropLandmarks(points, seen, 0.75, world), roi)
        cases.append(
            {
                "roi": encoded(roi),
                "crop_points": array(points, "float32"), "crop_world": array(world, "float32"),
                "points": array(found.points, "float32"), "world": array(found.world, "float32"),
                "next_roi": encoded(found.roi),
            }
        )  # fmt: skip
    return {"cases": cases}


def smoothing() -> dict[str, Any]:
    """One Euro filters of single numbers, the low-pass, and the whole smoother on a moving body."""
    random = np.random.default_rng(6)
    times = np.cumsum(random.uniform(0.005, 0.1, 40))
    times[7], times[20] = times[6], times[19] - 0.01  # does not grow: not smoothed
    values = np.cumsum(random.normal(0, 3, (40, 4)), axis=0) + 100
    cases = []
    for options in (filters.BODY, filters.AUXILIARY, filters.WORLD):
        for scale in (1.0, 1 / 300):
            euro = filters.OneEuroFilter(options)
            out = [euro(v, t, scale) for v, t in zip(values, times.tolist(), strict=True)]
            cases.append(
                {
                    "min_cutoff": options.min_cutoff, "beta": options.beta,
                    "derivate_cutoff": options.derivate_cutoff, "scale": scale,
                    "filtered": array(out, "float64"),
                }
            )  # fmt: skip
    low = filters.LowPassFilter(filters.VISIBILITY_ALPHA)
    return {
        "times": array(times, "float64"),
        "values": array(values, "float64"),
        "one_euro": cases,
        "low_pass": {
            "alpha": filters.VISIBILITY_ALPHA,
            "filtered": array([low(v) for v in values], "float64"),
        },
        "smoother": tracking.smoother_case(random),
        "sides": tracking.sides_case(random),
        "jumps": tracking.jumps_case(random),
    }


WRITERS: dict[str, Callable[[], dict[str, Any]]] = {
    "anchors": anchors,
    "detection": detection,
    "rois": rois,
    "crops": crops,
    "yuv_crops": yuv_crops,
    "projection": projection,
    "smoothing": smoothing,
    "tracking": tracking.tracking,
}
"""File name in tests/golden/ (without .json) -> what stands in it."""
