"""PCK: the share of correct points, a point being correct near enough to its label.

BlazePose (arXiv 2006.10204, section 3) reports PCK@0.2: a point is correct if its distance from the
label is at most 20 % of the torso, here |mid-shoulder - mid-hip| in image pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.topology import INDEX, LANDMARK_NAMES, NUM_LANDMARKS

THRESHOLDS = (0.2, 0.1)
"""In torso lengths."""
MIN_TORSO = 1.0
"""Pixels. A shorter torso (hips on top of shoulders) is no yardstick; the person is skipped."""


@dataclass(frozen=True)
class PckScores:
    """Counts of one model on one data set; shares are percent.

    people: persons scored. skipped: persons without a torso to measure with.
    points: [33] labelled points of each landmark. correct: threshold -> [33] correct ones.
    """

    people: int
    skipped: int
    points: NDArray[np.int64]
    correct: dict[float, NDArray[np.int64]]

    def pck(self, threshold: float = THRESHOLDS[0], joint: str | None = None) -> float:
        """Percent of correct points, of all landmarks pooled or of one; NaN if none is labelled."""
        chosen = slice(None) if joint is None else slice(INDEX[joint], INDEX[joint] + 1)
        total = int(self.points[chosen].sum())
        return 100 * int(self.correct[threshold][chosen].sum()) / total if total else float("nan")

    @property
    def joints(self) -> list[str]:
        """Names of the landmarks that are labelled at all."""
        return [LANDMARK_NAMES[i] for i in np.flatnonzero(self.points)]


def has_torso(sample: PoseSample) -> bool:
    """True when hips and shoulders are labelled, so that the person can be scored."""
    return bool(sample.torso >= MIN_TORSO)


def torso_errors(
    predictions: NDArray[np.floating], samples: Sequence[PoseSample]
) -> NDArray[np.float64]:
    """Distance of every landmark from its label in torso lengths, [N, 33].

    predictions: [N, >=33, >=2] image pixels; NaN where the model found nothing.
    NaN in the result: not labelled, or no torso. Infinity: labelled, but nothing was predicted.
    """
    if predictions.ndim != 3 or len(predictions) != len(samples):
        raise ValueError(f"predictions {predictions.shape} do not fit {len(samples)} samples")
    labels = np.stack([sample.points[:NUM_LANDMARKS] for sample in samples]).astype(float)
    torso = np.array([sample.torso if has_torso(sample) else np.nan for sample in samples])
    distance = np.linalg.norm(predictions[:, :NUM_LANDMARKS, :2] - labels, axis=2)
    known = np.isfinite(labels).all(axis=2) & np.isfinite(torso)[:, None]
    errors = np.where(np.isfinite(distance), distance / torso[:, None], np.inf)
    return np.where(known, errors, np.nan)


def score(
    predictions: NDArray[np.floating],
    samples: Sequence[PoseSample],
    thresholds: Sequence[float] = THRESHOLDS,
) -> PckScores:
    """PCK of predictions [N, >=33, >=2] (image pixels, NaN = nothing found) for N samples.

    Only labelled points count; a labelled point that was not found is wrong.

    Raises:
        BadInputError: not a single point can be scored.
    """
    if not len(samples):
        raise BadInputError("the data set is empty; nothing can be scored")
    errors = torso_errors(predictions, samples)
    known = ~np.isnan(errors)
    if not known.any():
        raise BadInputError(
            "no person has both hips and both shoulders labelled; PCK needs the torso"
        )
    skipped = sum(not has_torso(sample) for sample in samples)
    correct = {limit: (known & (errors <= limit)).sum(axis=0) for limit in thresholds}
    return PckScores(len(samples) - skipped, skipped, known.sum(axis=0), correct)
