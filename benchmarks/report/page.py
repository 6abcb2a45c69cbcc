"""report.html: one page, nothing loaded from elsewhere, no script; the plots are inline SVG."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from benchmarks.report.baselines import baseline_ratios
from benchmarks.report.labels import delegate_label, number
from benchmarks.report.plots import fps_bars, histogram, over_time
from benchmarks.report.table import conditions, sorted_runs, warnings

STYLE = Path(__file__).with_name("style.css")
_TABLE = (
    ("FPS", "fps", 1), ("p50", "p50", 2), ("p90", "p90", 2), ("p95", "p95", 2), ("p99", "p99", 2),
    ("mean", "mean", 2), ("std", "std", 2), ("min", "min", 2), ("max", "max", 2),
)  # fmt: skip


def escape(value: object) -> str:
    """Text that cannot become markup."""
    return html.escape(str(value))


def html_page(data: dict[str, Any]) -> str:
    """The whole page from the content of results.json."""
    runs = sorted_runs(data)
    done = [run for run in runs if run["status"] == "ok"]
    names = ", ".join(device["name"] for device in data["devices"])
    title = f"BlazePose benchmark: {names}"
    body = [f"<h1>{escape(title)}</h1>", f'<p class="soft">{escape(conditions(data)[0])}</p>']
    body += [f'<p class="warning">{escape(text)}</p>' for text in warnings(data)]
    if done:
        body.append("<h2>Frames per second</h2>")
        for device in data["devices"]:
            mine = [run for run in done if run["device"] == device["serial"]]
            if mine:
                name = f"{device['name']} ({device['serial']})"
                body.append(f'<div class="card"><h3>{escape(name)}</h3>{fps_bars(mine)}</div>')
        body.append(
            '<p class="soft">Hatched bars with a ⚑ are flagged: something speaks against '
            "quoting them, see Caveats.</p>"
        )
    body.append("<h2>Latency, milliseconds</h2>" + _table(runs))
    body.append(_baselines(runs))
    body.append("<h2>Caveats</h2>" + _caveats(data, runs))
    body.append("<h2>Each combination</h2>")
    body += [_details(run) for run in done]
    body.append("<h2>What was measured on</h2>")
    body += [_device(device, data) for device in data["devices"]]
    body.append(_provenance(data))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text()}</style></head>"
        f"<body>{''.join(body)}</body></html>\n"
    )


def _badges(run: dict[str, Any]) -> str:
    words = [flag["code"] for flag in run["flags"]] + ["quick"] * run["quick"]
    if not words:
        return '<span class="badge good">headline</span>' if run["headline"] else ""
    return "".join(f'<span class="badge">{escape(word)}</span>' for word in words)


def _table(runs: list[dict[str, Any]]) -> str:
    heads = ['<th class="left">model</th><th class="left">delegate</th>']
    heads += [f"<th>{name}</th>" for name, *_ in _TABLE]
    heads.append("<th>n</th><th>first</th><th>init</th><th>peak MB</th><th>sustained</th>")
    heads.append('<th class="left">delegated</th><th class="left">remarks</th>')
    rows = []
    for run in runs:
        kind = f"{run['role']}{' headline' * run['headline']}"
        cells = [f'<td class="left">{escape(run["model"])}</td>']
        cells.append(f'<td class="left">{escape(delegate_label(run))}</td>')
        if run["status"] != "ok":
            cells.append(f'<td class="wrap" colspan="16">failed: {escape(run["error"])}</td>')
        else:
            latency, held, took = run["latency_ms"], run["sustained"], run["delegation"]
            cells += [f"<td>{number(latency[key], digits)}</td>" for _, key, digits in _TABLE]
            values = [str(latency["count"]), number(run["first_ms"], 1), number(run["init_ms"], 1)]
            values += [number(run["peak_memory_mb"], 1)]
            values += [number(held["ratio"], 3) if held else "–"]
            cells += [f"<td>{value}</td>" for value in values]
            nodes = f" {took['nodes']}/{took['nodes_total']}" if took["nodes_total"] else ""
            cells.append(f'<td class="left">{escape(took["extent"])}{nodes}</td>')
            cells.append(f'<td class="wrap">{_badges(run)}</td>')
        rows.append(f'<tr class="{kind}">{"".join(cells)}</tr>')
    return (
        f'<div class="scroll card"><table><thead><tr>{"".join(heads)}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _baselines(runs: list[dict[str, Any]]) -> str:
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


def _caveats(data: dict[str, Any], runs: list[dict[str, Any]]) -> str:
    """Every warning, flag and note once, with the combinations it concerns."""
    found: dict[str, list[str]] = {text: ["all"] for text in warnings(data)}
    for run in runs:
        name = f"{run['model']} on {delegate_label(run)}"
        texts = [flag["text"] for flag in run["flags"]] + list(run.get("notes", []))
        if run["status"] != "ok":
            texts.append(f"failed: {run['error']}")
        for text in texts:
            found.setdefault(text, []).append(name)
    if not found:
        return '<p class="soft">None: every run may be quoted with the conditions below.</p>'
    total = len(runs)
    items = []
    for text, names in found.items():
        whom = "all" if names == ["all"] or len(names) == total > 1 else ", ".join(names)
        items.append(f'<li>{escape(text)} <span class="soft">({escape(whom)})</span></li>')
    return f'<ul class="card" style="padding-left:34px">{"".join(items)}</ul>'


def _details(run: dict[str, Any]) -> str:
    """One combination: numbers in a line, histogram, latency over time."""
    facts = [f"{run['measured_s']:.1f} s measured", f"warm-up {number(run['warmup_s'], 1)} s"]
    facts.append(f"cooled down {run['cooldown_s']:.0f} s before")
    facts.append(
        f"cores {run['cores'] or 'not pinned'}" + f" (mask {run['mask']})" * bool(run["mask"])
    )
    for kind, name in (("tracked_ms", "tracked frames"), ("redetect_ms", "re-detect frames")):
        if run[kind]:
            frames = run[kind]
            facts.append(f"{name}: {frames['fps']:.1f} FPS, p50 {number(frames['p50'])} ms")
    facts += [f"{stage} {value:.2f} ms" for stage, value in run["stages_ms"].items()]
    title = f"{run['model']} on {delegate_label(run)}"
    return (
        f'<div class="card"><h3>{escape(title)} {_badges(run)}</h3>'
        f'<p class="soft">{escape(" · ".join(facts))}</p>'
        f'<div class="pair">{histogram(run)}{over_time(run)}</div></div>'
    )


def _list(pairs: dict[str, object]) -> str:
    items = [
        f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in pairs.items() if v not in ("", None)
    ]
    return f"<dl>{''.join(items)}</dl>"


def _device(device: dict[str, Any], data: dict[str, Any]) -> str:
    looks = [
        look for run in data["runs"] if run["device"] == device["serial"]
        for look in run.get("conditions", [])
    ]  # fmt: skip
    levels = [look["battery_level"] for look in looks if look["battery_level"] is not None]
    heats = [value for look in looks for value in look["temperatures"].values()]
    clocks = ", ".join(f"{khz / 1e6:.2f}" for khz in device["core_max_khz"])
    memory = device["memory_kb"]
    pairs: dict[str, object] = {
        "name": device["name"], "serial": device["serial"], "SoC": device["soc"],
        "system": device["os"], "build": device["build"], "ABI": device["abi"],
        "memory": f"{memory / 1e6:.1f} GB" if memory else "",
        "cores, maximum GHz": clocks, "governors": ", ".join(device["governors"]),
        "fixed-performance mode": device["fixed_performance"],
        "battery": f"{levels[0]} % at the start, {levels[-1]} % at the end" if levels else "",
        "temperatures": f"{min(heats):.1f} to {max(heats):.1f} °C on all sensors" if heats else "",
        "tools": data["tools"].get(device["serial"], ""),
    }  # fmt: skip
    return f'<div class="card"><h3>{escape(device["name"])}</h3>{_list(pairs)}</div>'


def _provenance(data: dict[str, Any]) -> str:
    lines = {f"{i + 1}": line for i, line in enumerate(conditions(data))}
    models = {
        f"{model['name']} ({model['role']})": f"{model['bytes']:,} bytes, sha256 {model['sha256']}"
        for model in data["models"]
    }
    command: dict[str, object] = {"command": " ".join(data["command"])}
    return (
        f'<div class="card"><h3>Conditions</h3>{_list({**lines, **command})}</div>'
        f'<div class="card"><h3>Models</h3>{_list(dict(models))}</div>'
    )
