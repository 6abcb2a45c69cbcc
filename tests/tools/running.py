"""Runs a tool's `main` in the test's own process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from blazepose_tf import command_line


def exit_code(monkeypatch: pytest.MonkeyPatch, main: Callable[[], None], *arguments: object) -> int:
    """The exit code of a tool with these arguments."""
    monkeypatch.setattr(sys, "argv", ["tool.py", *map(str, arguments)])
    try:
        command_line.run(main)
    except SystemExit as left:
        return int(left.code or 0)
    return 0
