"""What is drawn, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]

NOWHERE = 1e3
"""Rest position where no person is drawn."""


@dataclass(frozen=True)
class Part:
    """Triangles of one material.

    positions, normals [V, 3]: world; rest [V, 3]: template metres (patterns stick to it); zone
    [V, 3]: (torso height, arm, leg) coordinates that clothes are cut along; faces [F, 3];
    material: see `materials`; uniforms: its colours and cuts; casts: throws a shadow and can cover
    landmarks; who: number of the person it belongs to, 0 for things.
    """

    positions: Array
    normals: Array
    rest: Array
    zone: Array
    faces: NDArray[np.integer]
    material: str
    uniforms: dict[str, Any] = field(default_factory=dict)
    casts: bool = True
    who: int = 0


@dataclass(frozen=True)
class Picture:
    """What was drawn.

    image: uint8 RGB [H, W, 3]; depth [H, W]: metres along the camera's axis to the first part that
    casts, inf where there is none; rest [H, W, 3]: where on the template that is, about NOWHERE if
    it is no person; who [H, W]: whose it is, 0 for things and NOWHERE for nothing.
    """

    image: NDArray[np.uint8]
    depth: Array
    rest: Array
    who: Array
