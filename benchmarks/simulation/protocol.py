"""Messages of the adb transport: 24 bytes of header, then the payload.

Source: AOSP, packages/modules/adb, `protocol.txt`. All numbers are little-endian.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

VERSION = 0x01000001
"""From this version on, payload checksums are not checked."""
MAX_PAYLOAD = 256 * 1024

CNXN, AUTH, OPEN = 0x4E584E43, 0x48545541, 0x4E45504F
OKAY, CLSE, WRTE = 0x59414B4F, 0x45534C43, 0x45545257
AUTH_TOKEN = 1

_HEADER = struct.Struct("<6I")


@dataclass(frozen=True)
class Message:
    """One message. The meaning of the two arguments depends on the command."""

    command: int
    arg0: int
    arg1: int
    payload: bytes = b""

    def encode(self) -> bytes:
        """Header and payload."""
        checksum = sum(self.payload) & 0xFFFFFFFF
        header = _HEADER.pack(
            self.command, self.arg0, self.arg1, len(self.payload), checksum,
            self.command ^ 0xFFFFFFFF,
        )  # fmt: skip
        return header + self.payload


def read_exactly(connection: socket.socket, size: int) -> bytes:
    """Read `size` bytes.

    Raises:
        ConnectionError: the other side closed the connection before.
    """
    parts = bytearray()
    while len(parts) < size:
        part = connection.recv(min(size - len(parts), 1 << 16))
        if not part:
            raise ConnectionError("closed by the other side")
        parts += part
    return bytes(parts)


def read_message(connection: socket.socket) -> Message:
    """Read one message.

    Raises:
        ConnectionError: closed, or the header is no adb header.
    """
    command, arg0, arg1, size, _, magic = _HEADER.unpack(read_exactly(connection, _HEADER.size))
    if magic != command ^ 0xFFFFFFFF or size > 1 << 20:
        raise ConnectionError("not an adb message")
    return Message(command, arg0, arg1, read_exactly(connection, size))
