"""MediaPipe's own Python client loads our bundles and sees in them what our runtime sees."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.evaluation import agreement, mediapipe_client
from blazepose_tf.runtime import task_file
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.landmarker import Landmarker

Bundles = dict[str, Path]


@pytest.fixture(scope="module", autouse=True)
def _client() -> None:
    try:
        mediapipe_client.client_python()
    except BadInputError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"MediaPipe's client cannot be had: {error}")


@pytest.mark.parametrize("mode", agreement.MODES)
def test_float_bundle_gives_the_client_what_it_gives_us(
    bundles: Bundles, people_pictures: list[images.Image], mode: str
) -> None:
    found = agreement.measure(bundles["float16"], people_pictures, mode)
    assert found.client == found.ours == found.both == len(people_pictures)
    assert [str(check) for check in found.checks if not check.passed] == []
    if mode == "image":  # the same pixels, the same arithmetic: nothing is left to differ
        assert found.percent.max() < 0.5


def test_int8_bundle_finds_the_same_people(
    bundles: Bundles, people_pictures: list[images.Image]
) -> None:
    """Kernels of different builds round 8 bits differently; hence the wider limit."""
    found = agreement.measure(bundles["int8"], people_pictures, "image")
    assert found.client == found.both == len(people_pictures)
    assert [str(check) for check in found.checks if not check.passed] == []
    assert found.limit == agreement.INT8_LIMIT


def test_int8_landmarks_agree_on_the_same_roi(
    bundles: Bundles, people_pictures: list[images.Image], tmp_path: Path
) -> None:
    """With a float detector both look at the same place: what is left is the kernels' rounding."""
    members = {
        task_file.DETECTOR: task_file.read_member(bundles["float16"], task_file.DETECTOR),
        task_file.LANDMARKS: task_file.read_member(bundles["int8"], task_file.LANDMARKS),
    }
    mixed = tmp_path / "mixed.task"
    task_file.write_task(mixed, members)
    found = agreement.measure(mixed, people_pictures, "image")
    assert found.both == len(people_pictures)
    assert np.median(found.percent) < agreement.LIMIT


def test_every_number_a_client_reads(bundles: Bundles, people_pictures: list[images.Image]) -> None:
    """z, visibility, presence of each point, world, mask: against our reading of the same file."""
    frame = people_pictures[0]
    (theirs,) = mediapipe_client.run_client(bundles["float16"], [[frame]], "image")
    assert theirs is not None
    (person, *_) = Detector(bundles["float16"], corner_sampling=True)(frame)
    landmarker = Landmarker(bundles["float16"], refine=True, corner_sampling=True)
    ours = landmarker(frame, person.roi)
    size = person.roi.size
    assert np.abs(theirs.landmarks[:, 2] - ours.points[:33, 2]).max() < 0.01 * size
    assert np.abs(theirs.visibility - ours.visibility).max() < 0.01
    assert np.abs(theirs.world - ours.world).max() < 0.01
    # Inside the picture a point is present; the file says so in numbers of its own.
    assert theirs.presence.min() > 0.5
    assert ours.mask is not None
    mask = images.paste(ours.mask, person.roi, *frame.shape[:2])
    both = ((mask > 0.5) & (theirs.mask > 0.5)).sum()
    assert both / ((mask > 0.5) | (theirs.mask > 0.5)).sum() > 0.97
    # The person of the picture is in the mask: shoulders and hips are, the corners are not.
    x, y = theirs.landmarks[[11, 12, 23, 24], :2].mean(axis=0).astype(int)
    assert theirs.mask[y, x] > 0.9 and theirs.mask[0, 0] < 0.1


def test_the_client_refuses_a_landmark_network_in_the_detectors_place(
    bundles: Bundles, people_pictures: list[images.Image], tmp_path: Path
) -> None:
    content = task_file.read_member(bundles["float16"], task_file.LANDMARKS)
    wrong = tmp_path / "wrong.task"
    task_file.write_task(wrong, {task_file.DETECTOR: content, task_file.LANDMARKS: content})
    with pytest.raises(CheckFailedError, match="refuses .*wrong.task: [^\n]+$"):
        mediapipe_client.run_client(wrong, [[people_pictures[0]]], "image")
