"""One APK for all tests of this folder: built once, with its own tests, then once more without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from blazepose_tf.files import sha256
from tests.programs import need

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "build_apk.py"
BUNDLED = ("pose_landmark_lite_float32.tflite", "pose_detector_float32.tflite")
"""Two files are enough to build and test the app."""
ONLY_THE_APP = (
    "--maven=-Dtest=io.github.blazepose_tf.demo.**",
    "--maven=-Dsurefire.failIfNoSpecifiedTests=false",
)
"""The tests of core/ are run by test_core.py."""


@dataclass(frozen=True)
class Built:
    """result: what the tool printed as JSON. models: the folder with report.json."""

    apk: Path
    result: dict[str, Any]
    models: Path

    @property
    def converted(self) -> dict[str, str]:
        """Model file -> sha256, as the converter reported it."""
        return sha256_by_file(self.models)


def sha256_by_file(folder: Path) -> dict[str, str]:
    """What report.json says of the two files that are bundled here."""
    report = json.loads((folder / "report.json").read_text())
    return {row["file"]: row["sha256"] for row in report["files"] if row["file"] in BUNDLED}


def need_maven() -> None:
    """A JDK and Maven."""
    for program in ("javac", "mvn"):
        need(program)


def run_tool(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python tools/build_apk.py ...`."""
    return subprocess.run(
        [sys.executable, str(TOOL), *map(str, words)], capture_output=True, text=True, check=False,
        env={**os.environ, **environment},
    )  # fmt: skip


def write_golden(*words: str | Path) -> None:
    """`python tools/write_golden.py ...`."""
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "write_golden.py"), *map(str, words)], check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def _models(folder: Path) -> Path:
    """dist/ where the converter has left the two files, else converted now."""
    dist = ROOT / "dist"
    if (dist / "report.json").exists():
        known = sha256_by_file(dist)
        if all(
            (dist / name).exists() and sha256(dist / name) == known.get(name) for name in BUNDLED
        ):
            for name in (*BUNDLED, "report.json"):
                shutil.copyfile(dist / name, folder / name)
            return folder
    words = ["--model", "lite", "detector", "--precision", "float32", "--no-latency"]
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "convert.py"), *words, "--out", str(folder)],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with BUNDLED and report.json."""
    return _models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def built(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The APK, built with the app's own tests."""
    need_maven()
    apk = tmp_path_factory.mktemp("apk") / "demo.apk"
    done = run_tool("--models", models, "--out", apk, "--json", *ONLY_THE_APP)
    assert done.returncode == 0, done.stderr[-2000:]
    return Built(apk, json.loads(done.stdout), models)
