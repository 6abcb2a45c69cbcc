"""tools/narrow.py: networks that have lost channels inside blocks, or whole blocks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf.models.detector import build_detector  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.thin import without_dead_channels  # noqa: E402
from blazepose_tf.models.weights import (  # noqa: E402
    apply_weights,
    get_weights,
    read_weights,
    save_weights,
)
from tests.tools.running import exit_code  # noqa: E402
from tools import narrow  # noqa: E402

Tool = Callable[..., int]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Run the tool with arguments in this process: its exit code."""

    return partial(exit_code, monkeypatch, narrow.main)


def test_blocks_lose_channels_and_branches_stay(
    tool: Tool, tiny_preset: str, labelled_pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    wide, out = tmp_path / "wide.npz", tmp_path / "thin.npz"
    before = get_weights(build_landmark(tiny_preset, heads=True), {"preset": tiny_preset})
    save_weights(wide, before)
    options = ("--images", labelled_pictures[1], "--count", 8, "--out", out)
    assert tool("--weights", wide, "--keep", "encoder_16_1=5", *options) == 0
    after = read_weights(out)
    assert without_dead_channels(after)[1] == {"encoder_16_1": 5}
    assert set(after.arrays) == set(before.arrays)
    kept = np.float16(before.arrays["heatmap/kernel"]).astype(np.float32)
    np.testing.assert_array_equal(after.arrays["heatmap/kernel"], kept)


@pytest.mark.parametrize(
    ("keep", "said"), [((), "--keep BLOCK=CHANNELS"), (("--keep", "encoder_9_9=5"), "no block")]
)
def test_what_cannot_be_done_is_said(
    tool: Tool, tiny_preset: str, labelled_pictures: tuple[Path, Path], tmp_path: Path,
    capsys: pytest.CaptureFixture[str], keep: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    wide, out = tmp_path / "wide.npz", tmp_path / "thin.npz"
    save_weights(wide, get_weights(build_landmark(tiny_preset), {"preset": tiny_preset}))
    images = ("--images", labelled_pictures[1], "--count", 4, "--out", out)
    assert tool("--preset", tiny_preset, "--weights", wide, *keep, *images) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_detector_loses_whole_blocks(tool: Tool, tmp_path: Path) -> None:
    wide, out = tmp_path / "wide.npz", tmp_path / "short.npz"
    save_weights(wide, get_weights(build_detector("detector_160_wide"), {"preset": "wide"}))
    drop = ["encoder_14_1", "encoder_14_2", "encoder_14_4", "encoder_7_1", "encoder_7_2"]
    given = ("--preset", "detector_160_wide", "--to", "detector_160", "--weights", wide)
    assert tool(*given, "--out", out, "--drop", *drop) == 0
    apply_weights(build_detector("detector_160"), read_weights(out))
    assert read_weights(out).about["shortened_from"]["dropped"] == drop


def test_a_detector_that_does_not_fit_the_preset_is_refused(
    tool: Tool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wide, out = tmp_path / "wide.npz", tmp_path / "short.npz"
    save_weights(wide, get_weights(build_detector("detector_160_wide"), {"preset": "wide"}))
    given = ("--preset", "detector_160_wide", "--to", "detector_160", "--weights", wide)
    assert tool(*given, "--out", out, "--drop", "encoder_14_1") == 2
    assert "without encoder_14_1" in capsys.readouterr().err
    assert tool(*given, "--out", out) == 2
    assert "--images" in capsys.readouterr().err
    assert not out.exists()
