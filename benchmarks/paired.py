"""Medians and ratios of groups of files on this machine, each taking turns with a baseline."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.report.baselines import baseline_ratios
from blazepose_tf.errors import CheckFailedError

RUN = Path(__file__).with_name("run.py")


def measure_pairs(
    groups: Mapping[str, tuple[Sequence[str], Path]], folder: Path, quick: bool = False
) -> dict[str, Any]:
    """Run the host benchmark once per group (name -> models, baseline), one thread.

    `folder` is for the sessions' own files; those of an earlier call are removed.

    Returns `files` (group/stem -> p50_ms and, against the group's baseline, ratio, low, high) and
    the conditions: flags raised anywhere, runtime, host, date and protocol of the last session.

    Raises:
        CheckFailedError: a session failed.
    """
    kept: dict[str, Any] = {"files": {}, "flags": []}
    for group, (models, baseline) in groups.items():
        out = folder / group
        shutil.rmtree(out, ignore_errors=True)  # the last time's: run.py never overwrites
        chosen = ["--models", *models, "--baseline"] if models else ["--models"]
        command = [sys.executable, str(RUN), "--runner", "host", *chosen, str(baseline),
                   "--threads", "1", "--out", str(out), *["--quick"] * quick]  # fmt: skip
        if subprocess.run(command, check=False).returncode:
            raise CheckFailedError(f"measuring {group} failed; see the message above")
        data = json.loads((out / "results.json").read_text())
        pairs = {pair.run["model"]: pair.ratio for pair in baseline_ratios(data["runs"])}
        for measured in data["runs"]:
            entry: dict[str, Any] = {"p50_ms": measured["latency_ms"]["p50"]}
            if ratio := pairs.get(measured["model"]):
                entry["ratio"] = [ratio.value, ratio.low, ratio.high]
            kept["files"][f"{group}/{measured['model']}"] = entry
            kept["flags"] = sorted({*kept["flags"], *(f["code"] for f in measured["flags"])})
        host, protocol = data["devices"][0], data["protocol"]
        kept.update(
            runtime=data["runs"][0]["runtime"], host=f"{host['name']}, {host['soc']}",
            date=data["created"], min_inferences=protocol["min_inferences"],
            min_seconds=protocol["min_seconds"],
        )  # fmt: skip
    return kept
