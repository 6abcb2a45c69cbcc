"""Measures one model in its own process and writes a result file as the app does.

`python -m benchmarks.runners.host_worker REQUEST.json RESULT.json`. A process of its own gives each
combination fresh memory figures, and its crash harms nobody else.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.app_result import SCHEMA_ID
from benchmarks.runners.delegation import delegation_of
from benchmarks.runners.loop import measure, warm_up
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically
from blazepose_tf.runtime.interpreter import load_backend
from blazepose_tf.runtime.model_file import read_model_file


def make_interpreter(content: bytes, delegate: str, threads: int, backend: str) -> tuple[Any, str]:
    """An allocated interpreter and the package's name and version.

    Raises:
        BadInputError: the file cannot be run.
    """
    name, module = load_backend(backend)
    without = module.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    kernels = module.OpResolverType.AUTO if delegate == "xnnpack" else without
    try:
        interpreter = module.Interpreter(
            model_content=content, num_threads=threads, experimental_op_resolver_type=kernels
        )
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:160]
        raise BadInputError(f"the model cannot be loaded by {name} ({reason})") from error
    return interpreter, f"{name} {importlib.metadata.version(name)}"


def fill_inputs(interpreter: Any, seed: int = 0) -> None:
    """The same random picture into every input on every machine: 0..1, or the full int range."""
    random = np.random.default_rng(seed)
    for details in interpreter.get_input_details():
        values = random.random(details["shape"], dtype=np.float32)
        dtype = np.dtype(details["dtype"])
        if dtype.kind in "iu":
            limits = np.iinfo(dtype)
            values = np.round(values * (int(limits.max) - int(limits.min)) + int(limits.min))
        interpreter.set_tensor(details["index"], values.astype(dtype))


def peak_memory_kb() -> int | None:
    """Largest resident memory of this process so far (VmHWM), where the system tells."""
    with contextlib.suppress(OSError):
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
        return int(found[1]) if found else None
    return None


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Load, warm up, measure: the result as app_result.schema.json describes it."""
    cores = request.get("cores")
    if cores:
        os.sched_setaffinity(0, cores)
    before_kb = peak_memory_kb()
    begin = time.perf_counter()
    content = read_model_file(request["model"]).content
    load_ms = (time.perf_counter() - begin) * 1000
    begin = time.perf_counter()
    interpreter, runtime = make_interpreter(
        content, request["delegate"], request["threads"], request["backend"]
    )
    init_ms = (time.perf_counter() - begin) * 1000
    fill_inputs(interpreter)
    begin = time.perf_counter()
    interpreter.invoke()
    first_ms = (time.perf_counter() - begin) * 1000

    def step() -> bool:
        interpreter.invoke()
        return False

    warm = warm_up(step, request["warmup_limit_s"], request["quick"])
    samples = measure(
        step, request["min_inferences"], request["min_seconds"], request["max_seconds"]
    )
    took = delegation_of(interpreter, request["delegate"])
    peak_kb = peak_memory_kb()
    return {
        "schema": SCHEMA_ID,
        "id": request["id"],
        "status": "ok",
        "error": None,
        "runner": {"name": "host", "version": "1", "runtime": runtime},
        "model": {"sha256": sha256(content), "bytes": len(content)},
        "delegate": {
            "requested": request["delegate"],
            "extent": "full" if request["delegate"] == "cpu" else took.extent,
            "nodes": took.nodes,
            "nodes_total": took.nodes_total,
        },
        "timings_ms": {"load": load_ms, "init": init_ms, "first": first_ms},
        "warmup": {
            "frames": warm.frames,
            "seconds": warm.seconds,
            "steady": warm.steady,
            "window_medians_ms": warm.medians_ms,
        },
        "samples": {
            "start_us": samples.start_us,
            "latency_us": samples.latency_us,
            "redetected": samples.redetected,
        },
        "memory": {"before_kb": before_kb, "peak_kb": peak_kb},
        "thermal": [],
        "screen_on": None,
    }


def main() -> None:
    request = json.loads(Path(sys.argv[1]).read_text())
    try:
        result = run(request)
    except BadInputError as error:
        result = {"schema": SCHEMA_ID, "id": request["id"], "status": "error", "error": str(error)}
    write_atomically(sys.argv[2], json.dumps(result).encode())


if __name__ == "__main__":
    main()
