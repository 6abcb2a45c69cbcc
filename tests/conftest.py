"""What several tests need: MediaPipe's files, real pictures, a small labelled picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402

from blazepose_tf import image as images  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.geometry import alignment_points, roi_from_joints  # noqa: E402
from blazepose_tf.models.packages import find_model  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
LONGEST_FIRST = ("android", "training", "task", "convert", "tools")
"""Folders of tests that take minutes: begun first, so that two processes end together."""


def _folder(nodeid: str) -> str:
    """The folder of tests/ that a test lies in; the loose ones are one folder."""
    parts = nodeid.split("::")[0].split("/")
    return parts[1] if len(parts) > 2 else parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the folders of tests."""
    order = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: order.get(_folder(item.nodeid), len(order)))  # stable


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2`: a folder is one process's, for its tests share conversions, builds, servers."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _folder(nodeid)

    config.option.loadscopereorder = False
    return ByFolder(config, log)


@pytest.fixture(scope="session")
def mediapipe_file() -> Callable[[str], Path]:
    """Path of MediaPipe's `lite`, `full`, `heavy` or `detector`; fetched with npm once.

    Without npm or network the test is skipped, except in CI, where it must run.
    """

    def find(preset: str) -> Path:
        try:
            return find_model(f"npm:{preset}")
        except BadInputError as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"MediaPipe's files cannot be had: {error}")

    return find


@pytest.fixture(scope="session")
def lsp_root() -> Path:
    """LSP-extended's held-out pictures, which lie beside the checkout where they are at hand."""
    root = ROOT.parent / "shared" / "data" / "lsp_extended"
    if not root.exists():
        pytest.skip("LSP-extended is not at ../shared/data/lsp_extended")
    return root


@pytest.fixture(scope="session")
def person_crops() -> list[images.Image]:
    """A few aligned people, RGB uint8 [256, 256, 3]: real where the LSP pictures are at hand,
    else the rendered ones that come with the package."""
    from blazepose_tf.data.coco import read_coco
    from blazepose_tf.data.lsp import read_lsp

    real = ROOT.parent / "shared" / "data" / "lsp_extended"
    rendered = ROOT / "blazepose_tf" / "assets" / "calibration"
    if real.exists():
        samples = read_lsp(real, "held-out")[:8]
    else:
        samples = read_coco(rendered / "annotations.json", rendered / "images")[:8]
    crops = []
    for sample in samples:
        roi = sample.default_roi
        assert roi is not None
        crops.append(images.crop(images.read_image(sample.image), roi, 256))
    return crops


@pytest.fixture
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> str:
    """A landmark preset small enough to train in a test."""
    from blazepose_tf.models import presets
    from tests.training.tiny_train import TINY

    monkeypatch.setitem(presets.LANDMARK, "tiny", TINY)
    return "tiny"


@pytest.fixture
def random() -> np.random.Generator:
    """A generator that gives every test the same numbers."""
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def labelled_pictures(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """(COCO-33 annotations, folder) of 30 drawn pictures with one stick figure each."""
    from blazepose_tf.data.coco import write_coco
    from blazepose_tf.data.samples import PoseSample
    from blazepose_tf.draw import draw_pose

    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(5)
    samples = []
    for number in range(30):
        small = random.integers(0, 255, (40, 40, 3), np.uint8)
        picture = cv2.resize(small, (240, 320), interpolation=cv2.INTER_LINEAR)
        points = stick_figure(random)
        path = folder / f"picture{number:02d}.png"
        cv2.imwrite(str(path), draw_pose(picture, points[:33]))
        world = np.zeros((33, 3), np.float32)
        world[:, :2] = (points[:33] - points[33]) / 150
        visible = np.ones(33, np.float32)
        samples.append(PoseSample(path, points, np.zeros(35, np.float32), visible, world))
    annotations = folder / "annotations.json"
    write_coco(annotations, samples, folder, "stick figures")
    return annotations, folder


def stick_figure(random: np.random.Generator) -> np.ndarray[Any, Any]:
    """[35, 2] pixels of a standing figure, jittered; mid-hip and circle by the rule."""
    points = np.zeros((35, 2), np.float32)
    points[:11] = [120, 60] + random.uniform(-10, 10, (11, 2))
    rows = {11: 100, 13: 140, 15: 170, 17: 180, 19: 180, 21: 176, 23: 180, 25: 230, 27: 280,
            29: 284, 31: 288}  # fmt: skip
    for left, y in rows.items():
        spread = 30 if left < 23 else 18
        points[left] = [120 + spread, y]
        points[left + 1] = [120 - spread, y]
    points[:33] += random.uniform(-6, 6, (33, 2))
    hips, shoulders = points[23:25].mean(axis=0), points[11:13].mean(axis=0)
    points[33:] = alignment_points(roi_from_joints(hips, shoulders, points[:33]))
    return points
