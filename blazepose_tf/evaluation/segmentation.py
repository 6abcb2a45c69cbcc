"""How well masks cover people: intersection over union with hand-made masks.

Read here: Clothing Co-Parsing (arXiv 1502.00739), street pictures of one person whose clothes,
skin and hair are labelled pixel by pixel. Every labelled pixel counts as the person, what they
carry included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector

THRESHOLD = 0.5
"""Probability from which a pixel belongs to the person."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class MaskSample:
    """A picture and the file of its mask."""

    image: Path
    annotation: Path

    def read_mask(self) -> Mask:
        """[H, W] True where the person is.

        Raises:
            BadInputError: the annotation cannot be read.
        """
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError

        try:
            labels = np.asarray(loadmat(self.annotation)["groundtruth"])
        except (OSError, KeyError, ValueError, TypeError, MatReadError) as error:
            raise BadInputError(
                f"{self.annotation}: is no Clothing Co-Parsing annotation; give a folder of its "
                "pixel-level .mat files"
            ) from error
        return labels > 0


def read_ccp(root: Path, limit: int | None = None) -> list[MaskSample]:
    """Clothing Co-Parsing: pictures `photos/0001.jpg`, labels `annotations/pixel-level/0001.mat`;
    at most `limit` of them, evenly spaced.

    Raises:
        BadInputError: no picture has an annotation.
    """
    found = [
        MaskSample(photo, path)
        for path in sorted((root / "annotations" / "pixel-level").glob("*.mat"))
        if (photo := root / "photos" / f"{path.stem}.jpg").exists()
    ]
    if not found:
        raise BadInputError(
            f"{root}: holds no photos/0001.jpg with annotations/pixel-level/0001.mat; give a copy "
            "of Clothing Co-Parsing"
        )
    if limit is not None and limit < 1:
        raise BadInputError(f"--limit {limit}: give a number of people, at least 1")
    return found[:: max(len(found) // (limit or len(found)), 1)][:limit]


def iou(first: Mask, second: Mask) -> float:
    """Intersection over union; 1 for two empty masks."""
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0


def evaluate_masks(
    names: Sequence[str], root: Path, *, detector: str, limit: int | None = None,
    backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files with a mask: IoU of each with Clothing Co-Parsing's masks (`root`),
    in the same ROI of one detector.

    Pictures in which the detector finds nobody are counted and left out.

    Raises:
        BadInputError: a file has no mask, or picture and annotation do not belong together.
    """
    samples = read_ccp(root, limit)
    models = [open_landmarker(n, threads=threads, backend=backend) for n in names]
    finder = Detector(find_model(detector), threads=threads, backend=backend)
    scores: list[list[float]] = [[] for _ in names]
    for sample in tqdm(samples, unit="img", disable=not progress):
        frame, truth = images.read_image(sample.image), sample.read_mask()
        if truth.shape != frame.shape[:2]:
            raise BadInputError(
                f"{sample.annotation}: is {truth.shape}, {sample.image} {frame.shape[:2]} pixels; "
                "they do not belong together"
            )
        people = finder(frame)
        if not people:
            continue
        roi = people[0].roi
        for name, model, values in zip(names, models, scores, strict=True):
            mask = model(frame, roi).mask
            if mask is None:
                raise BadInputError(
                    f"{name}: has no mask; convert with --outputs mask or --layout mediapipe"
                )
            values.append(iou(images.paste(mask, roi, *truth.shape) > THRESHOLD, truth))
    rows = [
        report.describe_file(name, model.interpreter) | _summary(values)
        for name, model, values in zip(names, models, scores, strict=True)
    ]
    return {
        "format": report.FORMAT, "mode": "masks", "pictures": len(samples),
        "found": len(scores[0]), "detector": report.describe_file(detector, finder.interpreter),
        "conditions": report.conditions(models[0].interpreter, threads), "results": rows,
    }  # fmt: skip


def _summary(values: Sequence[float]) -> dict[str, Any]:
    """Figures of one file, in percent."""
    if not values:
        return {"people": 0, "iou": None, "iou_median": None, "iou_p10": None}
    percent = 100 * np.array(values)
    return {
        "people": len(values), "iou": round(float(percent.mean()), 2),
        "iou_median": round(float(np.median(percent)), 2),
        "iou_p10": round(float(np.percentile(percent, 10)), 2),
    }  # fmt: skip


def markdown(result: dict[str, Any]) -> str:
    """The table of a report."""
    keys = ("people", "iou", "iou_median", "iou_p10")
    rows = [[row["file"], *("-" if row[k] is None else row[k] for k in keys)]
            for row in result["results"]]  # fmt: skip
    head = ["file", "people", "mean IoU %", "median", "worst tenth below"]
    found = f"Detector {result['detector']['file']}: found {result['found']}"
    return f"{report.table(head, rows)}\n\n{found} of {result['pictures']} people"
