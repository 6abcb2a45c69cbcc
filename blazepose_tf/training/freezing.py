"""Which layers a run leaves as they are."""

from __future__ import annotations

import re


def is_frozen(layer: str, freeze_above: int) -> bool:
    """True for the stem and for encoder layers at a resolution above `freeze_above` (0 = none).

    The early layers hold edges and textures that fine-tuning hardly changes, and half of the
    time of a training step.
    """
    if not freeze_above:
        return False
    resolution = re.match(r"encoder_(\d+)_", layer)
    return layer.startswith("stem") or bool(resolution and int(resolution[1]) > freeze_above)
