"""Fixtures: a private adb server, simulated phones that it reaches, and run.py with short runs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
if str(REPOSITORY) not in sys.path:
    sys.path.insert(0, str(REPOSITORY))

from benchmarks import run as run_module  # noqa: E402
from benchmarks.simulation.daemon import Daemon  # noqa: E402
from benchmarks.simulation.faults import parse_faults  # noqa: E402
from benchmarks.simulation.phone import Phone  # noqa: E402
from blazepose_tf import command_line  # noqa: E402
from tests.programs import need  # noqa: E402

BINARY = REPOSITORY / "benchmarks" / "simulation" / "benchmark_model"
SHORT = [
    "--min-inferences", "3", "--min-seconds", "0.02", "--warmup-limit", "0.01", "--poll", "0.05",
    "--cooldown-limit", "0.1", "--time-limit", "30", "--rounds", "2",
]  # fmt: skip
"""So short that nothing but the flow is tested; the protocol calls it quick."""


@pytest.fixture(scope="session")
def tiny() -> Path:
    """A model of four operators."""
    return Path(__file__).parent / "models" / "tiny.tflite"


@pytest.fixture(scope="session")
def tiny_partial() -> Path:
    """The same with one operator that XNNPACK does not take."""
    return Path(__file__).parent / "models" / "tiny_partial.tflite"


@pytest.fixture(scope="session")
def adb_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Environment of an adb server of our own, away from ~/.android and port 5037."""
    adb = need("adb")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environment = {
        "HOME": str(tmp_path_factory.mktemp("home")),
        "ANDROID_ADB_SERVER_PORT": str(port),
        "ADB_MDNS": "0",
    }
    everything = {**os.environ, **environment}
    subprocess.run([adb, "start-server"], env=everything, check=True, capture_output=True)
    yield environment
    subprocess.run([adb, "kill-server"], env=everything, check=False, capture_output=True)


@pytest.fixture
def adb(
    adb_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """Runs the real adb against the private server."""
    for name, value in adb_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("benchmarks.session.RECONNECT_S", 1.0)

    def call(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [need("adb"), *arguments], input=stdin, capture_output=True, timeout=60, check=False
        )

    return call


MakePhone = Callable[..., Daemon]


@pytest.fixture
def make_phone(adb: Callable[..., Any]) -> Iterator[MakePhone]:
    """Starts simulated phones and connects adb to them."""
    daemons = []

    def make(*faults: str, output: str = "new") -> Daemon:
        daemon = Daemon(Phone(faults=parse_faults(list(faults)), output=output))
        daemons.append(daemon)
        adb("connect", daemon.serial)
        return daemon

    yield make
    for daemon in daemons:
        adb("disconnect", daemon.serial)
        daemon.stop()


@dataclass
class Outcome:
    """How a command line ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def results(self) -> dict[str, Any]:
        """results.json."""
        data: dict[str, Any] = json.loads((self.folder / "results.json").read_text())
        return data

    @property
    def message(self) -> str:
        """The last line on the error stream: what the user reads."""
        return self.err.strip().splitlines()[-1]


RunTool = Callable[..., Outcome]


@pytest.fixture
def run_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny: Path
) -> RunTool:
    """Calls benchmarks/run.py with short runs; later options win over the short ones."""

    def call(
        *arguments: str | Path, models: tuple[Path, ...] = (tiny,), out: str = "out"
    ) -> Outcome:
        folder = tmp_path / out
        words = ["--models", *models, "--out", folder, *SHORT, *arguments]
        monkeypatch.setattr(sys, "argv", ["run.py", *map(str, words)])
        capsys.readouterr()
        code = 0
        try:
            command_line.run(run_module.main)
        except SystemExit as error:
            code = int(error.code or 0)
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err, folder)

    return call


@pytest.fixture
def on_phone(run_tool: RunTool) -> RunTool:
    """run.py with the simulated benchmark_model."""

    def call(*arguments: str | Path, **options: Any) -> Outcome:
        return run_tool("--benchmark-model", BINARY, *arguments, **options)

    return call
