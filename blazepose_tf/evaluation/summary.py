"""README's tables from reports: accuracy, latency and size of our files beside MediaPipe's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation.models import HEATMAPS
from blazepose_tf.files import write_atomically

BEGIN, END = "<!-- results: made by tools/results.py -->", "<!-- end of results -->"

Report = Mapping[str, Any]


def title(file: str) -> str:
    """What a table calls a file: `lite int8`, `MediaPipe full`."""
    if file.startswith("npm:"):
        name, refined, _ = file.removeprefix("npm:").partition(HEATMAPS)
        return f"MediaPipe {name}{', refined by its heatmaps' if refined else ''}"
    name = Path(file).stem
    for prefix in ("pose_landmark_", "pose_"):
        name = name.removeprefix(prefix)
    return name.replace("_", " ")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _by_file(report: Report | None) -> dict[str, Any]:
    return {title(result["file"]): result for result in report["results"]} if report else {}


def landmark_table(roi: Report, pipeline: Report | None, latency: Report) -> str:
    """One row per landmark file: PCK, PCK with the detector before it, ms and ratio."""
    in_pipeline = _by_file(pipeline)
    head = ["file", "PCK@0.2", "PCK@0.1", "PCK@0.2 after its detector", "MB", "ms",
            "against MediaPipe's of that name"]  # fmt: skip
    lines = [_row(head), "|---" * len(head) + "|"]
    for name, result in _by_file(roi).items():
        after = in_pipeline.get(name)
        ours = not name.startswith("MediaPipe")
        lines.append(
            _row(
                [
                    f"**{name}**" if ours else name,
                    f"{result['pck_0.2']:.1f}", f"{result['pck_0.1']:.1f}",
                    f"{after['pck_0.2']:.1f}" if after else "–",
                    f"{result['bytes'] / 1e6:.1f}", *_timing(latency, name),
                ]
            )
        )  # fmt: skip
    return "\n".join(lines)


def detector_table(report: Report, latency: Report) -> str:
    """One row per detector: found, hit, share of the reference's hits, ms and ratio."""
    head = ["detector", "found", "mid-hip within half a torso", "of the people MediaPipe's hits",
            "MB", "ms", "against MediaPipe's"]  # fmt: skip
    lines = [_row(head), "|---" * len(head) + "|"]
    for name, result in _by_file(report).items():
        ours = not name.startswith("MediaPipe")
        lines.append(
            _row(
                [
                    f"**{name}**" if ours else name,
                    f"{100 * result['found'] / result['people']:.1f} %",
                    f"{result['hit_rate']:.1f} %", f"{result['share_of_reference']:.1f} %",
                    f"{result['bytes'] / 1e6:.1f}", *_timing(latency, name),
                ]
            )
        )  # fmt: skip
    return "\n".join(lines)


def _timing(latency: Report, name: str) -> tuple[str, str]:
    if "refined" in name:
        return "same file", ""
    run = latency["files"].get(name)
    if run is None:
        return "not timed", ""
    ratio = run.get("ratio")
    if ratio is None:
        return f"{run['p50_ms']:.1f}", "1" if name.startswith("MediaPipe") else ""
    return f"{run['p50_ms']:.1f}", f"{ratio[0]:.2f}x ({ratio[1]:.2f}-{ratio[2]:.2f})"


def conditions(roi: Report, latency: Report) -> str:
    """The lines under the tables: when, where, how."""
    made = roi["conditions"]
    runtime = f"{made['runtime']} {made['runtime_version']}"
    flags = ", ".join(latency["flags"]) or "none"
    return (
        f"Accuracy: {roi['dataset']['people']} held-out people of LSP Extended, 12 limb joints, "
        f"region of interest from the labels; {made['date'][:10]}, commit "
        f"{str(made['commit'])[:7]}, {runtime}. Latency: median, one thread, XNNPACK, "
        f"{latency['runtime']} on {latency['host']}, files taking turns, at least "
        f"{latency['min_inferences']} inferences and {latency['min_seconds']:g} s each, "
        f"{latency['date'][:10]}; flags: {flags}. Trust ratios (95 % interval in brackets) more "
        "than milliseconds."
    )


def replace_section(readme: Path, content: str) -> None:
    """Put `content` between the two marks of a Markdown file.

    Raises:
        BadInputError: the marks are missing.
    """
    text = readme.read_text()
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise BadInputError(f"{readme}: lacks the lines {BEGIN!r} and {END!r}; put them back")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    write_atomically(readme, f"{before}{BEGIN}\n\n{content}\n\n{END}{after}".encode())
