"""The report's plots as SVG: FPS bars, latency histogram, latency over time above heat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.conditions import THERMAL_NAMES
from benchmarks.report.labels import delegate_label
from benchmarks.report.svg import Scale, figure, tag, text, x_axis, y_axis

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 34, 44
MAX_BINS = 40
MAX_POINTS = 160
"""Bins of the plot over time; each shows its median and the band from p10 to p90."""


def run_series(run: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, bool]:
    """Seconds, milliseconds, and whether the points are raw samples (else one per segment)."""
    seconds: list[float] = []
    latencies: list[float] = []
    raw = True
    for segment in run["segments"]:
        if segment["summary"]:
            raw = False
            value = segment["summary"]["p50"] or segment["summary"]["mean"]
            seconds.append(segment["at_s"] + segment["seconds"] / 2)
            latencies.append(value)
        else:
            seconds += [segment["at_s"] + start / 1e6 for start in segment["start_us"]]
            latencies += [latency / 1000 for latency in segment["latency_us"]]
    return np.array(seconds), np.array(latencies), raw


def fps_bars(runs: Sequence[dict[str, Any]]) -> str:
    """Horizontal bars by model, one per delegate and thread count; flagged ones hatched."""
    done = [run for run in runs if run["status"] == "ok"]
    models = list(dict.fromkeys(run["model"] for run in done))
    kinds = sorted({(r["delegate"], r["threads"]) for r in done})
    left, bar, gap = 226, 18, 14
    height = 26 + sum(
        bar * sum(r["model"] == model for r in done) + gap for model in models
    )  # fmt: skip
    scale = Scale(0, max(r["latency_ms"]["fps"] for r in done) * 1.02, left, 700)
    parts = [x_axis(scale, height - 18, 4, "frames per second, from the mean frame time")]
    y = 8.0
    for model in models:
        members = sorted(
            (r for r in done if r["model"] == model),
            key=lambda r: kinds.index((r["delegate"], r["threads"])),
        )
        middle = y + bar * len(members) / 2 + 4
        role = "baseline" if members[0]["role"] == "baseline" else "model"
        parts.append(
            text(left - 10, middle, shorten(model), class_=f"row {role}", text_anchor="end")
        )
        for run in members:
            fps = run["latency_ms"]["fps"]
            color = kinds.index((run["delegate"], run["threads"])) % 6
            shape: dict[str, Any] = {"x": float(left), "y": y + 2, "height": float(bar - 4)}
            shape["width"] = scale(fps) - left
            parts.append(tag("rect", class_=f"bar c{color}", **shape))
            if run["flags"]:
                parts.append(tag("rect", class_="flagged", fill="url(#hatch)", **shape))
            words = f"{fps:.1f}  {delegate_label(run)}" + "  ⚑" * bool(run["flags"])
            parts.append(text(scale(fps) + 6, y + bar - 5, words, class_="value"))
            y += bar
        y += gap
    hatch = tag(
        "defs",
        tag(
            "pattern", tag("line", x1=0, y1=0, x2=0, y2=6, class_="hatch"), id="hatch", width=6,
            height=6, patternUnits="userSpaceOnUse", patternTransform="rotate(45)",
        ),
    )  # fmt: skip
    return figure(
        880, round(height + 20), hatch + "".join(parts), "FPS per model and delegate", "fps"
    )


def histogram(run: dict[str, Any]) -> str:
    """Latencies of all frames, with the median and the tails marked."""
    _, values, raw = run_series(run)
    high = float(np.percentile(values, 99.5)) if len(values) > 50 else float(values.max())
    low = float(values.min())
    counts, edges = np.histogram(
        np.clip(values, low, high), bins=min(MAX_BINS, max(4, len(values) // 4)),
        range=(low, max(high, low * 1.001)),
    )  # fmt: skip
    x = Scale(float(edges[0]), float(edges[-1]), LEFT, WIDTH - RIGHT)
    y = Scale(0, float(counts.max()) * 1.05, HEIGHT - BOTTOM, TOP + 26)
    noun = "frames" if raw else "segments"
    parts = [y_axis(y, LEFT, WIDTH - RIGHT, noun, whole=True)]
    parts.append(x_axis(x, HEIGHT - BOTTOM, TOP + 26, "latency, ms"))
    for count, start, end in zip(counts, edges[:-1], edges[1:], strict=True):
        words = tag("title", f"{start:.2f} to {end:.2f} ms: {count} {noun}")
        parts.append(
            tag(
                "rect", words, class_="bar c0", x=x(start) + 0.5, y=y(count),
                width=max(x(end) - x(start) - 1, 0.5), height=HEIGHT - BOTTOM - y(count),
            )
        )  # fmt: skip
    latency = run["latency_ms"]
    for row, name in enumerate(("p50", "p90", "p99")):
        value = latency[name]
        if value is None or value > edges[-1]:
            continue
        at, line = x(value), TOP - 12 + 13 * row
        anchor = "end" if at > WIDTH - 120 else "start"
        parts.append(
            tag("line", class_=f"mark m{row}", x1=at, x2=at, y1=line + 3.0, y2=HEIGHT - BOTTOM)
        )
        shift = -5 if anchor == "end" else 5
        parts.append(
            text(at + shift, line + 6, f"{name} {value:.2f} ms", class_="mark", text_anchor=anchor)
        )
    beyond = int((values > edges[-1]).sum())
    if beyond:
        parts.append(text(WIDTH - RIGHT, HEIGHT - 4, f"{beyond} slower frames in the last bar",
                          class_="tick", text_anchor="end"))  # fmt: skip
    return figure(WIDTH, HEIGHT, "".join(parts), f"Latency histogram of {run['key']}", "histogram")


def over_time(run: dict[str, Any]) -> str:
    """Median and band of latency over time; under it the thermal status as a coloured strip."""
    seconds, values, raw = run_series(run)
    looks = [c for c in run["conditions"] if c["thermal"] is not None]
    times = [look["at_s"] for look in looks]
    start, end = min([0.0, *times]), max([float(seconds[-1]), *times])
    x = Scale(start, end, LEFT, WIDTH - RIGHT)
    bottom = HEIGHT - BOTTOM - 34
    top = float(np.percentile(values, 99)) * 1.15
    y = Scale(0, top, bottom, TOP)
    parts = [y_axis(y, LEFT, WIDTH - RIGHT, "ms")]
    parts.append(x_axis(x, HEIGHT - BOTTOM, TOP, "seconds since the run began"))
    for group in np.array_split(np.arange(len(values)), _pieces(run)):
        if not len(group):
            continue
        bins = np.array_split(group, max(1, min(MAX_POINTS // _pieces(run), len(group) // 3)))
        at = [x(float(np.median(seconds[b]))) for b in bins]
        middle, low, high = (
            [y(min(float(np.percentile(values[b], q)), top)) for b in bins] for q in (50, 10, 90)
        )
        if raw and len(bins) > 1:
            edge = [f"{a:.1f},{v:.1f}" for a, v in zip(at, high, strict=True)]
            edge += [f"{a:.1f},{v:.1f}" for a, v in zip(at[::-1], low[::-1], strict=True)]
            parts.append(tag("polygon", class_="band", points=" ".join(edge)))
            line = " ".join(f"{a:.1f},{v:.1f}" for a, v in zip(at, middle, strict=True))
            parts.append(tag("polyline", class_="line", points=line))
        else:
            parts += [
                tag("circle", class_="dot", cx=a, cy=v, r=3.0)
                for a, v in zip(at, middle, strict=True)
            ]
    parts.append(_thermal_strip(run, looks, x, bottom + 8))
    return figure(WIDTH, HEIGHT, "".join(parts), f"Latency over time of {run['key']}", "over-time")


def _pieces(run: dict[str, Any]) -> int:
    """Rounds are drawn apart; the single segments of benchmark_model are one series."""
    raw = [segment for segment in run["segments"] if not segment["summary"]]
    return max(1, len(raw))


def _thermal_strip(run: dict[str, Any], looks: list[dict[str, Any]], x: Scale, y: float) -> str:
    """Each look's status holds until the next look."""
    parts = [text(LEFT - 6, y + 13, "heat", class_="name", text_anchor="end")]
    if not looks:
        parts.append(
            text(LEFT + 4, y + 13, "thermal status is not to be known here", class_="tick")
        )
        return "".join(parts)
    ends = [look["at_s"] for look in looks[1:]] + [x.high]
    for look, end in zip(looks, ends, strict=True):
        level = min(look["thermal"], len(THERMAL_NAMES) - 1)
        heat = ", ".join(f"{name} {value:g} °C" for name, value in look["temperatures"].items())
        words = tag("title", f"{look['at_s']:.0f} s: {level} {THERMAL_NAMES[level]}; {heat}")
        parts.append(
            tag(
                "rect", words, class_=f"heat h{level}", x=x(look["at_s"]), y=y,
                width=max(x(end) - x(look["at_s"]), 1.5), height=18,
            )
        )  # fmt: skip
    levels = [look["thermal"] for look in looks]
    names = " to ".join(
        f"{v} {THERMAL_NAMES[v]}" for v in ([min(levels), max(levels)] if len(set(levels)) > 1
                                            else levels[:1])
    )  # fmt: skip
    parts.append(text(LEFT + 6, y + 13, f"thermal status {names}", class_="heat-name"))
    return "".join(parts)


def shorten(name: str, limit: int = 24) -> str:
    """Long model names lose their middle."""
    return name if len(name) <= limit else f"{name[: limit // 2 - 1]}…{name[-limit // 2 :]}"
