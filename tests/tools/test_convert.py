"""tools/convert.py from its command line: files, report, exit codes, what is left on the disk."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf.convert import build, parity  # noqa: E402
from blazepose_tf.files import sha256, write_atomically  # noqa: E402
from blazepose_tf.models import presets  # noqa: E402
from blazepose_tf.runtime.interpreter import Interpreter  # noqa: E402
from tests.convert.conftest import run_convert, tiny_weights  # noqa: E402
from tests.training.tiny_train import TINY  # noqa: E402

Convert = Callable[..., int]


@pytest.fixture(scope="module", autouse=True)
def _tiny_is_a_preset() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.LANDMARK, "tiny", TINY)
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network that say what they are."""
    path = tmp_path_factory.mktemp("weights") / "tiny.npz"
    return tiny_weights(path)


@pytest.fixture
def convert(monkeypatch: pytest.MonkeyPatch, labelled_pictures: tuple[Path, Path]) -> Convert:
    """Run the tool in this process: exit code. Pictures are drawn, timing is off."""
    return lambda *options: run_convert(monkeypatch, labelled_pictures[1], options)


def one_line(text: str) -> str:
    """The error among the progress bars' lines."""
    lines = [line for line in text.replace("\r", "\n").splitlines() if "step" not in line]
    (line,) = [line for line in lines if line.strip()]
    return line


def test_float_files_and_report(
    convert: Convert, weights: Path, tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "dist"
    options = ("--weights", weights, "--precision", "float32", "float16", "--out", out, "--json")
    assert convert(*options) == 0
    printed = json.loads(capsys.readouterr().out)
    stored = json.loads((out / "report.json").read_text())
    assert printed == stored and stored["passed"] and stored["format"] == 1
    names = ["pose_landmark_tiny_float32.tflite", "pose_landmark_tiny_float16.tflite"]
    assert [entry["file"] for entry in stored["files"]] == names
    assert sorted(p.name for p in out.iterdir()) == sorted([*names, "report.json", "report.md"])
    for entry in stored["files"]:
        path = out / entry["file"]
        assert entry["bytes"] == path.stat().st_size
        assert entry["weights"]["sha256"] == sha256(weights)
        description = Interpreter(path).file.description
        assert description["weights_sha256"] == sha256(weights)
        assert (description["kind"], description["preset"]) == ("landmark", "tiny")
        checks = {check["name"]: check for check in entry["checks"]}
        assert checks["parity[ai-edge-litert]"]["value"] < checks["parity[ai-edge-litert]"]["limit"]
        assert entry["file"] in (out / "report.md").read_text()


def test_a_failed_check_exits_1_names_itself_and_keeps_the_file(
    convert: Convert, weights: Path, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(parity, "INT8_PIXELS", 0.0)
    assert convert("--weights", weights, "--precision", "int8", "--out", tmp_path) == 1
    captured = capsys.readouterr()
    message = one_line(captured.err)
    assert message.startswith("check failed: pose_landmark_tiny_int8.tflite: ")
    assert "parity[ai-edge-litert]: " in message and "px of 256" in message
    report = json.loads((tmp_path / "report.json").read_text())
    assert not report["passed"]
    (entry,) = report["files"]
    assert entry["float_part"]["macs"] < 0.1 * entry["macs"]
    assert {c["name"].split("[")[0] for c in entry["checks"]} >= {"parity", "pck_loss", "xnnpack"}
    file = Interpreter(tmp_path / "pose_landmark_tiny_int8.tflite")
    assert file.file.description["precision"] == "int8"
    assert "FAILED" in captured.out


def test_disk_full_half_way_keeps_what_was_finished(
    convert: Convert, weights: Path, tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    """A limit on the size of files stands in for a full disk: the second file does not fit."""

    def write(path: Path, content: bytes) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (180_000, hard))
        try:
            write_atomically(path, content)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    monkeypatch.setattr(build, "write_atomically", write)
    out = tmp_path / "dist"
    options = ("--weights", weights, "--precision", "float16", "float32", "--out", out)
    assert convert(*options) == 2
    message = one_line(capsys.readouterr().err)
    assert "pose_landmark_tiny_float32.tflite" in message and "cannot be written" in message
    left = sorted(path.name for path in out.iterdir())
    assert left == ["pose_landmark_tiny_float16.tflite", "report.json", "report.md"]
    Interpreter(out / left[0])


def bad_options(case: str, weights: Path, folder: Path) -> tuple[object, ...]:
    """Options that cannot work."""
    (folder / "file").write_bytes(b"not weights")
    np.savez(folder / "unnamed.npz", stem=np.zeros(3))
    return {
        "other preset": ("--model", "lite", "--weights", weights),
        "no weights": ("--weights", folder / "missing.npz"),
        "damaged weights": ("--model", "tiny", "--weights", folder / "file"),
        "weights that do not say": ("--weights", folder / "unnamed.npz"),
        "two presets": ("--model", "lite", "full", "--weights", weights),
        "nothing shipped": ("--model", "tiny"),
        "out is a file": ("--weights", weights, "--out", folder / "file"),
        "no pictures": ("--weights", weights, "--calibration", folder / "none"),
        "int8 input of float files": ("--weights", weights, "--io", "int8", "--precision",
                                      "float32"),
    }[case]  # fmt: skip


@pytest.mark.parametrize(
    "case, word",
    [
        ("other preset", "another preset"),
        ("no weights", "missing.npz"),
        ("damaged weights", "damaged"),
        ("weights that do not say", "--model"),
        ("two presets", "--model"),
        ("nothing shipped", "--weights"),
        ("out is a file", "another folder"),
        ("no pictures", "none"),
        ("int8 input of float files", "--precision int8"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    convert: Convert, weights: Path, tmp_path: Path, capsys: Any, case: str, word: str
) -> None:
    options = bad_options(case, weights, tmp_path)
    out = () if "--out" in options else ("--out", tmp_path / "dist")
    assert convert(*options, *out) == 2
    message = one_line(capsys.readouterr().err)
    assert message.startswith("error: ") and word in message
    assert not list(tmp_path.glob("dist/*.tflite"))


def test_help_shows_defaults(convert: Convert, capsys: Any) -> None:
    assert convert("--help") == 0
    text = capsys.readouterr().out
    assert "--calibration DIR" in text and "(default: dist)" in text
