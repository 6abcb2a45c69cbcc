"""`.task` bundles for MediaPipe's PoseLandmarker, from our weights."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from blazepose_tf.convert import build as files_of
from blazepose_tf.convert.build import Progress, Request
from blazepose_tf.convert.check import Check
from blazepose_tf.convert.report import Report, write_report
from blazepose_tf.convert.sources import Source
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.presets import DETECTOR, LANDMARK, family
from blazepose_tf.runtime import task_file

DEFAULT_MODELS = ("lite_256", "full_256")
"""As large as MediaPipe's, which they take the place of: their masks and heatmaps were measured."""
PRECISIONS = ("float16", "int8")
"""MediaPipe's own bundles are float16."""
REPORT = "tasks"
"""Stem of the report's files, so that it does not replace the report on .tflite files."""

Made = tuple[dict[str, Any], list[Check], dict[str, Any]]


def landmark_models(models: Sequence[str]) -> tuple[str, ...]:
    """The landmark presets among `models`; every bundle has a detector anyway.

    Raises:
        BadInputError: there are none, or two of one family, whose bundles have the same name.
    """
    chosen = tuple(model for model in models if model in LANDMARK)
    if not chosen:
        raise BadInputError("a bundle needs a landmark network; give --model lite or full")
    if len({family(model) for model in chosen}) < len(chosen):
        raise BadInputError(
            f"{', '.join(chosen)}: bundles are named after the family; give one --model of each"
        )
    return chosen


def files(request: Request) -> int:
    """How many .tflite files are converted."""
    return (len(request.models) + 1) * len(request.precisions)


def bundle_name(preset: str, precision: str) -> str:
    """`pose_landmarker_lite.task` (float16, as MediaPipe's own), `.._lite_int8.task`; of every
    variant by the name of its family."""
    ending = "" if precision == "float16" else f"_{precision}"
    return f"pose_landmarker_{family(preset)}{ending}{task_file.SUFFIX}"


def build(request: Request, progress: Progress = lambda step: None) -> Report:
    """Make and check all bundles; the report is written after each of them.

    Raises:
        BadInputError: weights, pictures or folder cannot be used; bundles finished before stay.
    """
    report, people, backends = files_of.start(request)
    detector = Source(next(iter(DETECTOR)), people, layout="mediapipe")
    sources = [
        Source(preset, people, request.weights, layout="mediapipe") for preset in request.models
    ]
    write_report(request.out, report, REPORT)
    with tempfile.TemporaryDirectory() as folder:

        def make(source: Source, precision: str, member: str) -> tuple[bytes, Made]:
            path = Path(folder) / source.preset / precision / member
            made = files_of.make_file(path, source, precision, request, backends, progress)
            return path.read_bytes(), made

        for precision in request.precisions:
            finder, found = make(detector, precision, task_file.DETECTOR)
            for source in sources:
                content, made = make(source, precision, task_file.LANDMARKS)
                name = bundle_name(source.preset, precision)
                members = {task_file.DETECTOR: finder, task_file.LANDMARKS: content}
                task_file.write_task(request.out / name, members)
                for row, results, times in (found, made):
                    report = report.with_file(
                        {**row, "file": f"{name}/{row['file']}"}, results, times
                    )
                write_report(request.out, report, REPORT)
    return report
