"""The little SVG that the plots need: axes, round ticks, escaped text."""

from __future__ import annotations

import html
import math


def tag(name: str, content: str = "", **attributes: object) -> str:
    """An element. `_` in attribute names becomes `-`; floats are shortened."""
    parts = []
    for key, value in attributes.items():
        text = f"{value:.2f}" if isinstance(value, float) else str(value)
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{html.escape(text)}"')
    return f"<{name}{''.join(parts)}>{content}</{name}>"


def text(x: float, y: float, words: str, **attributes: object) -> str:
    """Text at a point; `anchor` start, middle or end through text_anchor."""
    return tag("text", html.escape(words), x=x, y=y, **attributes)


def figure(width: int, height: int, content: str, title: str, name: str) -> str:
    """A whole picture; `title` is what a screen reader says."""
    return tag(
        "svg", tag("title", html.escape(title)) + content, class_=f"plot {name}", role="img",
        viewBox=f"0 0 {width} {height}", xmlns="http://www.w3.org/2000/svg",
    )  # fmt: skip


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between low and high, about `count` of them: steps of 1, 2 or 5 x 10^n."""
    span = max(high - low, 1e-9)
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(power * m for m in (1, 2, 5, 10) if span / (power * m) <= count)
    first = math.ceil(low / step - 1e-9)
    return [step * i for i in range(first, math.floor(high / step + 1e-9) + 1)]


def label(value: float) -> str:
    """A tick's number without needless zeros."""
    return f"{value:.6g}"


class Scale:
    """Maps values [low, high] to pixels [start, end]."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high = low, high if high > low else low + 1
        self.start, self.end = start, end

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def x_axis(scale: Scale, y: float, top: float, words: str) -> str:
    """Ticks with thin lines up to `top`, numbers and a name below y."""
    parts = [tag("line", class_="axis", x1=scale.start, x2=scale.end, y1=y, y2=y)]
    for value in ticks(scale.low, scale.high):
        x = scale(value)
        parts.append(tag("line", class_="grid", x1=x, x2=x, y1=top, y2=y))
        parts.append(text(x, y + 15, label(value), class_="tick", text_anchor="middle"))
    middle = (scale.start + scale.end) / 2
    return "".join(parts) + text(middle, y + 32, words, class_="name", text_anchor="middle")


def y_axis(
    scale: Scale, x: float, right: float, words: str, whole: bool = False
) -> str:  # fmt: skip
    """Ticks with lines to `right`, numbers left of x, the name above; `whole`: no fractions."""
    parts = []
    for value in ticks(scale.low, scale.high, 4):
        if whole and value != round(value):
            continue
        y = scale(value)
        parts.append(tag("line", class_="grid", x1=x, x2=right, y1=y, y2=y))
        parts.append(text(x - 6, y + 4, label(value), class_="tick", text_anchor="end"))
    return "".join(parts) + text(6, scale.end - 10, words, class_="name")
