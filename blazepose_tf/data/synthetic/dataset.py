"""Writes rendered people as a picture folder with COCO-33 annotations, and checks them by a peer."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from blazepose_tf import topology
from blazepose_tf.data.coco import write_coco
from blazepose_tf.data.synthetic.sample import Frame
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.runtime.landmarker import Landmarker

MIN_PRESENCE, MAX_ERROR = 0.9, 0.05
"""A picture agrees with the peer when it sees a person this surely and places the points this well."""


@dataclass(frozen=True)
class Rendered:
    """A picture on disk: its labels (with `sample.image` set), posture family, and pixel size."""

    frame: Frame
    family: str

    @property
    def path(self) -> Path:
        """The picture file."""
        return self.frame.sample.image


def body_size(frame: Frame) -> float:
    """Diagonal of the 33 landmarks' box in pixels: the yardstick of `error_of`."""
    landmarks = frame.sample.points[: topology.NUM_LANDMARKS]
    return float(np.linalg.norm(np.ptp(landmarks, axis=0)))


def error_of(landmarker: Landmarker, frame: Frame) -> tuple[float, float]:
    """(presence, median distance of the 33 landmarks in body sizes) of a peer on the labelled ROI."""
    roi = frame.sample.roi
    if roi is None:
        raise BadInputError("the frame has no ROI; label it first")
    found = landmarker(frame.image, roi)
    distance = np.linalg.norm(found.points[:, :2] - frame.sample.points, axis=1)
    return found.presence, float(np.median(distance[: topology.NUM_LANDMARKS]) / body_size(frame))


def agrees(landmarker: Landmarker, frame: Frame) -> bool:
    """True when the peer finds the person and its points (see MIN_PRESENCE, MAX_ERROR)."""
    presence, error = error_of(landmarker, frame)
    return presence > MIN_PRESENCE and error < MAX_ERROR


def write_picture(frame: Frame, family: str, path: Path, quality: int) -> Rendered:
    """Write a JPEG of `quality` 1..100 and name it in the labels."""
    done, encoded = cv2.imencode(
        ".jpg", cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not done:
        raise BadInputError(f"{path}: OpenCV cannot encode JPEG")
    write_atomically(path, encoded.tobytes())
    return Rendered(replace(frame, sample=replace(frame.sample, image=path)), family)


def write_annotations(path: Path, rendered: Iterable[Rendered], note: str) -> None:
    """COCO-33 file beside a folder `images/`, plus `face` [x, y, w, h] and `family` per annotation."""
    people = list(rendered)
    write_coco(path, [person.frame.sample for person in people], path.parent / "images", note)
    content = json.loads(path.read_text())
    for entry, person in zip(content["annotations"], people, strict=True):
        x0, y0, x1, y1 = (round(float(v), 2) for v in person.frame.face)
        entry["face"] = [x0, y0, round(x1 - x0, 2), round(y1 - y0, 2)]
        entry["family"] = person.family
    for entry, person in zip(content["images"], people, strict=True):
        entry["height"], entry["width"] = person.frame.image.shape[:2]
    lines = {
        key: [json.dumps(entry) for entry in value]
        for key, value in content.items()
        if key != "info"
    }
    body = ",\n".join(
        f'"{key}": [\n' + ",\n".join(entries) + "\n]" for key, entries in lines.items()
    )
    write_atomically(path, f'{{"info": {json.dumps(content["info"])},\n{body}\n}}\n'.encode())
