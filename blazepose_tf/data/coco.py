"""COCO keypoint JSON with 17 keypoints (COCO's own) or 33 (BlazePose), read and written.

With 33 keypoints an annotation may carry what COCO has no word for; `tools/label.py` writes it:
`alignment` [x, y, x, y], `depth` [35] pixels, `visibility` [33] 0..1, `world` [33][3] metres,
`roi` [centre x, centre y, size, rotation].
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.geometry import Roi


def _keypoints(values: list[float], where: str) -> NDArray[np.float32]:
    count = len(values) // 3
    if len(values) % 3 or count not in (17, topology.NUM_LANDMARKS):
        raise BadInputError(f"{where}: has {len(values)} keypoint values; give 17 x 3 or 33 x 3")
    return _numbers(values, f"{where}: keypoints").reshape(count, 3)


def _numbers(values: Any, where: str) -> NDArray[np.float32]:
    """A flat or nested list of numbers; null becomes NaN."""
    try:
        return np.array(values, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise BadInputError(f"{where} are no list of numbers; correct the file") from error


def _roi(annotation: dict[str, Any], where: str) -> Roi | None:
    if not annotation.get("roi"):
        return None
    values = _numbers(annotation["roi"], f"{where}: roi values")
    if values.shape != (4,) or not np.isfinite(values).all() or values[2] <= 0:
        raise BadInputError(
            f"{where}: roi must be centre x, centre y, size above 0, rotation; correct it"
        )
    return Roi(*map(float, annotation["roi"]))


def _read_array(annotation: dict[str, Any], key: str, target: NDArray[np.float32]) -> None:
    if annotation.get(key) is not None:
        where = f"annotation {annotation.get('id')}: {key}"
        values = _numbers(annotation[key], f"{where} values")
        if values.size != target.size:
            raise BadInputError(
                f"{where} has {values.size} values, expected {target.size}; correct the file"
            )
        target[...] = values.reshape(target.shape)


def to_sample(annotation: dict[str, Any], image: Path) -> PoseSample:
    """One annotation; keypoints with v = 0 stay unknown, v = 1 is covered, v = 2 visible."""
    where = f"annotation {annotation.get('id')}"
    values = _keypoints(annotation.get("keypoints", []), where)
    indices: tuple[int, ...] = topology.COCO_TO_BLAZEPOSE
    if len(values) == topology.NUM_LANDMARKS:
        indices = tuple(range(topology.NUM_LANDMARKS))
    sample = PoseSample(image, roi=_roi(annotation, where))
    labelled = values[:, 2] > 0
    kept = np.asarray(indices)[labelled]
    sample.points[kept] = values[labelled, :2]
    sample.visibility[kept] = values[labelled, 2] == 2
    _read_array(annotation, "alignment", sample.points[topology.MID_HIP :])
    _read_array(annotation, "depth", sample.depth)
    _read_array(annotation, "visibility", sample.visibility)
    _read_array(annotation, "world", sample.world)
    return sample


def read_coco(annotations: str | Path, images: str | Path) -> list[PoseSample]:
    """Every annotated person of a COCO keypoint file, in file order; crowds are left out.

    Raises:
        BadInputError: a file is missing or malformed, or a keypoint count is neither 17 nor 33.
    """
    path, folder = Path(annotations), Path(images)
    try:
        content = json.loads(path.read_text())
        names = {entry["id"]: entry["file_name"] for entry in content["images"]}
        people = [
            (entry, folder / names[entry["image_id"]])
            for entry in content["annotations"]
            if not entry.get("iscrowd") and any(entry.get("keypoints", [])[2::3])
        ]
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{path}: is no COCO keypoint file ({error!r})") from error
    missing = sorted({str(image) for _, image in people if not image.exists()})
    if missing:
        raise BadInputError(
            f"{len(missing)} pictures are missing, the first is {missing[0]}; check --images"
        )
    try:
        return [to_sample(annotation, image) for annotation, image in people]
    except BadInputError as error:
        raise BadInputError(f"{path}: {error}") from error


def _plain(values: NDArray[np.float32], digits: int) -> list[Any]:
    """Nested lists, rounded, NaN as null."""
    if values.ndim > 1:
        return [_plain(row, digits) for row in values]
    return [round(float(v), digits) if np.isfinite(v) else None for v in values]


def to_annotation(sample: PoseSample, number: int, image_id: int) -> dict[str, Any]:
    """The COCO annotation (33 keypoints) of a sample."""
    landmarks = sample.points[: topology.NUM_LANDMARKS]
    known = np.isfinite(landmarks).all(axis=1)
    flags = np.where(known, np.where(sample.visibility < 0.5, 1, 2), 0)
    xy = np.where(known[:, None], landmarks, 0)
    low, high = (landmarks[known].min(0), landmarks[known].max(0)) if known.any() else (0, 0)
    box = np.concatenate([np.broadcast_to(low, 2), np.broadcast_to(high, 2) - low])
    keypoints = np.column_stack([np.round(xy, 2), flags]).reshape(-1)
    annotation: dict[str, Any] = {
        "id": number, "image_id": image_id, "category_id": 1, "iscrowd": 0,
        "bbox": _plain(box, 2), "area": round(float(box[2] * box[3]), 2),
        "num_keypoints": int(known.sum()), "keypoints": _plain(keypoints, 2),
        "alignment": _plain(sample.points[topology.MID_HIP :].reshape(-1), 2),
        "depth": _plain(sample.depth, 2), "visibility": _plain(sample.visibility, 3),
        "world": _plain(sample.world, 4),
    }  # fmt: skip
    if sample.roi is not None:
        roi = sample.roi
        annotation["roi"] = [roi.center_x, roi.center_y, roi.size, roi.rotation]
    return annotation


def write_coco(
    path: str | Path, samples: Iterable[PoseSample], images: str | Path, note: str
) -> None:
    """Write samples as a COCO keypoint file with 33 keypoints; file names relative to `images`."""
    ids: dict[str, int] = {}
    annotations = []
    for number, sample in enumerate(samples):
        name = sample.image.relative_to(images).as_posix()
        annotations.append(to_annotation(sample, number, ids.setdefault(name, len(ids))))
    content = {
        "info": {"description": note},
        "categories": [
            {
                "id": 1, "name": "person", "keypoints": list(topology.LANDMARK_NAMES),
                "skeleton": [[a + 1, b + 1] for a, b in topology.EDGES],
            }
        ],
        "images": [{"id": i, "file_name": name} for name, i in ids.items()],
        "annotations": annotations,
    }  # fmt: skip
    write_atomically(path, json.dumps(content).encode())
