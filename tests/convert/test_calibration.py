"""Calibration pictures: whose they are, how they are cut, what is refused."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.convert import calibration
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi

Labelled = tuple[Path, Path]


def nobody(_: images.Image) -> Roi | None:
    return None


def test_two_thirds_calibrate_and_one_third_checks() -> None:
    samples = [PoseSample(Path(f"{i}.png")) for i in range(300)]
    people = calibration.split(samples, "test")
    assert (len(people.calibrate), len(people.check)) == (120, 60)
    assert people.disjoint
    few = calibration.split(samples[:10], "test")
    assert few.calibrate == few.check == samples[:10] and not few.disjoint


def test_shipped_people_are_labelled_and_enough() -> None:
    people = calibration.shipped_people()
    assert people.disjoint and people.labelled
    assert len(people.calibrate) >= 60 and len(people.check) >= 30
    crops = calibration.landmark_crops(people.check[:6], 256)
    assert crops.pictures.shape == (6, 256, 256, 3) and crops.pictures.std() > 10
    inside = (crops.points[:, :33] > 0) & (crops.points[:, :33] < 1)
    assert inside.mean() > 0.9  # the ROI holds the body
    np.testing.assert_allclose(crops.points[:, 33], 0.5, atol=0.03)  # mid-hip at the centre
    assert calibration.pck(crops.points, crops) == 100


def test_labelled_folder_needs_no_detector(labelled_pictures: Labelled) -> None:
    people = calibration.people_in(labelled_pictures[1], nobody)
    assert people.labelled and len(people.calibrate) + len(people.check) == 30
    boxes = calibration.letterboxes(people.check, 224)
    assert boxes.shape == (len(people.check), 224, 224, 3)


def test_detector_finds_people_in_plain_pictures(tmp_path: Path) -> None:
    for name in ("a.png", "b.JPG", "c.png"):
        cv2.imwrite(str(tmp_path / name), np.full((40, 60, 3), 200, np.uint8))
    (tmp_path / "notes.txt").write_text("no picture")
    roi = Roi(30, 20, 30)
    answers = iter([roi, None, roi])
    people = calibration.people_in(tmp_path, lambda picture: next(answers))
    assert [sample.image.name for sample in people.check] == ["a.png", "c.png"]
    assert not people.labelled
    assert calibration.landmark_crops(people.check, 64).pictures.shape == (2, 64, 64, 3)


@pytest.mark.parametrize("content", ["missing", "empty", "nobody", "broken"])
def test_unusable_folders_are_one_line(tmp_path: Path, content: str) -> None:
    folder = tmp_path / "pictures"
    if content != "missing":
        folder.mkdir()
    if content == "nobody":
        cv2.imwrite(str(folder / "wall.png"), np.zeros((8, 8, 3), np.uint8))
    if content == "broken":
        (folder / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    with pytest.raises(BadInputError) as caught:
        calibration.people_in(folder, nobody)
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)
