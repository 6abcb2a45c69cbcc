"""Frames in and out of files: times, memory, and every way a file can be bad."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.video import FrameSource, video_writer, write_picture


def _grey(value: int, height: int = 48, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def _video(
    path: Path, count: int = 12, fps: float = 20.0, size: tuple[int, int] = (48, 64)
) -> Path:
    with video_writer(path, fps) as write:
        for i in range(count):
            write(_grey(15 * i % 256, *size))
    return path


def test_a_video_comes_back_with_its_frames_and_times(tmp_path: Path) -> None:
    with FrameSource(_video(tmp_path / "v.mp4")) as source:
        assert source.is_video and source.fps == pytest.approx(20) and source.count == 12
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(12))
    assert [frame.timestamp_s for frame in frames] == pytest.approx([i / 20 for i in range(12)])
    for i, frame in enumerate(frames):
        assert frame.image.shape == (48, 64, 3)
        assert abs(frame.image.mean() - 15 * i) < 4


def test_colours_are_rgb_both_ways(tmp_path: Path) -> None:
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 220
    with video_writer(tmp_path / "v.mp4", 10) as write:
        write(red)
    write_picture(tmp_path / "p.png", red)
    for name in ("v.mp4", "p.png"):
        with FrameSource(tmp_path / name) as source:
            middle = next(iter(source)).image[32, 32]
        assert middle[0] > 180 and middle[1:].max() < 40


def test_odd_sides_are_kept_and_padded(tmp_path: Path) -> None:
    with FrameSource(_video(tmp_path / "odd.mp4", size=(77, 101))) as source:
        assert next(iter(source)).image.shape == (78, 102, 3)


def test_a_picture_is_one_frame_at_time_zero(tmp_path: Path) -> None:
    write_picture(tmp_path / "p.png", _grey(77))
    with FrameSource(tmp_path / "p.png") as source:
        assert not source.is_video and source.count == 1
        (frame,) = source
    assert (frame.index, frame.timestamp_s) == (0, 0.0)
    assert (frame.image == 77).all()


def test_times_grow_even_where_the_file_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _video(tmp_path / "v.mp4", count=4)

    class Timeless:
        """A capture whose clock stands still and whose frame rate is nonsense."""

        def __init__(self, name: str) -> None:
            self.inner = capture(name)

        def get(self, key: int) -> float:
            return float("nan") if key == cv2.CAP_PROP_FPS else 0.0

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    capture = cv2.VideoCapture
    monkeypatch.setattr(cv2, "VideoCapture", Timeless)
    with FrameSource(path) as source:
        assert source.fps == 30 and source.count == 0
        assert [f.timestamp_s for f in source] == pytest.approx([0, 1 / 30, 2 / 30, 3 / 30])


def _bad_files(folder: Path) -> dict[str, bytes]:
    whole = _video(folder / "whole.mp4").read_bytes()
    generator = np.random.default_rng(0)
    return {
        "empty.mp4": b"",
        "empty.png": b"",
        "noise.mp4": generator.integers(0, 256, 5000, np.uint8).tobytes(),
        "text.txt": b"frames? none\n" * 400,
        "text.mp4": b"hello",
        "half.mp4": whole[: len(whole) // 2],
        "head.png": b"\x89PNG\r\n\x1a\n" + bytes(30),
    }


def test_bad_files_are_refused_in_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, content in _bad_files(tmp_path).items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadInputError, match=name.replace(".", r"\.")) as caught:
            FrameSource(tmp_path / name)
        assert "\n" not in str(caught.value)
    for name in ("missing.mp4", "."):
        with pytest.raises(BadInputError, match="cannot be read"):
            FrameSource(tmp_path / name)
    output = capfd.readouterr()
    assert output.out + output.err == ""  # nothing from OpenCV or FFmpeg either


def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    """A whole .mp4 whose tables hold no frame."""
    path = tmp_path / "none.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 48))
    writer.release()
    with pytest.raises(BadInputError, match=r"none\.avi"):
        FrameSource(path)


def test_nothing_is_left_when_writing_fails_half_way(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").write_bytes(b"what was there before")
    with (
        pytest.raises(RuntimeError, match="half way"),
        video_writer(tmp_path / "v.mp4", 25) as write,
    ):
        write(_grey(1))
        raise RuntimeError("half way")
    with pytest.raises(BadInputError, match="0 of 0 frames"), video_writer(tmp_path / "v.mp4", 25):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]
    assert (tmp_path / "v.mp4").read_bytes() == b"what was there before"


FULL_DISK = """
import resource, signal, sys
import numpy as np
from blazepose_tf.errors import BadInputError
from blazepose_tf.video import video_writer
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), np.uint8)
try:
    with video_writer(sys.argv[1], 25) as write:
        for i in range(30):
            write(np.roll(noise, 7 * i, axis=1))
except BadInputError as error:
    print(error)
"""


def test_a_full_disk_is_noticed_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "v.mp4")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "v.mp4: cannot be written" in done.stdout and done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"end the name in \.mp4"):
        _video(tmp_path / "v.mkv")
    with pytest.raises(BadInputError, match="OpenCV cannot write a video of 20000x2"):
        _video(tmp_path / "v.mp4", size=(2, 20_000))
    with pytest.raises(BadInputError, match="unknown picture format"):
        write_picture(tmp_path / "p.xyz", _grey(1))
    with pytest.raises(BadInputError, match=r"use \.png"):
        write_picture(tmp_path / "p.webp", _grey(1, 20_000, 1))
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file" / "v.mp4", tmp_path / "file" / "p.png"):
        with pytest.raises(BadInputError, match="cannot be written"):
            _video(path) if path.suffix == ".mp4" else write_picture(path, _grey(1))
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


MEMORY = """
import resource, sys
from blazepose_tf.video import FrameSource
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
with FrameSource(sys.argv[1]) as source:
    start = None
    for frame in source:
        if frame.index == 20:
            start = peak()
print(frame.index + 1, peak() - start)
"""


def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    path = _video(tmp_path / "long.mp4", count=100, size=(480, 640))  # 92 MB of pixels
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True
    )
    count, grown = done.stdout.split()
    assert int(count) == 100 and float(grown) < 20
