"""Imported weights: the Keras model equals MediaPipe's own file on real crops."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")

from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.models.mediapipe import build, import_weights  # noqa: E402
from blazepose_tf.models.weights import apply_weights  # noqa: E402
from blazepose_tf.runtime.detector import Detector  # noqa: E402
from blazepose_tf.runtime.landmarker import Landmarker  # noqa: E402

Find = Callable[[str], Path]
CROP = 256


def _imported(mediapipe_file: Find, preset: str, **options: Any) -> Any:
    model = build(preset, **options)
    apply_weights(model, import_weights(mediapipe_file(preset), preset))
    return model


@pytest.mark.parametrize("preset", ["lite", "full", "heavy"])
def test_landmark_model_equals_the_published_file(
    mediapipe_file: Find, person_crops: list[Any], preset: str
) -> None:
    model = _imported(mediapipe_file, preset)
    file = Landmarker(mediapipe_file(preset))
    crops = person_crops[:4]
    ours = model(np.stack(crops).astype(np.float32) / 255)
    for i, crop in enumerate(crops):
        theirs = file.run_crop(crop)
        points = ours["landmarks"][i].numpy()
        assert np.abs(points[:, :2] - theirs.points[:, :2]).max() * CROP < 0.05
        assert np.abs(points[:, 2] - theirs.points[:, 2]).max() * CROP < 0.2
        assert np.abs(ours["visibility"][i].numpy() - theirs.visibility).max() < 2e-3
        assert abs(float(ours["presence"][i, 0]) - theirs.presence) < 1e-3
        assert np.abs(ours["world"][i].numpy() - theirs.world).max() < 1e-3


def test_heatmaps_equal_the_published_file(mediapipe_file: Find, person_crops: list[Any]) -> None:
    """Logits of the first 33 of the file's 39 heatmaps; the offset head starts at zero."""
    model = _imported(mediapipe_file, "lite", heads=True)
    image = person_crops[0][None].astype(np.float32) / 255
    file = Landmarker(mediapipe_file("lite")).interpreter
    theirs = next(v for v in file.run(image=image).values() if v.shape == (1, 64, 64, 39))
    ours = model(image)
    assert np.abs(ours["heatmap"].numpy() - theirs[..., :33]).max() < 0.02
    assert not np.any(ours["offset"].numpy())


def test_detector_equals_the_published_file(mediapipe_file: Find, person_crops: list[Any]) -> None:
    model = _imported(mediapipe_file, "detector")
    file = Detector(mediapipe_file("detector"))
    square = np.ascontiguousarray(person_crops[0][16:240, 16:240])
    boxes, scores = file.run_square(square)
    ours = model(square[None].astype(np.float32) / 255)
    assert np.abs(ours["boxes"][0].numpy() - boxes).max() < 0.05
    assert np.abs(ours["scores"][0].numpy() - scores).max() < 1e-3


@pytest.mark.parametrize(
    ("file", "preset"), [("full", "lite"), ("lite", "detector"), ("detector", "lite")]
)
def test_another_file_is_refused(mediapipe_file: Find, file: str, preset: str) -> None:
    with pytest.raises(BadInputError, match=f"give MediaPipe's published {preset} file"):
        import_weights(mediapipe_file(file), preset)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "noise.tflite"
    path.write_bytes(b"not a model at all")
    with pytest.raises(BadInputError, match="no readable TensorFlow Lite model"):
        import_weights(path, "lite")
