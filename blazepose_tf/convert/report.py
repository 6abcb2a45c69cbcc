"""What was made and how it fared: report.json first, report.md and the table drawn from it."""

from __future__ import annotations

import dataclasses
import datetime
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import blazepose_tf
from blazepose_tf.convert.calibration import People
from blazepose_tf.convert.check import Check
from blazepose_tf.files import write_atomically

FORMAT = 1
"""Raised when a key of report.json changes its meaning or goes away."""
STEM = "report"
"""`report.json` and `report.md`."""


@dataclass(frozen=True)
class Report:
    """The report as plain data (`content`), growing file by file."""

    content: dict[str, Any]
    started: float = field(default_factory=time.monotonic)

    @classmethod
    def start(cls, runtimes: Mapping[str, str | None], people: People) -> Report:
        """A report without files. runtimes: interpreter package -> version, None if missing."""
        versions: dict[str, str | None] = {
            name: importlib.metadata.version(name) for name in ("tensorflow", "tf-keras", "numpy")
        }
        content = {
            "format": FORMAT, "passed": True,
            "created": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "seconds": 0.0, "blazepose_tf": blazepose_tf.__version__,
            "versions": {**versions, **runtimes},
            "machine": {
                "system": platform.platform(), "processor": platform.machine(),
                "cpus": os.cpu_count(),
            },
            "calibration": {
                "source": people.source, "calibrated_on": len(people.calibrate),
                "checked_on": len(people.check), "labelled": people.labelled,
                "disjoint": people.disjoint,
            },
            "files": [],
        }  # fmt: skip
        return cls(content)

    def with_file(
        self, row: Mapping[str, Any], checks: Sequence[Check], latency: Mapping[str, Any]
    ) -> Report:
        """The report with one more file. latency: runtime -> figures in milliseconds."""
        passed = all(check.passed for check in checks)
        results = [{**asdict(check), "passed": check.passed} for check in checks]
        entry = {**row, "passed": passed, "checks": results, "latency_ms": dict(latency)}
        content = {
            **self.content,
            "passed": self.content["passed"] and passed,
            "seconds": round(time.monotonic() - self.started, 1),
            "files": [*self.content["files"], entry],
        }
        return dataclasses.replace(self, content=content)

    @property
    def failures(self) -> list[str]:
        """One line for every check that failed, with the file it failed in."""
        return [
            f"{entry['file']}: {_check(check)}"
            for entry in self.content["files"]
            for check in entry["checks"]
            if not check["passed"]
        ]


def _check(result: Mapping[str, Any]) -> str:
    fields = {f.name: result[f.name] for f in dataclasses.fields(Check)}
    return str(Check(**fields))


def _figure(entry: Mapping[str, Any], name: str) -> str:
    """The worst figure of a check in all runtimes, with its unit; `-` where it was not made."""
    found = [check for check in entry["checks"] if check["name"].split("[")[0] == name]
    if not found:
        return "-"
    worst = max(found, key=lambda check: check["value"])
    if worst["unit"].startswith("of "):
        return f"{100 * worst['value']:.1f} %"
    unit = " px" if worst["unit"].startswith("px") else ""
    return f"{worst['value']:.2g}{unit}"


def _delegated(entry: Mapping[str, Any], name: str) -> str:
    results = [c["passed"] for c in entry["checks"] if c["name"].split("[")[0] == name]
    return "-" if not results else "whole" if all(results) else "PARTLY"


def table(content: Mapping[str, Any]) -> list[list[str]]:
    """Header and one row per file."""
    runtimes = list(dict.fromkeys(r for e in content["files"] for r in e["latency_ms"]))
    header = ["file", "MB", "parameters", "MMAC", "parity", "PCK loss", "XNNPACK", "GPU rules"]
    rows = [[*header, *(f"ms {name}" for name in runtimes), "checks"]]
    for entry in content["files"]:
        failed = [check["name"] for check in entry["checks"] if not check["passed"]]
        times = entry["latency_ms"]
        rows.append(
            [
                entry["file"], f"{entry['bytes'] / 1e6:.2f}", f"{entry['parameters'] / 1e6:.2f}M",
                f"{entry['macs'] / 1e6:.0f}", _figure(entry, "parity"), _figure(entry, "pck_loss"),
                _delegated(entry, "xnnpack"), _delegated(entry, "gpu_rules"),
                *(f"{times[r]['median']:.1f}" if r in times else "-" for r in runtimes),
                "ok" if not failed else "FAILED " + ", ".join(failed),
            ]
        )  # fmt: skip
    return rows


def to_text(content: Mapping[str, Any]) -> str:
    """The table for the screen."""
    rows = table(content)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    missing = [name for name, version in content["versions"].items() if version is None]
    return "\n".join([*lines, *(f"not checked in {name}: it is not installed" for name in missing)])


def _details(entry: Mapping[str, Any]) -> list[str]:
    weights = entry["weights"]
    trained = "quantisation-aware" if weights["quantization_aware"] else "float"
    lines = [f"## {entry['file']}", "", f"- sha256 `{entry['sha256']}`",
             f"- weights {weights['file']} ({trained}), sha256 `{weights['sha256']}`"]  # fmt: skip
    if entry["float_part"]:
        part, ranges = entry["float_part"], entry["ranges"]
        lines += [
            f"- float32: {part['what']}, {part['macs'] / 1e6:.1f} MMAC of "
            f"{entry['macs'] / 1e6:.1f}; all else int8",
            f"- activation ranges: {ranges['learned']} learned, {ranges['calibrated']} calibrated",
        ]
    lines += ["", "| check | value | limit | passed | |", "|---|---|---|---|---|"]
    for check in entry["checks"]:
        sign = "≥" if check["at_least"] else "≤"
        passed = "yes" if check["passed"] else "**no**"
        lines.append(
            f"| {check['name']} | {check['value']:.3g} | {sign} {check['limit']:g} {check['unit']} "
            f"| {passed} | {check['detail']} |"
        )
    return [*lines, ""]


def to_markdown(content: Mapping[str, Any]) -> str:
    """report.md."""
    header, *rows = table(content)
    versions = ", ".join(f"{k} {v or 'not installed'}" for k, v in content["versions"].items())
    people = content["calibration"]
    apart = "other people than" if people["disjoint"] else "the same as"
    lines = [
        "# Converted files", "",
        f"blazepose-tf {content['blazepose_tf']}, {content['created']}, "
        f"{content['seconds']:.0f} s, {content['machine']['cpus']} CPUs, "
        f"{content['machine']['system']}.", "",
        f"Versions: {versions}.", "",
        f"Calibrated on {people['calibrated_on']} people ({people['source']}), checked on "
        f"{people['checked_on']}, {apart} those.", "",
        f"| {' | '.join(header)} |", "|" + "---|" * len(header),
        *(f"| {' | '.join(row)} |" for row in rows), "",
        "Parity: float files, the largest difference from Keras in crop units (detector: parts of "
        "the input's side); int8 landmark files, the mean distance in pixels of the input; int8 "
        "detector, the mean distance of the key points in parts of the ROI's side. Latency: "
        "median of one thread on this machine.", "",
    ]  # fmt: skip
    for entry in content["files"]:
        lines += _details(entry)
    return "\n".join(lines)


def write_report(folder: Path, report: Report, stem: str = STEM) -> None:
    """Write `stem`.json and `stem`.md.

    Raises:
        BadInputError: the folder cannot be written.
    """
    text = json.dumps(report.content, indent=1, allow_nan=False) + "\n"
    write_atomically(folder / f"{stem}.json", text.encode())
    write_atomically(folder / f"{stem}.md", to_markdown(report.content).encode())
