"""The arrows of the design run one way: checked on the imports that the source states."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TENSORFLOW = ("tensorflow", "tf_keras", "keras")


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import statement, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute here"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def sources(*packages: str) -> list[Path]:
    found = []
    for package in packages:
        path = ROOT / package
        found += sorted(path.rglob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    assert found, packages
    return found


def offenders(paths: list[Path], *forbidden: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in sorted(imports(path))
        if any(name == word or name.startswith(f"{word}.") for word in forbidden)
    ]


@pytest.mark.parametrize(
    "package",
    [
        "blazepose_tf/runtime", "blazepose_tf/evaluation", "blazepose_tf/geometry",
        "blazepose_tf/image", "blazepose_tf/anchors", "blazepose_tf/topology", "blazepose_tf/draw",
        "blazepose_tf/files", "blazepose_tf/errors", "blazepose_tf/command_line", "benchmarks",
    ],
)  # fmt: skip
def test_what_runs_models_states_no_tensorflow(package: str) -> None:
    assert not offenders(sources(package), *TENSORFLOW)


def test_models_do_not_know_the_runtime() -> None:
    assert not offenders(sources("blazepose_tf/models"), "blazepose_tf.runtime")


def test_nothing_imports_tools_and_the_library_does_not_know_the_benchmarks() -> None:
    assert not offenders(sources("blazepose_tf"), "tools", "benchmarks")
    assert not offenders(sources("benchmarks"), "tools")


def test_the_lower_layers_do_not_know_the_upper_ones() -> None:
    upper = ["blazepose_tf.training", "blazepose_tf.evaluation", "blazepose_tf.convert"]
    for lower in ("runtime", "models", "data"):
        assert not offenders(sources(f"blazepose_tf/{lower}"), *upper)


WITHOUT_TENSORFLOW = """
import importlib, sys
for name in ("tensorflow", "tf_keras", "keras"):
    sys.modules[name] = None  # an import of it now fails
for module in sys.argv[1:]:
    importlib.import_module(module)
"""


def test_running_and_evaluating_works_where_tensorflow_is_not_installed() -> None:
    """Imports of imports count, too."""
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources("blazepose_tf/runtime", "blazepose_tf/evaluation", "blazepose_tf/draw")
        if path.name != "__init__.py"
    ]
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
