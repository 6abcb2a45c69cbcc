"""The numbers of the pipeline as one JSON, a resource of the Android demo's core."""

from __future__ import annotations

import dataclasses
from typing import Any

from blazepose_tf import draw, geometry
from blazepose_tf.golden import yuv
from blazepose_tf.runtime import detector, filters, follower, jumps, model_file, sides, tracker
from blazepose_tf.topology import (
    ALIGNMENT_NAMES,
    EDGES,
    FULL_BODY_CIRCLE,
    LANDMARK_NAMES,
    MID_HIP,
    MIRRORED,
    NUM_LANDMARKS,
)

_COLORS = {"LEFT": draw.LEFT, "RIGHT": draw.RIGHT, "MIDDLE": draw.MIDDLE, "OUTLINE": draw.OUTLINE}


def _side(*names: str) -> str:
    color = draw.side_color(*names)
    return next(side for side, known in _COLORS.items() if known == color)


def constants() -> dict[str, Any]:
    """Everything that Kotlin would otherwise have to type again; keys are stable."""
    names = LANDMARK_NAMES
    return {
        "about": "Written by tools/write_golden.py from the Python package; do not edit.",
        "topology": {
            "names": [*names, *ALIGNMENT_NAMES],
            "num_landmarks": NUM_LANDMARKS,
            "mid_hip": MID_HIP,
            "full_body_circle": FULL_BODY_CIRCLE,
            "sides": [_side(name) for name in names],
            "mirrored": list(MIRRORED),
            "face": list(draw.FACE),
            "bones": [{"start": a, "end": b, "side": _side(names[a], names[b])} for a, b in EDGES],
        },
        "drawing": {
            "visible": draw.VISIBLE,
            "faint": draw.FAINT,
            "colors": {side: list(color) for side, color in _COLORS.items()},
        },
        "roi": {
            "margin": geometry.ROI_MARGIN,
            "min_size": geometry.MIN_ROI_SIZE,
            "min_pixels": follower.MIN_ROI_PIXELS,
            "max_ratio": follower.MAX_ROI_RATIO,
        },
        "detector": {
            "score_threshold": detector.SCORE_THRESHOLD,
            "iou_threshold": detector.IOU_THRESHOLD,
            "num_keypoints": detector.NUM_KEYPOINTS,
        },
        "tracker": {"presence_threshold": tracker.PRESENCE_THRESHOLD},
        "smoothing": {
            "body": dataclasses.asdict(filters.BODY),
            "auxiliary": dataclasses.asdict(filters.AUXILIARY),
            "world": dataclasses.asdict(filters.WORLD),
            "visibility_alpha": filters.VISIBILITY_ALPHA,
            "min_object_scale": filters.MIN_OBJECT_SCALE,
        },
        "sides": {
            "parts": sides.PARTS,
            "ratio": sides.RATIO,
            "margin": sides.MARGIN,
            "hold_s": sides.HOLD_S,
            "max_gap_s": sides.MAX_GAP_S,
        },
        "jumps": {"jump": jumps.JUMP},
        "yuv": {
            "red_v": yuv.RED_V,
            "green_u": yuv.GREEN_U,
            "green_v": yuv.GREEN_V,
            "blue_u": yuv.BLUE_U,
        },
        "model_file": {
            "identifier": model_file.IDENTIFIER.decode(),
            "description_entry": model_file.DESCRIPTION_ENTRY,
            "buffers_field": model_file.BUFFERS,
            "metadata_field": model_file.METADATA,
        },
    }
