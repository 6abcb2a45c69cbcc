"""tools/evaluate.py: the report it writes, and one line for whatever it cannot use."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.convert.calibration import ASSETS
from blazepose_tf.data.coco import write_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.files import sha256
from blazepose_tf.topology import COCO_TO_BLAZEPOSE
from tests.tools.running import exit_code
from tools import evaluate

Tool = Callable[..., int]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Run the tool with arguments in this process: its exit code."""

    return partial(exit_code, monkeypatch, evaluate.main)


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """annotations.json with three people in two noisy pictures under images/."""
    images = tmp_path / "images"
    images.mkdir()
    random = np.random.default_rng(3)
    samples = []
    for i, name in enumerate(("a.png", "a.png", "b.png")):
        cv2.imwrite(str(images / name), random.integers(0, 255, (240, 320, 3), np.uint8))
        sample = PoseSample(images / name)
        sample.points[list(COCO_TO_BLAZEPOSE)] = random.uniform(40, 200, (17, 2)) + 10 * i
        sample.visibility[list(COCO_TO_BLAZEPOSE)] = 1
        samples.append(sample)
    write_coco(tmp_path / "annotations.json", samples, images, "a test")
    return tmp_path


def coco(labels: Path) -> list[object]:
    annotations = labels / "annotations.json"
    return ["--dataset", "coco", "--annotations", annotations, "--images", labels / "images"]


def test_the_report_has_its_keys_and_conditions(
    tool: Tool, labels: Path, mediapipe_file, capsys: pytest.CaptureFixture[str]
) -> None:
    out = labels / "new" / "report.json"
    lite = mediapipe_file("lite")
    code = tool(
        lite, "npm:full", *coco(labels), "--mode", "pipeline", "--detector", "npm:detector",
        "--json", out,
    )  # fmt: skip
    assert code == 0
    report = json.loads(out.read_text())
    assert set(report) == {"format", "mode", "dataset", "conditions", "results", "detector"}
    assert report["dataset"] == {
        "name": "coco", "pictures": 2, "people": 3, "limit": None,
        "sha256": sha256(labels / "annotations.json"),
    }  # fmt: skip
    assert {"date", "commit", "runtime", "runtime_version", "threads"} <= set(report["conditions"])
    assert [r["file"] for r in report["results"]] == [str(lite), "npm:full"]
    first = report["results"][0]
    assert first["sha256"] == sha256(lite) and first["bytes"] == lite.stat().st_size
    assert first["people"] == 3 and first["points"] == 51 and len(first["per_joint"]) == 17
    assert report["detector"]["people"] == 3
    assert capsys.readouterr().out.count("\n| npm:full ") == 1


def test_limit_and_detector_mode(tool: Tool, labels: Path, mediapipe_file, tmp_path: Path) -> None:
    ours = tmp_path / "copy.tflite"
    shutil.copyfile(mediapipe_file("detector"), ours)
    out = labels / "report.json"
    arguments = ["--mode", "detector", "--reference", "npm:detector", "--limit", 2, "--json", out]
    assert tool(ours, *coco(labels), *arguments) == 0
    report = json.loads(out.read_text())
    assert report["dataset"]["people"] == 2 and report["dataset"]["pictures"] == 1
    copy, reference = report["results"]
    assert reference["file"] == report["reference"] == "npm:detector"
    assert copy["hits"] == reference["hits"] == copy["hits_of_reference"]


def wrong_count(folder: Path) -> None:
    content = json.loads((folder / "annotations.json").read_text())
    content["annotations"][1]["keypoints"] = [1, 2, 2] * 18
    (folder / "annotations.json").write_text(json.dumps(content))


def nobody(folder: Path) -> None:
    content = json.loads((folder / "annotations.json").read_text())
    content["annotations"] = []
    (folder / "annotations.json").write_text(json.dumps(content))


def no_picture(folder: Path) -> None:
    (folder / "images" / "b.png").write_bytes(b"GIF, honestly")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (wrong_count, "54 keypoint values"),
        (nobody, "holds no labelled person"),
        (no_picture, "b.png: is no picture"),
        (lambda folder: (folder / "images" / "b.png").unlink(), "1 pictures are missing"),
        (lambda folder: (folder / "annotations.json").unlink(), "annotations.json: cannot be read"),
    ],
)
def test_unusable_labels_are_one_line_and_no_report(
    tool: Tool, labels: Path, mediapipe_file, capfd: pytest.CaptureFixture[str],
    damage: Callable[[Path], None], reason: str,
) -> None:  # fmt: skip
    damage(labels)
    assert tool(mediapipe_file("lite"), *coco(labels), "--json", labels / "r.json") == 2
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(said) == 1 and reason in said[0]
    assert not (labels / "r.json").exists()


@pytest.mark.parametrize("kind", ["absent", "text", "detector", "landmarks as detector"])
def test_a_foreign_file_is_one_line(
    tool: Tool, labels: Path, mediapipe_file, capfd: pytest.CaptureFixture[str], kind: str
) -> None:
    path, mode = labels / "model.tflite", "roi"
    if kind == "text":
        path.write_text("not a model at all, but long enough to look")
    elif kind == "detector":
        path = mediapipe_file("detector")
    elif kind == "landmarks as detector":
        path, mode = mediapipe_file("lite"), "detector"
    assert tool(path, *coco(labels), "--mode", mode) == 2
    said = [line for line in capfd.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(said) == 1 and str(path) in said[0]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--dataset", "coco"], "needs --annotations and --images"),
        (["--dataset", "lsp"], "needs --root"),
        (["--dataset", "lsp", "--root", "/nowhere"], "joints.mat"),
        (["--dataset", "lsp", "--root", ".", "--limit", "0"], "at least 1"),
    ],
)
def test_missing_options_are_named(
    tool: Tool, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    assert tool("a.tflite", *arguments) == 2
    message = capsys.readouterr().err
    assert reason in message and message.count("\n") == 1


def test_a_report_that_cannot_be_written_is_one_line(
    tool: Tool, labels: Path, mediapipe_file, capfd: pytest.CaptureFixture[str]
) -> None:
    (labels / "file").touch()
    out = labels / "file" / "report.json"
    assert tool(mediapipe_file("lite"), *coco(labels), "--json", out) == 2
    assert f"error: {out}: cannot be written" in capfd.readouterr().err


def test_heatmaps_refine_mediapipes_points(tool: Tool, mediapipe_file, tmp_path: Path) -> None:
    """On rendered people with exact truth, within a tenth of the torso."""
    mediapipe_file("lite")
    out, people = tmp_path / "report.json", ASSETS
    given = ("--annotations", people / "annotations.json", "--images", people / "images")
    assert tool("npm:lite", "npm:lite+heatmaps", "--dataset", "coco", *given, "--limit", 40,
                "--json", out) == 0  # fmt: skip
    raw, refined = json.loads(out.read_text())["results"]
    assert refined["pck_0.1"] > raw["pck_0.1"] + 3
    assert refined["bytes"] == raw["bytes"]
