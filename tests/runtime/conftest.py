"""Real, labelled people and a made-up interpreter for the runtime's tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample


@pytest.fixture(scope="session")
def lsp_samples(lsp_root: Path) -> list[PoseSample]:
    """The first people of LSP Extended's held-out part."""
    return read_lsp(lsp_root, "held-out")[:12]


@pytest.fixture(scope="session")
def cuts() -> Callable[[int], list[int]]:
    """Lengths to cut a file of some size to: nothing to one byte short, dense at both ends."""

    def places(size: int) -> list[int]:
        spread = {size * i // 20 for i in range(20)}
        return sorted(spread | set(range(0, 72, 9)) | {size - 2**i for i in range(18)} | {size - 3})

    return places


class FakeInterpreter:
    """Stands in for an interpreter: given outputs, whatever comes in."""

    def __init__(
        self, side: int, outputs: dict[str, Any], description: dict[str, Any] | None = None
    ) -> None:
        self.inputs = {"image": SimpleNamespace(shape=(1, side, side, 3))}
        self.values = {name: np.asarray(value, np.float32) for name, value in outputs.items()}
        self.outputs = {n: SimpleNamespace(shape=v.shape) for n, v in self.values.items()}
        self.file = SimpleNamespace(description=description or {})
        self.seen: list[NDArray[np.float32]] = []

    def __call__(self, *_: Any, **__: Any) -> FakeInterpreter:
        return self

    def run(self, image: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
        self.seen.append(image)
        return self.values


@pytest.fixture
def fake_interpreter() -> type[FakeInterpreter]:
    """The class; patch an instance over a module's `Interpreter`."""
    return FakeInterpreter
