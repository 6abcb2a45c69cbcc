"""The door to the TFLite runtimes: same answers, no TensorFlow, no crash on damaged files."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime import interpreter as door
from blazepose_tf.runtime.interpreter import BACKENDS, Interpreter, load_backend, sigmoid

Find = Callable[[str], Path]
RUNTIMES = [
    name
    for name in ("ai-edge-litert", "tflite-runtime")
    if importlib.util.find_spec(BACKENDS[name].split(".")[0])
]


def _python(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("backend", RUNTIMES)
def test_every_runtime_gives_the_same_answer(mediapipe_file: Find, backend: str) -> None:
    crop = np.random.default_rng(0).uniform(0, 1, (1, 256, 256, 3)).astype(np.float32)
    first = Interpreter(mediapipe_file("lite"))
    second = Interpreter(mediapipe_file("lite"), backend=backend, threads=2)
    assert second.backend == backend and second.backend_version
    outputs, others = first.run(image=crop), second.run(image=crop)
    assert set(outputs) == set(others) == set(first.outputs)
    for name, value in outputs.items():
        assert value.shape == first.outputs[name].shape
        assert others[name] == pytest.approx(value, abs=1e-3 * max(1, np.abs(value).max()))


def test_unknown_and_missing_runtimes_are_told_in_one_line(monkeypatch: Any) -> None:
    with pytest.raises(BadInputError, match="unknown runtime 'onnx'; choose one of"):
        load_backend("onnx")
    monkeypatch.setitem(BACKENDS, "ai-edge-litert", "no_such_module")
    monkeypatch.setitem(BACKENDS, "tflite-runtime", "no_such_module_either")
    with pytest.raises(BadInputError, match="pip install tflite-runtime"):
        load_backend("tflite-runtime")
    # TensorFlow's interpreter is taken only where TensorFlow is loaded already.
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    with pytest.raises(BadInputError, match="pip install ai-edge-litert"):
        load_backend()


NO_TENSORFLOW = """
import importlib, pkgutil, sys
import blazepose_tf.runtime
names = [m.name for m in pkgutil.iter_modules(blazepose_tf.runtime.__path__)]
assert {"tracker", "detector", "landmarker", "filters"} <= set(names), names
for name in names:
    importlib.import_module(f"blazepose_tf.runtime.{name}")
import blazepose_tf.draw, blazepose_tf.video
from blazepose_tf import PoseTracker
tracker = PoseTracker(*sys.argv[1:])
import numpy
assert tracker.process(numpy.zeros((64, 64, 3), numpy.uint8), 0.0) is None
loaded = {name.split(".")[0] for name in sys.modules}
print(sorted(loaded & {"tensorflow", "tf_keras", "keras", "torch", "scipy"}))
print([name for name in sys.modules if name.startswith("blazepose_tf.models")])
"""


def test_running_models_never_imports_tensorflow(mediapipe_file: Find) -> None:
    done = _python(NO_TENSORFLOW, str(mediapipe_file("lite")), str(mediapipe_file("detector")))
    assert done.stdout.split("\n")[:2] == ["[]", "[]"], done.stderr


SWEEP = """
import json, sys
from pathlib import Path
from blazepose_tf.errors import BadInputError
from blazepose_tf.runtime.interpreter import Interpreter
backend, source, target, cuts = sys.argv[1:]
content = Path(source).read_bytes()
accepted = []
for cut in json.loads(cuts):
    Path(target).write_bytes(content[:cut])
    try:
        Interpreter(target, backend=backend)
        accepted.append(cut)
    except BadInputError:
        pass
Interpreter(source, backend=backend)
print(json.dumps(accepted))
"""


@pytest.mark.parametrize("backend", RUNTIMES)
def test_no_runtime_crashes_on_a_cut_file(
    mediapipe_file: Find, cuts: Callable[[int], list[int]], backend: str, tmp_path: Path
) -> None:
    source = mediapipe_file("lite")
    places = json.dumps(cuts(source.stat().st_size))
    done = _python(SWEEP, backend, str(source), str(tmp_path / "cut.tflite"), places)
    assert done.returncode == 0, f"the interpreter crashed: {done.returncode} {done.stderr}"
    assert json.loads(done.stdout) == []


def test_sigmoid_is_exact_and_never_overflows() -> None:
    with np.errstate(over="raise"):
        values = sigmoid(np.array([-1e9, -100, 0, 2, 1e9], np.float32))
    assert values == pytest.approx([0, 0, 0.5, 1 / (1 + np.exp(-2)), 1], abs=1e-7)


class _Quantised:
    """An interpreter of one tensor: int8 in, int8 out, the same values."""

    def __init__(self, **_: Any) -> None:
        self.details = {
            "name": "image", "index": 0, "shape": np.array([1, 4]), "dtype": np.int8,
            "quantization": (0.5, 10),
        }  # fmt: skip
        self.stored = np.zeros((1, 4), np.int8)

    def allocate_tensors(self) -> None: ...
    def invoke(self) -> None: ...

    def get_signature_list(self) -> dict[str, Any]:
        return {}

    def get_input_details(self) -> list[dict[str, Any]]:
        return [self.details]

    def get_output_details(self) -> list[dict[str, Any]]:
        return [{**self.details, "name": "echo"}]

    def set_tensor(self, _: int, value: np.ndarray[Any, Any]) -> None:
        assert value.dtype == np.int8
        self.stored = value

    def get_tensor(self, _: int) -> np.ndarray[Any, Any]:
        return self.stored


def test_int8_inputs_and_outputs_are_floats_to_the_caller(
    mediapipe_file: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = SimpleNamespace(Interpreter=_Quantised)
    monkeypatch.setattr(door, "load_backend", lambda _: ("fake", module))
    model = Interpreter(mediapipe_file("lite"))
    echo = model.run(image=np.array([[1.0, 1.2, -3.0, 1000.0]], np.float32))["echo"]
    # Steps of 0.5 around zero point 10; int8 ends at (127 - 10) * 0.5.
    assert echo[0] == pytest.approx([1.0, 1.0, -3.0, 58.5])
    assert echo.dtype == np.float32


def test_a_runtime_that_refuses_a_file_is_told_in_one_line(
    mediapipe_file: Find, monkeypatch: pytest.MonkeyPatch
) -> None:
    for message in ("", "first line\nsecond line"):

        def refuse(message: str = message, **_: Any) -> None:
            raise ValueError(message)

        module = SimpleNamespace(Interpreter=refuse)
        monkeypatch.setattr(door, "load_backend", lambda _, module=module: ("fake", module))
        with pytest.raises(BadInputError, match="cannot be loaded by fake") as caught:
            Interpreter(mediapipe_file("lite"))
        assert "\n" not in str(caught.value)
