"""The tables of report.html."""

from __future__ import annotations

import html
from typing import Any

from benchmarks.report.baselines import baseline_ratios
from benchmarks.report.labels import delegate_label, number

_TABLE = (
    ("FPS", "fps", 1), ("p50", "p50", 2), ("p90", "p90", 2), ("p95", "p95", 2), ("p99", "p99", 2),
    ("mean", "mean", 2),
)  # fmt: skip


def escape(value: object) -> str:
    """Text that cannot become markup."""
    return html.escape(str(value))


def badges(run: dict[str, Any]) -> str:
    """Flags as small labels; a good one for a headline."""
    words = [flag["code"] for flag in run["flags"]] + ["quick"] * run["quick"]
    if not words:
        return '<span class="badge good">headline</span>' if run["headline"] else ""
    return "".join(f'<span class="badge">{escape(word)}</span>' for word in words)


def latency_table(runs: list[dict[str, Any]]) -> str:
    """One row per combination."""
    heads = ['<th class="left">model</th><th class="left">delegate</th>']
    heads += [f"<th>{name}</th>" for name, *_ in _TABLE]
    held_any = any(run.get("sustained") for run in runs)
    heads.append("<th>n</th><th>first</th><th>init</th><th>peak MB</th>")
    heads.append("<th>sustained</th>" * held_any)
    heads.append('<th class="left">delegated</th><th class="left">remarks</th>')
    rows = []
    for run in runs:
        kind = f"{run['role']}{' headline' * run['headline']}"
        cells = [f'<td class="left model">{escape(run["model"])}</td>']
        cells.append(f'<td class="left">{escape(delegate_label(run))}</td>')
        if run["status"] != "ok":
            cells.append(f'<td class="wrap" colspan="13">failed: {escape(run["error"])}</td>')
        else:
            latency, held, took = run["latency_ms"], run["sustained"], run["delegation"]
            cells += [f"<td>{number(latency[key], digits)}</td>" for _, key, digits in _TABLE]
            values = [str(latency["count"]), number(run["first_ms"], 1), number(run["init_ms"], 1)]
            values += [number(run["peak_memory_mb"], 1)]
            values += [number(held["ratio"], 3) if held else "–"] * held_any
            cells += [f"<td>{value}</td>" for value in values]
            nodes = f" {took['nodes']}/{took['nodes_total']}" if took["nodes_total"] else ""
            cells.append(f'<td class="left">{escape(took["extent"])}{nodes}</td>')
            cells.append(f'<td class="wrap">{badges(run)}</td>')
        rows.append(f'<tr class="{kind}">{"".join(cells)}</tr>')
    return (
        f'<div class="scroll card"><table><thead><tr>{"".join(heads)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def baseline_table(runs: list[dict[str, Any]]) -> str:
    """Ratios to the baselines, where there are any."""
    rows = "".join(
        f'<tr><td class="left">{escape(r.run["model"])}</td>'
        f'<td class="left">{escape(r.baseline["model"])}</td>'
        f'<td class="left">{escape(delegate_label(r.run))}</td><td>{r.ratio.value:.3f}</td>'
        f"<td>{r.ratio.low:.3f} to {r.ratio.high:.3f}</td></tr>"
        for r in baseline_ratios(runs)
    )
    if not rows:
        return ""
    return (
        "<h2>Against the baselines</h2>"
        '<p class="soft">Median latency of the model / of the baseline, measured in turns; below 1 '
        "is faster. The interval is a 95 % block bootstrap of this session.</p>"
        '<div class="scroll card"><table><thead><tr><th class="left">model</th>'
        '<th class="left">baseline</th><th class="left">delegate</th><th>ratio</th>'
        f"<th>95 % interval</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
