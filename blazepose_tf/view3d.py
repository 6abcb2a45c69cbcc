"""A 3-D view of world landmarks: one HTML file that needs nothing else, to turn and to play.

The page (assets/view3d.html) draws on a canvas by hand-written code; the data stand in it as JSON.
World landmarks have their origin between the hips, so where people stand relative to each other is
taken from the picture (weak perspective: pixels over pixels per metre); how far one stands behind
another is not known and not drawn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.topology import EDGES, LANDMARK_NAMES, LEFT_HIP, NUM_LANDMARKS, RIGHT_HIP

Array = NDArray[np.floating]

PAGE = Path(__file__).parent / "assets" / "view3d.html"
PLACEHOLDER = "/*DATA*/"
MAX_FRAMES = 3000
"""A page of more would be slow to open; of a longer video it shows every 2nd, 4th, ... frame."""


@dataclass(frozen=True)
class Body:
    """One person: number, world landmarks [33, 3] in metres, landmarks [33, >=2] in pixels."""

    id: int
    world: Array
    landmarks: Array


def pixels_per_metre(body: Body) -> float:
    """Scale of the picture at the person: least squares over the 33 points about the hips."""
    pixels, metres = body.landmarks[:, :2], body.world[:, :2]
    hips = [LEFT_HIP, RIGHT_HIP]
    pixels, metres = pixels - pixels[hips].mean(axis=0), metres - metres[hips].mean(axis=0)
    spread = float((metres**2).sum())
    return max(float((pixels * metres).sum()) / spread, 0.0) if spread > 0 else 0.0


def _millimetres(values: Array) -> list[int]:
    return [round(1000 * float(value)) for value in np.asarray(values).reshape(-1)]


def _place(body: Body, middle: Array) -> list[int]:
    """Millimetres from the picture's middle to the hips; 0, 0 where the scale is not known."""
    scale = pixels_per_metre(body)
    if not scale > 0:
        return [0, 0]
    hips = body.landmarks[[LEFT_HIP, RIGHT_HIP], :2].mean(axis=0)
    return _millimetres((hips - middle) / scale)


class View3D:
    """Collects frames in constant memory and writes the page."""

    def __init__(self, path: str | Path, title: str = "Pose in 3-D") -> None:
        """`path`: the .html file that `write` makes.

        Raises:
            BadInputError: the name does not end in .html.
        """
        self.path, self._title = Path(path), title
        if self.path.suffix.lower() not in (".html", ".htm"):
            raise BadInputError(f"{path}: the 3-D view is a web page; end the name in .html")
        self._frames: list[list[Any]] = []
        self._step = 1

    def add(
        self, index: int, timestamp_s: float, bodies: Sequence[Body], height: int, width: int
    ) -> None:
        """Add frame `index` of a height x width picture or video; nobody in it is fine."""
        if index % self._step:
            return
        middle = np.array([width / 2, height / 2])
        people = [[b.id, _place(b, middle), _millimetres(b.world)] for b in bodies]
        self._frames.append([round(timestamp_s, 3), index, people])
        if len(self._frames) > MAX_FRAMES:
            self._step *= 2
            self._frames = [frame for frame in self._frames if frame[1] % self._step == 0]

    def write(self) -> None:
        """Write the page.

        Raises:
            BadInputError: the folder cannot be written or the disk is full.
        """
        sides = ["l" if "left" in n else "r" if "right" in n else "m" for n in LANDMARK_NAMES]
        assert len(sides) == NUM_LANDMARKS
        content = {"title": self._title, "edges": EDGES, "sides": "".join(sides),
                   "frames": self._frames}  # fmt: skip
        # A title must not end the script element that the data stand in.
        data = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
        page = PAGE.read_text(encoding="utf-8").replace(PLACEHOLDER, data)
        write_atomically(self.path, page.encode())
