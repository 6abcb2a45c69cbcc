"""What travels to a lent machine: crops in parts, graphs, weights, what both sides agree on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from blazepose_tf.data.crops import CropPack  # noqa: E402
from blazepose_tf.data.sources import open_pack, parse_source  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models.landmark import build_landmark  # noqa: E402
from blazepose_tf.models.refinement import ASLEEP  # noqa: E402
from blazepose_tf.models.weights import get_weights, save_weights  # noqa: E402
from blazepose_tf.training import parcel  # noqa: E402
from blazepose_tf.training.parts import join, send_crops  # noqa: E402


@pytest.fixture
def pack(labelled_pictures: tuple[Path, Path], tmp_path: Path) -> CropPack:
    source = parse_source("coco:{}:{}".format(*labelled_pictures))
    return open_pack([source], [], tmp_path / "cache")[0]


def test_crops_arrive_in_parts_and_without_validation(pack: CropPack, tmp_path: Path) -> None:
    folder = tmp_path / "parcel"
    parts = send_crops(pack, folder, 100_000, processes=1)
    assert len(parts) > 1 and all(part.stat().st_size <= 100_000 for part in parts)
    arrived, kept = CropPack(join(folder)), pack.indices(validation=False)
    assert 0 < len(arrived) == len(kept) < len(pack)
    assert not arrived.labels.validation.any()
    for place, index in enumerate(kept):
        np.testing.assert_array_equal(arrived.labels.points[place], pack.labels.points[index])
        away = arrived.image(place).astype(float) - pack.image(int(index))
        assert np.abs(away).mean() < 6  # compressed, the same picture

    parts[-1].unlink()  # a transfer that broke off, then a whole one
    assert join(folder).with_suffix(".jpgs").stat().st_size < arrived.labels.offsets[-1]


def test_no_crops_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no crops"):
        join(tmp_path)


def test_a_network_travels_awake_with_what_it_says(
    pack: CropPack, tiny_preset: str, tmp_path: Path
) -> None:
    weights, folder = tmp_path / "tiny.npz", tmp_path / "parcel"
    folder.mkdir()
    start = get_weights(build_landmark(tiny_preset, heads=True), {"preset": tiny_preset})
    assert start.arrays["refinement/stay"].min() == ASLEEP
    save_weights(weights, start)
    parcel.send_network(weights, "tiny", pack, folder)
    graph = json.loads((folder / "tiny.json").read_text())
    assert graph["about"] == {"preset": tiny_preset, "input_size": 256}
    with np.load(folder / "tiny.npz") as arrays, np.load(folder / "tiny_check.npz") as check:
        assert arrays["refinement/stay"].max() < ASLEEP
        # The heads, which the second stage does not train, stay here.
        assert not [name for name in arrays.files if name.startswith("heatmap")]
        assert set(check.files) == {"image", *graph["outputs"]}
        assert check["image"].shape == (parcel.CHECKED, 256, 256, 3)
        np.testing.assert_array_equal(check["image"][0], pack.image(0)[32:-32, 32:-32])
