"""The same file as ARM64 code, under qemu: needs qemu-user-static, Debian 12 and a network once."""

from __future__ import annotations

import os

import numpy as np
import pytest

from benchmarks.arm64 import QEMU, prepare_sysroot, run_on_arm64
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import cache_folder
from blazepose_tf.runtime.interpreter import Interpreter


@pytest.fixture(scope="module")
def sysroot(needed):
    needed(QEMU)
    try:
        return prepare_sysroot(cache_folder())
    except BadInputError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.mark.parametrize("name", ["tiny", "tiny_partial"])
def test_arm64_computes_what_this_machine_computes(sysroot, tiny, name):
    model = tiny.with_name(f"{name}.tflite")
    images = np.random.default_rng(0).random((3, 32, 32, 3), dtype=np.float32)
    (there,) = run_on_arm64(model, images, sysroot).values()
    here = Interpreter(model, backend="tflite-runtime")
    wanted = np.stack([next(iter(here.run(image=image[None]).values())) for image in images])
    assert there.shape == wanted.shape and np.abs(wanted).max() > 0.1
    assert np.abs(there - wanted).max() < 1e-5


def test_a_file_that_is_no_model_is_refused_in_one_line(sysroot, tmp_path):
    (tmp_path / "bad.tflite").write_bytes(b"nothing")
    images = np.zeros((1, 32, 32, 3), np.float32)
    with pytest.raises(BadInputError, match="failed on ARM64"):
        run_on_arm64(tmp_path / "bad.tflite", images, sysroot)
