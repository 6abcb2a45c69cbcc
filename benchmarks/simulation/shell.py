"""The `shell` service: runs commands in a real /bin/sh inside the phone's folder.

Shell protocol v2 (AOSP, packages/modules/adb, `shell_protocol.h`): packets of an id byte, a length
and data; ids: 0 stdin, 1 stdout, 2 stderr, 3 exit code, 4 close stdin.
"""

from __future__ import annotations

import contextlib
import struct
import subprocess
import threading
from typing import IO

from benchmarks.simulation.phone import Phone
from benchmarks.simulation.streams import Stream, StreamClosedError

STDIN, STDOUT, STDERR, EXIT, CLOSE_STDIN = range(5)


def serve(stream: Stream, phone: Phone, command: str, version2: bool) -> None:
    """Run `command`; with the v2 protocol stderr is kept apart and the exit code is sent."""
    process = phone.spawn(command)
    assert process.stdin and process.stdout and process.stderr
    threads = [
        threading.Thread(
            target=_copy_out, args=(pipe, stream, kind if version2 else None, phone), daemon=True
        )
        for pipe, kind in ((process.stdout, STDOUT), (process.stderr, STDERR))
    ]
    threading.Thread(
        target=_copy_in, args=(stream, process.stdin, version2, phone), daemon=True
    ).start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code = process.wait()
    if version2:
        status = code if code >= 0 else 128 - code  # as a shell reports a signal
        with contextlib.suppress(StreamClosedError):
            stream.write(struct.pack("<BIB", EXIT, 1, status & 0xFF))


def _copy_out(pipe: IO[bytes], stream: Stream, kind: int | None, phone: Phone) -> None:
    """Line by line, so that the phone's folder can be taken out of the text."""
    for line in pipe:
        data = phone.hide_folder(line)
        packet = data if kind is None else struct.pack("<BI", kind, len(data)) + data
        try:
            stream.write(packet)
        except StreamClosedError:
            break  # the process meets a closed pipe, as on a phone
    pipe.close()


def _copy_in(stream: Stream, pipe: IO[bytes], version2: bool, phone: Phone) -> None:
    """stdin of the command, until the host closes it or the transport is gone."""
    with contextlib.suppress(StreamClosedError, BrokenPipeError, ValueError):
        while True:
            if not version2:
                data = stream.read_some()
                if not data:
                    break
            else:
                kind, size = struct.unpack("<BI", stream.read(5))
                data = stream.read(size)
                if kind == CLOSE_STDIN:
                    break
                if kind != STDIN:
                    continue
            pipe.write(data)
            pipe.flush()
    with contextlib.suppress(BrokenPipeError):
        pipe.close()


def run_quietly(phone: Phone, command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command on the phone without adb, for tests that look inside."""
    process = phone.spawn(command)
    out, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, err)
