"""Pictures without people: how many get a detection, and how many survive the landmark network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.sources import find_pictures
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.tracker import PRESENCE_THRESHOLD, is_usable


def evaluate_false_detections(
    names: Sequence[str], folders: Sequence[Path], *, landmarks: Sequence[str] = (),
    limit: int | None = None, backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on detector files over pictures that show nobody.

    landmarks: landmark files that look at every detection, as the tracker does: a person stays if
    their presence is at least 0.5.

    Raises:
        BadInputError: a file is no model, or a folder holds no pictures.
    """
    pictures = [path for folder in folders for path in find_pictures(folder)][:limit]
    detectors = [Detector(find_model(n), threads=threads, backend=backend) for n in names]
    judges = [open_landmarker(n, threads=threads, backend=backend) for n in landmarks]
    if not detectors:
        raise BadInputError("no detector is given")
    found: list[list[dict[str, Any]]] = [[] for _ in detectors]
    bar: Any = tqdm(pictures, unit="img", disable=not progress)
    for path in bar:
        frame = images.read_image(path)
        for rows, detector in zip(found, detectors, strict=True):
            for detection in detector(frame, 1):
                usable = is_usable(detection.roi, *frame.shape[:2])
                presence = [judge(frame, detection.roi).presence if usable else 0.0
                            for judge in judges]  # fmt: skip
                row = {"picture": path.name, "score": detection.score, "presence": presence}
                rows.append(row)
    results = []
    for name, detector, rows in zip(names, detectors, found, strict=True):
        stay = {
            judge: sum(row["presence"][i] >= PRESENCE_THRESHOLD for row in rows)
            for i, judge in enumerate(landmarks)
        }
        scores = {"pictures": len(pictures), "detections": len(rows), "survive": stay}
        row = report.describe_file(name, detector.interpreter)
        results.append({**row, **scores, "found": rows})
    return {
        "format": report.FORMAT,
        "mode": "false detections",
        "score_threshold": detectors[0].score_threshold,
        "presence_threshold": PRESENCE_THRESHOLD,
        "conditions": report.conditions(detectors[0].interpreter, threads),
        "results": results,
    }


def markdown(content: dict[str, Any]) -> str:
    """One row for each detector."""
    results = content["results"]
    judges = list(results[0]["survive"])
    head = ["detector", "pictures", "with a detection", *(f"stay with {name}" for name in judges)]
    rows = [
        [r["file"], r["pictures"], r["detections"], *(r["survive"][judge] for judge in judges)]
        for r in results
    ]
    return report.table(head, rows)
