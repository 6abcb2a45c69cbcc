"""The same bundle in a browser: npm's `@mediapipe/tasks-vision`, WASM, headless Chromium."""

from __future__ import annotations

import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.landmarker import Landmarker
from tests.programs import need, need_chromium
from tests.task import browser


def test_the_web_client_finds_the_person(
    bundles: dict[str, Path], people_pictures: list[images.Image]
) -> None:
    npm, chromium = need("npm"), need_chromium()
    frame, bundle = people_pictures[0], bundles["float16"]
    try:
        browser.package(npm)
    except subprocess.CalledProcessError as error:
        pytest.fail(f"npm pack failed: {error.stderr!r}")
    picture = cv2.imencode(".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes()
    found = browser.run_page(chromium, npm, bundle, picture)
    assert "error" not in found, found["error"]
    assert (found["width"], found["height"]) == frame.shape[1::-1]
    (points,) = found["landmarks"]
    scale = np.array(frame.shape[1::-1])
    theirs = np.array([[point["x"], point["y"]] for point in points]) * scale

    (person, *_) = Detector(bundle, corner_sampling=True)(frame)
    ours = Landmarker(bundle, refine=True, corner_sampling=True)(frame, person.roi).points
    torso = np.linalg.norm(ours[[11, 12], :2].mean(axis=0) - ours[[23, 24], :2].mean(axis=0))
    # The browser samples its pictures with other arithmetic than OpenCV.
    assert np.linalg.norm(theirs - ours[:33, :2], axis=1).mean() < 0.05 * torso
    assert 0.05 < found["covered"] < 0.5
