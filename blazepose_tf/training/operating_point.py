"""Where a detector's scores cross 0.5: moved until it fires on few enough pictures of nobody.

Runtimes, apps and MediaPipe's graphs all ask for a score of 0.5. Training leaves open how careful a
detector is there; adding a constant to all its logits moves it along its curve of hits against
false detections and changes nothing else (the score biases of the heads take it up, for free).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.detector import build_detector
from blazepose_tf.models.weights import Weights, apply_weights
from blazepose_tf.training.losses import logit

SCORE_BIAS = "_score_project/bias"
MARGIN = 1e-3
"""Logits by which the last picture that may not fire stays below."""


def highest_logits(weights: Weights, preset: str, pictures: Sequence[Path]) -> NDArray[np.floating]:
    """[N] logit of the likeliest anchor of every picture, letterboxed as the runtime does.

    Raises:
        BadInputError: weights of another network, or a picture that cannot be read.
    """
    model = build_detector(preset)
    apply_weights(model, weights, preset)
    size, highest = model.input_shape[1], []
    for path in tqdm(pictures, unit="picture"):
        square, _ = images.letterbox(images.read_image(path), size)
        said = model(square[None].astype(np.float32) / 255, training=False)
        highest.append(float(np.max(logit(said["scores"]))))
    return np.array(highest)


def shift_for(logits: NDArray[np.floating], at_most: int) -> float:
    """What to add to all logits so that at most so many of the pictures reach 0.5 (logit 0).

    Positive where a detector is more careful than it needs to be.

    Raises:
        BadInputError: no picture would have to stay silent.
    """
    if not 0 <= at_most < len(logits):
        raise BadInputError(f"of {len(logits)} pictures {at_most} may fire; give 0 to one less")
    return -float(np.sort(logits)[::-1][at_most]) - MARGIN


def shifted(weights: Weights, shift: float) -> Weights:
    """The detector with `shift` added to every score's logit.

    Raises:
        BadInputError: weights of no detector.
    """
    names = [name for name in weights.arrays if name.endswith(SCORE_BIAS)]
    if not names:
        raise BadInputError("the weights hold no detector's score heads")
    moved = {name: weights.arrays[name] + np.float32(shift) for name in names}
    about = {**weights.about, "score_shift": weights.about.get("score_shift", 0.0) + shift}
    return Weights({**weights.arrays, **moved}, about)
