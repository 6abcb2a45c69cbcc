"""Boxes of people beside pictures: YOLO's text files and Pascal VOC's XML."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError

Array = NDArray[np.floating]

YOLO_PERSON = 0
VOC_PERSON = "person"


def read_boxes(labels: Path, picture: Path, height: int, width: int) -> Array:
    """People of a picture: [N, 4] x0, y0, x1, y1 in pixels; none without a label file.

    labels: folder of NAME.txt or NAME.xml files. picture: NAME.jpg relative to its own folder.

    Raises:
        BadInputError: a file is neither YOLO's nor VOC's.
    """
    yolo, voc = (labels / picture.with_suffix(suffix) for suffix in (".txt", ".xml"))
    if yolo.exists():
        return _read_yolo(yolo, height, width)
    return _read_voc(voc) if voc.exists() else np.zeros((0, 4))


def _read_yolo(path: Path, height: int, width: int) -> Array:
    boxes: list[list[float]] = []
    for line in path.read_text().splitlines():
        try:
            kind, x, y, w, h = (float(value) for value in line.split())
        except ValueError as error:
            raise BadInputError(f"{path}: no YOLO labels; give class x y w h in lines") from error
        if kind == YOLO_PERSON:
            boxes.append([x - w / 2, y - h / 2, x + w / 2, y + h / 2])
    sides = np.array([width, height, width, height], float)
    return np.asarray(np.array(boxes, float).reshape(-1, 4) * sides)


def _read_voc(path: Path) -> Array:
    try:
        people = [
            thing for thing in ElementTree.parse(path).getroot().iter("object")
            if thing.findtext("name") == VOC_PERSON
        ]  # fmt: skip
        corners = ("xmin", "ymin", "xmax", "ymax")
        boxes = [[float(p.findtext(f"bndbox/{c}", "")) for c in corners] for p in people]
    except (ElementTree.ParseError, ValueError) as error:
        raise BadInputError(f"{path}: no VOC labels; give object/name and object/bndbox") from error
    return np.array(boxes, float).reshape(-1, 4)
