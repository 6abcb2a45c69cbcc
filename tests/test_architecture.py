"""The arrows of the design run only down: found by reading every import statement.

tools -> training -> evaluation -> {convert, data} -> {runtime, models} -> the ground floor.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("blazepose_tf", "tools", "benchmarks")
TENSORFLOW = {"tensorflow", "tf_keras", "keras", "tensorflow_model_optimization"}

FLOORS: tuple[set[str], ...] = (
    {
        "errors",
        "files",
        "topology",
        "geometry",
        "anchors",
        "image",
        "draw",
        "video",
        "view3d",
        "command_line",
    },
    {"runtime", "models"},
    {"data", "convert", "demo"},
    {"evaluation", "golden"},
    {"training"},
)
"""Parts of blazepose_tf, lowest first: a part may import what lies on its own floor or below."""
WITHOUT_TENSORFLOW = {"golden", "runtime", "evaluation", "demo"} | FLOORS[0]


def _modules() -> dict[str, Path]:
    """Module name -> file, for all of the project."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


MODULES = _modules()


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _imports(tree: ast.AST) -> set[str]:
    """Names after import and from, wherever they stand, except for the type checker only."""
    found = set()
    for node in ast.iter_child_nodes(tree):
        if _is_type_checking(node):
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            module = node.module or ""
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
        else:
            found |= _imports(node)
    return found


@cache
def imports(name: str) -> frozenset[str]:
    """Modules that a module of the project names: the project's own, and roots of others."""
    found = _imports(ast.parse(MODULES[name].read_text(encoding="utf-8")))
    own = {module for module in found if module in MODULES}
    return frozenset(own | {m.split(".")[0] for m in found if m.split(".")[0] not in FOLDERS})


def reachable(name: str) -> set[str]:
    """Everything a module imports, through the project's modules."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for module in imports(waiting.pop()):
            if module not in seen:
                seen.add(module)
                if module in MODULES:
                    waiting.append(module)
    return seen


def _part(module: str) -> str:
    """`runtime` of blazepose_tf.runtime.tracker; empty outside of the package and at its top."""
    head, *rest = module.split(".")
    return rest[0] if head == "blazepose_tf" and rest else ""


def _floor(part: str) -> int:
    return next(i for i, parts in enumerate(FLOORS) if part in parts)


def _of(*parts: str) -> list[str]:
    return [name for name in MODULES if _part(name) in parts]


def test_every_part_has_its_floor() -> None:
    known = set().union(*FLOORS)
    parts = {_part(name) for name in MODULES} - {""}
    assert {"runtime", "models", "geometry"} <= parts  # the walk sees the project
    assert parts <= known, f"state the floor of {parts - known} in FLOORS"


def test_arrows_run_only_down() -> None:
    upward = [
        f"{name} imports {other}"
        for name in MODULES
        if _part(name)
        for other in imports(name)
        if _part(other) and _floor(_part(other)) > _floor(_part(name))
    ]
    assert upward == []


@pytest.mark.parametrize(("part", "never"), [("runtime", "models"), ("models", "runtime")])
def test_runtime_and_models_do_not_know_each_other(part: str, never: str) -> None:
    assert _of(part)
    assert [name for name in _of(part) if set(_of(never)) & reachable(name)] == []


def test_nothing_imports_tools() -> None:
    guilty = [
        name
        for name in MODULES
        if not name.startswith("tools") and any(m.split(".")[0] == "tools" for m in imports(name))
    ]
    assert guilty == []


def test_running_and_measuring_needs_no_tensorflow() -> None:
    benchmarks = [name for name in MODULES if name.startswith("benchmarks")]
    guilty = {
        name: sorted(TENSORFLOW & reachable(name))
        for name in [*_of(*WITHOUT_TENSORFLOW), *benchmarks, "blazepose_tf"]
        if TENSORFLOW & reachable(name)
    }
    assert guilty == {}


def test_a_lent_machine_needs_no_tensorflow() -> None:
    lent = [name for name in MODULES if ".pytorch" in name] + ["tools.train_pytorch"]
    assert len(lent) > 4
    assert [name for name in lent if TENSORFLOW & reachable(name)] == []


def test_the_walk_would_see_a_violation() -> None:
    """Against a walk that finds nothing: TensorFlow is reached where models are built."""
    assert "tf_keras" in reachable("blazepose_tf.models.landmark")
    nested = "def f():\n    if True:\n        import tensorflow.lite as t\n"
    assert _imports(ast.parse(nested)) == {"tensorflow.lite"}
    hidden = "if TYPE_CHECKING:\n    import tensorflow\n"
    assert _imports(ast.parse(hidden)) == set()
