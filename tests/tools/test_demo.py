"""The demo from its command line: pictures, videos, exit codes, and what is left on the disk."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.image import letterbox_roi, read_image
from blazepose_tf.video import FrameSource, video_writer, write_picture

ROOT = Path(__file__).resolve().parents[2]
TOOL = ROOT / "tools" / "demo.py"
Demo = Callable[..., int]


@pytest.fixture(scope="module")
def models(mediapipe_file: Callable[[str], Path]) -> list[str]:
    """Options that name MediaPipe's own files."""
    landmark, detector = mediapipe_file("lite"), mediapipe_file("detector")
    return ["--landmark", str(landmark), "--detector", str(detector)]


@pytest.fixture(scope="module")
def person(lsp_root: Path) -> np.ndarray:
    """A real picture of a person, RGB."""
    return read_image(read_lsp(lsp_root, "held-out")[6].image)


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """Runs the tool in `tmp_path`; its exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> int:
        monkeypatch.setattr(sys, "argv", [str(TOOL), *map(str, arguments)])
        try:
            runpy.run_path(str(TOOL), run_name="__main__")
        except SystemExit as end:
            return int(end.code or 0)
        return 0

    return run


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def _names(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_picture_of_a_person(
    demo: Demo, models: list[str], person: np.ndarray, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    write_picture(tmp_path / "photo.png", person)
    assert demo("photo.png", *models) == 0
    assert "a person in 1 of 1 frames" in capsys.readouterr().out
    assert _names(tmp_path) == ["photo.png", "results/demo/photo.jsonl", "results/demo/photo.png"]
    (line,) = _lines(tmp_path / "results/demo/photo.jsonl")
    assert list(line) == ["frame", "timestamp_s", "pose"]
    landmarks = line["pose"]["landmarks"]
    assert [set(point) for point in landmarks] == [
        {"name", "x", "y", "z", "visibility", "world"}
    ] * 33
    drawn = read_image(tmp_path / "results/demo/photo.png")
    changed = (drawn != person).any(axis=2)
    assert 0.001 < changed.mean() < 0.3
    # What was drawn lies on the landmarks.
    knee = landmarks[25]
    x, y = int(knee["x"]), int(knee["y"])
    assert changed[y - 2 : y + 3, x - 2 : x + 3].any()


def test_a_video_with_and_without_a_person(
    demo: Demo, models: list[str], person: np.ndarray, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    size = round(letterbox_roi(*person.shape[:2]).size)
    frame = cv2.resize(person, (2 * size, 2 * size))
    with video_writer(tmp_path / "clip.mp4", 25) as write:
        for image in (frame, frame, frame, np.zeros_like(frame), frame):
            write(image)
    arguments = ["--out", "deep/out.mp4", "--jsonl", "lines.jsonl", "--json", "--roi"]
    assert demo("clip.mp4", *models, *arguments) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["out"] == "deep/out.mp4" and summary["jsonl"] == "lines.jsonl"
    statistics = summary["statistics"]
    assert (statistics["frames"], statistics["poses"]) == (5, 4)
    assert (statistics["detector_runs"], statistics["lost_frames"]) == (3, 1)
    lines = _lines(tmp_path / "lines.jsonl")
    assert [line["frame"] for line in lines] == list(range(5))
    assert [line["timestamp_s"] for line in lines] == pytest.approx([i / 25 for i in range(5)])
    assert [line["pose"] is None for line in lines] == [False, False, False, True, False]
    with FrameSource(tmp_path / "deep/out.mp4") as written:
        assert written.fps == pytest.approx(25)
        frames = [f.image.astype(int) for f in written]
    with FrameSource(tmp_path / "clip.mp4") as original:
        differences = [
            np.abs(f.image - drawn).mean() for f, drawn in zip(original, frames, strict=True)
        ]
    assert differences[3] < 1 < min(differences[0], differences[4])


def test_smoothing_can_be_switched_off(
    demo: Demo, models: list[str], person: np.ndarray, tmp_path: Path
) -> None:
    noise = np.random.default_rng(0)
    with video_writer(tmp_path / "clip.mp4", 25) as write:
        for _ in range(4):
            noisy = person + noise.normal(0, 12, person.shape)
            write(np.clip(noisy, 0, 255).astype(np.uint8))
    noses = {}
    for options in ((), ("--no-smoothing",)):
        assert demo("clip.mp4", *models, *options, "--out", "o.mp4") == 0
        noses[options] = [p["pose"]["landmarks"][0]["x"] for p in _lines(tmp_path / "o.jsonl")]
    assert noses[()][0] == noses[("--no-smoothing",)][0]
    assert np.std(noses[()]) < np.std(noses[("--no-smoothing",)])


def test_nobody_found_says_so_in_one_line_and_keeps_the_files(
    demo: Demo, models: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_picture(tmp_path / "plain.png", np.full((60, 80, 3), 200, np.uint8))
    assert demo("plain.png", *models, "--out", "out.png") == 2
    errors = capsys.readouterr().err.splitlines()
    assert [line for line in errors if line.startswith("error:")] == [
        "error: plain.png: no person found; give a picture that shows one"
    ]
    assert _lines(tmp_path / "out.jsonl") == [{"frame": 0, "timestamp_s": 0.0, "pose": None}]
    assert (read_image(tmp_path / "out.png") == 200).all()


@pytest.mark.parametrize("pixels", [
    np.full((1, 1), 9, np.uint8), np.full((50, 40), 9, np.uint8),
    np.full((50, 40, 4), 9, np.uint8), np.full((50, 40, 3), 9000, np.uint16),
])  # fmt: skip
def test_unusual_pictures_are_read(
    demo: Demo, models: list[str], tmp_path: Path, pixels: np.ndarray
) -> None:
    cv2.imwrite(str(tmp_path / "odd.png"), pixels)
    assert demo("odd.png", *models, "--out", "out.png") == 2  # nobody there, but read and written
    assert read_image(tmp_path / "out.png").shape == (*pixels.shape[:2], 3)


def test_bad_input_is_one_line_and_writes_nothing(
    demo: Demo, models: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = Path(models[1]).read_bytes()
    for name, content in {
        "empty.mp4": b"", "noise.mp4": bytes(range(256)) * 20, "text.png": b"no picture",
        "cut.tflite": whole[:-1000], "foreign.tflite": b"????TFL3" + bytes(99),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)
    write_picture(tmp_path / "good.png", np.full((60, 80, 3), 200, np.uint8))
    before = _names(tmp_path)
    landmark, detector = models[:2], models[2:]
    for arguments in (
        ["missing.png", *models],
        ["empty.mp4", *models],
        ["noise.mp4", *models],
        ["text.png", *models],
        [".", *models],
        ["good.png", "--landmark", "cut.tflite", *detector],
        ["good.png", *landmark, "--detector", "cut.tflite"],
        ["good.png", "--landmark", "foreign.tflite", *detector],
        ["good.png", "--landmark", "missing.tflite", *detector],
        ["good.png", "--landmark", "npm:huge", *detector],
        ["good.png", "--landmark", models[3], *detector],
        ["good.png", *models, "--out", "good.png"],
        ["good.png", *models, "--out", "new.png", "--jsonl", "new.png"],
        ["good.png", *models, "--out", "new.xyz"],
        ["good.png", *models, "--out", "good.png/new.png"],
        ["good.png", *models, "--backend", "onnx"],
        ["good.png", *models, "--threads", "0"],
    ):
        assert demo(*arguments) == 2, arguments
        captured = capsys.readouterr()
        assert captured.out == "", arguments
        assert captured.err.count("error: ") == 1, arguments
        assert len([x for x in captured.err.splitlines() if x.startswith("error: ")]) == 1
        assert _names(tmp_path) == before, arguments


def test_without_models_the_way_to_them_is_told(
    demo: Demo, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from blazepose_tf.runtime import default_models

    monkeypatch.setattr(default_models, "model_folders", lambda: (tmp_path,))
    write_picture(tmp_path / "good.png", np.full((60, 80, 3), 200, np.uint8))
    assert demo("good.png") == 2
    assert "run `make convert`" in capsys.readouterr().err


def test_as_a_process_it_prints_no_traceback(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(TOOL), "missing.png"], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "error: missing.png: cannot be read (No such file or directory); check the path\n"
    )
