"""One stream of an adb connection: bytes both ways, one unacknowledged write at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from benchmarks.simulation.protocol import CLSE, MAX_PAYLOAD, OKAY, WRTE, Message

Send = Callable[[Message], None]


class StreamClosedError(Exception):
    """The host closed the stream, or the transport is gone."""


class Stream:
    """The device's end of a stream that the host opened."""

    def __init__(self, local_id: int, remote_id: int, send: Send, max_payload: int) -> None:
        self.local_id, self.remote_id = local_id, remote_id
        self._send, self._limit = send, min(MAX_PAYLOAD, max_payload)
        self._incoming: queue.Queue[bytes | None] = queue.Queue()
        self._buffer = bytearray()
        self._ready = threading.Semaphore(0)
        self._closed = threading.Event()

    def accept(self) -> None:
        """Tell the host that the service exists; its OPEN was the first permission to write."""
        self._send(Message(OKAY, self.local_id, self.remote_id))
        self._ready.release()

    def on_write(self, data: bytes) -> None:
        """The host wrote; acknowledged when the service reads it."""
        self._incoming.put(data)

    def on_ready(self) -> None:
        """The host is ready for the next write."""
        self._ready.release()

    def on_close(self) -> None:
        """The host closed the stream, or the transport broke."""
        self._closed.set()
        self._incoming.put(None)
        self._ready.release()

    def read_some(self) -> bytes:
        """Whatever came next; empty at the end."""
        data = self._incoming.get()
        if data is None:
            self._incoming.put(None)
            return b""
        self._send(Message(OKAY, self.local_id, self.remote_id))
        return data

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes.

        Raises:
            StreamClosedError: the stream ended before.
        """
        while len(self._buffer) < size:
            data = self.read_some()
            if not data:
                raise StreamClosedError
            self._buffer += data
        data, self._buffer = bytes(self._buffer[:size]), self._buffer[size:]
        return data

    def write(self, data: bytes) -> None:
        """Write all of `data`, in pieces the host accepts.

        Raises:
            StreamClosedError: the host closed the stream.
        """
        for start in range(0, len(data), self._limit):
            self._ready.acquire()
            if self._closed.is_set():
                self._ready.release()
                raise StreamClosedError
            piece = data[start : start + self._limit]
            self._send(Message(WRTE, self.local_id, self.remote_id, piece))

    def close(self) -> None:
        """End the stream from this side, after the host has taken the last write."""
        if not self._closed.is_set():
            self._ready.acquire()
            self._send(Message(CLSE, self.local_id, self.remote_id))
        self.on_close()
