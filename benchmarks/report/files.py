"""Writes the rendered reports beside results.json."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.report.page import html_page
from benchmarks.report.table import csv_text, markdown
from blazepose_tf.files import write_atomically


def write_reports(data: dict[str, Any], folder: Path) -> None:
    """results.csv, report.md and report.html from the content of results.json."""
    write_atomically(folder / "results.csv", csv_text(data).encode())
    write_atomically(folder / "report.md", markdown(data).encode())
    write_atomically(folder / "report.html", html_page(data).encode())
