"""Which evaluation `tools/evaluate.py` was asked for."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import (
    boxes,
    false_detections,
    hard_cases,
    report,
    run,
    segmentation,
    sequences,
    world,
)
from blazepose_tf.evaluation.labelled import read_labelled


def evaluate(given: Namespace) -> tuple[dict[str, Any], str]:
    """The report that was asked for, and its tables."""
    options = {"backend": given.backend, "threads": given.threads, "progress": True}
    detector = given.detector if given.mode == "pipeline" else None
    if given.sequences:
        content = sequences.evaluate_sequences(
            given.files, given.sequences, detector=given.detector, **options
        )
        return content, sequences.markdown(content)
    if given.world:
        content = world.evaluate_world(given.files, given.world, limit=given.limit, **options)
        return content, world.markdown(content)
    if given.hard_cases:
        content = hard_cases.evaluate_hard_cases(
            given.files, given.hard_cases, lsp=given.root, detector=detector, **options
        )
        return content, hard_cases.markdown(content)
    if given.false_detections:
        content = false_detections.evaluate_false_detections(
            given.files, given.false_detections, landmarks=given.landmarks, limit=given.limit,
            **options,
        )  # fmt: skip
        return content, false_detections.markdown(content)
    if given.boxes:
        if not given.images:
            raise BadInputError("--boxes needs the pictures too; give --images DIR")
        content = boxes.evaluate_boxes(
            given.files, given.boxes, given.images, limit=given.limit, **options
        )
        return content, boxes.markdown(content)
    if given.masks:
        content = segmentation.evaluate_masks(
            given.files, given.masks, detector=given.detector, limit=given.limit, **options
        )
        return content, segmentation.markdown(content)
    samples, source = read_labelled(given)
    if given.mode == "detector":
        content = run.evaluate_detectors(given.files, samples, reference=given.reference, **options)
    else:
        content = run.evaluate_landmarks(given.files, samples, detector=detector, **options)
    content["dataset"] = source
    return content, report.markdown(content)
