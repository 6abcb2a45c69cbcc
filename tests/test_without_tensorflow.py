"""Who installs `pip install -e .` has no TensorFlow: what they use must import without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("runtime", "evaluation", "draw.py", "video.py", "image.py", "geometry.py")

IMPORT = """
import importlib, sys
for name in ("tensorflow", "tf_keras", "keras", "scipy"):
    sys.modules[name] = None  # an import of it now fails
for module in sys.argv[1:]:
    importlib.import_module(module)
import blazepose_tf
print(blazepose_tf.PoseTracker.__name__)
"""


def test_running_and_evaluating_imports_nothing_of_the_train_extra() -> None:
    """Imports of other packages' imports count, too, which no reading of our source shows."""
    paths = [
        path
        for part in PARTS
        for path in [ROOT / "blazepose_tf" / part, *(ROOT / "blazepose_tf" / part).rglob("*.py")]
        if path.suffix == ".py" and path.name != "__init__.py"
    ]
    modules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    assert len(modules) > 12
    command = [sys.executable, "-c", IMPORT, *modules]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "PoseTracker\n"
