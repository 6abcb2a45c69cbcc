"""The demo from its command line: pictures, videos, exit codes, and what is left on the disk."""

from __future__ import annotations

import csv
import json
import os
import re
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
REAL_CAPTURE = cv2.VideoCapture


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


@pytest.fixture(scope="module")
def two_people() -> np.ndarray:
    """Two rendered people side by side, RGB."""
    folder = ROOT / "blazepose_tf" / "assets" / "calibration" / "images"
    pictures = [read_image(path) for path in sorted(folder.glob("*.jpg"))]
    upright = [cv2.resize(p, (288, 384)) for p in pictures if p.shape[1] < p.shape[0]]
    return np.hstack([upright[1], upright[2]])


def _film(path: Path, image: np.ndarray, count: int = 6) -> None:
    with video_writer(path, 25) as write:
        for _ in range(count):
            write(image)


def test_two_people_as_lines_table_and_3d_view(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path
) -> None:
    _film(tmp_path / "two.mp4", two_people)
    files = ["--output", "o.mp4", "--csv", "o.csv", "--view-3d", "o.html"]
    assert demo("two.mp4", *models, "--people", 2, *files) == 0
    assert _names(tmp_path) == ["o.csv", "o.html", "o.jsonl", "o.mp4", "two.mp4"]
    lines = _lines(tmp_path / "o.jsonl")
    assert [[p["id"] for p in line["people"]] for line in lines] == [[1, 2]] * 6
    # The table says the same in MediaPipe's units.
    with open(tmp_path / "o.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["frame"], row["person"]) for row in rows] == [
        (str(i), str(p)) for i in range(6) for p in (1, 2)
    ]
    width, height = 576, 384
    for row, person in zip(rows, [p for line in lines for p in line["people"]], strict=True):
        for point in person["landmarks"]:
            name = point["name"]
            assert float(row[f"{name}_x"]) * width == pytest.approx(point["x"], abs=1e-2)
            assert float(row[f"{name}_y"]) * height == pytest.approx(point["y"], abs=1e-2)
            assert float(row[f"{name}_z"]) * width * 0.4 == pytest.approx(point["z"], abs=1e-2)
            assert float(row[f"{name}_visibility"]) == pytest.approx(point["visibility"], abs=1e-4)
            world = [float(row[f"{name}_world_{axis}"]) for axis in "xyz"]
            assert world == pytest.approx(point["world"], abs=1e-4)
    assert rows[-1]["timestamp_ms"] == "200.000"
    # So does the page.
    data = re.search(r'type="application/json">(.*?)</script>', (tmp_path / "o.html").read_text())
    assert data
    frames = json.loads(data[1])["frames"]
    assert [[body[0] for body in frame[2]] for frame in frames] == [[1, 2]] * 6
    wrist = lines[-1]["people"][1]["landmarks"][16]["world"]
    assert frames[-1][2][1][2][48:51] == pytest.approx([1000 * v for v in wrist], abs=0.6)
    # Everybody is drawn.
    with FrameSource(tmp_path / "o.mp4") as drawn:
        last = list(drawn)[-1].image.astype(int)
    for person in lines[-1]["people"]:
        knee = person["landmarks"][25]
        x, y = int(knee["x"]), int(knee["y"])
        changed = np.abs(last - two_people)[y - 3 : y + 4, x - 3 : x + 4].max()
        assert changed > 60


def test_a_picture_may_have_a_table_and_a_3d_view_too(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path
) -> None:
    write_picture(tmp_path / "two.png", two_people)
    assert demo("two.png", *models, "--out", "o.png", "--csv", "o.csv", "--view-3d", "o.html") == 0
    assert len((tmp_path / "o.csv").read_text().splitlines()) == 2


def test_outputs_that_collide_or_have_a_wrong_name_are_refused(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path
) -> None:
    write_picture(tmp_path / "two.png", two_people)
    for options in (
        ["--csv", "two.png"], ["--csv", "o.csv", "--jsonl", "o.csv"], ["--view-3d", "o.png"],
        ["--people", "0"], ["--camera", "0"],
    ):  # fmt: skip
        assert demo("two.png", *models, "--out", "o.jpg", *options) == 2, options
        assert _names(tmp_path) == ["two.png"]
    assert demo(*models) == 2


class Camera:
    """Stands in for cv2.VideoCapture: gives a picture `count` times, then no more."""

    opened: list[Camera] = []

    def __init__(self, image: np.ndarray | None, count: int, opens: bool = True) -> None:
        self.image, self.left, self.opens, self.released = image, count, opens, False

    def __call__(self, number: object) -> Camera:
        assert number == 3
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def get(self, key: int) -> float:
        return 20.0 if key == cv2.CAP_PROP_FPS else 0.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        self.left -= 1
        return (True, self.image) if self.left >= 0 else (False, None)

    def release(self) -> None:
        self.released = True


class Screen:
    """Stands in for OpenCV's windows: remembers what it shows, presses keys in turn."""

    def __init__(self, keys: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys, self.shown = list(keys), []
        monkeypatch.setenv("DISPLAY", ":0")
        monkeypatch.setattr(cv2, "namedWindow", lambda *_: None)
        monkeypatch.setattr(cv2, "imshow", lambda _, image: self.shown.append(image))
        monkeypatch.setattr(cv2, "waitKey", lambda _: self.keys.pop(0) if self.keys else -1)
        monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: float(len(self.shown) < 20))


def test_a_camera_with_a_window_and_keys(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    mediapipe_file: Callable[[str], Path],
) -> None:  # fmt: skip
    from blazepose_tf.demo import live, tracking

    banners: list[str] = []
    draw = live.draw_banner
    monkeypatch.setattr(
        live, "draw_banner", lambda image, text: (banners.append(text), draw(image, text))[1]
    )
    (tmp_path / "pose_landmark_zz.tflite").symlink_to(mediapipe_file("full"))
    monkeypatch.setattr(tracking, "model_folders", lambda: (tmp_path,))
    camera = Camera(cv2.cvtColor(two_people, cv2.COLOR_RGB2BGR), 100)
    monkeypatch.setattr(cv2, "VideoCapture", camera)
    screen = Screen([-1, ord("m"), -1, ord("m"), ord("x"), ord("q")], monkeypatch)
    assert demo("--camera", 3, *models, "--people", 2, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["frames"] == 6 and summary["people"] == 2 and summary["files"] == []
    assert summary["fps"] > 0 and camera.released
    assert len(screen.shown) == 6
    assert screen.shown[-1].shape == two_people.shape
    names = [text.split()[0] for text in banners]
    lite, full = "mediapipe_lite", "pose_landmark_zz"
    assert names == [lite, lite, full, full, lite, lite]
    assert all("FPS" in text and "q: quit" in text for text in banners)
    # What is shown is BGR and has the skeletons.
    assert 2 < np.abs(screen.shown[-1].astype(int) - camera.image).mean() < 30
    assert _names(tmp_path) == ["pose_landmark_zz.tflite"]


def test_closing_the_window_ends_the_run(
    demo: Demo, models: list[str], two_people: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(two_people, 100)
    monkeypatch.setattr(cv2, "VideoCapture", camera)
    screen = Screen([], monkeypatch)
    assert demo("--camera", 3, *models) == 0
    assert len(screen.shown) == 20 and camera.released


def test_an_unplugged_camera_leaves_whole_files_and_one_line(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(cv2, "VideoCapture", Camera(two_people, 5))
    files = ["--out", "o.avi.mp4", "--jsonl", "o.jsonl", "--csv", "o.csv", "--view-3d", "o.html"]
    capture = cv2.VideoCapture
    monkeypatch.setattr(
        cv2, "VideoCapture", lambda name: capture(name) if name == 3 else REAL_CAPTURE(name)
    )
    assert demo("--camera", 3, *models, "--no-window", *files) == 2
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("error:")]
    assert "camera 3: gives no more pictures, is it unplugged? 5 frames" in line
    assert "o.avi.mp4, o.jsonl, o.csv, o.html" in line
    assert _names(tmp_path) == ["o.avi.mp4", "o.csv", "o.html", "o.jsonl"]
    lines = _lines(tmp_path / "o.jsonl")
    assert [line["frame"] for line in lines] == list(range(5))
    times = [line["timestamp_s"] for line in lines]
    assert times[0] >= 0 and (np.diff(times) > 0).all()
    # At the camera's frame rate the video lasts as long as the run did.
    with FrameSource(tmp_path / "o.avi.mp4") as written:
        assert written.fps == pytest.approx(20)
        assert sum(1 for _ in written) == int(times[-1] * 20) + 1


def test_ctrl_c_ends_a_camera_without_a_window_and_keeps_the_files(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    camera = Camera(two_people, 100)
    read = camera.read

    def interrupted() -> tuple[bool, np.ndarray | None]:
        if camera.left == 96:
            raise KeyboardInterrupt
        return read()

    monkeypatch.setattr(camera, "read", interrupted)
    monkeypatch.setattr(cv2, "VideoCapture", camera)
    assert demo("--camera", 3, *models, "--no-window", "--jsonl", "o.jsonl") == 0
    assert len(_lines(tmp_path / "o.jsonl")) == 4


def test_no_camera_no_picture_and_no_window_are_one_line(
    demo: Demo, models: list[str], two_people: np.ndarray, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def no_window(*_: object) -> None:
        raise cv2.error("The function is not implemented.\n Rebuild the library")

    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    for camera, message, display in (
        (Camera(None, 0, opens=False), "camera 3: cannot be opened", ":0"),
        (Camera(None, 0), "camera 3: gives no picture", ":0"),
        (Camera(two_people, 9), "pip install 'opencv-python==4.11.*'", ":0"),
        (Camera(two_people, 9), "there is no display", ""),
    ):
        monkeypatch.setenv("DISPLAY", display)
        monkeypatch.setattr(cv2, "VideoCapture", camera)
        monkeypatch.setattr(cv2, "namedWindow", no_window)
        assert demo("--camera", 3, *models, "--jsonl", "o.jsonl") == 2
        captured = capsys.readouterr()
        assert captured.out == "" and message in captured.err
        assert sum(x.startswith("error:") for x in captured.err.splitlines()) == 1
        assert _names(tmp_path) == []
