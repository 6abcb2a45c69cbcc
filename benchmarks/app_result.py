"""The result file that the demo app and the host worker write: checked, then read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.errors import RunFailedError
from benchmarks.logs import Delegation
from benchmarks.measurement import Measurement, Segment
from benchmarks.schema import load_schema, problems

SCHEMA_ID = "blazepose-tf/app_result/1"
SCHEMA_FILE = Path(__file__).with_name("app_result.schema.json")


def check(result: Any) -> list[str]:
    """What is wrong with a result, by the schema and by what a schema cannot say."""
    found = problems(result, load_schema(SCHEMA_FILE))
    if found or result["status"] != "ok":
        return found
    samples = result["samples"]
    count = len(samples["latency_us"])
    if len(samples["start_us"]) != count:
        found.append("$.samples: start_us and latency_us differ in length")
    elif sorted(samples["start_us"]) != samples["start_us"]:
        found.append("$.samples.start_us: does not grow")
    if any(index >= count for index in samples["redetected"]):
        found.append("$.samples.redetected: an index beyond the last frame")
    return found


def read_result(content: bytes, expected_id: str, expected_sha256: str) -> Measurement:
    """Read a result file.

    Raises:
        RunFailedError: it is damaged, of another run or model, or tells of an error.
    """
    try:
        result = json.loads(content)
    except ValueError as error:
        raise RunFailedError("the result file is no JSON; is the app current?") from error
    found = check(result)
    if found:
        raise RunFailedError(f"the result file breaks the contract: {found[0]}")
    if result["id"] != expected_id:
        raise RunFailedError(f"the result file is of run {result['id']!r}, not {expected_id!r}")
    if result["status"] == "error":
        raise RunFailedError(result["error"])
    if result["model"]["sha256"] != expected_sha256:
        raise RunFailedError("the measured model is not the one that was sent; push it again")
    return _measurement(result)


def _measurement(result: dict[str, Any]) -> Measurement:
    samples, delegate, timings = result["samples"], result["delegate"], result["timings_ms"]
    warmup, memory = result["warmup"], result["memory"]
    seconds = (samples["start_us"][-1] + samples["latency_us"][-1]) / 1e6
    peak = memory["peak_kb"]
    notes = []
    if delegate.get("message"):
        notes.append(f"delegate: {delegate['message']}")
    return Measurement(
        [
            Segment(
                0.0, seconds, samples["start_us"], samples["latency_us"], samples["redetected"]
            )
        ],
        Delegation(
            delegate["requested"], delegate["extent"], None, delegate.get("nodes"),
            delegate.get("nodes_total"),
        ),
        load_ms=timings["load"], init_ms=timings["init"], first_ms=timings["first"],
        warmup_s=warmup["seconds"], warmup_ms=warmup["window_medians_ms"][-1],
        steady=warmup["steady"], peak_memory_mb=None if peak is None else peak / 1024,
        runtime=result["runner"]["runtime"], screen_on=result["screen_on"], notes=tuple(notes),
        stages_ms=result.get("stages_ms", {}), extra={"thermal": result["thermal"]},
    )  # fmt: skip
