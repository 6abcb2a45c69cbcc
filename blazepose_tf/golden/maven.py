"""The Android demo's version catalogue, as Maven can read it.

Versions stand in gradle/libs.versions.toml, which Gradle reads itself. Maven takes properties from
.mvn/maven.config before it reads a POM, so that even its plugins' versions can come from there.
"""

from __future__ import annotations

import re

PREFIX = "versions."
_ENTRY = re.compile(r'([A-Za-z0-9_-]+)\s*=\s*"([^"]+)"\s*(#.*)?')


def versions(catalogue: str) -> dict[str, str]:
    """Name -> version of the [versions] table of a version catalogue (plain strings only)."""
    found: dict[str, str] = {}
    table = ""
    for line in map(str.strip, catalogue.splitlines()):
        if line.startswith("["):
            table = line
        elif table == "[versions]" and line and not line.startswith("#"):
            entry = _ENTRY.fullmatch(line)
            if entry is None:
                raise ValueError(f'{line!r} is no `name = "version"`')
            found[entry[1]] = entry[2]
    return found


def config(catalogue: str) -> str:
    """Content of .mvn/maven.config: every version as a property `versions.NAME`."""
    return "".join(f"-D{PREFIX}{name}={value}\n" for name, value in versions(catalogue).items())
