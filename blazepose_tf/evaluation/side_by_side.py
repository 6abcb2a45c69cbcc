"""All of our files beside all of MediaPipe's on the held-out people, in one run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.evaluation import run
from blazepose_tf.evaluation.models import HEATMAPS

FAMILIES, PRECISIONS = ("lite", "full"), ("float32", "int8")
PRESETS = [preset for name in FAMILIES for preset in (name, f"{name}_256")]
OURS = [f"dist/pose_landmark_{p}_{precision}.tflite" for p in PRESETS for precision in PRECISIONS]
THEIRS = ["npm:lite", "npm:full", "npm:heavy"]
REFINED = [f"{name}{HEATMAPS}" for name in THEIRS]
DETECTOR_PRESETS = ["detector", "detector_128"]
DETECTORS = [
    f"dist/pose_{p}_{precision}.tflite" for p in DETECTOR_PRESETS for precision in PRECISIONS
]


def accuracy(part: str, lsp: Path, limit: int | None) -> dict[str, Any]:
    """One evaluation; in the pipeline each side runs behind its own detector."""
    samples = read_lsp(lsp, "held-out")[:limit]
    if part == "detector":
        report = run.evaluate_detectors(DETECTORS, samples, reference="npm:detector", progress=True)
    elif part == "roi":
        report = run.evaluate_landmarks(OURS + THEIRS + REFINED, samples, progress=True)
    else:
        report = run.evaluate_landmarks(OURS, samples, detector=DETECTORS[0], progress=True)
        theirs = run.evaluate_landmarks(THEIRS, samples, detector="npm:detector", progress=True)
        report["results"] += theirs["results"]
    report["dataset"] = {"name": "lsp", "split": "held-out", "people": len(samples)}
    return report
