"""The LSP reader, on files made here and, where it is at hand, on LSP-extended itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.io import savemat

from blazepose_tf.data import lsp
from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.errors import BadInputError
from blazepose_tf.topology import INDEX


def make(root: Path, joints: NDArray[np.float64], digits: int = 4) -> Path:
    """A data set of joints [N, 14, 3] (x, y, flag) in LSP-extended's axis order."""
    (root / "images").mkdir()
    for i in range(len(joints)):
        (root / "images" / f"im{i + 1:0{digits}d}.jpg").touch()
    savemat(root / "joints.mat", {"joints": joints.transpose(1, 2, 0)})
    return root


def some_joints(count: int) -> NDArray[np.float64]:
    joints = np.zeros((count, 14, 3))
    joints[..., 0] = np.arange(count)[:, None] * 100 + np.arange(14)
    joints[..., 1] = 50 + np.arange(14)
    joints[..., 2] = 1
    return joints


def test_joints_become_the_landmarks_of_the_same_name(tmp_path: Path) -> None:
    sample = read_lsp(make(tmp_path, some_joints(1)), "all")[0]
    order = (
        "right_ankle right_knee right_hip left_hip left_knee left_ankle right_wrist right_elbow "
        "right_shoulder left_shoulder left_elbow left_wrist"
    ).split()
    for number, name in enumerate(order):
        assert sample.points[INDEX[name]].tolist() == [number, 50 + number]
        assert sample.visibility[INDEX[name]] == 1
    assert sample.known.sum() == 12
    assert sample.extra_points.tolist() == [[13, 63]]  # the head top, which has no landmark
    assert sample.image == tmp_path / "images" / "im0001.jpg"


def test_an_unlabelled_joint_of_lsp_extended_has_no_position(tmp_path: Path) -> None:
    joints = some_joints(1)
    joints[0, [0, 13], 2] = 0
    sample = read_lsp(make(tmp_path, joints), "all")[0]
    assert np.isnan(sample.points[INDEX["right_ankle"]]).all()
    assert np.isnan(sample.visibility[INDEX["right_ankle"]])
    assert sample.known.sum() == 11
    assert len(sample.extra_points) == 0


def test_a_covered_joint_of_lsp_has_a_position_and_no_visibility(tmp_path: Path) -> None:
    """LSP, unlike LSP-extended, is (3, 14, N) and its flag says covered."""
    joints = some_joints(2)
    joints[..., 2] = 0
    joints[1, 0, 2] = 1
    make(tmp_path, joints)
    savemat(tmp_path / "joints.mat", {"joints": joints.transpose(2, 1, 0)})
    seen, covered = read_lsp(tmp_path, "all")
    assert seen.visibility[INDEX["right_ankle"]] == 1
    assert covered.visibility[INDEX["right_ankle"]] == 0
    assert covered.points[INDEX["right_ankle"]].tolist() == [100, 50]


def test_held_out_are_the_first_complete_people_and_the_rest_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lsp, "HELD_OUT", 2)
    joints = some_joints(5)
    joints[1, 3, 2] = 0
    make(tmp_path, joints)
    names = {split: [s.image.stem for s in read_lsp(tmp_path, split)] for split in lsp.SPLITS}
    assert names["held-out"] == ["im0001", "im0003"]
    assert names["train"] == ["im0002", "im0004", "im0005"]
    assert names["all"] == [f"im000{i}" for i in range(1, 6)]


def test_the_held_out_split_is_the_published_one(lsp_root: Path) -> None:
    samples = read_lsp(lsp_root, "held-out")
    assert [s.image.name for s in samples] == (lsp_root / "held-out.txt").read_text().split()
    assert all(s.known.sum() == 12 and s.default_roi is not None for s in samples)


@pytest.mark.parametrize("damage", ["absent", "text", "truncated", "shape", "name"])
def test_an_unusable_joints_file_is_one_line(tmp_path: Path, damage: str) -> None:
    path = make(tmp_path, some_joints(3)) / "joints.mat"
    whole = path.read_bytes()
    if damage == "absent":
        path.unlink()
    elif damage == "text":
        path.write_text("x, y, visible\n")
    elif damage == "truncated":
        path.write_bytes(whole[: len(whole) // 2])
    elif damage == "shape":
        savemat(path, {"joints": np.zeros((16, 3, 5))})
    else:
        savemat(path, {"points": np.zeros((14, 3, 5))})
    with pytest.raises(BadInputError) as caught:
        read_lsp(tmp_path, "all")
    assert "joints.mat" in str(caught.value) and "\n" not in str(caught.value)


def test_missing_pictures_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    make(tmp_path, some_joints(4))
    for number in (2, 4):
        (tmp_path / "images" / f"im000{number}.jpg").unlink()
    with pytest.raises(BadInputError, match="2 of 4 pictures are missing.*im0002.jpg"):
        read_lsp(tmp_path, "all")


def test_an_unknown_split_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="held-out, train, all"):
        read_lsp(tmp_path, "validation")
