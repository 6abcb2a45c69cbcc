"""Exit codes and messages of every tool."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from blazepose_tf import command_line
from blazepose_tf.errors import BadInputError, CheckFailedError

TOOLS = sorted((Path(__file__).resolve().parents[1] / "tools").glob("[!_]*.py"))


def raising(error: BaseException) -> Callable[[], None]:
    def main() -> None:
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code", "start"),
    [
        (CheckFailedError("parity: 3 px"), 1, "check failed: parity: 3 px"),
        (BadInputError("a.tflite: is missing"), 2, "error: a.tflite: is missing"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_an_expected_end_is_one_line_and_an_exit_code(
    error: BaseException, code: int, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        command_line.run(raising(error))
    output = capsys.readouterr()
    assert left.value.code == code
    assert output.out == ""
    assert output.err.startswith(start) and output.err.count("\n") == 1


def test_a_message_of_many_lines_is_folded_into_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command_line.run(raising(BadInputError("two\n  lines")))
    assert capsys.readouterr().err == "error: two lines\n"


def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        command_line.run(raising(ZeroDivisionError()))


def test_a_good_end_returns() -> None:
    command_line.run(lambda: None)


def call(tool: Path, option: str) -> subprocess.CompletedProcess[str]:
    """Run a tool from the checkout with one option."""
    root = tool.parents[1]
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "120"}
    return subprocess.run(
        [sys.executable, str(tool), option], cwd=root, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.stem)
def test_every_tool_is_thin_and_explains_itself(tool: Path) -> None:
    assert len(tool.read_text().splitlines()) < 100
    done = call(tool, "--help")
    assert done.returncode == 0 and done.stderr == ""
    options = re.findall(r"^  (--?[a-z-]+|\w+)", done.stdout, re.MULTILINE)
    assert len(options) > 1, done.stdout


@pytest.mark.parametrize("tool", TOOLS, ids=lambda path: path.stem)
def test_an_unknown_option_is_bad_input(tool: Path) -> None:
    done = call(tool, "--no-such-option")
    assert done.returncode == 2 and "Traceback" not in done.stderr
