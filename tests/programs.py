"""Programs that some tests run: in CI they must be there, elsewhere the test is skipped."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
"""No window, and no word to anybody outside."""


def need(program: str) -> str:
    """Path of a program; without it the test fails in CI and is skipped elsewhere."""
    found = shutil.which(program)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{program} is not installed, and CI must run this test")
        pytest.skip(f"{program} is not installed")
    return found


def need_chromium() -> str:
    """Path of Chromium, which some systems call chromium-browser."""
    return shutil.which("chromium-browser") or need("chromium")
