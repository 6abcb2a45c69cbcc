"""Latency against accuracy as a picture: which files nobody beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report.svg import Scale, figure, tag, text, x_axis, y_axis

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 40, 48
STYLE = """
text{font:12px sans-serif;fill:#333}.name{fill:#666}.tick{fill:#888;font-size:11px}
.grid{stroke:#e5e5e5}.axis{stroke:#999}.ours{fill:#1565c0}.theirs{fill:#c62828}
.stair{fill:none;stroke:#1565c0;stroke-dasharray:5 4;opacity:.6}
"""


@dataclass(frozen=True)
class FrontPoint:
    """One file: median milliseconds, PCK in percent, and whether it is ours."""

    name: str
    milliseconds: float
    pck: float
    ours: bool


def pareto(points: Sequence[FrontPoint]) -> list[FrontPoint]:
    """The points that no other one beats or equals in both, by latency."""
    front: list[FrontPoint] = []
    for point in sorted(points, key=lambda p: (p.milliseconds, -p.pck)):
        if not front or point.pck > front[-1].pck:
            front.append(point)
    return front


def front_picture(points: Sequence[FrontPoint], conditions: str) -> str:
    """An SVG of its own: every file as a point, the front as a dashed stair."""
    x = Scale(0, max(p.milliseconds for p in points) * 1.12, LEFT, WIDTH - RIGHT)
    low, high = min(p.pck for p in points), max(p.pck for p in points)
    y = Scale(low - 0.1 * (high - low) - 0.5, high + 0.1 * (high - low) + 0.5, HEIGHT - BOTTOM, TOP)
    parts = [
        tag("style", STYLE),
        tag("rect", width=WIDTH, height=HEIGHT, fill="#fff"),
        x_axis(x, y.start, y.end, f"median ms per inference ({conditions})"),
        y_axis(y, LEFT, x.end, "PCK@0.2, LSP Extended held-out, %"),
    ]
    stair, last = [], None
    for point in pareto(points):
        if last is not None:
            stair.append((x(point.milliseconds), y(last.pck)))
        stair.append((x(point.milliseconds), y(point.pck)))
        last = point
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in stair)
    parts.append(tag("polyline", class_="stair", points=path))
    for point in points:
        kind = "ours" if point.ours else "theirs"
        a, b = x(point.milliseconds), y(point.pck)
        parts.append(tag("circle", class_=kind, cx=a, cy=b, r=5))
        # Above or below its point where another file of ours may stand right of it.
        end, int8 = a > 0.75 * WIDTH, "int8" in point.name
        words = f"{point.name} {point.pck:.1f}"
        beside = 4 if not int8 else 18 if "patch" in point.name else -10
        place = (a - 9 if end else a if int8 else a + 9, b + beside)
        parts.append(text(*place, words, text_anchor="end" if end else "start"))
    return figure(WIDTH, HEIGHT, "".join(parts), "Accuracy against latency", "front")
