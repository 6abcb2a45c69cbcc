"""The wheel holds every module and asset, and works where the checkout is not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "blazepose_tf"

USE = """
import sys
from pathlib import Path
import numpy as np
import blazepose_tf
from blazepose_tf.models.weights import ASSETS, read_weights
here = Path(sys.argv[1])
assert Path(blazepose_tf.__file__).parent.parent == here, blazepose_tf.__file__
assert ASSETS.is_relative_to(here), ASSETS
blazepose_tf.PoseTracker
for path in sorted(ASSETS.glob("*.npz")):
    arrays = read_weights(path).arrays
    assert all(np.isfinite(a).all() for a in arrays.values()), path
    print(path.stem, sum(a.size for a in arrays.values()))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of what belongs into it, with the setuptools that is installed."""
    source = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(PACKAGE, source / "blazepose_tf", ignore=ignore)
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = (source / "dist").glob("blazepose_tf-*-py3-none-any.whl")
    return built


def test_every_module_and_asset_is_inside(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if name.startswith("blazepose_tf/")}
    expected = {
        path.relative_to(ROOT).as_posix()
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == expected


def test_installed_elsewhere_it_loads_its_own_weights(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    command += ["--target", str(target), str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [sys.executable, "-c", USE, str(target)], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(target)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = {name: int(size) for name, size in map(str.split, done.stdout.splitlines())}
    assert {"lite", "full", "detector"} <= set(found)
    assert 1.2e6 < found["lite"] < 2.5e6 < found["full"] < 5e6


def test_the_licence_travels_along(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        assert "Apache License" in archive.read(names["LICENSE"]).decode()
        assert "The MediaPipe Authors" in archive.read(names["NOTICE"]).decode()
        metadata = archive.read(names["METADATA"]).decode()
    base = [line for line in metadata.splitlines() if line.startswith("Requires-Dist:")]
    assert base and not any("tensorflow" in line and "extra ==" not in line for line in base)
