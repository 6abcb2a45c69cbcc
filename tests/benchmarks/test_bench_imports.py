"""`benchmarks` needs no TensorFlow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_no_module_imports_tensorflow():
    """All modules are imported where TensorFlow and Keras cannot be."""
    files = [p.relative_to(REPOSITORY) for p in (REPOSITORY / "benchmarks").rglob("*.py")]
    modules = sorted(".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in files)
    assert "benchmarks.session" in modules and len(modules) > 30
    code = (
        "import importlib, os, sys\n"
        "os.environ['BLAZEPOSE_SIMULATED_ROOT'] = '/nowhere'\n"
        "for name in ('tensorflow', 'tf_keras', 'keras', 'tools'): sys.modules[name] = None\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)
