"""Scores with their conditions: JSON (stable keys, shares in percent) and Markdown tables."""

from __future__ import annotations

import platform
import subprocess
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import blazepose_tf
from blazepose_tf import files
from blazepose_tf.evaluation.pck import PckScores
from blazepose_tf.evaluation.predict import HIT_DISTANCE, Detections
from blazepose_tf.runtime.interpreter import Interpreter

FORMAT = "blazepose-tf-evaluation/1"
DESCRIBED = ("preset", "precision", "version")
"""What a file says of itself and the report repeats."""


def git_commit() -> str | None:
    """Commit of the checkout this package lies in, with -dirty if changed; None outside of git."""
    folder = Path(blazepose_tf.__file__).parent

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(
                ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
            )
        except OSError:
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    # A package installed in a .venv inside of somebody's checkout is not of that checkout.
    if git("ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    return git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def describe_file(name: str, interpreter: Interpreter) -> dict[str, Any]:
    """What was measured: name, sha256, size, and what the file says of itself."""
    description = interpreter.file.description
    return {
        "file": name,
        "sha256": files.sha256(interpreter.file.content),
        "bytes": len(interpreter.file.content),
        **{key: description[key] for key in DESCRIBED if key in description},
    }


def conditions(interpreter: Interpreter, threads: int) -> dict[str, Any]:
    """When, with what code and on which runtime."""
    return {
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "blazepose_tf": blazepose_tf.__version__,
        "commit": git_commit(),
        "runtime": interpreter.backend,
        "runtime_version": interpreter.backend_version,
        "threads": threads,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "opencv": cv2.__version__,
        "machine": platform.machine(),
        "system": platform.platform(terse=True),
    }


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def landmark_result(scores: PckScores) -> dict[str, Any]:
    """PCK of one landmark file: over all points and per joint, with counts."""
    limits = list(scores.correct)
    joints = {
        joint: {
            "points": int(scores.points[scores.points > 0][i]),
            **{f"pck_{limit}": round(scores.pck(limit, joint), 2) for limit in limits},
        }
        for i, joint in enumerate(scores.joints)
    }
    return {
        "people": scores.people,
        "skipped_without_torso": scores.skipped,
        "points": int(scores.points.sum()),
        **{f"correct_{limit}": int(scores.correct[limit].sum()) for limit in limits},
        **{f"pck_{limit}": round(scores.pck(limit), 2) for limit in limits},
        "per_joint": joints,
    }


def detector_result(found: Detections, reference: Detections | None = None) -> dict[str, Any]:
    """Hits of one detector, and how many of the reference's hits are hit too."""
    people = int(found.scored.sum())
    hits = int(found.hits.sum())
    result: dict[str, Any] = {
        "people": people,
        "found": int(found.found.sum()),
        "hits": hits,
        "hit_rate": _percent(hits, people),
        "hit_distance_torso": HIT_DISTANCE,
    }
    if reference is not None:
        both = int((found.hits & reference.hits).sum())
        result["reference_hits"] = int(reference.hits.sum())
        result["hits_of_reference"] = both
        result["share_of_reference"] = _percent(both, result["reference_hits"])
    return result


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table; the first column left, the others right aligned."""
    text = [[f"{v:.1f}" if isinstance(v, float) else str(v) for v in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(head, *text, strict=True)]

    def line(cells: Sequence[str]) -> str:
        others = [cell.rjust(w) for cell, w in zip(cells[1:], widths[1:], strict=True)]
        return "| " + " | ".join([cells[0].ljust(widths[0]), *others]) + " |"

    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(map(line, [list(head), rule, *text]))


def markdown(report: dict[str, Any]) -> str:
    """The tables of a report made by `tools/evaluate.py`."""
    results = report["results"]
    names = [result["file"] for result in results]
    if report["mode"] == "detector":
        keys = ["people", "found", "hits", "hit_rate"]
        head = ["detector", "people", "found", "hits", "hit rate %"]
        if "share_of_reference" in results[0]:
            keys += ["reference_hits", "hits_of_reference", "share_of_reference"]
            head += ["reference hits", "of those", "share %"]
        return table(head, [[r["file"], *(r[k] for k in keys)] for r in results])
    limits = [key for key in results[0] if key.startswith("pck_")]
    titles = [key.replace("pck_", "PCK@") for key in limits]
    overall = table(
        ["file", *titles, "people", "points"],
        [[r["file"], *(r[k] for k in limits), r["people"], r["points"]] for r in results],
    )
    joints = results[0]["per_joint"]
    rows = [
        [joint, joints[joint]["points"], *(r["per_joint"][joint][limits[0]] for r in results)]
        for joint in joints
    ]
    text = f"{overall}\n\n{table([f'{titles[0]} of', 'points', *names], rows)}"
    if found := report.get("detector"):
        text += (
            f"\n\nDetector {found['file']}: found {found['found']}, hit {found['hits']} "
            f"of {found['people']} people ({found['hit_rate']} %)"
        )
    return text
