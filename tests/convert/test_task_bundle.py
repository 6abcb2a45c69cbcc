"""`.task` bundles: what MediaPipe's clients need of the zip and of the two files in it."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter as Plain

from blazepose_tf.convert import layouts, task_bundle
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.models import presets
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.weights import get_weights, save_weights
from blazepose_tf.runtime import task_file
from blazepose_tf.runtime.detector import Detector
from blazepose_tf.runtime.flatbuffer import root_table
from blazepose_tf.runtime.landmarker import Landmarker
from blazepose_tf.runtime.model_file import read_model_file
from tests.convert.conftest import run_convert, tiny_weights
from tests.training.tiny_train import TINY

Run = Callable[..., int]
LANDMARK_SHAPES = [(1, 195), (1, 1), (1, 256, 256, 1), (1, 64, 64, 39), (1, 117)]
DETECTOR_SHAPES = [(1, 2254, 12), (1, 2254, 1)]


@pytest.fixture(scope="module", autouse=True)
def _tiny_is_a_preset() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(presets.LANDMARK, "tiny", TINY)
        yield


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of a tiny network with all branches."""
    path = tmp_path_factory.mktemp("weights") / "tiny.npz"
    return tiny_weights(path, heads=True, mask=True, rest=True)


@pytest.fixture
def convert(monkeypatch: pytest.MonkeyPatch, labelled_pictures: tuple[Path, Path]) -> Run:
    """Run tools/convert.py in this process: exit code."""
    return lambda *options: run_convert(monkeypatch, labelled_pictures[1], options)


def normalization(content: bytes, write: Any) -> tuple[float, float]:
    """(mean, std) that a reader of TFLite Metadata finds in the input's NormalizationOptions."""
    root = root_table(read_model_file(write(content)).entries["TFLITE_METADATA"])
    (image,) = root.tables(3)[0].tables(2)
    (unit,) = image.tables(4)
    options = unit.table(1)
    assert options is not None and unit.unsigned(0, "<B") == 1
    found = []
    for field in (0, 1):
        start, count = options.vector(field, 4)
        found += struct.unpack_from(f"<{count}f", options.data, start)
    return found[0], found[1]


def test_bundles_hold_what_mediapipe_reads(
    convert: Run, weights: Path, tmp_path: Path, write: Any, capsys: Any
) -> None:
    """Two stored members at multiples of 16 bytes, outputs by index, pixels' normalisation."""
    out = tmp_path / "dist"
    options = (
        "--layout",
        "mediapipe",
        "--weights",
        weights,
        "--precision",
        "float16",
        "--out",
        out,
    )
    assert convert(*options, "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert json.loads((out / "tasks.json").read_text()) == report and report["passed"]
    names = sorted(path.name for path in out.iterdir())
    assert names == ["pose_landmarker_tiny.task", "tasks.json", "tasks.md"]
    path = out / names[0]
    raw = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["pose_detector.tflite", "pose_landmarks_detector.tflite"]
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED
            lengths = struct.unpack_from("<HH", raw, info.header_offset + 26)
            assert (info.header_offset + 30 + sum(lengths)) % 16 == 0
    expected = {
        task_file.DETECTOR: (DETECTOR_SHAPES, (127.5, 127.5)),
        task_file.LANDMARKS: (LANDMARK_SHAPES, (0.0, 255.0)),
    }
    for member, (shapes, pixels) in expected.items():
        content = task_file.read_member(path, member)
        details = Plain(model_content=content).get_output_details()
        assert [tuple(d["shape"]) for d in details] == shapes
        assert normalization(content, write) == pytest.approx(pixels)


def test_both_layouts_say_the_same(
    convert: Run, weights: Path, tmp_path: Path, person_crops: list[np.ndarray]
) -> None:
    out = ("--weights", weights, "--precision", "float32", "--out", tmp_path)
    assert convert("--layout", "mediapipe", *out) == 0
    assert convert("--outputs", "mask", *out) == 0
    assert convert("--model", "detector", "--precision", "float32", "--out", tmp_path) == 0
    bundle = tmp_path / "pose_landmarker_tiny_float32.task"
    theirs, ours = Landmarker(bundle), Landmarker(tmp_path / "pose_landmark_tiny_float32.tflite")
    assert theirs.is_mediapipe and not ours.is_mediapipe
    a, b = theirs.run_crop(person_crops[0]), ours.run_crop(person_crops[0])
    for name in ("points", "visibility", "presence", "world", "mask"):
        assert np.abs(getattr(a, name) - getattr(b, name)).max() < 1e-4, name
    assert a.mask is not None and a.mask.shape == (256, 256) and 0 <= a.mask.min() < a.mask.max()
    assert a.heatmaps is not None and b.heatmaps is None
    square = np.ascontiguousarray(person_crops[0][16:240, 16:240])
    first = Detector(bundle).run_square(square)
    second = Detector(tmp_path / "pose_detector_float32.tflite").run_square(square)
    for left, right in zip(first, second, strict=True):
        assert np.abs(left - right).max() < 1e-3


def test_int8_bundle_passes_its_checks(convert: Run, weights: Path, tmp_path: Path) -> None:
    """-1..1 goes into 8 bits at the detector's input; landmarks stay float from 4x4 on."""
    options = ("--layout", "mediapipe", "--weights", weights, "--precision", "int8")
    assert convert(*options, "--out", tmp_path) in (0, 1)  # a random network may miss accuracy
    report = json.loads((tmp_path / "tasks.json").read_text())
    assert len(report["files"]) == 2
    for entry in report["files"]:
        passed = {check["name"].split("[")[0]: check["passed"] for check in entry["checks"]}
        for name in ("contract", "gpu_rules", "int8_layout", "xnnpack"):
            assert passed[name], (entry["file"], name)
    content = task_file.read_member(tmp_path / "pose_landmarker_tiny_int8.task", task_file.DETECTOR)
    plain = Plain(model_content=content, experimental_preserve_all_tensors=True)
    scales = {d["quantization"] for d in plain.get_tensor_details() if tuple(d["shape"]) ==
              (1, 224, 224, 3) and d["dtype"] == np.int8}  # fmt: skip
    assert len(scales) == 1
    ((scale, zero),) = scales
    assert [(q - zero) * scale for q in (-128, 127)] == pytest.approx([-1, 1], abs=0.01)


def test_weights_without_branches_are_refused_in_one_line(
    convert: Run, tmp_path: Path, capsys: Any
) -> None:
    path = tmp_path / "bare.npz"
    save_weights(path, get_weights(build_landmark("tiny"), {"preset": "tiny"}))
    out = tmp_path / "out"
    assert convert("--layout", "mediapipe", "--weights", path, "--out", out) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith(f"error: {path}: has no mask and heatmaps; train them with")
    assert not out.exists()
    with pytest.raises(BadInputError, match="needs a landmark network"):
        task_bundle.landmark_models(("detector",))
    with pytest.raises(BadInputError, match="one --model of each"):
        task_bundle.landmark_models(("lite", "detector", "lite_256"))
    assert task_bundle.landmark_models(("lite_256", "detector", "full")) == ("lite_256", "full")


MEMBERS = {task_file.DETECTOR: b"a" * 1000, task_file.LANDMARKS: b"b" * 3000}


def test_equal_members_give_equal_bytes(tmp_path: Path) -> None:
    task_file.write_task(tmp_path / "a.task", MEMBERS)
    task_file.write_task(tmp_path / "b.task", MEMBERS)
    assert (tmp_path / "a.task").read_bytes() == (tmp_path / "b.task").read_bytes()
    assert task_file.read_member(tmp_path / "a.task", task_file.LANDMARKS) == b"b" * 3000


def _bad(kind: str, path: Path, tiny: Any) -> None:
    """Write a bundle that is wrong in one way."""
    if kind == "no zip":
        path.write_bytes(tiny.float32)
    elif kind == "cut":
        task_file.write_task(path, MEMBERS)
        path.write_bytes(path.read_bytes()[:2000])
    elif kind == "lacks a member":
        task_file.write_task(path, {task_file.DETECTOR: b"x"})
    elif kind == "compressed":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in MEMBERS.items():
                archive.writestr(name, content)
    elif kind == "damaged":
        task_file.write_task(path, MEMBERS)
        content = bytearray(path.read_bytes())
        content[2000] ^= 1
        path.write_bytes(content)
    elif kind == "no model":
        task_file.write_task(path, MEMBERS)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("no zip", "is no .task bundle or is damaged; make it again with `make task`"),
        ("cut", "is no .task bundle or is damaged"),
        ("damaged", "is no .task bundle or is damaged"),
        ("lacks a member", "lacks pose_landmarks_detector.tflite; give a pose landmarker bundle"),
        ("compressed", "pose_landmarks_detector.tflite is compressed, which MediaPipe refuses"),
        ("no model", "is no TensorFlow Lite model"),
        ("missing", "cannot be read"),
    ],
)
def test_bad_bundles_get_one_line(kind: str, message: str, tmp_path: Path, tiny: Any) -> None:
    path = tmp_path / "bad.task"
    _bad(kind, path, tiny)
    with pytest.raises(BadInputError) as caught:
        Landmarker(path)
    assert message in str(caught.value) and "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_another_model_in_a_bundle_is_named(tmp_path: Path, tiny: Any) -> None:
    """A landmark network where the detector should be."""
    path = tmp_path / "swapped.task"
    task_file.write_task(path, {task_file.DETECTOR: tiny.float32, task_file.LANDMARKS: b""})
    with pytest.raises(BadInputError, match="is no pose detector .outputs .*give a pose_detector"):
        Detector(path)
    with pytest.raises(BadInputError, match="is no TensorFlow Lite model"):
        Landmarker(path)


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    def full(path: Path, content: bytes) -> None:
        raise BadInputError(f"{path}: cannot be written (No space left on device)")

    monkeypatch.setattr(task_file, "write_atomically", full)
    with pytest.raises(BadInputError, match="No space left"):
        task_file.write_task(tmp_path / "a.task", MEMBERS)
    assert not list(tmp_path.iterdir())
    assert write_atomically is not full


def test_outputs_of_either_layout_by_the_same_names() -> None:
    """[N, 195] and its companions into our units, by the numbers of MediaPipe's layout."""
    values = np.zeros((1, 39, 5), np.float32)
    values[0, 3] = [64, 128, -32, 0, 1e9]
    outputs = {
        "Identity": values.reshape(1, 195), "Identity_1": np.full((1, 1), 0.25, np.float32),
        "Identity_2": np.zeros((1, 4, 4, 1), np.float32),
        "Identity_3": np.zeros((1, 2, 2, 39), np.float32),
        "Identity_4": np.arange(117, dtype=np.float32)[None],
    }  # fmt: skip
    own = layouts.to_own(outputs, 256)
    assert own["landmarks"].shape == (1, 35, 3)
    assert own["landmarks"][0, 3].tolist() == [0.25, 0.5, -0.125]
    assert own["visibility"][0, 3] == 0.5 and own["point_presence"][0, 3] == 1
    assert own["world"][0, 1].tolist() == [3, 4, 5] and own["presence"][0, 0] == 0.25
    assert layouts.to_own(own, 256) is own
