"""Packs and batch streams: the same step gives the same batch, and validation is kept apart."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.data.crops import CropPack
from blazepose_tf.data.pipeline import BatchStream, StreamOptions, validation_batches
from blazepose_tf.data.sources import open_pack, parse_source
from blazepose_tf.errors import BadInputError

Pictures = tuple[Path, Path]


@pytest.fixture(scope="module")
def pack(labelled_pictures: Pictures, tmp_path_factory: pytest.TempPathFactory) -> CropPack:
    source = parse_source(f"coco:{labelled_pictures[0]}:{labelled_pictures[1]}:2")
    return open_pack([source], [], tmp_path_factory.mktemp("cache"))[0]


def test_crops_are_aligned(pack: CropPack) -> None:
    """Mid-hip in the middle, the circle point straight above it at 1 / (2 x 1.25 x 1.25)."""
    assert len(pack) == 30
    assert pack.labels.points[:, 33, :2] == pytest.approx(0.5, abs=1e-4)
    assert pack.labels.points[:, 34, 0] == pytest.approx(0.5, abs=1e-4)
    assert pack.labels.points[:, 34, 1] == pytest.approx(0.5 - 1 / (2 * 1.25 * 1.25), abs=1e-4)


def test_a_pack_is_cut_once(labelled_pictures: Pictures, tmp_path: Path) -> None:
    source = parse_source(f"coco:{labelled_pictures[0]}:{labelled_pictures[1]}")
    first, record = open_pack([source], [], tmp_path)
    before = first.path.with_suffix(".jpgs").stat().st_mtime_ns
    second, _ = open_pack([source], [], tmp_path)
    assert second.path.with_suffix(".jpgs").stat().st_mtime_ns == before
    assert record[0]["crops"] == 30 and len(record[0]["labels_sha256"]) == 64


def test_streams_repeat_and_resume(pack: CropPack) -> None:
    """Two workers or one, from the start or from step 3: step 3 is the same batch."""
    options = StreamOptions(batch_size=3, input_size=64, seed=7)
    batches = []
    for first, workers in ((0, 2), (0, 1), (3, 1)):
        stream = BatchStream(pack.path, options, first_step=first, workers=workers)
        batches.append(list(islice(stream, 4 - first))[-1])
        stream.close()
    for batch in batches[1:]:
        for name, value in batches[0].items():
            np.testing.assert_array_equal(batch[name], value)
    assert batches[0]["image"].shape == (3, 64, 64, 3)
    assert batches[0]["image"].dtype == np.uint8


def test_validation_crops_are_never_trained_on(pack: CropPack) -> None:
    training, validation = pack.indices(False), pack.indices(True)
    assert len(validation) >= 1 and not set(training) & set(validation)
    total = sum(len(b["image"]) for b in validation_batches(pack.path, StreamOptions(batch_size=2)))
    assert total == len(validation)


def test_backgrounds_show_nobody(labelled_pictures: Pictures, tmp_path: Path) -> None:
    source = parse_source(f"coco:{labelled_pictures[0]}:{labelled_pictures[1]}")
    pack, record = open_pack([source], [labelled_pictures[1]], tmp_path)
    empty = pack.labels.source == 1
    assert empty.sum() == 60 and not pack.labels.presence[empty].any()
    assert np.isnan(pack.labels.points[empty]).all()
    assert record[1]["crops"] == 60


def test_the_detector_sees_whole_pictures_of_nobody(tmp_path: Path) -> None:
    """A white picture of 300x100: letterboxed inside a wide crop it fills 4/5 by 4/15 of it."""
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "a.png"), np.full((100, 300, 3), 255, np.uint8))
    pack, record = open_pack([], [tmp_path / "pictures"], tmp_path, whole_pictures=True)
    whole, square = (pack.image(i) > 128 for i in range(2))
    assert whole.mean() == pytest.approx(4 / 5 * 4 / 15, abs=0.01)
    assert square.all()
    assert record[0]["kind"] == "whole backgrounds" and not pack.labels.presence.any()


@pytest.mark.parametrize("text", ["coco:a.json", "voc:x:y", "lsp", "coco:a:b:heavy", ""])
def test_malformed_sources_are_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="is not understood"):
        parse_source(text)
