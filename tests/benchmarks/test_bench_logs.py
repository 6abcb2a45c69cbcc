"""The parser against lines in the recorded formats of benchmark_model builds, 2019 to today."""

from __future__ import annotations

import pytest

from benchmarks.logs import UnknownOutputError, known_flags, parse_log

OLD = """STARTING!
Min num runs: [50]
Num threads: [1]
Graph: [/data/local/tmp/mobilenet_v1_1.0_224_quant.tflite]
Use gpu : [0]
Loaded model /data/local/tmp/mobilenet_v1_1.0_224_quant.tflite
resolved reporter
Initialized session in 21.039ms
Running benchmark for at least 1 iterations and at least 0.5 seconds
count=6 first=91810 curr=85097 min=84834 max=91810 avg=86184.3 std=2519

Running benchmark for at least 50 iterations and at least 1 seconds
count=50 first=118810 curr=114219 min=88216 max=129193 avg=115062 std=7678

Average inference timings in us: Warmup: 86184.3, Init: 21039, no stats: 115062
"""
MIDDLE = """Explicitly applied XNNPACK delegate, and the model graph will be partially executed by the delegate w/ 22 delegate kernels.
The input model file size (MB): 0.541472
count=1 curr=140706

count=50 first=74456 curr=74516 min=73909 max=75323 avg=74481.6 std=268

Inference timings in us: Init: 18738, First inference: 140706, Warmup (avg): 85791.2, Inference (avg): 74481.6
Peak memory footprint (MB): init=6.44141 overall=64.8633
"""  # noqa: E501
NEW = """INFO: Use gpu: [1]
INFO: Created TensorFlow Lite delegate for GPU.
VERBOSE: Replacing 58 out of 58 node(s) with delegate (TfLiteGpuDelegateV2) node, yielding 1 partitions for the whole graph.
INFO: Explicitly applied GPU delegate, and the model graph will be completely executed by the delegate.
INFO: count=5 first=125113 curr=112537 min=111758 max=125113 avg=115344 std=4959 p5=111758 median=112912 p95=125113

INFO: count=50 first=119614 curr=115889 min=111842 max=119614 avg=115246 std=1329 p5=112107 median=115350 p95=116620

INFO: Inference timings in us: Init: 1361236, First inference: 125113, Warmup (avg): 115344, Inference (avg): 115246
INFO: Memory footprint delta from the start of the tool (MB): init=132.816 overall=132.816
INFO: Overall peak memory footprint (MB) via periodic monitoring: 140.5
"""  # noqa: E501


def test_old_build():
    log = parse_log(OLD)
    assert (log.init_ms, log.first_ms, log.warmup_mean_ms) == pytest.approx(
        (21.039, 91.81, 86.1843)
    )
    summary = log.summary
    assert summary.count == 50
    assert (summary.mean, summary.std, summary.min, summary.max) == pytest.approx(
        (115.062, 7.678, 88.216, 129.193)
    )
    assert summary.p50 is None and summary.p99 is None
    assert log.delegations == () and log.memory_mb is None


def test_build_of_2021_with_partial_delegation():
    log = parse_log(MIDDLE)
    (found,) = log.delegations
    assert (found.delegate, found.extent, found.kernels) == ("XNNPACK", "partial", 22)
    assert log.first_ms == pytest.approx(140.706)
    assert log.memory_mb == pytest.approx(64.8633) and log.peak_memory_mb is None


def test_build_with_percentiles_memory_and_node_counts():
    log = parse_log(NEW)
    assert (log.summary.p50, log.summary.p95) == pytest.approx((115.35, 116.62))
    assert log.peak_memory_mb == pytest.approx(140.5)
    (found,) = log.delegations
    assert (found.delegate, found.extent) == ("GPU", "full")
    assert (found.nodes, found.nodes_total) == (58, 58)


@pytest.mark.parametrize("line", [
    "count=1 curr=751932", "count=9 curr=751932(all same)",
    "count=1 curr=751932 p5=751932 median=751932 p95=751932",
])  # fmt: skip
def test_a_single_value(line):
    text = OLD.replace(
        "count=50 first=118810 curr=114219 min=88216 max=129193 avg=115062 std=7678", line
    )
    summary = parse_log(text).summary
    assert summary.mean == summary.min == summary.max == summary.p50 == pytest.approx(751.932)
    assert summary.count == (9 if "same" in line else 1)


def test_refused_delegate_and_a_second_one_that_took_the_rest():
    text = NEW.replace(
        "Explicitly applied GPU delegate, and the model graph will be completely executed by the "
        "delegate.",
        "Though GPU delegate is explicitly applied, the model graph will not be executed by the "
        "delegate.\nINFO: Explicitly applied XNNPACK delegate, and the model graph will be "
        "completely executed by the delegate.",
    )
    assert {d.delegate: d.extent for d in parse_log(text).delegations} == {
        "GPU": "none",
        "XNNPACK": "full",
    }


def test_litert_tells_only_node_counts():
    kept = [line for line in NEW.splitlines() if "Explicitly" not in line]
    text = "\n".join(kept).replace("Replacing 58 out", "Replacing 41 out")
    (found,) = parse_log(text).delegations
    assert (found.delegate, found.extent, found.nodes) == ("GPU", "partial", 41)


def test_flags_that_were_ignored():
    log = parse_log("Unconsumed cmdline flags: --use_gpu=true --allow_fp16\n" + NEW)
    assert log.ignored_flags == ("--use_gpu=true", "--allow_fp16")


@pytest.mark.parametrize("end", range(0, len(NEW), 97))
def test_cut_output_is_either_whole_or_refused(end):
    """An output that stops early must never pass for a measurement."""
    needed = NEW.index("Inference timings")
    if end < needed:
        with pytest.raises(UnknownOutputError):
            parse_log(NEW[:end])


def test_known_flags():
    text = (
        "usage: ./benchmark_model <flags>\nFlags:\n"
        "\t--num_runs=50                   \tint32\toptional\texpected number of runs\n"
        "\t--use_gpu=false                 \tbool\toptional\tuse gpu\n"
    )
    assert known_flags(text) == {"num_runs", "use_gpu"}
