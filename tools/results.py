"""Measure every file of dist/ beside MediaPipe's and write README's tables and the picture.

Accuracy on the held-out pictures of LSP Extended (roi, pipeline, detector), latency on this
machine. Each part is kept in --out as JSON, so that one can be measured again alone.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.paired import measure_pairs  # noqa: E402
from benchmarks.report.front import FrontPoint, front_picture  # noqa: E402
from blazepose_tf import command_line, files  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402
from blazepose_tf.evaluation import side_by_side, summary  # noqa: E402
from blazepose_tf.evaluation.side_by_side import DETECTORS, FAMILIES, OURS  # noqa: E402
from blazepose_tf.models.packages import find_model  # noqa: E402

PARTS = ("roi", "pipeline", "detector", "latency")


def latency(folder: Path, quick: bool) -> dict[str, Any]:
    """Every file against MediaPipe's of the same name, titled as in the tables."""
    theirs = {name: find_model(f"npm:{name}") for name in (*FAMILIES, "heavy", "detector")}
    ours = {preset: [name for name in OURS if f"_{preset}_" in name] for preset in FAMILIES}
    ours |= {"heavy": [], "detector": DETECTORS}
    measured = measure_pairs({n: (ours[n], theirs[n]) for n in theirs}, folder, quick)
    titles = {f"{name}/{path.stem}": f"MediaPipe {name}" for name, path in theirs.items()}
    measured["files"] = {
        titles.get(key) or summary.title(key.split("/")[1]): value
        for key, value in measured["files"].items()
    }
    return measured


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--lsp", type=Path, required=True, help="LSP Extended: joints.mat, images/")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS),
                        help="what to measure; nothing: write the tables again")  # fmt: skip
    parser.add_argument("--limit", type=int, default=None, help="only the first N people (a trial)")
    parser.add_argument("--quick", action="store_true", help="short latency runs (a trial)")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "results")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs" / "images" / "front.svg")
    given = parser.parse_args()

    if missing := [name for name in OURS + DETECTORS if not Path(name).exists()]:
        raise BadInputError(f"{missing[0]}: not found; run: python tools/convert.py --model all")
    for part in given.parts:
        work = ROOT / "results" / "latency"
        made = (
            latency(work, given.quick)
            if part == "latency"
            else side_by_side.accuracy(part, given.lsp, given.limit)
        )
        files.write_atomically(
            given.out / f"{part}.json", (json.dumps(made, indent=1) + "\n").encode()
        )
    if missing := [part for part in PARTS if not (given.out / f"{part}.json").exists()]:
        raise BadInputError(
            f"{given.out}: lacks {missing[0]}.json; run with --parts {missing[0]} too"
        )
    roi, pipeline, detector, timing = (
        json.loads((given.out / f"{part}.json").read_text()) for part in PARTS
    )
    points = [
        FrontPoint(
            name, timing["files"][name]["p50_ms"], result["pck_0.2"], "MediaPipe" not in name
        )
        for result in roi["results"]
        if (name := summary.title(result["file"])) in timing["files"]
    ]
    picture = front_picture(points, f"{timing['runtime']}, one thread, {timing['host']}")
    files.write_atomically(given.picture, picture.encode())
    content = "\n\n".join(
        [
            summary.landmark_table(roi, pipeline, timing),
            summary.detector_table(detector, timing),
            summary.conditions(roi, timing),
        ]
    )
    summary.replace_section(given.readme, content)
    print(content)


if __name__ == "__main__":
    command_line.run(main)
