"""World landmarks and depth against exact truth: millimetres after Procrustes alignment.

The truth is of rendered people (tools/synthesize.py): metres along the camera's axes. What a
network says is aligned with it by the best turn, shift and one scale (Procrustes; the measure is
known as PA-MPJPE), so that a body of another size or seen from a slightly other direction costs
nothing; the scale is reported, and the error without any turn or scale, hips on hips. MediaPipe's
networks, and ours that started from them, say bodies a little smaller than they are. z: correlation
of the landmarks' depth in pixels with the true one, over the points of a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from blazepose_tf import image as images
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import report
from blazepose_tf.evaluation.models import open_landmarker
from blazepose_tf.runtime.tracker import PRESENCE_THRESHOLD
from blazepose_tf.topology import LSP_LIMBS, NUM_LANDMARKS

Array = NDArray[np.floating]

LIMBS = list(LSP_LIMBS)


def procrustes(points: Array, target: Array) -> tuple[Array, float]:
    """`points` [N, 3] turned, shifted and scaled to fit `target` best; and the scale.

    Least squares by singular values (Umeyama 1991); mirror images are not allowed.
    """
    middle, goal = points.mean(axis=0), target.mean(axis=0)
    centred, aim = points - middle, target - goal
    u, sizes, v = np.linalg.svd(centred.T @ aim)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    scale = float((sizes * signs).sum()) / max(float((centred**2).sum()), 1e-12)
    return scale * centred @ (u * signs) @ v + goal, scale


def errors_mm(points: Array, target: Array) -> Array:
    """Distances [N] in millimetres of `points` from `target`, both [N, 3] metres."""
    return np.asarray(1000 * np.linalg.norm(points - target, axis=1))


def measure(world: Array, depth: Array, sample: PoseSample) -> dict[str, float]:
    """The numbers of one person: world [33, 3] metres, depth [33] pixels."""
    truth = sample.world.astype(float)
    aligned, scale = procrustes(world.astype(float), truth)
    limbs, _ = procrustes(world[LIMBS].astype(float), truth[LIMBS])
    true_depth = sample.depth[:NUM_LANDMARKS].astype(float)
    return {
        "procrustes_mm": float(errors_mm(aligned, truth).mean()),
        "limbs_procrustes_mm": float(errors_mm(limbs, truth[LIMBS]).mean()),
        "hips_aligned_mm": float(errors_mm(world, truth).mean()),
        "scale": scale,
        "z_correlation": float(np.corrcoef(depth, true_depth)[0, 1]),
    }


def evaluate_world(
    names: Sequence[str], folder: Path, *, limit: int | None = None, backend: str = "auto",
    threads: int = 1, progress: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Report on landmark files over the rendered people of a folder, from their true ROI.

    People whom any of the files does not see (presence) are left out for all, and counted.

    Raises:
        BadInputError: a file is no landmark model, or the labels hold no world landmarks.
    """
    samples = [
        sample
        for sample in read_coco(folder / "annotations.json", folder / "images")[:limit]
        if np.isfinite(sample.world).all() and sample.default_roi is not None
    ]
    if not samples:
        raise BadInputError(
            f"{folder}: nobody has world landmarks; render people with tools/synthesize.py"
        )
    models = [open_landmarker(n, threads=threads, backend=backend) for n in names]
    rows: list[list[dict[str, float]]] = [[] for _ in models]
    unseen = 0
    bar: Any = tqdm(samples, unit="img", disable=not progress)
    for sample in bar:
        frame, roi = images.read_image(sample.image), sample.default_roi
        assert roi is not None
        found = [model(frame, roi) for model in models]
        if min(f.presence for f in found) < PRESENCE_THRESHOLD:
            unseen += 1
            continue
        for row, f in zip(rows, found, strict=True):
            row.append(measure(f.world, f.points[:NUM_LANDMARKS, 2], sample))
    if not rows[0]:
        raise BadInputError(f"{folder}: the files see none of these people; check the pictures")
    results = []
    for name, model, row in zip(names, models, rows, strict=True):
        means = {key: round(float(np.mean([r[key] for r in row])), 3) for key in row[0]}
        results.append({**report.describe_file(name, model.interpreter), **means})
    return {
        "format": report.FORMAT, "mode": "world", "people": len(rows[0]), "unseen": unseen,
        "conditions": report.conditions(models[0].interpreter, threads), "results": results,
    }  # fmt: skip


def markdown(content: dict[str, Any]) -> str:
    """One row for each file."""
    keys = ("procrustes_mm", "limbs_procrustes_mm", "hips_aligned_mm", "scale", "z_correlation")
    head = ["file", "mm", "12 limb points", "hips on hips", "scale to truth", "z correlation"]
    rows = [
        [r["file"], *(f"{r[k]:.1f}" for k in keys[:3]), *(f"{r[k]:.2f}" for k in keys[3:])]
        for r in content["results"]
    ]
    text = report.table(head, rows)
    return f"{text}\n\n{content['people']} people; {content['unseen']} more not seen by all files"
