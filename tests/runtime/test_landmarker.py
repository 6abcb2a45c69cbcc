"""Landmarks on real pictures: near the labels, and turning with the picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime import landmarker as module
from blazepose_tf.runtime.landmarker import CropLandmarks, Landmarker

Find = Callable[[str], Path]


@pytest.fixture(scope="module")
def landmarker(mediapipe_file: Find) -> Landmarker:
    return Landmarker(mediapipe_file("lite"))


def _roi(sample: PoseSample) -> Roi:
    roi = sample.default_roi
    assert roi is not None
    return roi


def test_most_labelled_joints_are_hit(
    landmarker: Landmarker, lsp_samples: list[PoseSample]
) -> None:
    hits = []
    for sample in lsp_samples:
        found = landmarker(images.read_image(sample.image), _roi(sample))
        distance = np.linalg.norm(found.points[:, :2] - sample.points, axis=1)
        hits += list(distance[sample.known] < 0.1 * _roi(sample).size)  # about half a torso
    assert np.mean(hits) > 0.7


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_landmarks_turn_with_the_picture(
    landmarker: Landmarker, lsp_samples: list[PoseSample], quarters: int
) -> None:
    frame = images.read_image(lsp_samples[0].image)
    size = 200
    frame = images.crop(frame, images.letterbox_roi(*frame.shape[:2]), size)
    roi = Roi(100, 110, 180, 0.2)
    turned_frame = np.ascontiguousarray(np.rot90(frame, -quarters))  # clockwise
    angle = quarters * math.pi / 2
    cosine, sine = round(math.cos(angle)), round(math.sin(angle))
    turn = np.array([[cosine, -sine], [sine, cosine]])
    middle = np.array([size / 2, size / 2])
    center = turn @ (np.array([roi.center_x, roi.center_y]) - middle) + middle
    upright = landmarker(frame, roi)
    turned = landmarker(turned_frame, Roi(*center, roi.size, roi.rotation + angle))
    expected = (upright.points[:, :2] - middle) @ turn.T + middle
    assert turned.points[:, :2] == pytest.approx(expected, abs=1)
    assert turned.points[:, 2] == pytest.approx(upright.points[:, 2], abs=4)
    assert turned.world[:, :2] == pytest.approx(upright.world[:, :2] @ turn.T, abs=0.02)
    assert turned.world[:, 2] == pytest.approx(upright.world[:, 2], abs=0.02)
    assert turned.presence == pytest.approx(upright.presence, abs=0.02)


def test_crop_units_become_pixels_and_metres_turn_about_z() -> None:
    points = np.full((35, 3), 0.5, np.float32)
    points[0] = (0.5, 0.0, 0.25)  # straight above the centre of the crop
    world = np.zeros((33, 3), np.float32)
    world[0] = (0, -1, 3)  # a metre above the hips, y runs down
    result = CropLandmarks(points, np.ones(33, np.float32), 1.0, world)
    found = Landmarker.to_image(result, Roi(100, 200, 40, math.pi / 2))
    # A quarter clockwise turns "up" to "right".
    assert found.points[0] == pytest.approx([120, 200, 10], abs=1e-4)
    assert found.points[1, :2] == pytest.approx([100, 200], abs=1e-4)
    assert found.world[0] == pytest.approx([1, 0, 3], abs=1e-6)


def test_outputs_are_probabilities_of_the_right_shape(
    landmarker: Landmarker, lsp_samples: list[PoseSample]
) -> None:
    found = landmarker(images.read_image(lsp_samples[0].image), _roi(lsp_samples[0]))
    assert found.points.shape == (35, 3) and found.world.shape == (33, 3)
    assert found.visibility.shape == (33,)
    assert ((found.visibility >= 0) & (found.visibility <= 1)).all()
    assert found.presence > 0.9
    hips = found.world[[23, 24]].mean(axis=0)
    assert np.linalg.norm(hips) < 0.05
    assert 0.3 < np.linalg.norm(found.world[11] - found.world[23]) < 0.7  # a torso in metres
    # Points 33 and 34 hold the body: the next look is about where this one was.
    assert found.roi.to_crop(found.points[:, :2]).min() > -0.2


def test_nobody_is_present_in_a_plain_picture(landmarker: Landmarker) -> None:
    frame = np.full((1, 1, 3), 128, np.uint8)
    assert landmarker(frame, Roi(0.5, 0.5, 1)).presence < 0.5


def test_another_kind_of_model_is_refused(mediapipe_file: Find) -> None:
    with pytest.raises(BadInputError, match="is no pose landmark model"):
        Landmarker(mediapipe_file("detector"))


def _our_outputs() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)
    shapes = {"landmarks": (1, 35, 3), "visibility": (1, 33), "presence": (1, 1)}
    outputs = {name: generator.uniform(0, 1, shape) for name, shape in shapes.items()}
    return {**outputs, "world": generator.normal(size=(1, 33, 3))}


def test_our_own_layout_is_read_by_name(
    fake_interpreter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = _our_outputs()
    fake = fake_interpreter(192, outputs)
    monkeypatch.setattr(module, "Interpreter", fake)
    landmarker = Landmarker("ours.tflite")
    assert landmarker.input_size == 192 and not landmarker.is_mediapipe
    result = landmarker.run_crop(np.full((192, 192, 3), 51, np.uint8))
    assert fake.seen[0] == pytest.approx(np.full((1, 192, 192, 3), 0.2))
    assert result.points == pytest.approx(outputs["landmarks"][0])
    assert result.visibility == pytest.approx(outputs["visibility"][0])
    assert result.presence == pytest.approx(outputs["presence"].item())
    assert result.world == pytest.approx(outputs["world"][0])


@pytest.mark.parametrize("missing", ["landmarks", "visibility", "presence", "world"])
def test_our_layout_must_be_complete(
    fake_interpreter: Any, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    outputs = _our_outputs()
    del outputs[missing]
    monkeypatch.setattr(module, "Interpreter", fake_interpreter(192, outputs))
    with pytest.raises(BadInputError, match="is no pose landmark model"):
        Landmarker("ours.tflite")
