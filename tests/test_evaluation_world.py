"""World landmarks: alignment against exact motions, and real networks on rendered people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from blazepose_tf.data.coco import read_coco
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import world
from blazepose_tf.evaluation.world import errors_mm, measure, procrustes

RENDERED = Path(__file__).resolve().parents[1] / "blazepose_tf" / "assets" / "calibration"


def _turn(random: np.random.Generator) -> np.ndarray:
    q, _ = np.linalg.qr(random.normal(size=(3, 3)))
    return q * np.sign(np.linalg.det(q))


def test_any_turn_shift_and_scale_is_undone(random: np.random.Generator) -> None:
    truth = random.normal(size=(33, 3))
    for _ in range(5):
        moved = 0.7 * truth @ _turn(random) + [0.3, -2, 1]
        aligned, scale = procrustes(moved, truth)
        assert aligned == pytest.approx(truth, abs=1e-9)
        assert scale == pytest.approx(1 / 0.7)


def test_a_mirror_image_is_not(random: np.random.Generator) -> None:
    truth = random.normal(size=(33, 3))
    aligned, _ = procrustes(truth * [-1, 1, 1], truth)
    assert errors_mm(aligned, truth).mean() > 300


def test_no_other_alignment_is_better(random: np.random.Generator) -> None:
    truth = random.normal(size=(33, 3))
    noisy = truth + random.normal(0, 0.1, truth.shape)
    aligned, _ = procrustes(noisy, truth)
    best = ((aligned - truth) ** 2).sum()
    for _ in range(50):
        small = np.linalg.qr(np.eye(3) + random.normal(0, 0.02, (3, 3)))[0]
        small = small * np.sign(np.diag(small))
        other = (1 + random.normal(0, 0.02)) * aligned @ small + random.normal(0, 0.02, 3)
        assert ((other - truth) ** 2).sum() >= best


def test_the_numbers_of_a_person_are_in_their_units() -> None:
    sample = read_coco(RENDERED / "annotations.json", RENDERED / "images")[0]
    truth = sample.world.astype(float)
    exact = measure(truth, sample.depth[:33], sample)
    assert exact["procrustes_mm"] == pytest.approx(0, abs=1e-6)
    assert exact["scale"] == pytest.approx(1) and exact["z_correlation"] == pytest.approx(1)
    small = measure(0.5 * truth, -sample.depth[:33], sample)
    assert small["procrustes_mm"] == pytest.approx(0, abs=1e-3)
    assert small["scale"] == pytest.approx(2) and small["z_correlation"] == pytest.approx(-1)
    assert small["hips_aligned_mm"] == pytest.approx(500 * np.linalg.norm(truth, axis=1).mean())
    shifted = truth.copy()
    shifted[15, 2] += 0.33  # one point of 33 by 330 mm
    assert measure(shifted, sample.depth[:33], sample)["hips_aligned_mm"] == pytest.approx(10)
    assert 5 < measure(shifted, sample.depth[:33], sample)["procrustes_mm"] < 40


def test_networks_know_the_shape_of_rendered_people(mediapipe_file: Callable[[str], Path]) -> None:
    names = [str(mediapipe_file(preset)) for preset in ("lite", "full")]
    found = world.evaluate_world(names, RENDERED, limit=24)
    assert found["people"] + found["unseen"] == 24 and found["people"] >= 20
    for row in found["results"]:
        assert 20 < row["procrustes_mm"] < 110
        assert 1.0 < row["scale"] < 1.5  # they say bodies are smaller
        assert row["z_correlation"] > 0.7
    assert world.markdown(found).count("\n") == 5


def test_labels_without_world_landmarks_are_refused(
    labelled_pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    annotations, pictures = labelled_pictures
    (tmp_path / "images").symlink_to(pictures)
    text = annotations.read_text().replace('"world"', '"other"')
    (tmp_path / "annotations.json").write_text(text)
    with pytest.raises(BadInputError, match="world landmarks"):
        world.evaluate_world(["npm:lite"], tmp_path)
