"""Masks against hand-made ones: the figure, the reader, bad input."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import segmentation
from blazepose_tf.evaluation.segmentation import iou, read_ccp

io = pytest.importorskip("scipy.io")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three pictures, two of them annotated."""
    (tmp_path / "photos").mkdir()
    labels = tmp_path / "annotations" / "pixel-level"
    labels.mkdir(parents=True)
    for name in ("0001", "0002", "0003"):
        cv2.imwrite(str(tmp_path / "photos" / f"{name}.jpg"), np.zeros((20, 30, 3), np.uint8))
    for name, label in (("0001", 5), ("0003", 41)):
        truth = np.zeros((20, 30), np.uint8)
        truth[5:15, 10:20] = label
        io.savemat(labels / f"{name}.mat", {"groundtruth": truth})
    return tmp_path


def test_iou_by_counting() -> None:
    first, second = np.zeros((10, 10), bool), np.zeros((10, 10), bool)
    first[:, :6], second[:, 4:] = True, True
    assert iou(first, second) == 20 / 100
    assert iou(first, first) == 1 and iou(first, ~first) == 0
    assert iou(first & False, second & False) == 1


def test_every_labelled_pixel_is_the_person(root: Path) -> None:
    samples = read_ccp(root)
    assert [sample.image.name for sample in samples] == ["0001.jpg", "0003.jpg"]
    mask = samples[1].read_mask()
    assert mask.dtype == bool and mask.sum() == 100 and mask[5, 10] and not mask[4, 10]
    assert len(read_ccp(root, 1)) == 1


def test_bad_folders_and_files_get_one_line(root: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="give a copy of Clothing Co-Parsing"):
        read_ccp(tmp_path / "nowhere")
    with pytest.raises(BadInputError, match="at least 1"):
        read_ccp(root, 0)
    annotation = root / "annotations" / "pixel-level" / "0001.mat"
    annotation.write_bytes(b"no matrix")
    with pytest.raises(BadInputError, match="is no Clothing Co-Parsing annotation"):
        read_ccp(root)[0].read_mask()


def test_a_file_without_mask_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MediaPipe's own files have one; a file of ours only if it was asked for."""

    class Model:
        interpreter = None

        def __init__(self, *args: object, **options: object) -> None:
            pass

        def __call__(self, frame: object, limit: object = 1) -> object:
            return [self]

        roi = None
        mask = None

    class Found(Model):
        def __call__(self, frame: object, roi: object = None) -> object:
            return self

    monkeypatch.setattr(segmentation, "open_landmarker", Found)
    monkeypatch.setattr(segmentation, "Detector", Model)
    with pytest.raises(BadInputError, match="has no mask; convert with --outputs mask"):
        segmentation.evaluate_masks(["x.tflite"], root, detector="y.tflite")
