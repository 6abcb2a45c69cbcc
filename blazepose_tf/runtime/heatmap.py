"""Moves landmarks to the heaviest place of their heatmaps, as MediaPipe's clients do.

RefineLandmarksFromHeatmapCalculator with the options of its pose graphs. Our own files have no
heatmaps; those in the layout of MediaPipe's have.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.runtime.interpreter import sigmoid

Array = NDArray[np.float32]

KERNEL = 7
"""Cells; centred on the cell that holds the landmark."""
MIN_CONFIDENCE = 0.5
"""Points whose heatmap is nowhere that sure inside the kernel stay where they are."""


def refine(points: Array, heatmaps: Array) -> Array:
    """Refined points [N, 3], crop units (z as it was); heatmaps [S, S, N], logits.

    A cell's place is its index / S, not its centre: so MediaPipe's heatmaps were trained.
    """
    size, count = heatmaps.shape[0], len(points)
    with np.errstate(invalid="ignore"):
        cells = np.trunc(points[:, :2] * size)
    inside = ((cells >= 0) & (cells < size)).all(axis=1)
    cells = np.where(inside[:, None], cells, 0).astype(int)
    reach = np.arange(KERNEL) - KERNEL // 2
    columns, rows = cells[:, 0, None] + reach, cells[:, 1, None] + reach
    valid = ((rows >= 0) & (rows < size))[:, :, None] & ((columns >= 0) & (columns < size))[:, None]
    logits = heatmaps[
        rows.clip(0, size - 1)[:, :, None],
        columns.clip(0, size - 1)[:, None],
        np.arange(count)[:, None, None],
    ]
    weights = sigmoid(logits) * valid
    total = weights.sum(axis=(1, 2))
    sure = inside & (weights.max(axis=(1, 2)) >= MIN_CONFIDENCE)
    refined = points.copy()
    place = np.stack(
        [
            (weights * columns[:, None]).sum(axis=(1, 2)),
            (weights * rows[:, :, None]).sum(axis=(1, 2)),
        ],
        axis=1,
    )
    refined[sure, :2] = place[sure] / total[sure, None] / size
    return refined
