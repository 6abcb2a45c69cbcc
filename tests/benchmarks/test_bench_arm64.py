"""The same files as ARM64 code, under qemu: needs qemu-user-static, Debian 12, a network once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.arm64 import QEMU, prepare_sysroot, run_here, run_on_arm64
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import cache_folder
from blazepose_tf.runtime.interpreter import Interpreter
from tests.programs import need

IMAGES = np.random.default_rng(0).random((3, 32, 32, 3), dtype=np.float32)


@pytest.fixture(scope="module")
def sysroot():
    need(QEMU)
    try:
        return prepare_sysroot(cache_folder())
    except BadInputError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def test_float_landmarks_of_a_real_file(sysroot, tmp_path, mediapipe_file):
    """MediaPipe's lite on a rendered person, through the tool: within 1e-4 of the crop."""
    out = tmp_path / "out.json"
    command = [sys.executable, "tools/compare_arm64.py", str(mediapipe_file("lite"))]
    command += ["--count", "1", "--json", str(out)]
    subprocess.run(command, cwd=Path(__file__).parents[2], check=True)
    (row,) = json.loads(out.read_text())
    assert row["passed"] and row["difference"] < row["allowed"] == 1e-4


def test_int8_within_one_step_of_the_head(sysroot, tiny):
    model = tiny.with_name("tiny_int8.tflite")
    (step,) = (info.scale for info in Interpreter(model).outputs.values())
    (there,) = run_on_arm64(model, IMAGES, sysroot).values()
    (here,) = run_here(model, IMAGES, reference=True).values()
    assert there.shape == here.shape and np.ptp(here) > 5 * step > 0
    assert np.abs(there - here).max() <= step * 1.001


def test_worker_agrees_with_the_runtime(tiny):
    """The program that both machines run, against the project's own interpreter."""
    interpreter = Interpreter(tiny, backend="tflite-runtime")
    (found,) = run_here(tiny, IMAGES).values()
    wanted = [next(iter(interpreter.run(image=image[None]).values())) for image in IMAGES]
    assert np.allclose(found, wanted, atol=1e-6) and np.ptp(found) > 0.01


def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path):
    (tmp_path / "bad.tflite").write_bytes(b"nothing")
    with pytest.raises(BadInputError, match=r"failed on \w+ \(ValueError.*\)"):
        run_here(tmp_path / "bad.tflite", IMAGES)
