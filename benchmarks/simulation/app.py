"""The simulated phone's demo app: keeps the app runner's contract, runs the model on this machine.

Started by the simulated `am start`; its arguments are am's.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.app_result import SCHEMA_ID
from benchmarks.runners.delegation import delegation_of
from benchmarks.runners.host_worker import fill_inputs, make_interpreter, peak_memory_kb
from benchmarks.runners.loop import measure, warm_up
from benchmarks.simulation.hardware import APP_PACKAGE
from benchmarks.simulation.state import announce, locked
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically

ROOT = Path(os.environ["BLAZEPOSE_SIMULATED_ROOT"])
RESULT_FOLDER = f"/sdcard/Android/data/{APP_PACKAGE}/files/benchmark"
REDETECT_EVERY = 20
_CONVERT: dict[str, Callable[[str], Any]] = {
    "--es": str, "--ei": int, "--ef": float, "--ez": lambda text: text == "true",
}  # fmt: skip


def parse_extras(arguments: list[str]) -> dict[str, Any]:
    """`--es name value --ei name 3 ...` -> {name: value}; other arguments of am are skipped."""
    extras, index = {}, 0
    while index < len(arguments):
        convert = _CONVERT.get(arguments[index])
        if convert:
            extras[arguments[index + 1]] = convert(arguments[index + 2])
        index += 3 if convert else 1
    return extras


def run(extras: dict[str, Any], faults: dict[str, int]) -> dict[str, Any]:
    """Measure as the app does: landmarks every frame, the detector now and then."""
    if "app-error" in faults:
        raise BadInputError("model: is no landmark model; give a pose_landmark_*.tflite file")
    begin = time.perf_counter()
    content = Path(extras["model"]).read_bytes()
    load_ms = (time.perf_counter() - begin) * 1000
    begin = time.perf_counter()
    kernels = "cpu" if extras["delegate"] == "cpu" else "xnnpack"
    interpreter, runtime = make_interpreter(content, kernels, extras["threads"], "auto")
    init_ms = (time.perf_counter() - begin) * 1000
    fill_inputs(interpreter)
    detector = None
    if "detector" in extras:
        found = Path(extras["detector"]).read_bytes()
        detector, _ = make_interpreter(found, kernels, extras["threads"], "auto")
        fill_inputs(detector)
    frames = 0

    def step() -> bool:
        nonlocal frames
        frames += 1
        redetect = detector is not None and frames % REDETECT_EVERY == 0
        if detector is not None and redetect:
            detector.invoke()
        interpreter.invoke()
        return redetect

    begin = time.perf_counter()
    step()
    first_ms = (time.perf_counter() - begin) * 1000
    warm = warm_up(step, extras["warmup_limit_s"], extras["quick"])
    status = _thermal()
    samples = measure(step, extras["min_inferences"], extras["min_seconds"], extras["max_seconds"])
    took = delegation_of(interpreter, extras["delegate"])
    extent = "full" if kernels == "cpu" else took.extent
    return {
        "schema": SCHEMA_ID, "id": extras["benchmark"], "status": "ok", "error": None,
        "runner": {"name": "app", "version": "simulated", "runtime": runtime, "simulated": True},
        "model": {"sha256": sha256(content), "bytes": len(content)},
        "delegate": {
            "requested": extras["delegate"],
            "extent": "partial" if "partial-delegation" in faults else extent,
            "nodes": took.nodes, "nodes_total": took.nodes_total, "message": None,
        },
        "timings_ms": {"load": load_ms, "init": init_ms, "first": first_ms},
        "warmup": {
            "frames": warm.frames, "seconds": warm.seconds, "steady": warm.steady,
            "window_medians_ms": warm.medians_ms,
        },
        "samples": {
            "start_us": samples.start_us, "latency_us": samples.latency_us,
            "redetected": samples.redetected,
        },
        "memory": {"peak_kb": peak_memory_kb()},
        "thermal": [{"at_s": -0.1, "status": status}, {"at_s": 1.0, "status": _thermal()}],
        "screen_on": True,
    }  # fmt: skip


def _thermal() -> int:
    with locked(ROOT) as state:
        return int(state["thermal"])


def main() -> None:
    extras = parse_extras(sys.argv[1:])
    with locked(ROOT) as state:
        faults = state["faults"]
        state["app_pid"] = os.getpid()
        state["runs"] += 1
        if "thermal-rise" in faults:
            state["thermal"] = 2
    announce(ROOT, "run started")
    try:
        result = run(extras, faults)
    except BadInputError as error:
        result = {
            "schema": SCHEMA_ID, "id": extras["benchmark"], "status": "error", "error": str(error),
        }  # fmt: skip
    path = f"{RESULT_FOLDER}/{extras['benchmark']}.json"
    write_atomically(ROOT / path.lstrip("/"), json.dumps(result).encode())
    if "app-silent" not in faults:
        with locked(ROOT) as state:
            state["log"].append(f"result {extras['benchmark']} {path}")


if __name__ == "__main__":
    main()
