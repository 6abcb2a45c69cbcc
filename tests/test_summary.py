"""README's tables and the picture of the front, from reports whose content is known."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.report.front import FrontPoint, front_picture, pareto
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import summary


def scored(file: str, pck: float) -> dict[str, object]:
    return {"file": file, "pck_0.2": pck, "pck_0.1": pck / 2, "bytes": 5_200_000}


LATENCY = {
    "files": {
        "lite int8": {"p50_ms": 1.64, "ratio": [0.224, 0.219, 0.231]},
        "MediaPipe lite": {"p50_ms": 7.31},
    },
    "flags": ["busy"], "runtime": "a runtime", "host": "a host", "date": "2026-11-21T10:00",
    "min_inferences": 1024, "min_seconds": 60.0,
}  # fmt: skip


def test_rows_carry_what_was_measured_of_that_file() -> None:
    ours = scored("dist/pose_landmark_lite_int8.tflite", 52.64)
    roi = {"results": [ours, scored("npm:lite", 51.8), scored("npm:heavy", 61.5)]}
    pipeline = {"results": [scored("npm:lite", 43.3)]}
    rows = summary.landmark_table(roi, pipeline, LATENCY).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells == [
        ["**lite int8**", "52.6", "26.3", "–", "5.2", "1.6", "0.22x (0.22-0.23)"],
        ["MediaPipe lite", "51.8", "25.9", "43.3", "5.2", "7.3", "1"],
        ["MediaPipe heavy", "61.5", "30.8", "–", "5.2", "not timed", ""],
    ]


def test_only_the_part_between_the_marks_is_replaced(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{summary.BEGIN}\nold\n{summary.END}\nafter\n")
    for content in ("new", "newer"):
        summary.replace_section(readme, content)
    assert readme.read_text() == f"before\n{summary.BEGIN}\n\nnewer\n\n{summary.END}\nafter\n"
    readme.write_text("no marks")
    with pytest.raises(BadInputError, match="lacks the lines"):
        summary.replace_section(readme, "new")
    assert readme.read_text() == "no marks"


def test_the_front_holds_what_nobody_beats() -> None:
    points = [
        FrontPoint("fast", 1.0, 50.0, True), FrontPoint("worse and slower", 2.0, 49.0, False),
        FrontPoint("equal but slower", 3.0, 50.0, False), FrontPoint("best", 9.0, 60.0, False),
    ]  # fmt: skip
    assert [point.name for point in pareto(points)] == ["fast", "best"]
    svg = ElementTree.fromstring(front_picture(points, "conditions & such"))
    space = "{http://www.w3.org/2000/svg}"
    circles = {c.get("class"): float(c.get("cx", "nan")) for c in svg.iter(f"{space}circle")}
    assert len(list(svg.iter(f"{space}circle"))) == 4 and set(circles) == {"ours", "theirs"}
    crowd = [FrontPoint(f"file number {i}", 1 + 0.02 * i, 50 + 0.1 * i, True) for i in range(6)]
    crowded = front_picture([*crowd, FrontPoint("far", 9.0, 60.0, False)], "x")
    names = [
        (float(t.get("x", "nan")), float(t.get("y", "nan")))
        for t in ElementTree.fromstring(crowded).iter(f"{space}text")
        if "file number" in "".join(t.itertext())
    ]
    for i, (left, base) in enumerate(names):  # 18 letters of about 6 pixels, lines of 12
        assert all(abs(left - a) > 100 or abs(base - b) >= 12 for a, b in names[:i])
    assert any("conditions & such" in "".join(t.itertext()) for t in svg.iter(f"{space}text"))
