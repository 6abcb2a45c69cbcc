"""Looks into a finished APK: what it holds, where it lies, and what its manifest says."""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from tools.apk.fetch import AAPT2

MODELS = "assets/models/"
_PT_LOAD = 1


@dataclass(frozen=True)
class Entry:
    """One file of the APK. offset: of its data, in bytes from the APK's start."""

    name: str
    size: int
    stored: bool
    offset: int


@dataclass(frozen=True)
class Contents:
    """models: file name -> sha256. page_alignment: of each native library's segments, bytes."""

    size: int
    entries: tuple[Entry, ...]
    models: dict[str, str]
    page_alignment: dict[str, int]

    @property
    def abis(self) -> list[str]:
        """Kinds of processors there are native libraries for."""
        return sorted({e.name.split("/")[1] for e in self.entries if e.name.startswith("lib/")})


def look_into(apk: Path) -> Contents:
    """Read an APK.

    Raises:
        BadInputError: it is no zip archive.
    """
    entries, models, alignment = [], {}, {}
    try:
        with zipfile.ZipFile(apk) as archive, open(apk, "rb") as file:
            for info in archive.infolist():
                file.seek(info.header_offset + 26)
                name_length, extra_length = struct.unpack("<HH", file.read(4))
                offset = info.header_offset + 30 + name_length + extra_length
                stored = info.compress_type == zipfile.ZIP_STORED
                entries.append(Entry(info.filename, info.file_size, stored, offset))
                if info.filename.startswith(MODELS):
                    models[info.filename.removeprefix(MODELS)] = sha256(archive.read(info))
                if info.filename.startswith("lib/"):
                    alignment[info.filename] = segment_alignment(archive.read(info))
    except (OSError, zipfile.BadZipFile) as error:
        raise BadInputError(f"{apk}: is no APK ({error}); build it again") from error
    return Contents(apk.stat().st_size, tuple(entries), models, alignment)


def segment_alignment(library: bytes) -> int:
    """The smallest alignment of an ELF file's loaded segments, in bytes: the largest memory page
    on which it can be loaded (ELF specification, program header p_align)."""
    wide = library[4] == 2
    if wide:
        (table,), (size, count) = (struct.unpack_from("<Q", library, 32),
                                   struct.unpack_from("<HH", library, 54))  # fmt: skip
    else:
        (table,), (size, count) = (struct.unpack_from("<I", library, 28),
                                   struct.unpack_from("<HH", library, 42))  # fmt: skip
    headers = [library[table + i * size : table + (i + 1) * size] for i in range(count)]
    loaded = [h for h in headers if struct.unpack_from("<I", h)[0] == _PT_LOAD]
    where = ("<Q", 48) if wide else ("<I", 28)
    return min(struct.unpack_from(where[0], header, where[1])[0] for header in loaded)


def badging(apk: Path) -> str:
    """What aapt2 says of the manifest: package, versions, permissions, activities."""
    return _dump("badging", apk)


def manifest_tree(apk: Path) -> str:
    """The whole compiled manifest, as aapt2 prints it."""
    return _dump("xmltree", apk, "--file", "AndroidManifest.xml")


def _dump(*words: str | Path) -> str:
    done = subprocess.run(
        [AAPT2, "dump", words[0], *words[1:]], capture_output=True, text=True, check=False
    )
    return re.sub(r"^W/.*\n", "", done.stdout, flags=re.MULTILINE)
