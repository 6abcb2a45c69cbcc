"""Words for numbers and delegates, the same in every output."""

from __future__ import annotations

from typing import Any


def number(value: float | None, digits: int = 2) -> str:
    """'12.34', or a dash for what is not known."""
    return "–" if value is None else f"{value:.{digits}f}"


def delegate_label(run: dict[str, Any]) -> str:
    """'xnnpack, 4 threads', or 'gpu'."""
    if run["delegate"] in ("gpu", "npu"):
        return str(run["delegate"])
    return f"{run['delegate']}, {run['threads']} thread{'s' * (run['threads'] != 1)}"
