"""Finds a person once: letterbox -> scores and boxes -> decode -> weighted NMS -> Detection.

Constants are those of MediaPipe's pose_detection graph (TensorsToDetectionsCalculator and
NonMaxSuppressionCalculator).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.anchors import AnchorOptions, generate_anchors
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi, roi_from_alignment
from blazepose_tf.runtime import task_file
from blazepose_tf.runtime.interpreter import Interpreter, sigmoid

Array = NDArray[np.float32]

SCORE_THRESHOLD = 0.5
IOU_THRESHOLD = 0.3
NUM_KEYPOINTS = 4
"""mid-hip, full-body circle, mid-shoulder, upper-body circle."""
VALUES = 4 + 2 * NUM_KEYPOINTS


@dataclass(frozen=True)
class Detection:
    """One person.

    score: probability. box: [4] x0, y0, x1, y1 of the face in image pixels.
    keypoints: [4, 2] image pixels: mid-hip, full-body circle, mid-shoulder, upper-body circle.
    """

    score: float
    box: Array
    keypoints: Array

    @property
    def roi(self) -> Roi:
        """The square that holds the whole body, turned upright."""
        return roi_from_alignment(self.keypoints[0], self.keypoints[1])


def decode(raw: Array, anchors: Array, input_size: int) -> Array:
    """Network output [A, 12] -> [A, 12] in 0..1 of the input square.

    Raw values are pixels of the input relative to the anchor's centre: box centre x, y, width,
    height, then four points. Decoded: box x0, y0, x1, y1, then the points.
    """
    values = raw / np.float32(input_size)
    center = values[:, 0:2] + anchors
    half = values[:, 2:4] / 2
    points = values[:, 4:].reshape(len(raw), NUM_KEYPOINTS, 2) + anchors[:, None]
    return np.concatenate(
        [center - half, center + half, points.reshape(len(raw), 2 * NUM_KEYPOINTS)], axis=1
    )


def _iou(box: Array, boxes: Array) -> Array:
    inter = np.clip(
        np.minimum(box[2:4], boxes[:, 2:4]) - np.maximum(box[0:2], boxes[:, 0:2]), 0, None
    ).prod(axis=1)
    areas = np.clip(boxes[:, 2:4] - boxes[:, 0:2], 0, None).prod(axis=1)
    area = np.clip(box[2:4] - box[0:2], 0, None).prod()
    union = area + areas - inter
    return np.where(union > 0, inter / np.maximum(union, 1e-12), 0.0).astype(np.float32)


def weighted_nms(
    values: Array, scores: Array, iou_threshold: float = IOU_THRESHOLD, limit: int = 1
) -> list[tuple[float, Array]]:
    """Weighted non-maximum suppression: (score, values [12]) of at most `limit` people, best first.

    Boxes that overlap the best one by more than `iou_threshold` are averaged with their scores as
    weights, key points too; the best score is kept. values [N, 12], scores [N].
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[tuple[float, Array]] = []
    while len(order) and len(kept) < limit:
        best = order[0]
        overlap = _iou(values[best], values[order]) > iou_threshold
        overlap[0] = True
        group = order[overlap]
        weights = scores[group] / scores[group].sum()
        kept.append((float(scores[best]), (values[group] * weights[:, None]).sum(axis=0)))
        order = order[~overlap]
    return kept


def _anchor_options(stored: dict[str, Any]) -> AnchorOptions:
    """The options a file describes; those of MediaPipe's detector where it describes none."""
    known = {f.name: stored[f.name] for f in dataclasses.fields(AnchorOptions) if f.name in stored}
    if "strides" in known:
        known["strides"] = tuple(known["strides"])
    return AnchorOptions(**known)


class Detector:
    """A detector file, ours or MediaPipe's. The layout is known from names and shapes."""

    def __init__(
        self, path: str | Path, *, threads: int = 1, backend: str = "auto",
        score_threshold: float = SCORE_THRESHOLD, corner_sampling: bool = False,
    ) -> None:  # fmt: skip
        """Load `path`; `corner_sampling` as in `image.crop`.

        Raises:
            BadInputError: not a pose detector.
        """
        self.interpreter = Interpreter(
            path, threads=threads, backend=backend, member=task_file.DETECTOR
        )
        self.score_threshold, self.corner_sampling = score_threshold, corner_sampling
        shapes = [info.shape for info in self.interpreter.inputs.values()]
        outputs = self.interpreter.outputs
        options = _anchor_options(self.interpreter.file.description.get("anchors", {}))
        size = options.input_size
        self.anchors = generate_anchors(options)
        by_shape = {info.shape: name for name, info in outputs.items()}
        boxes, scores = (1, len(self.anchors), VALUES), (1, len(self.anchors), 1)
        ours = {"boxes", "scores"} <= set(outputs) and outputs["boxes"].shape == boxes
        self.is_mediapipe = not ours and boxes in by_shape and scores in by_shape
        if shapes != [(1, size, size, 3)] or not (ours or self.is_mediapipe):
            raise BadInputError(
                f"{path}: is no pose detector (outputs {sorted(outputs)}); "
                "give a pose_detector_*.tflite file or a .task bundle"
            )
        self.input_size: int = size
        self._boxes = "boxes" if ours else by_shape[boxes]
        self._scores = "scores" if ours else by_shape[scores]

    def run_square(self, square: images.Image) -> tuple[Array, Array]:
        """Run on a letterboxed RGB uint8 [S, S, 3]: raw boxes [A, 12] and probabilities [A]."""
        values = square[None].astype(np.float32) / 255.0
        if self.is_mediapipe:
            values = values * 2 - 1
        out = self.interpreter.run(image=values)
        scores = out[self._scores].reshape(-1)
        if self.is_mediapipe:
            scores = sigmoid(scores)
        return out[self._boxes].reshape(-1, VALUES), scores.astype(np.float32)

    def __call__(self, frame: images.Image, limit: int = 1) -> list[Detection]:
        """People in an RGB uint8 frame [H, W, 3], best first, at most `limit`."""
        square, roi = images.letterbox(frame, self.input_size, self.corner_sampling)
        raw, scores = self.run_square(square)
        keep = scores >= self.score_threshold
        values = decode(raw[keep], self.anchors[keep], self.input_size)
        found = []
        for score, value in weighted_nms(values, scores[keep], limit=limit):
            points = roi.to_image(value.reshape(-1, 2)).astype(np.float32)
            found.append(Detection(score, points[:2].reshape(4), points[2:]))
        return found
