"""The versions of gradle/libs.versions.toml, as .mvn/maven.config brings them to Maven."""

from __future__ import annotations

import re
from functools import cache

from tools.apk import places


@cache
def _versions() -> dict[str, str]:
    text = places.MAVEN_CONFIG.read_text(encoding="utf-8")
    return dict(re.findall(r"^-Dversions\.([\w-]+)=(\S+)$", text, re.MULTILINE))


def version(name: str) -> str:
    """A version of the catalogue, such as `kotlin`."""
    return _versions()[name]
