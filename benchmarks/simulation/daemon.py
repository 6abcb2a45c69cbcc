"""The device side of adb over TCP, on loopback: connects, opens streams, runs services."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading

from benchmarks.simulation import shell, sync
from benchmarks.simulation.phone import Phone
from benchmarks.simulation.protocol import (
    AUTH,
    AUTH_TOKEN,
    CLSE,
    CNXN,
    MAX_PAYLOAD,
    OKAY,
    OPEN,
    VERSION,
    WRTE,
    Message,
    read_message,
)
from benchmarks.simulation.streams import Stream, StreamClosedError

FEATURES = "shell_v2,cmd,stat_v2,fixed_push_mkdir"


class _Connection:
    """One host that has connected."""

    def __init__(self, daemon: Daemon, connection: socket.socket) -> None:
        self.daemon, self.phone, self.socket = daemon, daemon.phone, connection
        self._streams: dict[int, Stream] = {}
        self._ids = itertools.count(1)
        self._lock = threading.Lock()
        self._max_payload = 4096

    def send(self, message: Message) -> None:
        with self._lock, contextlib.suppress(OSError):
            self.socket.sendall(message.encode())

    def serve(self) -> None:
        with contextlib.suppress(ConnectionError, OSError):
            while True:
                message = read_message(self.socket)
                if self.phone.count_bytes(len(message.payload)):
                    self.daemon.unplug()
                    break
                self._handle(message)
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for stream in list(self._streams.values()):
            stream.on_close()

    def _handle(self, message: Message) -> None:
        if message.command in (CNXN, AUTH):
            self._handshake(message)
        elif message.command == OPEN:
            service = message.payload.rstrip(b"\0").decode(errors="replace")
            stream = Stream(next(self._ids), message.arg0, self.send, self._max_payload)
            self._streams[stream.local_id] = stream
            threading.Thread(target=self._serve, args=(stream, service), daemon=True).start()
        elif message.arg1 in self._streams:
            stream = self._streams[message.arg1]
            if message.command == WRTE:
                stream.on_write(message.payload)
            elif message.command == OKAY:
                stream.on_ready()
            elif message.command == CLSE:
                stream.on_close()
                del self._streams[message.arg1]

    def _handshake(self, message: Message) -> None:
        if message.command == CNXN:
            self._max_payload = message.arg1
        if self.phone.unauthorized:
            # A new token each time: no key is ever accepted, as before the user taps "allow".
            if message.arg0 != 3 or message.command == CNXN:
                self.send(Message(AUTH, AUTH_TOKEN, 0, os.urandom(20)))
            return
        self.send(Message(CNXN, VERSION, MAX_PAYLOAD, self.phone.banner(FEATURES).encode()))

    def _serve(self, stream: Stream, service: str) -> None:
        """Run a service in its own thread: shell, sync, or a refusal."""
        name, _, argument = service.partition(":")
        try:
            if name == "sync":
                stream.accept()
                sync.serve(stream, self.phone)
            elif name.split(",")[0] in ("shell", "exec"):
                stream.accept()
                shell.serve(stream, self.phone, argument, "v2" in name.split(","))
            else:
                self.send(Message(CLSE, 0, stream.remote_id))
                return
        except StreamClosedError:
            pass
        stream.close()


class Daemon:
    """Listens on 127.0.0.1 and lets hosts in until it is stopped or unplugged."""

    def __init__(self, phone: Phone, port: int = 0) -> None:
        self.phone = phone
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._connections: list[_Connection] = []
        self._unplugged = False
        phone.on_unplug = self.unplug
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def serial(self) -> str:
        """What `adb connect` and `adb -s` take."""
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(self, accepted)
            if self._unplugged:
                connection.close()
                continue
            self._connections.append(connection)
            threading.Thread(target=connection.serve, daemon=True).start()

    def unplug(self, *, back: bool = False) -> None:
        """Cut every connection; later ones are refused unless the phone comes `back`."""
        self._unplugged = not back
        connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def plug_in(self) -> None:
        """Let hosts connect again."""
        self._unplugged = False

    def stop(self) -> None:
        """Stop listening, cut the connections, end what still runs on the phone."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.unplug()
        self.phone.stop()
