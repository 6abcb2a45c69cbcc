"""SSD anchors of the detector: one definition for training, decoding and Android."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class AnchorOptions:
    """Fixed-size anchors, `per_layer` for every stride listed; equal strides share one grid.

    Defaults are MediaPipe's pose_detection graph (SsdAnchorsCalculator: 5 layers, strides
    8 16 32 32 32, offset 0.5, fixed_anchor_size, two per cell and layer).
    """

    input_size: int = 224
    strides: tuple[int, ...] = (8, 16, 32, 32, 32)
    per_layer: int = 2
    offset: float = 0.5


def generate_anchors(options: AnchorOptions = AnchorOptions()) -> NDArray[np.float32]:
    """Anchor centres [A, 2] as (x, y) in 0..1 of the square input.

    Order: strides from fine to coarse, then rows, then columns, then the anchors of one cell.
    The default options give 28*28*2 + 14*14*2 + 7*7*6 = 2254 anchors.
    """
    parts = []
    for stride in sorted(set(options.strides)):
        cells = -(-options.input_size // stride)
        count = options.per_layer * options.strides.count(stride)
        axis = (np.arange(cells, dtype=np.float32) + options.offset) / cells
        grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 1, 2)
        parts.append(np.repeat(grid, count, axis=1).reshape(-1, 2))
    return np.concatenate(parts).astype(np.float32)
