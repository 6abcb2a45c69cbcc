"""tools/set_threshold.py: how careful a detector is at a score of 0.5."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf import image as images  # noqa: E402
from blazepose_tf.convert import build, calibration, metadata  # noqa: E402
from blazepose_tf.convert.sources import Source  # noqa: E402
from blazepose_tf.models.weights import read_weights, shipped  # noqa: E402
from blazepose_tf.runtime.detector import Detector  # noqa: E402
from blazepose_tf.training.operating_point import shift_for  # noqa: E402
from tests.tools.running import exit_code  # noqa: E402
from tools import set_threshold  # noqa: E402

PRESET = "detector_128"


def _run(monkeypatch: pytest.MonkeyPatch, at_most: int, folder: Path, weights: Path) -> int:
    return exit_code(
        monkeypatch, set_threshold.main, "--weights", weights, "--images", folder,
        "--at-most", at_most, "--out", folder.parent / "out.npz",
    )  # fmt: skip


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Eight rendered people: every one of them fires."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    for sample in calibration.shipped_people().check[:8]:
        shutil.copy(sample.image, folder)
    return folder


def test_the_converted_detector_fires_on_as_many_as_allowed(
    monkeypatch: pytest.MonkeyPatch, pictures: Path
) -> None:
    out = pictures.parent / "out.npz"
    assert _run(monkeypatch, 3, pictures, shipped(PRESET)) == 0

    before, after = read_weights(shipped(PRESET)), read_weights(out)
    changed = {k for k, v in after.arrays.items() if not np.array_equal(v, before.arrays[k])}
    assert changed == {f"head_{size}_score_project/bias" for size in (7, 14, 28)}

    source = Source(PRESET, calibration.shipped_people(), out)
    made = build.convert(source, "float32", "float32")
    file = pictures.parent / "detector.tflite"
    description = build.describe(source, made, "float32", "float32")
    file.write_bytes(metadata.describe(made.content, description))
    detector = Detector(file)
    found = [bool(detector(images.read_image(path))) for path in sorted(pictures.iterdir())]
    assert sum(found) == 3


def test_a_careful_detector_is_let_loose() -> None:
    logits = np.array([-4.0, -1.0, -2.0, -3.0])
    assert shift_for(logits, 1) == pytest.approx(2.0, abs=2e-3)
    assert shift_for(logits, 0) == pytest.approx(1.0, abs=2e-3)


def test_what_cannot_be_done_is_said(
    monkeypatch: pytest.MonkeyPatch, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(monkeypatch, 8, pictures, shipped(PRESET)) == 2
    assert "of 8 pictures 8 may fire" in capsys.readouterr().err
    assert _run(monkeypatch, 3, pictures, shipped("lite")) == 2
    assert not (pictures.parent / "out.npz").exists()
