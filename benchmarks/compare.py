"""Compare two results.json: B against A, combination by combination. For use in CI.

The ratio is B's typical latency / A's: above 1 is slower. Exit code 1 when a combination is slower
than --max-slowdown and the whole 95 % interval lies above 1, so that noise alone does not fail.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.report.plots import run_series  # noqa: E402
from benchmarks.results import read_results  # noqa: E402
from benchmarks.stats import Ratio, latency_ratio  # noqa: E402
from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.errors import BadInputError, CheckFailedError  # noqa: E402
from blazepose_tf.files import write_atomically  # noqa: E402


@dataclass(frozen=True)
class Comparison:
    """One combination in both files. `ratio` is None where nothing may be concluded: `remark`."""

    key: str
    device: str
    a_ms: float | None
    b_ms: float | None
    ratio: Ratio | None
    slower: bool
    remark: str


def compare(
    a: dict[str, Any], b: dict[str, Any], max_slowdown: float, include_flagged: bool
) -> list[Comparison]:
    """All combinations of both files. Devices are matched by name, several in order."""
    pairs: list[Comparison] = []
    left, right = _by_key(a), _by_key(b)
    for key in sorted(left.keys() | right.keys()):
        device, combination = key
        runs = [side.get(key) for side in (left, right)]
        remark = _remark(runs, include_flagged)
        a_ms, b_ms = (_typical(run) for run in runs)
        ratio, slower = None, False
        if not remark and runs[0] and runs[1]:
            ratio = latency_ratio(run_series(runs[0])[1].tolist(), run_series(runs[1])[1].tolist())
            slower = ratio.value > max_slowdown and ratio.low > 1
        pairs.append(Comparison(combination, device, a_ms, b_ms, ratio, slower, remark))
    return pairs


def _typical(run: dict[str, Any] | None) -> float | None:
    """Median latency, or the mean where there is no median; None for a failed or absent run."""
    if run is None or run["status"] != "ok":
        return None
    latency = run["latency_ms"]
    return float(latency["mean"] if latency["p50"] is None else latency["p50"])


def _by_key(data: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(device, combination) -> run. Phones are named by model: serials differ between desks."""
    names: dict[str, str] = {}
    for device in data["devices"]:
        same = sum(name.startswith(device["name"]) for name in names.values())
        names[device["serial"]] = device["name"] + f" #{same + 1}" * bool(same)
    return {(names[run["device"]], run["key"]): run for run in data["runs"]}


def _remark(runs: list[dict[str, Any] | None], include_flagged: bool) -> str:
    """Why two runs are not compared; empty when they are."""
    for name, run in zip("AB", runs, strict=True):
        if run is None:
            return f"only in {'B' if name == 'A' else 'A'}"
        if run["status"] != "ok":
            return f"failed in {name}: {run['error']}"
        codes = ", ".join(flag["code"] for flag in run["flags"])
        if codes and not include_flagged:
            return f"flagged in {name}: {codes}"
    return ""


def table(comparisons: list[Comparison]) -> str:
    """One line per combination."""
    lines = []
    for c in comparisons:
        a, b = (f"{v:8.2f}" if v is not None else "       –" for v in (c.a_ms, c.b_ms))
        ratio = f"{c.ratio.value:.3f} [{c.ratio.low:.3f}, {c.ratio.high:.3f}]" if c.ratio else "–"
        verdict = "SLOWER" if c.slower else c.remark
        lines.append(f"{c.device} | {c.key:<60} {a} -> {b} ms  {ratio:<24} {verdict}".rstrip())
    return "\n".join(lines)


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("a", type=Path, help="results.json to compare with")
    parser.add_argument("b", type=Path, help="results.json that is judged")
    parser.add_argument("--max-slowdown", type=float, default=1.05, help="largest ratio accepted")
    parser.add_argument("--include-flagged", action="store_true", help="judge flagged runs too")
    parser.add_argument("--json", type=Path, help="write the comparison here")
    arguments = parser.parse_args()
    a, b = read_results(arguments.a), read_results(arguments.b)
    comparisons = compare(a, b, arguments.max_slowdown, arguments.include_flagged)
    print(table(comparisons))
    if arguments.json:
        content = {"max_slowdown": arguments.max_slowdown, "a": str(arguments.a)}
        rows = [asdict(c) for c in comparisons]
        text = json.dumps({**content, "b": str(arguments.b), "comparisons": rows}, indent=1)
        write_atomically(arguments.json, text.encode())
    if not any(c.ratio for c in comparisons):
        raise BadInputError(
            "nothing to judge: no unflagged combination is in both files; "
            "measure again, or give --include-flagged"
        )
    slower = [c for c in comparisons if c.slower]
    if slower:
        raise CheckFailedError(
            f"{len(slower)} combinations are slower than {arguments.max_slowdown:g}x, "
            f"the first: {slower[0].key} ({slower[0].ratio.value:.3f}x)"  # type: ignore[union-attr]
        )


if __name__ == "__main__":
    command_line.run(main)
