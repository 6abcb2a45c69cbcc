"""Numbers of the training that both frameworks share."""

from __future__ import annotations

from typing import Any

LOG_SCALE = 3.0
"""Pixels at which log(1 + e / scale) turns from linear to logarithmic: far outliers (wrong labels)
lose their pull, near misses keep it. Hard poses are far outliers too: with labels that can be
trusted a larger scale listens to them."""
DEPTH_SCALE, WORLD_SCALE = 10.0, 0.03
"""The same of depths, in pixels, and of world landmarks, in metres."""

LOSS_WEIGHTS = {
    "landmark": 1.0, "regressed": 0.5, "depth": 0.1, "world": 0.3,
    "visibility": 0.1, "presence": 0.1, "heatmap": 0.3, "offset": 0.1,
}  # fmt: skip

BETAS, EPSILON, FLOOR = (0.9, 0.99), 1e-12, 2e-3
"""Of `optimizer.RelativeAdam`."""
LAST_RATE = 0.02
"""The learning rate at the end, as a share of its peak (cosine)."""
CLIP_NORM = 10.0
"""Longest gradient of a step."""
BFLOAT16_LAYERS = ("stem", "encoder_")
"""Beginnings of the names of layers that may compute in bfloat16: behind the encoder one step of
bfloat16 is a pixel."""


def early_decay(step: Any) -> Any:
    """Largest weight of the past in the averaged weights at a step, a number or a tensor: early on
    the average is short, so that it forgets where training began."""
    return (1.0 + step) / (10.0 + step)
