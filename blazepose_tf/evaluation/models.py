"""Landmark models by the names that evaluations are given."""

from __future__ import annotations

from pathlib import Path

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.landmarker import Landmarker

HEATMAPS = "+heatmaps"
"""After a name: points refined by the file's heatmaps outside the network, as MediaPipe's clients
do."""


def open_landmarker(name: str | Path, *, threads: int = 1, backend: str = "auto") -> Landmarker:
    """A landmark file by path or `npm:lite|full|heavy`, with `HEATMAPS` after it or not.

    Raises:
        BadInputError: no such file, or one without heatmaps.
    """
    text = str(name)
    refine = text.endswith(HEATMAPS)
    path = find_model(text.removesuffix(HEATMAPS))
    found = Landmarker(path, threads=threads, backend=backend, refine=refine)
    if refine and not found.is_mediapipe:
        raise BadInputError(f"{path}: has no heatmaps; {HEATMAPS} is for MediaPipe's layout")
    return found
