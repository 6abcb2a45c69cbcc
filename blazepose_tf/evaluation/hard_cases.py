"""PCK by hard case: pictures that users report as hard, synthetic with exact truth, and real.

The synthetic cases are folders that `tools/synthesize.py --case hard` wrote. The real ones are
people of LSP's held-out part, chosen by their labelled joints: lying (trunk 60-120 degrees from
upright) and upside down (more than 135 degrees). Only points inside the picture are scored.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import pck, predict, report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.topology import NUM_LANDMARKS

LYING, UPSIDE_DOWN = (60.0, 120.0), (135.0, 180.0)
"""Degrees between the trunk, from hips to shoulders, and upright."""
ALL = "all"


def tilt(sample: PoseSample) -> float:
    """Degrees between the trunk and upright, 0..180; NaN without hips and shoulders."""
    x, y = sample.mid_shoulder - sample.mid_hip
    return float(np.degrees(np.arctan2(abs(x), -y)))


def lsp_cases(samples: Sequence[PoseSample]) -> dict[str, list[PoseSample]]:
    """The lying and the upside-down people of LSP."""
    tilts = np.array([tilt(sample) for sample in samples])

    def between(low: float, high: float) -> list[PoseSample]:
        return [samples[i] for i in np.flatnonzero((tilts >= low) & (tilts <= high))]

    return {"lsp-lying": between(*LYING), "lsp-upside-down": between(*UPSIDE_DOWN)}


def read_cases(folder: Path, lsp: Path | None = None) -> dict[str, list[PoseSample]]:
    """Case -> people: of every folder below `folder`, and of LSP's held-out part.

    Raises:
        BadInputError: no case is there, or a file cannot be read.
    """
    paths = sorted(folder.glob("*/annotations.json"))
    if not paths:
        raise BadInputError(
            f"{folder}: holds no cases; make them with tools/synthesize.py --case hard"
        )
    cases = {path.parent.name: read_coco(path, path.parent / "images") for path in paths}
    return cases | (lsp_cases(read_lsp(lsp, "held-out")) if lsp else {})


def outside(samples: Sequence[PoseSample]) -> NDArray[np.bool_]:
    """[N, 33] True where a labelled point is not in the picture."""
    shapes: dict[Path, tuple[int, int]] = {}
    for sample in samples:
        if sample.image not in shapes:
            height, width = images.read_image(sample.image).shape[:2]
            shapes[sample.image] = width, height
    size = np.array([shapes[sample.image] for sample in samples])[:, None]
    points = np.stack([sample.points[:NUM_LANDMARKS] for sample in samples])
    return np.asarray(((points < 0) | (points >= size)).any(axis=2))


def evaluate_hard_cases(
    names: Sequence[str], folder: Path, *, lsp: Path | None = None, detector: str | None = None,
    their_detector: str = "npm:detector", backend: str = "auto", threads: int = 1,
    progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files: PCK by case, from the labelled ROI, or after a `detector`.

    With a detector MediaPipe's files use `their_detector`.

    Raises:
        BadInputError: a file is no landmark model, or a case cannot be read.
    """
    cases = {case: people for case, people in read_cases(folder, lsp).items() if people}
    samples = [sample for people in cases.values() for sample in people]
    labels = np.repeat(list(cases), [len(people) for people in cases.values()])
    models = [open_landmarker(n, threads=threads, backend=backend) for n in names]
    points = np.full((len(models), len(samples), NUM_LANDMARKS + 2, 2), np.nan, np.float32)
    if detector is None:
        points = predict.predict_roi(models, samples, progress=progress)
    else:
        for which, finder in ((False, detector), (True, their_detector)):
            rows = [i for i, model in enumerate(models) if model.is_mediapipe == which]
            if rows:
                found = Detector(find_model(finder), threads=threads, backend=backend)
                chosen = [models[i] for i in rows]
                points[rows] = predict.predict_pipeline(chosen, found, samples, progress=progress)[
                    0
                ]
    cut_off = outside(samples)
    results = []
    for name, model, values in zip(names, models, points, strict=True):
        errors = np.where(cut_off, np.nan, pck.torso_errors(values, samples))
        rows_of = {case: _shares(errors[labels == case]) for case in cases}
        rows_of[ALL] = _shares(errors)
        results.append(report.describe_file(name, model.interpreter) | {"cases": rows_of})
    return {
        "format": report.FORMAT,
        "mode": "hard cases, pipeline" if detector else "hard cases, roi",
        "detectors": {"ours": detector, "mediapipe": their_detector} if detector else None,
        "conditions": report.conditions(models[0].interpreter, threads),
        "people": {case: len(people) for case, people in cases.items()},
        "results": results,
    }


def _shares(errors: NDArray[np.float64]) -> dict[str, Any]:
    known = ~np.isnan(errors)
    count = int(known.sum())
    shares = {
        f"pck_{limit}": round(100 * int((errors[known] <= limit).sum()) / max(count, 1), 2)
        for limit in pck.THRESHOLDS
    }
    return {"points": count, **shares}


def markdown(content: dict[str, Any]) -> str:
    """PCK@0.2 and @0.1 by case, one column for each file."""
    results = content["results"]
    people = content["people"] | {ALL: sum(content["people"].values())}
    tables = []
    for key in (f"pck_{limit}" for limit in pck.THRESHOLDS):
        head = [key.replace("pck_", "PCK@"), "people", *(r["file"] for r in results)]
        rows = [[case, n, *(r["cases"][case][key] for r in results)] for case, n in people.items()]
        tables.append(report.table(head, rows))
    return "\n\n".join(tables)
