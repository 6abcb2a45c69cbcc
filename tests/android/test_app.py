"""The app's own tests ran, and what its benchmark mode wrote keeps the harness's contract."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.app_result import check, read_result
from tests.android.conftest import ROOT, Built

TARGET = ROOT / "android_demo" / "app" / "target"


@pytest.fixture(scope="module")
def results(built: Built) -> Path:
    """The folder in which BenchmarkActivityTest left a copy of each result file."""
    return TARGET / "shown" / "benchmark"


def test_every_test_of_the_app_ran_and_passed(built: Built) -> None:
    suites = [
        ElementTree.parse(path).getroot() for path in (TARGET / "surefire-reports").glob("*.xml")
    ]
    counts = {
        key: sum(int(suite.get(key, "0")) for suite in suites)
        for key in ("tests", "failures", "errors", "skipped")
    }
    assert counts.pop("tests") >= 25
    assert counts == {"failures": 0, "errors": 0, "skipped": 0}


def test_results_keep_the_contract(results: Path) -> None:
    files = sorted(results.glob("*.json"))
    assert {"tracked", "crops", "bad-threads", "bad-model", "bad-kind"} <= {f.stem for f in files}
    assert {f.name: check(json.loads(f.read_text())) for f in files} == {f.name: [] for f in files}


def test_the_harness_reads_a_measurement(built: Built, results: Path) -> None:
    digest = built.converted["pose_landmark_lite_float32.tflite"]
    measured = read_result((results / "tracked.json").read_bytes(), "tracked", digest)
    segment = measured.segments[0]
    assert len(segment.latency_us) >= 30
    assert segment.redetected[0] < 20  # every 20th frame shows somebody else
    assert measured.delegation.extent == "full"
    assert set(measured.stages_ms) == {"crop", "detector", "landmarks", "smoothing"}
    # A frame takes what its stages take: whole-frame time cannot be much less than its parts.
    tracked = sum(measured.stages_ms[name] for name in ("crop", "landmarks", "smoothing"))
    assert min(segment.latency_us) / 1000 < 3 * tracked


def test_nothing_half_written_is_left(results: Path) -> None:
    assert [path for path in results.iterdir() if path.suffix != ".json"] == []
