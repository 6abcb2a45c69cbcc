"""results.json: everything that was measured, written after every finished combination."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from benchmarks.measurement import Combination, Model, Protocol
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically

SCHEMA_ID = "blazepose-tf/benchmark_results/1"
FILE = "results.json"


def now() -> str:
    """UTC time, to the second, ISO 8601."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def git_state(folder: Path) -> dict[str, Any]:
    """Commit of this checkout and whether files were changed; empty outside of git."""
    try:
        commit, dirty = (
            subprocess.run(
                ["git", "-C", str(folder), *command], capture_output=True, text=True, check=True
            ).stdout.strip()
            for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "-uno"])
        )
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {"commit": commit, "dirty": bool(dirty)}


def read_results(path: Path) -> dict[str, Any]:
    """Read a results.json.

    Raises:
        BadInputError: missing, damaged, or not of this program.
    """
    try:
        data: dict[str, Any] = json.loads(path.read_text())
        if data["schema"] != SCHEMA_ID:
            raise KeyError
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (ValueError, KeyError, TypeError) as error:
        raise BadInputError(f"{path}: is no results.json of benchmarks/run.py") from error
    return data


class Results:
    """The results of one session in a folder. Safe to use from several threads."""

    def __init__(self, folder: Path, data: dict[str, Any]) -> None:
        self.path, self.data = folder / FILE, data
        self._lock = threading.Lock()

    @classmethod
    def create(
        cls, folder: Path, *, runner: str, protocol: Protocol, models: Sequence[Model],
        plan: Sequence[Sequence[Combination]], seed: int, resume: bool,
    ) -> Results:  # fmt: skip
        """Start a session, or go on with the one in `folder`.

        Raises:
            BadInputError: a session is there and `resume` is False, or it measured other things.
        """
        data = {
            "schema": SCHEMA_ID,
            "created": now(),
            "updated": now(),
            "runner": runner,
            "quick": protocol.quick,
            "simulated": False,
            "seed": seed,
            "command": sys.argv,
            "git": git_state(Path(__file__).parent),
            "host": {"platform": platform.platform(), "python": platform.python_version()},
            "protocol": asdict(protocol),
            "models": [
                {
                    "name": m.name,
                    "file": m.path.name,
                    "sha256": m.sha256,
                    "bytes": m.size,
                    "role": "baseline" if m.is_baseline else "model",
                }
                for m in models
            ],
            "plan": [[c.key for c in group] for group in plan],
            "tools": {},
            "devices": [],
            "runs": [],
        }
        path = folder / FILE
        if not path.exists():
            return cls(folder, data)
        if not resume:
            raise BadInputError(f"{path}: is there already; give --resume or another --out")
        old = read_results(path)
        for name in ("runner", "protocol", "models"):
            if old[name] != data[name]:
                raise BadInputError(
                    f"{path}: measured with other {name}; repeat its command, or another --out"
                )
        return cls(folder, old)

    def is_done(self, serial: str, combination: Combination) -> bool:
        """True when this combination was measured on this device already."""
        return any(
            run["device"] == serial and run["key"] == combination.key and run["status"] == "ok"
            for run in self.data["runs"]
        )

    def add_device(self, info: dict[str, Any], tools: dict[str, Any]) -> None:
        """Note a device and what was put on it (again after a resume: the newer one counts)."""
        with self._lock:
            others = [d for d in self.data["devices"] if d["serial"] != info["serial"]]
            self.data["devices"] = [*others, info]
            self.data["tools"] = {**self.data["tools"], info["serial"]: tools}
            self.data["simulated"] |= bool(info.get("is_simulated"))
            self._save()

    def add_run(self, run: dict[str, Any]) -> None:
        """Note a finished or failed combination and write the file."""
        with self._lock:
            same = (run["device"], run["key"])
            runs = [r for r in self.data["runs"] if (r["device"], r["key"]) != same]
            self.data["runs"] = [*runs, {"order": len(runs), **run}]
            self._save()

    def _save(self) -> None:
        self.data["updated"] = now()
        write_atomically(self.path, json.dumps(self.data, separators=(",", ":")).encode())
