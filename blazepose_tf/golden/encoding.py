"""Arrays inside JSON: exact, and short."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.geometry import Roi

TYPES: dict[str, type[np.generic]] = {
    "uint8": np.uint8,
    "int32": np.int32,
    "float32": np.float32,
    "float64": np.float64,
}


def array(values: NDArray[Any] | list[Any], dtype: str) -> dict[str, Any]:
    """{"type", "shape", "base64"}: little-endian bytes in C order."""
    whole = np.ascontiguousarray(np.asarray(values, TYPES[dtype]))
    data = whole.astype(whole.dtype.newbyteorder("<"), copy=False).tobytes()
    return {"type": dtype, "shape": list(whole.shape), "base64": base64.b64encode(data).decode()}


def roi(value: Roi) -> dict[str, float]:
    """The four numbers of a ROI, exact."""
    return {
        "center_x": float(value.center_x), "center_y": float(value.center_y),
        "size": float(value.size), "rotation": float(value.rotation),
    }  # fmt: skip
