"""Training's and import's command lines: bad input is one line and exit code 2."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

TOOLS = Path(__file__).resolve().parents[2] / "tools"


def _run(tool: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / tool), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(TOOLS.parent)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def _one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    [line] = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


def test_missing_labels_are_named(tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = _run("train.py", "landmark", "--data", f"coco:{tmp_path}/none.json:{tmp_path}",
                "--out", str(out), "--cache", str(tmp_path / "cache"))  # fmt: skip
    assert "none.json: cannot be read" in _one_line(done)
    assert not out.exists()


def test_weights_of_another_preset_are_named(
    labelled_pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    import numpy as np

    from blazepose_tf.models.weights import Weights, save_weights

    wrong = tmp_path / "wrong.npz"
    save_weights(wrong, Weights({"stem/kernel": np.zeros((3, 3, 3, 24))}))
    done = _run("train.py", "landmark", "--data", "coco:{}:{}".format(*labelled_pictures),
                "--init", str(wrong), "--out", str(tmp_path / "run"),
                "--cache", str(tmp_path / "cache"))  # fmt: skip
    assert done.returncode == 2
    assert "these are the weights of another preset" in done.stderr.splitlines()[-1]


def test_import_writes_what_the_model_takes(tmp_path: Path, mediapipe_file: object) -> None:
    mediapipe_file("lite")  # type: ignore[operator]
    out = tmp_path / "lite.npz"
    done = _run("import_weights.py", "--package", "npm", "--preset", "lite", "--out", str(out))
    assert done.returncode == 0 and out.exists() and done.stderr == ""


def test_import_refuses_what_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "file.tflite"
    path.write_bytes(b"nothing")
    done = _run(
        "import_weights.py", str(path), "--preset", "lite", "--out", str(tmp_path / "w.npz")
    )
    assert "no readable TensorFlow Lite model" in _one_line(done)
    assert not (tmp_path / "w.npz").exists()
