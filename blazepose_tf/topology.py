"""The 33 BlazePose landmarks, the two alignment points, and their relation to other data sets.

Source: BlazePose (arXiv 2006.10204), Appendix A. Points 33 and 34 are the virtual alignment
points that the next frame's ROI is computed from.
"""

from __future__ import annotations

LANDMARK_NAMES: tuple[str, ...] = (
    "nose",
    "left_eye_inner", "left_eye", "left_eye_outer",
    "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear",
    "mouth_left", "mouth_right",
    "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow",
    "left_wrist", "right_wrist",
    "left_pinky", "right_pinky",
    "left_index", "right_index",
    "left_thumb", "right_thumb",
    "left_hip", "right_hip",
    "left_knee", "right_knee",
    "left_ankle", "right_ankle",
    "left_heel", "right_heel",
    "left_foot_index", "right_foot_index",
)  # fmt: skip
ALIGNMENT_NAMES: tuple[str, ...] = ("mid_hip", "full_body_circle")

NUM_LANDMARKS = len(LANDMARK_NAMES)
NUM_POINTS = NUM_LANDMARKS + len(ALIGNMENT_NAMES)
MID_HIP = 33
FULL_BODY_CIRCLE = 34

INDEX: dict[str, int] = {name: i for i, name in enumerate(LANDMARK_NAMES + ALIGNMENT_NAMES)}


def _indices(*names: str) -> tuple[int, ...]:
    return tuple(INDEX[name] for name in names)


EDGES: tuple[tuple[int, int], ...] = tuple(
    (INDEX[a], INDEX[b])
    for a, b in (
        ("nose", "left_eye_inner"), ("left_eye_inner", "left_eye"),
        ("left_eye", "left_eye_outer"), ("left_eye_outer", "left_ear"),
        ("nose", "right_eye_inner"), ("right_eye_inner", "right_eye"),
        ("right_eye", "right_eye_outer"), ("right_eye_outer", "right_ear"),
        ("mouth_left", "mouth_right"),
        ("left_shoulder", "right_shoulder"),
        ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
        ("left_wrist", "left_pinky"), ("left_wrist", "left_index"),
        ("left_wrist", "left_thumb"), ("left_pinky", "left_index"),
        ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
        ("right_wrist", "right_pinky"), ("right_wrist", "right_index"),
        ("right_wrist", "right_thumb"), ("right_pinky", "right_index"),
        ("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"),
        ("left_hip", "right_hip"),
        ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
        ("left_ankle", "left_heel"), ("left_heel", "left_foot_index"),
        ("left_ankle", "left_foot_index"),
        ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
        ("right_ankle", "right_heel"), ("right_heel", "right_foot_index"),
        ("right_ankle", "right_foot_index"),
    )
)  # fmt: skip
"""Pairs of landmark indices that are drawn as bones (the 35 connections MediaPipe draws)."""

MIRRORED: tuple[int, ...] = tuple(
    INDEX[name.replace("left", "*").replace("right", "left").replace("*", "right")]
    for name in LANDMARK_NAMES
) + (MID_HIP, FULL_BODY_CIRCLE)
"""`points[MIRRORED]` exchanges left and right; needed after a horizontal flip."""

COCO_TO_BLAZEPOSE: tuple[int, ...] = _indices(
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow",
    "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle",
)  # fmt: skip
"""Landmark index of each of COCO's 17 keypoints, in COCO's order."""

LSP_LIMBS: tuple[int, ...] = _indices(
    "right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle",
    "right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip
"""Landmark index of LSP's first 12 joints, in its order (the 13th, neck, and 14th, head top, have
none)."""

LEFT_SHOULDER, RIGHT_SHOULDER = INDEX["left_shoulder"], INDEX["right_shoulder"]
LEFT_HIP, RIGHT_HIP = INDEX["left_hip"], INDEX["right_hip"]

DEPENDENTS: dict[int, tuple[int, ...]] = {
    INDEX["left_wrist"]: _indices("left_pinky", "left_index", "left_thumb"),
    INDEX["right_wrist"]: _indices("right_pinky", "right_index", "right_thumb"),
    INDEX["left_ankle"]: _indices("left_heel", "left_foot_index"),
    INDEX["right_ankle"]: _indices("right_heel", "right_foot_index"),
}
"""Hand and foot points that cannot be trusted when the wrist or ankle they hang on is wrong."""
