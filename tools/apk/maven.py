"""Calls Maven: its failures told apart, one line each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from blazepose_tf.errors import BadInputError, CheckFailedError
from tools.apk.toolchain import Show, Toolchain, call, silent

UNREACHABLE = re.compile(
    r"Could not transfer artifact (\S+)|Unknown host|Network is unreachable|Connection (?:refused|"
    r"timed out|reset)|offline mode and the artifact (\S+)"
)
FAILED = re.compile(r"(?: -- Time elapsed: \S+ s)? <<< (?:FAILURE|ERROR)!")
TESTS = re.compile(r"Tests run: (\d+), Failures: (\d+), Errors: (\d+), Skipped: (\d+)")


def run_maven(
    tools: Toolchain, pom: Path, goals: Sequence[str], log: Path, show: Show = silent
) -> str:
    """Run Maven: its output. The catalogue's versions come from .mvn/maven.config.

    Raises:
        BadInputError: Maven Central cannot be reached.
        CheckFailedError: the code does not compile, or a test fails.
    """
    words = [str(tools.maven), "-B", "-ntp", "-f", str(pom), *goals]
    environment = {"JAVA_HOME": str(tools.jdk)}
    code, output = call(words, log, show, cwd=pom.parent, environment=environment)
    if code == 0:
        return output
    if UNREACHABLE.search(output):
        raise BadInputError(f"Maven Central cannot be reached; check the network (see {log})")
    counts = [tuple(map(int, found)) for found in TESTS.findall(output)]
    if any(failures or errors for _, failures, errors, _ in counts):
        raise CheckFailedError(f"a test of the app fails: {failed_test(output)} (see {log})")
    reasons = [line for line in output.splitlines() if line.startswith(("[ERROR]", "error:"))]
    raise CheckFailedError(f"Maven: {_bare(reasons[0]) if reasons else 'failed'} (see {log})")


def failed_test(output: str) -> str:
    """Name of the first test that failed and the first line of why, as Surefire prints them."""
    lines = output.splitlines()
    for line, why in zip(lines, [*lines[1:], ""], strict=True):
        if FAILED.search(line) and "Tests run:" not in line:
            return f"{FAILED.split(_bare(line))[0]}: {_bare(why)}"
    return next((_bare(line) for line in lines if FAILED.search(line)), "")


def _bare(line: str) -> str:
    return line.removeprefix("[ERROR]").strip()[:200]
