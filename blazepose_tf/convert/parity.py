"""Does a file compute what the Keras model computes? On real crops, by numbers with limits."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import tf_keras
from numpy.typing import NDArray

from blazepose_tf.anchors import AnchorOptions, generate_anchors
from blazepose_tf.convert import layouts
from blazepose_tf.convert.calibration import Crops, Pictures, pck
from blazepose_tf.convert.check import Check
from blazepose_tf.geometry import CROP_PIXELS, roi_from_alignment
from blazepose_tf.runtime.detector import SCORE_THRESHOLD, decode, weighted_nms
from blazepose_tf.runtime.interpreter import Interpreter

Outputs = Mapping[str, NDArray[np.float32]]
"""Output name -> values of all pictures [N, ...], named as in our own files."""

BATCH = 8
FLOAT_LIMITS: dict[str, dict[str, float]] = {
    "float32": {"position": 1e-4, "probability": 1e-4, "metres": 1e-4},
    "float16": {"position": 2e-3, "probability": 1e-2, "metres": 2e-3},
}
"""Largest difference anywhere. Position: crop units, or parts of the detector's input side."""
BRANCH_LIMITS: dict[str, float] = {"float32": 1e-4, "float16": 2e-3, "int8": 0.03}
"""Mean difference of mask and heatmaps."""
INT8_PIXELS = 1.0
"""Mean distance of the 35 points, pixels of 256 across the crop, whatever the input size."""
INT8_PROBABILITY = 0.05
"""Mean difference of visibility and presence."""
INT8_PCK_LOSS = 1.5
"""Points of PCK@0.2 that int8 may cost on labelled people."""
INT8_KEYPOINTS = 0.03
"""Mean distance of the detector's key points in parts of the ROI's side: well inside the 10 % of
scale and shift that landmark networks are trained to take (BlazePose, section 3)."""
INT8_FOUND = 0.95
"""Share of the pictures with somebody in which int8 must find somebody too."""
INT8_NEW = 0.05
"""Largest share of all pictures in which only int8 finds somebody."""


def to_input(pictures: Pictures, input_range: tuple[float, float]) -> NDArray[np.float32]:
    """uint8 pixels as float32 from the input's smallest to its largest value."""
    low, high = input_range
    return pictures.astype(np.float32) / np.float32(255 / (high - low)) + np.float32(low)


def run_keras(
    model: tf_keras.Model, pictures: Pictures, input_range: tuple[float, float] = (0.0, 1.0)
) -> Outputs:
    """Reference outputs; pictures uint8 [N, S, S, 3]."""
    parts = []
    for start in range(0, len(pictures), BATCH):
        batch = to_input(pictures[start : start + BATCH], input_range)
        parts.append({name: y.numpy() for name, y in model(batch, training=False).items()})
    outputs = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return layouts.to_own(outputs, pictures.shape[1])


def run_file(
    path: str | Path, pictures: Pictures, backend: str,
    input_range: tuple[float, float] = (0.0, 1.0),
) -> Outputs:  # fmt: skip
    """Outputs of a .tflite file, one picture at a time.

    Raises:
        BadInputError: the file cannot be loaded by `backend`.
    """
    interpreter = Interpreter(path, backend=backend)
    runs = [interpreter.run(image=to_input(p[None], input_range)) for p in pictures]
    outputs = {name: np.concatenate([run[name] for run in runs]) for name in runs[0]}
    return layouts.to_own(outputs, pictures.shape[1])


def _largest(file: Outputs, keras: Outputs, *names: str) -> float:
    return max(float(np.abs(file[name] - keras[name]).max()) for name in names)


def branches(file: Outputs, keras: Outputs, precision: str) -> list[Check]:
    """Mean differences of the probabilities in mask and heatmaps, where the file has them."""
    limit = BRANCH_LIMITS[precision]
    return [
        Check(f"parity_{name}", float(np.abs(file[name] - keras[name]).mean()), limit, "mean")
        for name in ("mask", "heatmap")
        if name in keras
    ]


def landmark_float(file: Outputs, keras: Outputs, precision: str) -> list[Check]:
    """Largest differences of a float32 or float16 landmark file."""
    limits = FLOAT_LIMITS[precision]
    return [
        Check("parity", _largest(file, keras, "landmarks"), limits["position"], "crop units"),
        Check("parity_probability", _largest(file, keras, "visibility", "presence"),
              limits["probability"], ""),
        Check("parity_world", _largest(file, keras, "world"), limits["metres"], "m"),
        *branches(file, keras, precision),
    ]  # fmt: skip


def mean_pixels(file: Outputs, keras: Outputs) -> float:
    """Mean distance of the points (x, y) in pixels of a crop of 256."""
    offset = file["landmarks"][..., :2] - keras["landmarks"][..., :2]
    return float(np.linalg.norm(offset, axis=-1).mean()) * CROP_PIXELS


def landmark_int8(file: Outputs, keras: Outputs, crops: Crops) -> list[Check]:
    """Mean differences of an int8 landmark file, and what it costs on labelled people."""
    differences = [np.abs(file[n] - keras[n]).ravel() for n in ("visibility", "presence")]
    checks = [
        Check("parity", mean_pixels(file, keras), INT8_PIXELS, f"px of {CROP_PIXELS:g}, mean"),
        Check("parity_probability", float(np.concatenate(differences).mean()), INT8_PROBABILITY,
              "mean"),
        *branches(file, keras, "int8"),
    ]  # fmt: skip
    if np.isfinite(crops.torso).any():
        before, after = pck(keras["landmarks"], crops), pck(file["landmarks"], crops)
        detail = f"float {before:.1f}, int8 {after:.1f}"
        checks.append(
            Check("pck_loss", before - after, INT8_PCK_LOSS, "points of PCK@0.2", detail=detail)
        )
    return checks


def detector_float(file: Outputs, keras: Outputs, precision: str, size: int) -> list[Check]:
    """Largest differences of a float32 or float16 detector file, all anchors."""
    limits = FLOAT_LIMITS[precision]
    boxes = _largest(file, keras, "boxes") / size
    return [
        Check("parity", boxes, limits["position"], "parts of the input side"),
        Check("parity_probability", _largest(file, keras, "scores"), limits["probability"], ""),
    ]


def _best(outputs: Outputs, options: AnchorOptions) -> list[NDArray[np.float32] | None]:
    """Key points [4, 2] of the best detection in pixels of the input, or None, per picture."""
    anchors = generate_anchors(options)
    found: list[NDArray[np.float32] | None] = []
    for raw, scores in zip(outputs["boxes"], outputs["scores"], strict=True):
        keep = scores >= SCORE_THRESHOLD
        values = decode(raw[keep], anchors[keep], options.input_size)
        best = weighted_nms(values, scores[keep])
        points = best[0][1][4:].reshape(-1, 2) * options.input_size if best else None
        found.append(points)
    return found


def detector_int8(file: Outputs, keras: Outputs, options: AnchorOptions) -> list[Check]:
    """What the decoded detections of an int8 file lose against the float model's."""
    errors, lost, new = [], 0, 0
    before, after = _best(keras, options), _best(file, options)
    for expected, actual in zip(before, after, strict=True):
        lost += expected is not None and actual is None
        new += expected is None and actual is not None
        if expected is not None and actual is not None:
            side = roi_from_alignment(expected[0], expected[1]).size
            errors.append(float(np.linalg.norm(actual - expected, axis=1).mean()) / side)
    people = sum(points is not None for points in before)
    detail = f"{people} of {len(before)} pictures"
    return [
        Check("parity", float(np.mean(errors)) if errors else float("nan"), INT8_KEYPOINTS,
              "of the ROI's side, mean of the key points"),
        Check("found", 1 - lost / people if people else float("nan"), INT8_FOUND,
              "of the pictures in which float finds somebody", at_least=True, detail=detail),
        Check("false_finds", new / len(before), INT8_NEW, "of all pictures"),
    ]  # fmt: skip
