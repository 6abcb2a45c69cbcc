"""The `sync:` service: stat, push, pull and list of files.

Source: AOSP, packages/modules/adb, `SYNC.TXT` and `file_sync_protocol.h`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from pathlib import Path

from benchmarks.simulation.phone import Phone
from benchmarks.simulation.streams import Stream, StreamClosedError

CHUNK = 64 * 1024
_STAT_V2 = struct.Struct("<4sIQQIIIIQqqq")


def serve(stream: Stream, phone: Phone) -> None:
    """Answer requests until the host quits."""
    while True:
        name, size = struct.unpack("<4sI", stream.read(8))
        argument = stream.read(size).decode(errors="replace") if name != b"QUIT" else ""
        if name == b"QUIT":
            return
        if name == b"STAT":
            stream.write(_stat_v1(phone.path(argument)))
        elif name in (b"STA2", b"LST2"):
            stream.write(_stat_v2(name, phone.path(argument)))
        elif name == b"LIST":
            _list(stream, phone.path(argument))
        elif name == b"RECV":
            _receive(stream, phone.path(argument))
        elif name == b"SEND":
            _send(stream, phone, argument)
        else:
            _fail(stream, f"unknown sync request {name!r}")
            return


def _stat_v1(path: Path) -> bytes:
    try:
        found = path.stat()
    except OSError:
        return struct.pack("<4s3I", b"STAT", 0, 0, 0)
    return struct.pack("<4s3I", b"STAT", found.st_mode, found.st_size, int(found.st_mtime))


def _stat_v2(name: bytes, path: Path) -> bytes:
    try:
        found = path.lstat() if name == b"LST2" else path.stat()
    except OSError as error:
        return _STAT_V2.pack(name, error.errno or errno.EIO, *[0] * 10)
    return _STAT_V2.pack(
        name, 0, found.st_dev, found.st_ino, found.st_mode, found.st_nlink, 2000, 2000,
        found.st_size, int(found.st_atime), int(found.st_mtime), int(found.st_ctime),
    )  # fmt: skip


def _list(stream: Stream, folder: Path) -> None:
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir()):
            found, name = entry.lstat(), entry.name.encode()
            stream.write(
                struct.pack(
                    "<4s4I", b"DENT", found.st_mode, found.st_size, int(found.st_mtime), len(name)
                )
                + name
            )
    stream.write(struct.pack("<4s4I", b"DONE", 0, 0, 0, 0))


def _receive(stream: Stream, path: Path) -> None:
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                stream.write(struct.pack("<4sI", b"DATA", len(chunk)) + chunk)
    except OSError as error:
        _fail(stream, f"open failed: {error.strerror}")
        return
    stream.write(struct.pack("<4sI", b"DONE", 0))


def _send(stream: Stream, phone: Phone, argument: str) -> None:
    """Store a pushed file. As adbd does, a refusal is sent at once and the rest is thrown away."""
    name, _, mode = argument.rpartition(",")
    path = phone.path(name)
    error = phone.push_refusal()
    try:
        if not error:
            path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            file = stack.enter_context(path.open("wb")) if not error else None
            while True:
                kind, size = struct.unpack("<4sI", stream.read(8))
                if kind == b"DONE":
                    break
                data = stream.read(size)
                if file:
                    file.write(data)
    except OSError as failure:
        error = os.strerror(failure.errno or errno.EIO)
    except StreamClosedError:
        path.unlink(missing_ok=True)
        raise
    if error:
        _fail(stream, f"couldn't create file: {error}")
        return
    path.chmod(stat.S_IMODE(int(mode)))
    stream.write(struct.pack("<4sI", b"OKAY", 0))


def _fail(stream: Stream, message: str) -> None:
    text = message.encode()
    stream.write(struct.pack("<4sI", b"FAIL", len(text)) + text)
