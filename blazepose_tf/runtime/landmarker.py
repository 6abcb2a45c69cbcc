"""ROI -> crop -> landmarks: runs a landmark file, ours or MediaPipe's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi, roi_from_landmarks, rotate_about_depth
from blazepose_tf.runtime.heatmap import refine as refine_points
from blazepose_tf.runtime.interpreter import Interpreter, sigmoid
from blazepose_tf.topology import MIRRORED, NUM_LANDMARKS, NUM_POINTS

Array = NDArray[np.float32]

MEDIAPIPE_POINTS = 39
"""MediaPipe's files carry four more hand points (35-38) that nothing uses."""
HEATMAP_STRIDE = 4
"""Pixels of the crop per cell of a heatmap."""


@dataclass(frozen=True)
class Landmarks:
    """One person in one frame.

    points: [35, 3] x, y in image pixels, z in pixels of the same scale, hips at 0.
    visibility: [33] probability that the point is in the picture and not covered.
    presence: probability that the crop shows a person.
    world: [33, 3] metres, origin between the hips.
    mask: [256, 256] probability that the pixel of the crop shows the person, None where the file
        has no mask. `image.paste` lays it over the picture.
    """

    points: Array
    visibility: Array
    presence: float
    world: Array
    mask: Array | None = None

    @property
    def roi(self) -> Roi:
        """Where to look in the next frame."""
        return roi_from_landmarks(self.points)

    def exchanged(self, landmarks: Sequence[int]) -> Landmarks:
        """With these of the 33 on the other side of the body: points, visibility and world."""
        order = np.arange(len(self.points))
        for i in landmarks:
            order[i] = MIRRORED[i]
        marks = order[:NUM_LANDMARKS]
        return replace(
            self, points=self.points[order], visibility=self.visibility[marks],
            world=self.world[marks],
        )  # fmt: skip


@dataclass(frozen=True)
class CropLandmarks:
    """What the network itself says: points [35, 3] in crop units, the rest as in `Landmarks`.

    heatmaps: [64, 64, 35] logits, only of files in MediaPipe's layout.
    """

    points: Array
    visibility: Array
    presence: float
    world: Array
    mask: Array | None = None
    heatmaps: Array | None = None


class Landmarker:
    """A landmark file. The layout (ours, MediaPipe's) is known from tensor names and shapes."""

    def __init__(
        self, path: str | Path, *, threads: int = 1, backend: str = "auto", refine: bool = False,
        corner_sampling: bool = False,
    ) -> None:  # fmt: skip
        """Load `path`, a .tflite file or a .task bundle.

        refine: move points to the heaviest place of their heatmaps, as MediaPipe's clients do;
            without effect on files that have none. corner_sampling: as in `image.crop`.

        Raises:
            BadInputError: not a landmark model.
        """
        self.interpreter = Interpreter(path, threads=threads, backend=backend)
        inputs = list(self.interpreter.inputs.values())
        outputs = self.interpreter.outputs
        shape = inputs[0].shape
        square = len(inputs) == 1 and len(shape) == 4 and shape[1] == shape[2] and shape[3] == 3
        ours = {"landmarks", "visibility", "presence", "world"} <= set(outputs)
        self._by_shape = {info.shape: name for name, info in outputs.items()}
        theirs = {(1, MEDIAPIPE_POINTS * 5), (1, 1)} <= set(self._by_shape)
        self.is_mediapipe = not ours and theirs
        if not square or not (ours or self.is_mediapipe):
            raise BadInputError(
                f"{path}: is no pose landmark model (outputs {sorted(outputs)}); "
                "give a pose_landmark_*.tflite file or a .task bundle"
            )
        self.input_size: int = shape[1]
        self.refine, self.corner_sampling = refine, corner_sampling

    def run_crop(self, crop: NDArray[np.uint8]) -> CropLandmarks:
        """Run on a crop, RGB uint8 [S, S, 3]."""
        out = self.interpreter.run(image=crop[None].astype(np.float32) / 255.0)
        if self.is_mediapipe:
            found = self._mediapipe(out)
            if self.refine and found.heatmaps is not None:
                found = replace(found, points=refine_points(found.points, found.heatmaps))
            return found
        return CropLandmarks(
            out["landmarks"].reshape(NUM_POINTS, 3), out["visibility"].reshape(NUM_LANDMARKS),
            float(out["presence"].reshape(-1)[0]), out["world"].reshape(NUM_LANDMARKS, 3),
            out["mask"][0, ..., 0] if "mask" in out else None,
        )  # fmt: skip

    def _mediapipe(self, out: dict[str, Array]) -> CropLandmarks:
        values = out[self._by_shape[(1, MEDIAPIPE_POINTS * 5)]].reshape(MEDIAPIPE_POINTS, 5)
        world = np.zeros((NUM_LANDMARKS, 3), np.float32)
        name = self._by_shape.get((1, MEDIAPIPE_POINTS * 3))
        if name is not None:
            world = out[name].reshape(MEDIAPIPE_POINTS, 3)[:NUM_LANDMARKS]
        mask = self._by_shape.get((1, self.input_size, self.input_size, 1))
        side = self.input_size // HEATMAP_STRIDE
        heatmaps = self._by_shape.get((1, side, side, MEDIAPIPE_POINTS))
        return CropLandmarks(
            values[:NUM_POINTS, :3] / self.input_size,
            sigmoid(values[:NUM_LANDMARKS, 3]),
            float(out[self._by_shape[(1, 1)]].reshape(-1)[0]),
            world,
            sigmoid(out[mask][0, ..., 0]) if mask else None,
            out[heatmaps][0, ..., :NUM_POINTS] if heatmaps else None,
        )

    def __call__(self, frame: images.Image, roi: Roi) -> Landmarks:
        """Crop `roi` out of the RGB uint8 `frame` [H, W, 3] and find the landmarks in it."""
        crop = images.crop(frame, roi, self.input_size, corner_sampling=self.corner_sampling)
        return self.to_image(self.run_crop(crop), roi)

    @staticmethod
    def to_image(result: CropLandmarks, roi: Roi) -> Landmarks:
        """Crop units -> image pixels; world points are turned by the ROI's rotation about z."""
        xy = roi.to_image(result.points[:, :2])
        points = np.column_stack([xy, result.points[:, 2] * roi.size]).astype(np.float32)
        world = rotate_about_depth(result.world, roi.rotation)
        return Landmarks(points, result.visibility, result.presence, world, result.mask)
