"""What a sample derives from its labels: torso and ROI."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from blazepose_tf.data.samples import PoseSample
from blazepose_tf.geometry import Roi
from blazepose_tf.topology import INDEX


def lying() -> PoseSample:
    """On the back, head to the right: hips at (100, 80), shoulders at (160, 80)."""
    sample = PoseSample(Path("none.png"))
    for name, x, y in (
        ("left_hip", 100, 70), ("right_hip", 100, 90), ("left_shoulder", 160, 65),
        ("right_shoulder", 160, 95), ("left_ankle", 20, 80),
    ):  # fmt: skip
        sample.points[INDEX[name]] = x, y
    return sample


def test_torso_is_the_distance_between_the_middles() -> None:
    sample = lying()
    assert sample.mid_hip.tolist() == [100, 80] and sample.mid_shoulder.tolist() == [160, 80]
    assert sample.torso == 60


def test_the_roi_reaches_the_farthest_point_with_a_margin_and_is_upright() -> None:
    roi = lying().default_roi
    assert roi is not None
    assert (roi.center_x, roi.center_y) == (100, 80)
    assert roi.size == pytest.approx(2.5 * 80)  # the ankle is 80 px from the hips
    assert roi.rotation == pytest.approx(math.pi / 2)
    # Seen through it the head is up: the shoulders are above the centre of the crop.
    assert roi.to_crop(np.array([160.0, 80.0])) == pytest.approx([0.5, 0.5 - 60 / 200])


def test_further_points_only_widen_the_roi() -> None:
    sample = lying()
    wide = PoseSample(sample.image, sample.points, extra_points=np.array([[220, 80]], np.float32))
    assert wide.default_roi is not None
    assert wide.default_roi.size == pytest.approx(2.5 * 120)
    assert wide.known.sum() == sample.known.sum() == 5


def test_a_given_roi_wins() -> None:
    sample = lying()
    given = Roi(1, 2, 3, 0.4)
    assert PoseSample(sample.image, sample.points, roi=given).default_roi == given


@pytest.mark.parametrize("joint", ["left_hip", "right_hip", "left_shoulder", "right_shoulder"])
def test_without_hips_and_shoulders_there_is_no_torso_and_no_roi(joint: str) -> None:
    sample = lying()
    sample.points[INDEX[joint]] = np.nan
    assert math.isnan(sample.torso)
    assert sample.default_roi is None


def test_samples_do_not_share_their_labels() -> None:
    first, second = PoseSample(Path("a")), PoseSample(Path("b"))
    first.points[0] = 1
    assert not second.known.any()
