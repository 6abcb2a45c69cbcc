"""report.html: one page, nothing loaded from elsewhere, no script; the plots are inline SVG."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.report.html_tables import badges, baseline_table, escape, latency_table
from benchmarks.report.labels import delegate_label, number
from benchmarks.report.plots import fps_bars, histogram, over_time
from benchmarks.report.table import conditions, sorted_runs, warnings

STYLE = Path(__file__).with_name("style.css")


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
    body.append("<h2>Latency, milliseconds</h2>" + latency_table(runs))
    body.append(baseline_table(runs))
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
    latency = run["latency_ms"]
    facts = [f"{latency['count']} frames in {run['measured_s']:.1f} s"]
    facts += [f"{key} {number(latency[key])} ms" for key in ("min", "max", "std")]
    facts += [f"warm-up {number(run['warmup_s'], 1)} s"]
    facts.append(f"cooled down {run['cooldown_s']:.0f} s before")
    busy = run["conditions"][0]["busy"]
    if busy is not None:
        facts.append(f"others used {busy:.0%} of the cores before")
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
        f'<div class="card"><h3>{escape(title)} {badges(run)}</h3>'
        f'<p class="soft">{escape(" · ".join(facts))}</p>'
        f'<div class="pair">{histogram(run)}{over_time(run)}</div></div>'
    )


def _list(pairs: dict[str, object]) -> str:
    known = {name: value for name, value in pairs.items() if value not in ("", None)}
    items = [f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in known.items()]
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
    }  # fmt: skip
    for name, value in data["tools"].get(device["serial"], {}).items():
        for key, text in (value if isinstance(value, dict) else {"": value}).items():
            pairs[f"{name} {key}".replace("_", " ").strip().replace("name", "runner")] = text
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
