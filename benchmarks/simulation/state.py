"""The simulated phone's changing state: one JSON file in its folder, shared by its commands."""

from __future__ import annotations

import contextlib
import fcntl
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE, EVENTS = "state.json", "events.sock"


@contextlib.contextmanager
def locked(root: Path) -> Iterator[dict[str, Any]]:
    """Read the state, let the caller change it, write it back; one process at a time."""
    with (root / "state.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        path = root / FILE
        state: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        before = json.dumps(state)
        yield state
        after = json.dumps(state)
        if after != before:
            temporary = root / f"{FILE}.new"
            temporary.write_text(after)
            temporary.replace(path)


def announce(root: Path, event: str) -> None:
    """Tell the phone's own process that something happened; nobody listening is fine."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(event.encode(), str(root / EVENTS))
