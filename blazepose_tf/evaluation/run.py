"""One evaluation from start to end: load files, run them over people, return the report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from blazepose_tf.data.samples import PoseSample
from blazepose_tf.evaluation import pck, predict, report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.interpreter import Interpreter

MODES = ("roi", "pipeline", "detector")
"""Landmarks from the labelled ROI; landmarks after the detector; detectors by themselves."""


def _rows(
    names: Sequence[str], interpreters: Sequence[Interpreter], values: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    rows = zip(names, interpreters, values, strict=True)
    return [report.describe_file(name, interpreter) | row for name, interpreter, row in rows]


def evaluate_landmarks(
    names: Sequence[str], samples: Sequence[PoseSample], *, detector: str | None = None,
    backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files (paths or npm:lite|full|heavy): PCK of each, side by side.

    Without a `detector` the ROI comes from the labels, with one from its detections.

    Raises:
        BadInputError: a file is no landmark model, or a picture or the labels are of no use.
    """
    models = [open_landmarker(n, threads=threads, backend=backend) for n in names]
    content: dict[str, Any] = {"format": report.FORMAT, "mode": "pipeline" if detector else "roi"}
    if detector:
        finder = Detector(find_model(detector), threads=threads, backend=backend)
        points, found = predict.predict_pipeline(models, finder, samples, progress=progress)
        rows = _rows([detector], [finder.interpreter], [report.detector_result(found)])
        content["detector"] = rows[0]
    else:
        points = predict.predict_roi(models, samples, progress=progress)
    scores = [report.landmark_result(pck.score(values, samples)) for values in points]
    interpreters = [model.interpreter for model in models]
    content["conditions"] = report.conditions(interpreters[0], threads)
    content["results"] = _rows(names, interpreters, scores)
    return content


def evaluate_detectors(
    names: Sequence[str], samples: Sequence[PoseSample], *, reference: str | None = None,
    backend: str = "auto", threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on detector files (paths or npm:detector): hits of each.

    With a `reference`, which is listed last, also the share of its hits that are hit too.

    Raises:
        BadInputError: a file is no detector, or a picture or the labels are of no use.
    """
    names = list(names)
    if reference is not None and reference not in names:
        names.append(reference)
    models = [Detector(find_model(n), threads=threads, backend=backend) for n in names]
    found = predict.predict_detectors(models, samples, progress=progress)
    compared = found[names.index(reference)] if reference is not None else None
    interpreters = [model.interpreter for model in models]
    return {
        "format": report.FORMAT,
        "mode": "detector",
        "reference": reference,
        "conditions": report.conditions(interpreters[0], threads),
        "results": _rows(names, interpreters, [report.detector_result(f, compared) for f in found]),
    }
