"""Finds JDK and Maven, and calls programs so that a failure is one line."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from blazepose_tf.errors import BadInputError, CheckFailedError

OLDEST_JDK, NEWEST_JDK = 17, 21
"""Robolectric's Android 15 needs Java 17; Kotlin 2.0 knows Java up to 22. Built here with 17."""
Show = Callable[[str], None]
"""Told about every line of a program's output."""


def silent(line: str) -> None:
    """Shows nothing."""


@dataclass(frozen=True)
class Toolchain:
    """jdk: the JDK's folder. maven: the program."""

    jdk: Path
    maven: Path

    @property
    def java(self) -> Path:
        return self.jdk / "bin" / "java"

    @property
    def keytool(self) -> Path:
        return self.jdk / "bin" / "keytool"


def find_toolchain() -> Toolchain:
    """The JDK of JAVA_HOME, else of the PATH, and Maven.

    Raises:
        BadInputError: one of them is missing or of a version that does not fit.
    """
    home = os.environ.get("JAVA_HOME")
    javac = Path(home, "bin", "javac") if home else Path(shutil.which("javac") or "javac")
    if not javac.is_file():
        where = f"JAVA_HOME ({home}) holds no JDK" if home else "no JDK found"
        raise BadInputError(
            f"{where}; install JDK 17 (Debian: apt install openjdk-17-jdk-headless)"
        )
    javac = javac.resolve()
    text = subprocess.run([javac, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r"javac (\d+)", text.stdout + text.stderr)
    version = int(found[1]) if found else 0
    if not OLDEST_JDK <= version <= NEWEST_JDK:
        raise BadInputError(
            f"{javac} is Java {version or 'of an unknown version'}; set JAVA_HOME to a JDK 17"
        )
    maven = shutil.which("mvn")
    if maven is None:
        raise BadInputError("Maven is not installed; Debian: apt install maven")
    return Toolchain(javac.parents[1], Path(maven))


def call(
    words: Sequence[str | Path],
    log: Path,
    show: Show = silent,
    *,
    cwd: Path | None = None,
    environment: dict[str, str] | None = None,
) -> tuple[int, str]:  # fmt: skip
    """Run a program: exit code and output (both streams), which is kept in `log` too."""
    log.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    with (
        subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", cwd=cwd, env={**os.environ, **(environment or {})},
        ) as process,
        open(log, "w", buffering=1, encoding="utf-8") as file,
    ):  # fmt: skip
        assert process.stdout is not None
        try:
            for line in process.stdout:
                file.write(line)
                lines.append(line)
                show(line.strip())
        except KeyboardInterrupt:
            process.terminate()
            raise
    return process.returncode, "".join(lines)


def must(words: Sequence[str | Path], log: Path, what: str, show: Show = silent) -> str:
    """Run a program that has to succeed: its output.

    Raises:
        CheckFailedError: it did not; names the log.
    """
    code, output = call(words, log, show)
    if code != 0:
        reasons = [line for line in output.splitlines() if re.search("error|exception", line, re.I)]
        raise CheckFailedError(f"{what}: {(reasons or ['failed'])[0].strip()[:200]} (see {log})")
    return output
