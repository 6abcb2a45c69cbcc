"""The teacher's rules with scripted networks, and its symmetry with MediaPipe's own."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest

from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.teacher import Teacher, mend_sides, mirrored
from blazepose_tf.geometry import Roi, alignment_points
from blazepose_tf.runtime.detector import Detection, Detector
from blazepose_tf.runtime.landmarker import CropLandmarks, Landmarker
from blazepose_tf.topology import INDEX, MID_HIP, NUM_LANDMARKS, NUM_POINTS

ROI = Roi(100.0, 100.0, 160.0, 0.0)
RIGHT_WRIST_AND_HAND = ["right_wrist", "right_pinky", "right_index", "right_thumb"]


def body() -> CropLandmarks:
    """A person in crop units; through `ROI` the torso is 0.25 * 160 = 40 px."""
    points = np.full((NUM_POINTS, 3), 0.4, np.float32)
    for name, x, y in (
        ("left_hip", 0.55, 0.5), ("right_hip", 0.45, 0.5), ("left_shoulder", 0.6, 0.25),
        ("right_shoulder", 0.4, 0.25), ("right_wrist", 0.2, 0.3), ("left_wrist", 0.8, 0.3),
    ):  # fmt: skip
        points[INDEX[name], :2] = x, y
    points[:, 2] = np.linspace(-0.2, 0.2, NUM_POINTS)
    points[MID_HIP:, :2] = ROI.to_crop(alignment_points(ROI))
    visibility = np.linspace(0.1, 0.9, NUM_LANDMARKS).astype(np.float32)
    world = np.stack([np.arange(33), np.zeros(33), np.ones(33)], axis=1).astype(np.float32)
    return CropLandmarks(points, visibility, 0.9, world)


class Scripted(Landmarker):
    """Gives the first answer to the picture, the second to the mirrored crop."""

    def __init__(self, first: CropLandmarks, second: CropLandmarks) -> None:
        self.input_size, self.corner_sampling = 64, False
        self.answers = [first, mirrored(second)]

    def run_crop(self, crop: np.ndarray[Any, Any]) -> CropLandmarks:
        return self.answers.pop(0)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "grey.png"
    cv2.imwrite(str(path), np.full((200, 200, 3), 90, np.uint8))
    return path


def nobody(frame: np.ndarray[Any, Any]) -> list[Detection]:
    return []


def teach(first: CropLandmarks, second: CropLandmarks, sample: PoseSample) -> PoseSample | None:
    return Teacher(Scripted(first, second), cast(Detector, nobody)).label(sample)


def test_mirroring_twice_changes_nothing() -> None:
    result = mirrored(mirrored(body()))
    np.testing.assert_allclose(result.points, body().points, atol=1e-7)
    np.testing.assert_array_equal(result.visibility, body().visibility)
    np.testing.assert_array_equal(result.world, body().world)


def test_mirroring_exchanges_sides_and_turns_x() -> None:
    result = mirrored(body())
    left, right = INDEX["left_wrist"], INDEX["right_wrist"]
    assert result.points[left, :2] == pytest.approx([0.8, 0.3])  # 1 - the right wrist's 0.2
    assert result.visibility[left] == body().visibility[right]
    assert result.world[left].tolist() == [-right, 0, 1]
    assert result.points[MID_HIP] == pytest.approx([0.5, *body().points[MID_HIP, 1:]])


def test_agreeing_passes_become_labels_in_image_pixels(picture: Path) -> None:
    label = teach(body(), body(), PoseSample(picture, roi=ROI))
    assert label is not None and label.known.all()
    assert label.points[INDEX["left_wrist"]] == pytest.approx([100 + 0.3 * 160, 100 - 0.2 * 160])
    assert label.visibility == pytest.approx(body().visibility)
    assert label.roi is not None and label.roi.size == pytest.approx(160, abs=1e-3)


def test_a_point_the_passes_disagree_on_drops_out_with_its_hand(picture: Path) -> None:
    other = body()
    other.points[INDEX["right_wrist"], 0] += 0.15  # 24 px: more than half the torso of 40
    other.points[INDEX["left_wrist"], 0] += 0.1  # 16 px: less
    label = teach(body(), other, PoseSample(picture, roi=ROI))
    assert label is not None
    dropped = set(np.flatnonzero(~label.known))
    assert dropped == {INDEX[name] for name in RIGHT_WRIST_AND_HAND}
    assert np.isnan(label.visibility[INDEX["right_thumb"]])
    middle = [100 + 0.35 * 160, 100 - 0.2 * 160]
    assert label.points[INDEX["left_wrist"]] == pytest.approx(middle, abs=1e-3)


def human(picture: Path, shift: dict[str, float]) -> PoseSample:
    """Human labels that agree with `body`, but for shifts of x in pixels."""
    sample = PoseSample(picture, roi=ROI)
    for name in ("left_hip", "right_hip", "left_shoulder", "right_shoulder", "right_wrist",
                 "left_wrist"):  # fmt: skip
        xy = ROI.to_image(body().points[INDEX[name], :2])
        sample.points[INDEX[name]] = xy + np.array([shift.get(name, 0), 0])
    return sample


def test_people_overrule_a_far_point_and_share_a_near_one(picture: Path) -> None:
    """25 px off (limit 20): the human label, without depth, and the hand drops out. 10 px off:
    the mean at a limb's end, the teacher's at a hip."""
    sample = human(picture, {"right_wrist": 25, "left_wrist": 10, "left_hip": 10})
    label = teach(body(), body(), sample)
    assert label is not None
    taught = ROI.to_image(body().points[:, :2])
    right, left, hip = INDEX["right_wrist"], INDEX["left_wrist"], INDEX["left_hip"]
    assert label.points[right] - taught[right] == pytest.approx([25, 0], abs=1e-3)
    assert label.points[left] - taught[left] == pytest.approx([5, 0], abs=1e-3)
    assert label.points[hip] == pytest.approx(taught[hip], abs=1e-3)
    assert np.isnan(label.depth[right]) and np.isnan(label.visibility[right])
    assert np.isfinite(label.depth[left])
    dropped = {INDEX[name] for name in RIGHT_WRIST_AND_HAND} - {right}
    assert set(np.flatnonzero(~label.known)) == dropped


def test_a_person_that_people_place_elsewhere_is_given_up(picture: Path) -> None:
    far = dict.fromkeys(("left_hip", "left_shoulder", "right_wrist", "left_wrist"), 30.0)
    assert teach(body(), body(), human(picture, far)) is None


LIMBS = [
    f"{side}_{joint}"
    for side in ("left", "right")
    for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
]


def whole_body() -> CropLandmarks:
    """`body` with its limbs apart, 16 to 48 px from their twins on the other side."""
    result = body()
    for i, name in enumerate(LIMBS):
        side = 1 if name.startswith("left") else -1
        result.points[INDEX[name], :2] = 0.5 + side * 0.05 * (1 + i % 3), 0.2 + 0.1 * (i % 6)
    return result


def human_body(picture: Path) -> PoseSample:
    sample = PoseSample(picture, roi=ROI)
    for name in LIMBS:
        sample.points[INDEX[name]] = ROI.to_image(whole_body().points[INDEX[name], :2])
    return sample


def test_a_pair_of_legs_labelled_the_wrong_way_round_is_exchanged(picture: Path) -> None:
    right = human_body(picture)
    wrong = human_body(picture)
    for joint in ("hip", "knee", "ankle"):
        left_side, right_side = INDEX[f"left_{joint}"], INDEX[f"right_{joint}"]
        wrong.points[[left_side, right_side]] = right.points[[right_side, left_side]]
    taught = ROI.to_image(whole_body().points[:, :2])
    mended = mend_sides(wrong, taught, 20.0)
    np.testing.assert_array_equal(mended.points, right.points)
    np.testing.assert_array_equal(mend_sides(right, taught, 20.0).points, right.points)
    # Somewhere else altogether: neither way agrees, so nothing is touched.
    np.testing.assert_array_equal(mend_sides(wrong, taught + 90, 20.0).points, wrong.points)


def test_where_the_teacher_is_lost_people_teach_alone(picture: Path) -> None:
    far = whole_body()
    far.points[:, 0] += 0.4  # 64 px: more than any limit
    label = teach(far, far, human_body(picture))
    assert label is not None and label.roi == ROI
    known = {INDEX[name] for name in LIMBS}
    assert set(np.flatnonzero(label.known)) == known
    np.testing.assert_array_equal(
        label.points[list(known)], human_body(picture).points[list(known)]
    )
    assert np.isnan(label.visibility).all() and np.isnan(label.depth).all()
    unseen = dataclasses.replace(whole_body(), presence=0.2)
    assert teach(unseen, unseen, human_body(picture)) is not None


@pytest.mark.parametrize("which", [0, 1])
def test_no_presence_in_either_pass_means_no_label(picture: Path, which: int) -> None:
    answers = [body(), body()]
    gone = body()
    answers[which] = CropLandmarks(gone.points, gone.visibility, 0.3, gone.world)
    assert teach(*answers, PoseSample(picture, roi=ROI)) is None


def test_without_a_roi_the_detector_is_asked(picture: Path) -> None:
    hips, circle = alignment_points(ROI).astype(np.float32)
    found = Detection(0.9, np.zeros(4, np.float32), np.stack([hips, circle, hips, circle]))
    teacher = Teacher(Scripted(body(), body()), cast(Detector, lambda frame: [found]))
    label = teacher.label(PoseSample(picture))
    assert label is not None
    assert label.points[INDEX["left_wrist"]] == pytest.approx([148, 68], abs=1e-3)
    assert teach(body(), body(), PoseSample(picture)) is None  # nobody detected


def test_a_real_network_gives_the_mirrored_picture_the_mirrored_labels(
    mediapipe_file: Any, lsp_root: Path, tmp_path: Path
) -> None:
    """Both passes are averaged, so a mirrored picture must give nearly the same person."""
    teacher = Teacher(Landmarker(mediapipe_file("lite")), Detector(mediapipe_file("detector")))
    compared = 0
    for source in read_lsp(lsp_root, "held-out")[:8]:
        picture = cv2.imread(str(source.image))
        path = tmp_path / source.image.with_suffix(".png").name
        cv2.imwrite(str(path), picture)
        plain = teacher.label(PoseSample(path))
        cv2.imwrite(str(path), picture[:, ::-1])
        flipped = teacher.label(PoseSample(path))
        if plain is None or flipped is None:
            continue
        for left, right in (("left_hip", "right_hip"), ("right_shoulder", "left_shoulder")):
            x, y = flipped.points[INDEX[right]]
            there = np.array([picture.shape[1] - x, y])
            if np.isfinite(there).all() and plain.known[INDEX[left]]:
                assert np.linalg.norm(there - plain.points[INDEX[left]]) < 0.25 * plain.torso
                compared += 1
    assert compared >= 6
