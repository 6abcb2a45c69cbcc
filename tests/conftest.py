"""What several tests need: MediaPipe's files, real pictures, a small labelled picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def mediapipe_file() -> Callable[[str], Path]:
    """Path of MediaPipe's `lite`, `full`, `heavy` or `detector`; fetched with npm once.

    Without npm or network the test is skipped, except in CI, where it must run.
    """

    def find(preset: str) -> Path:
        try:
            return find_model(f"npm:{preset}")
        except BadInputError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"MediaPipe's files cannot be had: {error}")

    return find


@pytest.fixture(scope="session")
def lsp_root() -> Path:
    """LSP-extended's held-out pictures, which lie beside the checkout where they are at hand."""
    root = ROOT.parent / "shared" / "data" / "lsp_extended"
    if not root.exists():
        pytest.skip("LSP-extended is not at ../shared/data/lsp_extended")
    return root
