"""Latency against accuracy as a picture: which files nobody beats in both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.report.svg import Scale, figure, tag, text, x_axis, y_axis

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 56, 24, 40, 48
RADIUS, LETTER, LINE = 5.0, 6.8, 14.0
"""Pixels: of a point, and of a letter's width and height in the font of `STYLE`, about."""
FAR = 20.0
"""Pixels: a name further off its point is tied to it by a line."""
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
STYLE = """
text{font:12px sans-serif;fill:#333}.name{fill:#666}.tick{fill:#888;font-size:11px}
.grid{stroke:#e5e5e5}.axis{stroke:#999}.ours{fill:#1565c0}.theirs{fill:#c62828}
.leader{stroke:#999}
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


def _beside(
    spots: Sequence[tuple[float, float]], names: Sequence[str]
) -> list[tuple[float, float]]:
    """Where each name begins (its baseline) so that it covers no point and no other name: right of
    its point, above, below or left of it, else right and off by as few lines as it takes."""
    taken = [(a - RADIUS, b - RADIUS, a + RADIUS, b + RADIUS) for a, b in spots]
    places: list[tuple[float, float]] = []
    for (a, b), name in zip(spots, names, strict=True):
        wide = LETTER * len(name)
        choices = [
            (a + 9, b + 4), (a, b - 10), (a, b + 18), (a - 9 - wide, b + 4),
            (a - wide, b - 10), (a - wide, b + 18),
            *((a + 9, b + 4 + LINE * line) for line in sorted(range(-12, 13), key=abs)),
        ]  # fmt: skip
        for left, base in choices:
            box = (left, base - LINE + 3, left + wide, base + 3)
            inside = box[0] >= LEFT and box[2] <= WIDTH - RIGHT and box[3] <= HEIGHT - BOTTOM
            if inside and not any(_overlap(box, other) for other in taken):
                break
        taken.append(box)
        places.append((left, base))
    return places


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


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
    spots = [(x(p.milliseconds), y(p.pck)) for p in points]
    names = [f"{p.name} {p.pck:.1f}" for p in points]
    for point, (a, b), words, place in zip(
        points, spots, names, _beside(spots, names), strict=True
    ):
        kind = "ours" if point.ours else "theirs"
        parts.append(tag("circle", class_=kind, cx=a, cy=b, r=RADIUS))
        parts.append(text(*place, words))
        if abs(place[1] - b) > FAR:
            left, base = place[0] - 2, place[1] - LINE / 3
            parts.append(tag("line", class_="leader", x1=a, y1=b, x2=left, y2=base))
    return figure(WIDTH, HEIGHT, "".join(parts), "Accuracy against latency", "front")
