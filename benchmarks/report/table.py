"""The results as rows of text: for the screen, for Markdown, for CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from benchmarks.report.baselines import baseline_ratios
from benchmarks.report.labels import delegate_label, number

COLUMNS = (
    "device", "model", "delegate", "threads", "FPS", "p50 ms", "p90 ms", "p95 ms", "p99 ms",
    "mean ms", "n", "first ms", "init ms", "peak MB", "sustained", "delegated", "remarks",
)  # fmt: skip
CSV_COLUMNS = (
    "device", "model", "role", "delegate", "threads", "status", "headline", "quick", "simulated",
    "count", "mean", "std", "min", "max", "p50", "p90", "p95", "p99", "fps", "tracked_fps",
    "redetect_fps", "first_ms", "init_ms", "load_ms", "warmup_ms", "warmup_s", "measured_s",
    "sustained_ratio", "peak_memory_mb", "delegation", "nodes", "nodes_total", "mask",
    "cooldown_s", "fixed_performance", "flags", "error", "started",
)  # fmt: skip


def remarks(run: dict[str, Any]) -> str:
    """Why a run is no headline: failure, flags, quick."""
    if run["status"] != "ok":
        return f"failed: {run['error']}"
    codes = [flag["code"] for flag in run["flags"]]
    return ", ".join(codes + ["quick"] * run["quick"])


def cells(run: dict[str, Any]) -> list[str]:
    """One run as text, in the order of COLUMNS."""
    model = run["model"] + " (baseline)" * (run["role"] == "baseline")
    head = [run["device"], model, run["delegate"], str(run["threads"])]
    if run["status"] != "ok":
        return [*head, *["–"] * 12, remarks(run)]
    latency, held = run["latency_ms"], run["sustained"]
    delegation = run["delegation"]
    nodes = f" {delegation['nodes']}/{delegation['nodes_total']}" * bool(delegation["nodes_total"])
    return [
        *head, number(latency["fps"], 1),
        *(number(latency[k]) for k in ("p50", "p90", "p95", "p99")),
        number(latency["mean"]), str(latency["count"]), number(run["first_ms"], 1),
        number(run["init_ms"], 1), number(run["peak_memory_mb"], 1),
        number(held["ratio"], 3) if held else "–", delegation["extent"] + nodes, remarks(run),
    ]  # fmt: skip


def sorted_runs(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Runs by device, delegate, threads; baselines after the models."""

    def key(run: dict[str, Any]) -> tuple[Any, ...]:
        baseline = run["role"] == "baseline"
        return run["device"], run["delegate"], run["threads"], baseline, run["model"]

    return sorted(data["runs"], key=key)


def warnings(data: dict[str, Any]) -> list[str]:
    """What every output must say first."""
    texts = []
    if data["simulated"]:
        texts.append("SIMULATED: measured on the simulated phone; these are not a phone's numbers.")
    if data["quick"]:
        texts.append("QUICK: shorter than 1024 inferences and 60 s; not for headlines.")
    return texts


def screen_table(data: dict[str, Any]) -> str:
    """The main columns, aligned."""
    chosen = [COLUMNS.index(c) for c in COLUMNS if c not in ("init ms", "first ms", "p95 ms")]
    rows = [[cells(run)[i] for i in chosen] for run in sorted_runs(data)]
    table = [[COLUMNS[i] for i in chosen], *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(chosen))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths, strict=True)).rstrip() for r in table]
    return "\n".join([*warnings(data), *lines])


def markdown(data: dict[str, Any]) -> str:
    """A table with its conditions, for a README or an issue."""
    lines = ["# BlazePose benchmark", ""]
    lines += [f"**{text}**\n" for text in warnings(data)]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join(cells(run)) + " |" for run in sorted_runs(data)]
    ratios = baseline_ratios(sorted_runs(data))
    if ratios:
        lines += ["", "| model | baseline | delegate | latency ratio | 95 % interval |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| {r.run['model']} | {r.baseline['model']} | {delegate_label(r.run)} | "
            f"{r.ratio.value:.2f} | {r.ratio.low:.2f}–{r.ratio.high:.2f} |"
            for r in ratios
        ]
    lines += ["", *[f"- {line}" for line in conditions(data)], ""]
    return "\n".join(lines)


def conditions(data: dict[str, Any]) -> list[str]:
    """How it was measured, in lines."""
    protocol = data["protocol"]
    lines = [
        f"measured {data['created']} to {data['updated']}, runner {data['runner']}, "
        f"commit {data['git'].get('commit', 'unknown')[:12]}"
        + " with local changes"
        * bool(data["git"].get("dirty")),
        f"at least {protocol['min_inferences']} inferences and {protocol['min_seconds']:g} s each, "
        f"after warming up until steady; order shuffled with seed {data['seed']}",
    ]
    if any(len(group) > 1 for group in data["plan"]):
        lines.append(f"models and baselines took turns, {protocol['rounds']} rounds each")
    for device in data["devices"]:
        clocks = sorted({khz // 1000 for khz in device["core_max_khz"]})
        lines.append(
            f"{device['serial']}: {device['name']}, {device['soc']}, {device['os']}, "
            f"cores up to {'/'.join(map(str, clocks)) or 'unknown'} MHz, "
            f"fixed-performance mode {device['fixed_performance']}"
        )
    runtimes = sorted({run["runtime"] for run in data["runs"] if run.get("runtime")})
    return lines + [f"runtime: {', '.join(runtimes)}"] * bool(runtimes)


def csv_text(data: dict[str, Any]) -> str:
    """One line per combination; latencies in milliseconds."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for run in sorted_runs(data):
        row = {**run, "flags": " ".join(flag["code"] for flag in run["flags"])}
        if run["status"] == "ok":
            row |= run["latency_ms"]
            delegation = run["delegation"]
            row |= {"delegation": delegation["extent"], "nodes": delegation["nodes"]}
            row |= {"nodes_total": delegation["nodes_total"]}
            row["sustained_ratio"] = run["sustained"]["ratio"] if run["sustained"] else None
            for kind in ("tracked", "redetect"):
                row[f"{kind}_fps"] = run[f"{kind}_ms"]["fps"] if run[f"{kind}_ms"] else None
        writer.writerow(row)
    return out.getvalue()
