"""COCO keypoint files, read and written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blazepose_tf.data.coco import read_coco, write_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.topology import INDEX, MID_HIP, NUM_LANDMARKS

COCO_ORDER = (
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow "
    "right_elbow left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle"
).split()


def coco(folder: Path, *annotations: dict[str, Any]) -> Path:
    """A COCO file with one picture per annotation."""
    content = {
        "images": [{"id": i, "file_name": f"{i}.jpg"} for i in range(len(annotations))],
        "annotations": [{"id": 7, "image_id": i} | a for i, a in enumerate(annotations)],
    }
    for image in content["images"]:
        (folder / str(image["file_name"])).touch()
    path = folder / "person_keypoints.json"
    path.write_text(json.dumps(content))
    return path


def keypoints(count: int, flag: int = 2) -> list[float]:
    return [value for i in range(count) for value in (10 * i + 0.5, 20 * i + 1, flag)]


def test_the_seventeen_keypoints_land_on_the_landmarks_of_the_same_name(tmp_path: Path) -> None:
    (sample,) = read_coco(coco(tmp_path, {"keypoints": keypoints(17)}), tmp_path)
    for i, name in enumerate(COCO_ORDER):
        assert sample.points[INDEX[name]].tolist() == [10 * i + 0.5, 20 * i + 1]
    assert sample.known.sum() == 17
    assert sample.image == tmp_path / "0.jpg"


def test_flags_mean_unknown_covered_and_visible(tmp_path: Path) -> None:
    values = keypoints(17)
    values[2], values[5] = 0, 1  # nose not labelled, left eye covered
    (sample,) = read_coco(coco(tmp_path, {"keypoints": values}), tmp_path)
    assert not sample.known[INDEX["nose"]] and np.isnan(sample.visibility[INDEX["nose"]])
    assert sample.known[INDEX["left_eye"]] and sample.visibility[INDEX["left_eye"]] == 0
    assert sample.visibility[INDEX["right_eye"]] == 1


def test_crowds_and_people_without_keypoints_are_left_out(tmp_path: Path) -> None:
    path = coco(
        tmp_path, {"keypoints": keypoints(17)}, {"keypoints": keypoints(17), "iscrowd": 1},
        {"keypoints": keypoints(17, 0)}, {"bbox": [0, 0, 5, 5]},
    )  # fmt: skip
    assert [sample.image.name for sample in read_coco(path, tmp_path)] == ["0.jpg"]


def full_sample(image: Path) -> PoseSample:
    """Everything known but two points, one point covered."""
    random = np.random.default_rng(5)
    sample = PoseSample(image, roi=Roi(120.5, 80.25, 200.0, 0.3))
    sample.points[:] = random.uniform(0, 300, sample.points.shape)
    sample.depth[:] = random.uniform(-50, 50, sample.depth.shape)
    sample.visibility[:] = random.uniform(0.6, 1, sample.visibility.shape)
    sample.world[:] = random.uniform(-1, 1, sample.world.shape)
    sample.visibility[4] = 0.125
    sample.points[[2, MID_HIP]] = np.nan
    sample.depth[2] = sample.visibility[2] = np.nan
    sample.world[2] = np.nan
    return sample


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "pictures" / "deep"
    folder.mkdir(parents=True)
    samples = [full_sample(folder / "a.jpg"), full_sample(folder / "a.jpg")]
    samples.append(full_sample(folder / "b.jpg"))
    for sample in samples:
        sample.image.touch()
    out = tmp_path / "labels.json"
    write_coco(out, samples, tmp_path / "pictures", "made by a test")
    again = read_coco(out, tmp_path / "pictures")
    assert [s.image for s in again] == [s.image for s in samples]
    for before, after in zip(samples, again, strict=True):
        for field, tolerance in (
            ("points", 6e-3),
            ("depth", 6e-3),
            ("visibility", 6e-4),
            ("world", 6e-5),
        ):
            np.testing.assert_allclose(
                getattr(after, field), getattr(before, field), atol=tolerance, rtol=0, err_msg=field
            )
        assert after.roi == before.roi
    content = json.loads(out.read_text())
    assert len(content["images"]) == 2 and content["info"]["description"] == "made by a test"
    first = content["annotations"][0]
    assert first["num_keypoints"] == 32 and len(first["keypoints"]) == 3 * NUM_LANDMARKS
    assert first["keypoints"][6:9] == [0, 0, 0] and first["keypoints"][14] == 1
    assert len(content["categories"][0]["keypoints"]) == NUM_LANDMARKS


@pytest.mark.parametrize(
    ("annotation", "reason"),
    [
        ({"keypoints": keypoints(16)}, "48 keypoint values"),
        ({"keypoints": keypoints(25)}, "75 keypoint values"),
        ({"keypoints": keypoints(17)[:-1]}, "50 keypoint values"),
        ({"keypoints": ["a"] * 51}, "no list of numbers"),
        ({"keypoints": 3}, "no COCO keypoint file"),
        ({"keypoints": keypoints(33), "alignment": [1, 2, 3]}, "alignment has 3 values"),
        ({"keypoints": keypoints(33), "world": [[1, 2], [3]]}, "world values are no list"),
        ({"keypoints": keypoints(33), "roi": [1, 2, 3]}, "roi must be"),
        ({"keypoints": keypoints(33), "roi": [1, 2, 0, 0]}, "roi must be"),
        ({"keypoints": keypoints(17), "image_id": 99}, "no COCO keypoint file"),
    ],
)
def test_a_wrong_annotation_is_named_in_one_line(
    tmp_path: Path, annotation: dict[str, Any], reason: str
) -> None:
    path = coco(tmp_path, {"keypoints": keypoints(17)}, annotation)
    with pytest.raises(BadInputError, match=reason) as caught:
        read_coco(path, tmp_path)
    message = str(caught.value)
    assert "\n" not in message and str(path) in message


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"images": 1}', "\x00", '"text"'])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(content)
    with pytest.raises(BadInputError, match="no COCO keypoint file"):
        read_coco(path, tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="nowhere.json: cannot be read"):
        read_coco(tmp_path / "nowhere.json", tmp_path)
    path = coco(tmp_path, {"keypoints": keypoints(17)}, {"keypoints": keypoints(17)})
    (tmp_path / "1.jpg").unlink()
    with pytest.raises(BadInputError, match="1 pictures are missing, the first is .*1.jpg"):
        read_coco(path, tmp_path)
