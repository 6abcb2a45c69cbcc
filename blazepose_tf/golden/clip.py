"""A clip of 60 frames and what Python's tracker makes of it, for the whole pipeline on the JVM.

Rendered people of the calibration set under a moving camera: a person leaves an empty room behind,
somebody else comes, and a cut shows a third. The files are large and made for one test run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.golden import yuv
from blazepose_tf.golden.encoding import array
from blazepose_tf.golden.encoding import roi as encoded
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.interpreter import load_backend
from blazepose_tf.runtime.landmarker import Landmarker
from blazepose_tf.runtime.tracker import PoseTracker

PICTURES = Path(__file__).resolve().parents[1] / "assets" / "calibration" / "images"
HEIGHT, WIDTH = 321, 241
"""Odd on purpose: the last chroma value of a row and of a column then stands for less."""
FRAMES_PER_SECOND = 30.0


@dataclass(frozen=True)
class Shot:
    """So many frames of a picture (None: an empty room), zoomed, moved by pixels of the frame."""

    frames: int
    picture: str | None = None
    zoom: float = 1.0
    right: float = 0.0
    down: float = 0.0


SHOTS: tuple[Shot, ...] = (
    Shot(24, "000000", 0.5),
    Shot(6),
    Shot(16, "000018", 0.5, -55, -75),
    Shot(14, "000034", 0.5, 55, 75),
)
"""The last cut takes the person out of the ROI: lost and found again in one frame. These people's
limbs can all be seen: a hidden hand may jump by a pixel when the ROI moves by 1/32 of one."""
ROTATION, MIRRORED = 90, True
"""How the camera of the YUV copy is held."""
FOUND = sum(shot.frames for shot in SHOTS if shot.picture)


def _room() -> images.Image:
    """A soft gradient with a little noise: nobody is there."""
    light = np.linspace(90, 160, HEIGHT)[:, None, None]
    noise = np.random.default_rng(8).normal(0, 4, (HEIGHT, WIDTH, 3))
    return np.clip(light + noise, 0, 255).astype(np.uint8)


def frames() -> Iterator[images.Image]:
    """The clip, RGB uint8 [HEIGHT, WIDTH, 3], 60 of them."""
    for shot in SHOTS:
        if shot.picture is None:
            yield from [_room()] * shot.frames
        else:
            picture = images.read_image(PICTURES / f"{shot.picture}.jpg")
            yield from (_frame(picture, shot, i) for i in range(shot.frames))


def _frame(picture: images.Image, shot: Shot, i: int) -> images.Image:
    """The picture under a camera that pans, turns and draws nearer."""
    height, width = picture.shape[:2]
    scale = shot.zoom * max(HEIGHT / height, WIDTH / width) * (1 + 0.005 * i)
    center = (width / 2 - 8 * math.sin(i / 5), height / 2 - 5 * math.sin(i / 9))
    matrix = cv2.getRotationMatrix2D(center, 4 * math.sin(i / 7), scale)
    matrix[0, 2] += WIDTH / 2 + shot.right - center[0]
    matrix[1, 2] += HEIGHT / 2 + shot.down - center[1]
    moved = cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return moved  # type: ignore[return-value]


def write_clip(folder: Path, landmark_model: Path, detector_model: Path) -> None:
    """Write clip.json, and the frames as raw bytes: clip.rgb [60, H, W, 3] and clip.yuv, per frame
    the planes Y, U, V of a camera held at ROTATION and mirrored.

    Raises:
        BadInputError: a model cannot be used, or the folder not be written.
    """
    clip = list(frames())
    pictures = [yuv.from_rgb(frame, ROTATION, MIRRORED) for frame in clip]
    planes = [plane.tobytes() for p in pictures for plane in (p.y, p.u, p.v)]
    rows, columns = pictures[0].y.shape
    backend = _backend()
    upright = [picture.upright() for picture in pictures]
    expected = {
        "rgb": _track(
            clip,
            Landmarker(landmark_model, backend=backend),
            Detector(detector_model, backend=backend),
        ),
        "yuv": _track(upright, _PlanesLandmarker(landmark_model), _PlanesDetector(detector_model)),
    }
    if not all(run["lost_frames"] == 2 and run["found"] == FOUND for run in expected.values()):
        raise BadInputError(f"{landmark_model}: does not find and lose the people of the clip")
    description = {
        "landmark_model": _copy(landmark_model, folder),
        "detector_model": _copy(detector_model, folder),
        "frames": len(clip), "frames_per_second": FRAMES_PER_SECOND,
        "width": WIDTH, "height": HEIGHT,
        "yuv": {"columns": columns, "rows": rows, "rotation": ROTATION, "mirrored": MIRRORED},
        "expected": expected,
    }  # fmt: skip
    write_atomically(folder / "clip.rgb", np.stack(clip).tobytes())
    write_atomically(folder / "clip.yuv", b"".join(planes))
    write_atomically(folder / "clip.json", json.dumps(description).encode())


def _copy(model: Path, folder: Path) -> str:
    """The model beside the clip: Kotlin's build may read both long after this one's folder went."""
    copy = folder.resolve() / model.name
    write_atomically(copy, model.read_bytes())
    return str(copy)


def _backend() -> str:
    """tflite-runtime where it is installed: its float32 kernels and the JVM's give the same bits.
    A runtime that rounds otherwise costs up to 0.5 px, as crops take positions in 1/32 pixel."""
    try:
        return load_backend("tflite-runtime")[0]
    except BadInputError:
        return load_backend()[0]


class _PlanesDetector(Detector):
    """Looks at Y, U - 128, V - 128; colours come after the letterbox."""

    def run_square(self, square: Any) -> Any:
        return super().run_square(yuv.to_rgb(square))


class _PlanesLandmarker(Landmarker):
    """Looks at Y, U - 128, V - 128; colours come after the crop."""

    def run_crop(self, crop: Any) -> Any:
        return super().run_crop(yuv.to_rgb(crop))


def _track(clip: list[Any], landmarks: Landmarker, detector: Detector) -> dict[str, Any]:
    """clip: RGB frames, or `YuvPicture.upright` ones, as the two networks take them."""
    shown: list[Any] = [None]  # the tracker itself takes pictures only
    tracker = PoseTracker(
        lambda _, roi: landmarks(shown[0], roi), lambda _, limit=1: detector(shown[0], limit)
    )
    blank = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    poses: list[dict[str, Any] | None] = []
    for number, frame in enumerate(clip):
        shown[0] = frame
        result = tracker.process(blank, number / FRAMES_PER_SECOND)
        poses.append(
            None
            if result is None
            else {
                "detector_ran": result.detector_ran,
                "roi": encoded(result.roi),
                "points": array(result.landmarks, "float32"),
                "visibility": array(result.visibility, "float32"),
                "world": array(result.world, "float32"),
                "presence": result.presence,
            }
        )
    counts = tracker.statistics
    return {
        "poses": poses, "found": counts.poses, "detector_runs": counts.detector_runs,
        "lost_frames": counts.lost_frames,
    }  # fmt: skip
