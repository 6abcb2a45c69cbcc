"""What tools/build_apk.py says when something is missing: one line, exit code 2, nothing left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.android.conftest import run_tool
from tools.apk import places
from tools.apk.catalogue import version


def _program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _refused(tmp_path: Path, *words: str | Path, **environment: str) -> str:
    out = tmp_path / "out" / "demo.apk"
    done = run_tool("--out", out, *words, **environment)
    assert done.returncode == 2, done.stderr
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("error: ")
    assert not out.parent.exists()
    return line


def test_no_jdk(tmp_path: Path) -> None:
    line = _refused(tmp_path, JAVA_HOME=str(tmp_path))
    assert "JDK 17" in line and str(tmp_path) in line


@pytest.mark.parametrize("number", ["11.0.2", "26"])
def test_another_jdk(tmp_path: Path, number: str) -> None:
    _program(tmp_path / "jdk" / "bin", "javac", f"echo javac {number}")
    line = _refused(tmp_path, JAVA_HOME=str(tmp_path / "jdk"))
    assert f"Java {number.split('.')[0]};" in line and "JDK 17" in line


def test_no_maven(tmp_path: Path) -> None:
    _program(tmp_path / "jdk" / "bin", "javac", "echo javac 17.0.1")
    line = _refused(tmp_path, JAVA_HOME=str(tmp_path / "jdk"), PATH=str(tmp_path))
    assert "Maven is not installed" in line


def test_a_folder_without_models(tmp_path: Path) -> None:
    _program(tmp_path / "jdk" / "bin", "javac", "echo javac 17.0.1")
    _program(tmp_path / "bin", "mvn", "exit 1")
    environment = {"JAVA_HOME": str(tmp_path / "jdk"), "PATH": str(tmp_path / "bin")}
    assert "needs a pose_landmark" in _refused(tmp_path, "--models", tmp_path, **environment)


def test_no_network_and_failing_tests_are_told_apart(tmp_path: Path) -> None:
    from blazepose_tf.errors import BadInputError, CheckFailedError
    from tools.apk.maven import run_maven
    from tools.apk.toolchain import Toolchain

    said = {
        "Could not transfer artifact a:b:jar:1 from/to central: Unknown host": BadInputError,
        "Tests run: 3, Failures: 1, Errors: 0, Skipped: 0": CheckFailedError,
        "[ERROR] Main.kt: (3, 1) Unresolved reference": CheckFailedError,
    }
    for number, (text, kind) in enumerate(said.items()):
        _program(tmp_path, f"mvn{number}", f"echo '{text}'\nexit 1")
        tools = Toolchain(tmp_path, tmp_path / f"mvn{number}")
        with pytest.raises(kind) as caught:
            run_maven(tools, tmp_path / "pom.xml", ["test"], tmp_path / "log.txt")
        assert "\n" not in str(caught.value) and "log.txt" in str(caught.value)


def test_the_failed_test_is_named() -> None:
    from tools.apk.maven import failed_test

    counts = "[ERROR] Tests run: 10, Failures: 1, Errors: 0, Skipped: 0"
    said = f"""{counts}, Time elapsed: 8.8 s <<< FAILURE! -- in app.MainActivityTest
[ERROR] app.MainActivityTest.nobody in the picture is said -- Time elapsed: 1.3 s <<< FAILURE!
java.lang.AssertionError: expected 1, was 2
"""
    assert failed_test(said) == (
        "app.MainActivityTest.nobody in the picture is said: "
        "java.lang.AssertionError: expected 1, was 2"
    )


def test_versions_come_from_the_catalogue() -> None:
    text = (places.DEMO / "gradle" / "libs.versions.toml").read_text()
    for name in ("kotlin", "tensorflow-lite", "android-min-sdk", "r8"):
        assert f'{name} = "{version(name)}"' in text


def test_a_missing_key_store_is_found_out_before_minutes_of_work(tmp_path: Path) -> None:
    line = _refused(tmp_path, "--keystore", tmp_path / "none.p12")
    assert "none.p12: no such key store" in line
