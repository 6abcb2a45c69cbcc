"""The host runner: real inference, real delegation, turns with a baseline; and compare.py."""

from __future__ import annotations

import itertools
import json
import sys

import pytest

from benchmarks import compare as compare_module
from benchmarks.app_result import check
from benchmarks.measurement import Protocol
from benchmarks.plan import describe_seconds, estimate_seconds, find_models, make_plan
from benchmarks.runners import loop
from blazepose_tf import command_line
from blazepose_tf.errors import BadInputError


@pytest.fixture
def session(run_tool, tiny, tiny_partial):
    """tiny measured in turns with tiny_partial as its baseline."""
    outcome = run_tool("--runner", "host", "--baseline", tiny_partial, "--min-inferences", "40")
    assert outcome.code == 0, outcome.err
    return outcome


def test_turns_delegation_and_raw_samples(session):
    runs = {run["model"]: run for run in session.results["runs"]}
    full, partial = runs["tiny"], runs["tiny_partial"]
    assert (full["role"], partial["role"]) == ("model", "baseline")
    assert (full["delegation"]["nodes"], full["delegation"]["extent"]) == (4, "full")
    # The cumulative sum is the one operator of five that XNNPACK does not take.
    assert (partial["delegation"]["nodes"], partial["delegation"]["nodes_total"]) == (4, 5)
    assert "delegation-partial" in {flag["code"] for flag in partial["flags"]}
    for run in runs.values():
        assert len(run["segments"]) == 2  # --rounds 2
        samples = [v for segment in run["segments"] for v in segment["latency_us"]]
        assert len(samples) == run["latency_ms"]["count"] >= 40
        assert run["latency_ms"]["mean"] == pytest.approx(sum(samples) / len(samples) / 1000)
        assert run["first_ms"] > 0 and run["load_ms"] > 0 and run["peak_memory_mb"] > 10
    first = [run["segments"][0]["at_s"] for run in runs.values()]
    second = [run["segments"][1]["at_s"] for run in runs.values()]
    assert max(first) < min(second)
    assert "latency ratio" in (session.folder / "report.md").read_text()


def test_sustained(run_tool):
    outcome = run_tool("--runner", "host", "--sustained", "0.6")
    assert outcome.code == 0, outcome.err
    (run,) = outcome.results["runs"]
    held = run["sustained"]
    assert run["measured_s"] >= 0.6 and held["window_s"] == pytest.approx(0.12)
    assert held["ratio"] == pytest.approx(held["last_ms"] / held["first_ms"])
    segment = run["segments"][0]
    last = segment["start_us"][-1] + segment["latency_us"][-1] - 120_000
    pairs = zip(segment["start_us"], segment["latency_us"], strict=True)
    tail = sorted(v / 1000 for start, v in pairs if start + v >= last)
    assert tail[0] <= held["last_ms"] <= tail[-1]
    short = run_tool("--runner", "host", "--sustained", "60", "--min-inferences", "1024",
                     "--min-seconds", "60", out="other")  # fmt: skip
    assert short.code == 2 and "at least 120 s" in short.message


def test_delegate_that_this_machine_lacks_fails_and_the_others_are_measured(run_tool):
    outcome = run_tool("--runner", "host", "--delegates", "gpu", "cpu")
    assert outcome.code == 1 and "not to be had on this machine" in outcome.message
    states = {run["delegate"]: run["status"] for run in outcome.results["runs"]}
    assert states == {"gpu": "failed", "cpu": "ok"}


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x00\x00\x00\x00TFL3" + bytes(50)])
def test_a_file_that_is_no_model(run_tool, tmp_path, content):
    (tmp_path / "bad.tflite").write_bytes(content)
    outcome = run_tool("--runner", "host", models=(tmp_path / "bad.tflite",))
    assert outcome.code == 2 and "bad.tflite" in outcome.message
    assert "Traceback" not in outcome.err


def test_a_truncated_model_fails_without_harming_the_rest(run_tool, tmp_path, tiny):
    """The worker may even crash: it is a process of its own."""
    content = tiny.read_bytes()
    (tmp_path / "cut.tflite").write_bytes(content[: len(content) * 2 // 3])
    outcome = run_tool("--runner", "host", models=(tmp_path / "cut.tflite", tiny))
    assert outcome.code in (1, 2) and "Traceback" not in outcome.err
    assert "cut" in outcome.message


def call_compare(monkeypatch, capsys, *arguments) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["compare.py", *map(str, arguments)])
    try:
        command_line.run(compare_module.main)
    except SystemExit as error:
        captured = capsys.readouterr()
        return int(error.code or 0), captured.out + captured.err
    return 0, capsys.readouterr().out


def scaled(data: dict, factor: float) -> dict:
    """The same session with every latency multiplied, and without flags."""
    data = json.loads(json.dumps(data))
    for run in data["runs"]:
        run["flags"] = []
        for segment in run["segments"]:
            segment["latency_us"] = [round(v * factor) for v in segment["latency_us"]]
    return data


@pytest.fixture
def recorded(tmp_path, tiny):
    """A results.json with known latencies: 10 ms +- 0.5, no flags."""
    import numpy as np

    latencies = np.random.default_rng(0).normal(10000, 500, 400).astype(int).tolist()
    run = {
        "key": "tiny | xnnpack | 1 threads", "device": "S", "status": "ok", "flags": [],
        "latency_ms": {"p50": 10.0, "mean": 10.0},
        "segments": [{"at_s": 0, "seconds": 4, "start_us": [], "latency_us": latencies,
                      "summary": None}],
    }  # fmt: skip
    run["segments"][0]["start_us"] = list(range(0, 10000 * 400, 10000))
    data = {
        "schema": "blazepose-tf/benchmark_results/1",
        "devices": [{"serial": "S", "name": "Phone"}],
        "runs": [run],
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps(data))
    return path, data


@pytest.mark.parametrize("factor, limit, code", [
    (1.0, 1.05, 0), (1.2, 1.05, 1), (1.2, 1.5, 0), (0.5, 1.05, 0),
])  # fmt: skip
def test_compare_finds_the_factor_and_judges_it(
    recorded, tmp_path, monkeypatch, capsys, factor, limit, code
):
    path, data = recorded
    other, out = tmp_path / "b.json", tmp_path / "out.json"
    other.write_text(json.dumps(scaled(data, factor)))
    found, text = call_compare(
        monkeypatch, capsys, path, other, "--max-slowdown", limit, "--json", out
    )
    assert found == code, text
    (row,) = json.loads(out.read_text())["comparisons"]
    assert row["ratio"]["value"] == pytest.approx(factor, rel=1e-3)
    assert row["ratio"]["low"] <= factor <= row["ratio"]["high"]
    assert row["slower"] is bool(code)


def test_compare_does_not_judge_flagged_runs_unless_told(recorded, tmp_path, monkeypatch, capsys):
    path, data = recorded
    slow = scaled(data, 2.0)
    slow["runs"][0]["flags"] = [{"code": "thermal", "text": "hot"}]
    other = tmp_path / "b.json"
    other.write_text(json.dumps(slow))
    code, text = call_compare(monkeypatch, capsys, path, other)
    assert code == 2 and "flagged in B: thermal" in text and "--include-flagged" in text
    assert call_compare(monkeypatch, capsys, path, other, "--include-flagged")[0] == 1


def test_compare_refuses_what_is_no_results_file(tmp_path, monkeypatch, capsys, tiny):
    code, text = call_compare(monkeypatch, capsys, tiny, tmp_path / "missing")
    assert code == 2 and "Traceback" not in text


def test_worker_keeps_the_contract(tiny):
    from benchmarks.runners.host_worker import run

    request = {
        "id": "x", "model": str(tiny), "delegate": "xnnpack", "threads": 1, "backend": "auto",
        "cores": [], "min_inferences": 5, "min_seconds": 0.01, "max_seconds": 5,
        "warmup_limit_s": 0.01, "quick": True,
    }  # fmt: skip
    result = run(request)
    assert check(result) == []
    result["samples"]["redetected"] = [10**9]
    assert "beyond the last frame" in check(result)[0]
    del result["samples"]
    assert any("samples" in line for line in check(result))


def test_plan_is_shuffled_complete_and_the_gpu_is_measured_once(tiny, tiny_partial):
    models = find_models([tiny, tiny_partial], [])
    plans = [make_plan(models, ["xnnpack", "gpu"], [1, 4], seed) for seed in range(8)]
    for plan in plans:
        keys = [c.key for group in plan for c in group]
        assert len(keys) == len(set(keys)) == 2 * 2 + 2
    assert len({tuple(c.key for group in plan for c in group) for plan in plans}) > 4
    assert make_plan(models, ["xnnpack", "gpu"], [1, 4], 3) == plans[3]
    assert estimate_seconds(plans[0], Protocol()) == 6 * 72
    assert describe_seconds(432) == "7 min" and describe_seconds(7500) == "2 h 05 min"


def test_models_need_names_of_their_own(tiny, tmp_path):
    (tmp_path / "tiny.tflite").write_bytes(tiny.read_bytes())
    names = [model.name for model in find_models([tiny], [tmp_path / "tiny.tflite"])]
    assert names == ["models/tiny", f"{tmp_path.name}/tiny"]
    with pytest.raises(BadInputError, match="given twice"):
        find_models([tiny], [tiny])


def test_recorded_samples_reach_the_minimum(monkeypatch):
    """A run of 60 s must not end as one of 59.999999: samples are kept in whole microseconds."""
    clock = itertools.count(0, 333)  # nanoseconds per look
    monkeypatch.setattr(loop.time, "perf_counter_ns", lambda: next(clock))
    samples = loop.measure(lambda: False, 1, 0.001, 1.0)
    assert samples.start_us[-1] + samples.latency_us[-1] == 1000
