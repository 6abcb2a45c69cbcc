"""report.html in a real browser: nothing logged, every plot drawn and inside its frame."""

from __future__ import annotations

import json
import re
import subprocess
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from benchmarks.report.files import write_reports
from benchmarks.report.plots import fps_bars, histogram, over_time
from benchmarks.report.svg import ticks
from tests.programs import CHROMIUM_FLAGS, need_chromium

MEASURE = """<script>
const found = [...document.querySelectorAll('svg.plot')].map(svg => {
  const frame = svg.getBoundingClientRect();
  const outside = [...svg.querySelectorAll('text, rect.bar, polyline, circle')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1;
  }).map(e => e.textContent || e.getAttribute('class'));
  return {name: svg.getAttribute('class'), width: frame.width, height: frame.height, outside,
          bars: svg.querySelectorAll('rect.bar').length,
          heat: svg.querySelectorAll('rect.heat').length};
});
document.body.setAttribute('data-found', JSON.stringify(
  {plots: found, scroll: document.documentElement.scrollWidth, width: window.innerWidth}));
</script>"""


def look(at_s: float, thermal: int | None) -> dict[str, Any]:
    return {
        "at_s": at_s, "thermal": thermal, "temperatures": {"skin": 30.0 + 3 * (thermal or 0)},
        "battery_level": 80, "battery_temperature": 30.0, "charging": False, "screen_on": True,
        "busy": 0.02, "boot_id": "b",
    }  # fmt: skip


def make_run(model: str, delegate: str, threads: int, ms: float, role: str = "model") -> dict:
    """A minute of a phone that gets warm: 20 % slower towards the end, status 0 to 2."""
    from dataclasses import asdict

    from benchmarks.stats import summarize

    random = np.random.default_rng(abs(hash((model, delegate, threads))) % 2**32)
    count = 1500
    values = random.gamma(60, ms / 60, count) * np.linspace(1, 1.2, count)
    starts = np.concatenate([[0], np.cumsum(values)[:-1]])
    summary = asdict(summarize(values))
    return {
        "key": f"{model} | {delegate} | {threads} threads", "device": "SERIAL", "model": model,
        "role": role, "delegate": delegate, "threads": threads, "status": "ok", "error": None,
        "quick": False, "simulated": False, "headline": delegate == "gpu",
        "flags": [] if delegate == "gpu" else [{"code": "thermal", "text": "it was <hot> & slow"}],
        "notes": [], "latency_ms": {**summary, "fps": 1000 / summary["mean"]},
        "tracked_ms": None, "redetect_ms": None, "measured_s": float(values.sum() / 1000),
        "sustained": {"window_s": 60, "first_ms": ms, "last_ms": ms * 1.2, "ratio": 1.2},
        "load_ms": 2.0, "init_ms": 40.0, "first_ms": 30.0, "warmup_s": 3.2, "warmup_ms": ms,
        "steady": True, "peak_memory_mb": 61.5, "runtime": "tensorflow-lite 2.16.1",
        "delegation": {"delegate": delegate, "extent": "full", "kernels": 1, "nodes": 58,
                       "nodes_total": 58},
        "stages_ms": {"crop": 0.8, "landmarks": ms}, "mask": "c0", "cores": [6, 7],
        "cooldown_s": 12.0, "fixed_performance": "on", "started": "2026-01-01T00:00:00+00:00",
        "conditions": [look(0, 0), look(5, 0), look(12, 1), look(20, 2)],
        "segments": [{"at_s": 3.0, "seconds": float(values.sum() / 1000), "summary": None,
                      "start_us": (starts * 1000).astype(int).tolist(),
                      "latency_us": (values * 1000).astype(int).tolist(), "redetected": []}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    """Two models and a baseline on three delegates, one failure."""
    runs = [
        make_run(model, delegate, threads, ms * factor, role)
        for model, ms, role in (("pose_landmark_lite_int8", 6, "model"),
                                ("pose_landmark_full_float32_with_a_very_long_name", 18, "model"),
                                ("mediapipe_lite", 14, "baseline"))
        for delegate, threads, factor in (("xnnpack", 1, 1.0), ("xnnpack", 4, 0.5), ("gpu", 1, 0.7))
    ]  # fmt: skip
    failed = {**runs[0], "model": "broken", "key": "broken | gpu | 1 threads", "headline": False}
    failed |= {"status": "failed", "error": "benchmark_model ended with code 139, signal 11"}
    device = {
        "serial": "SERIAL", "kind": "android", "name": "Google Pixel 7", "soc": "Google GS201",
        "os": "Android 14", "build": "google/panther/x", "abi": "arm64-v8a", "memory_kb": 7772000,
        "core_max_khz": [1803000] * 4 + [2348000] * 2 + [2850000] * 2, "governors": ["sched_pixel"],
        "fixed_performance": "on", "is_simulated": False,
    }  # fmt: skip
    from dataclasses import asdict

    from benchmarks.measurement import Protocol

    return {
        "schema": "blazepose-tf/benchmark_results/1", "created": "2026-01-01T00:00:00+00:00",
        "updated": "2026-01-01T01:00:00+00:00", "runner": "app", "quick": False,
        "simulated": False, "seed": 0, "command": ["run.py", "--models", "<dist>"], "git": {},
        "host": {}, "protocol": asdict(Protocol()), "plan": [["a"]],
        "models": [{"name": "a", "file": "a", "sha256": "0" * 64, "bytes": 5, "role": "model"}],
        "tools": {"SERIAL": {"name": "app", "app": {"apk_sha256": "1" * 64}}},
        "devices": [device], "runs": [*runs, failed],
    }  # fmt: skip


def test_page_is_complete_offline_and_well_formed(data, tmp_path):
    write_reports(data, tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert not re.search(r"(src|href|url)\s*=\s*[\"']?(https?:)?//", page)  # nothing from elsewhere
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "it was &lt;hot&gt; &amp; slow" in page and "<hot>" not in page
    assert "signal 11" in page and "Google Pixel 7" in page and "arm64-v8a" in page
    opened: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag not in ("meta", "br"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Balance().feed(page)
    assert opened == []


def test_figures_show_the_numbers(data):
    """Bar lengths are proportional to FPS; the histogram holds every frame; heat covers the run."""
    runs = data["runs"][:-1]
    bars = fps_bars(runs)
    widths = [float(w) for w in re.findall(r'class="bar c\d"[^>]* width="([\d.]+)"', bars)]
    labels = [float(v) for v in re.findall(r'class="value"[^>]*>([\d.]+) ', bars)]
    assert len(widths) == len(labels) == len(runs)
    ratios = [w / v for w, v in zip(widths, labels, strict=True)]
    assert max(ratios) == pytest.approx(min(ratios), rel=0.02)
    counts = [int(n) for n in re.findall(r"ms: (\d+) frames</title>", histogram(runs[0]))]
    assert sum(counts) == runs[0]["latency_ms"]["count"]
    strip = re.findall(
        r'class="heat h(\d)" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', over_time(runs[0])
    )
    assert [level for level, *_ in strip] == ["0", "0", "1", "2"]
    ends = [float(x) + float(w) for _, x, w in strip]
    assert ends[:-1] == pytest.approx([float(x) for _, x, _ in strip[1:]], abs=0.02)


@pytest.mark.parametrize(
    "low, high, count", [(0, 1, 5), (0.013, 0.0171, 5), (0, 24017, 4), (5, 5, 5)]
)
def test_ticks_are_round_and_inside(low, high, count):
    found = ticks(low, high, count)
    assert len(found) <= count + 1
    assert all(low - 1e-9 <= value <= max(high, low) + 1e-9 for value in found)
    steps = np.diff(found)
    if len(steps):
        digits = f"{steps[0]:.0e}"[0]
        assert digits in "125" and np.allclose(steps, steps[0])


def test_in_a_browser(data, tmp_path):
    write_reports(data, tmp_path)
    page = tmp_path / "report.html"
    page.write_text(page.read_text().replace("</body>", MEASURE + "</body>"))
    done = subprocess.run(
        [need_chromium(), *CHROMIUM_FLAGS, "--enable-logging=stderr",
         f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1280,2000", "--dump-dom",
         page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr, done.stderr[-1000:]
    found = re.search(r'data-found="([^"]+)"', done.stdout)
    assert found, done.stderr[-1000:]
    seen = json.loads(found[1].replace("&quot;", '"'))
    plots = seen["plots"]
    assert len(plots) == 1 + 2 * 9
    for plot in plots:
        assert plot["outside"] == [], plot
        assert plot["width"] > 300 and plot["height"] > 100
        if "over-time" in plot["name"]:
            assert plot["heat"] == 4
        else:
            assert plot["bars"] >= 4
    assert seen["scroll"] <= seen["width"]  # the page itself does not scroll sideways
