"""Runs the tests of android_demo/core: Kotlin against vectors that Python writes."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.android.conftest import BUNDLED, ROOT, need_maven, write_golden

DEMO = ROOT / "android_demo"
CORE = DEMO / "core"
REPORTS = CORE / "target" / "surefire-reports"


@dataclass(frozen=True)
class Ran:
    """Test name -> what went wrong, None where all went well; skipped: names."""

    tests: dict[str, str | None]
    skipped: set[str]
    output: str


@pytest.fixture(scope="module")
def ran(models: Path) -> Ran:
    """The clip written anew, then every test of core, by Maven."""
    need_maven()
    landmarks, detector = (models / name for name in BUNDLED)
    clip = CORE / "target" / "golden"
    write_golden("--clip", clip, "--landmark-model", landmarks, "--detector-model", detector)
    for report in REPORTS.glob("*.xml"):
        report.unlink()
    done = subprocess.run(
        ["mvn", "-B", "-ntp", "-pl", "core", "test"],
        cwd=DEMO, capture_output=True, text=True, check=False,
    )  # fmt: skip
    tests: dict[str, str | None] = {}
    skipped = set()
    for report in REPORTS.glob("*.xml"):
        for case in ElementTree.parse(report).getroot().iter("testcase"):
            name = f"{case.get('classname', '').rpartition('.')[2]}: {case.get('name')}"
            wrong = [part.get("message") for part in case if part.tag in ("failure", "error")]
            tests[name] = wrong[0] or "?" if wrong else None
            if case.find("skipped") is not None:
                skipped.add(name)
    assert tests, f"Maven ran no test:\n{done.stdout[-3000:]}"
    assert done.returncode == 0 or any(tests.values()), done.stdout[-3000:]
    return Ran(tests, skipped, done.stdout)


def test_every_kotlin_test_passes(ran: Ran) -> None:
    assert {name: wrong for name, wrong in ran.tests.items() if wrong is not None} == {}


def test_none_is_left_out(ran: Ran) -> None:
    """A test that nobody runs proves nothing: every file of tests has run, none was skipped."""
    files = {path.stem for path in (CORE / "src" / "test").rglob("*Test.kt")}
    assert {name.partition(":")[0] for name in ran.tests} == files
    assert ran.skipped == set()
    assert len(ran.tests) >= 40


def test_the_clip_is_followed_as_python_does(ran: Ran) -> None:
    """Kotlin's own assertions ran on the clip: they print how far the landmarks are off."""
    for name in ("rgb", "yuv"):
        (line,) = [line for line in ran.output.splitlines() if line.startswith(f"{name}: ")]
        assert float(line.split("within ")[1].split(" px")[0]) <= 0.5
