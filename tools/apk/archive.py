"""Puts an APK together: always the same bytes from the same parts."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

from tools.apk.fetch import PACKED, native_libraries

ABIS = ("arm64-v8a", "x86_64")
"""Phones, and the emulator on a PC."""
_TIME = (1981, 1, 1, 1, 1, 2)
"""The date that Android's own tools write into every entry."""


def write_archive(
    target: Path, resources: Path, dex: Sequence[bytes], java_resources: dict[str, bytes],
    abis: Sequence[str],
) -> None:  # fmt: skip
    """Write the unsigned APK. Native libraries and what `resources` holds stored stay stored, so
    that they are mapped into memory from where they lie."""
    with zipfile.ZipFile(resources) as source, zipfile.ZipFile(target, "w") as archive:
        for entry in source.infolist():
            _add(archive, entry.filename, source.read(entry), entry.compress_type)
        for number, content in enumerate(dex, 1):
            name = f"classes{number if number > 1 else ''}.dex"
            _add(archive, name, content, zipfile.ZIP_DEFLATED)
        for name, content in sorted(java_resources.items()):
            _add(archive, name, content, zipfile.ZIP_DEFLATED)
        for abi in abis:
            for library in PACKED:
                for path in native_libraries(library, abi):
                    _add(archive, f"lib/{abi}/{path.name}", path.read_bytes(), zipfile.ZIP_STORED)


def _add(archive: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
