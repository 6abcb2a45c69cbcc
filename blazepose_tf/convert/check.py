"""One figure against its limit: what every check of a file comes down to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One figure against its limit. `at_least`: the limit is a floor, not a ceiling."""

    name: str
    value: float
    limit: float
    unit: str
    at_least: bool = False
    detail: str = ""

    @property
    def passed(self) -> bool:
        """NaN never passes."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        relation = ("<" if self.at_least else ">") if not self.passed else "within"
        figures = f"{self.value:.3g} {relation} {self.limit:g} {self.unit}".strip()
        return f"{self.name}: {figures}" + (f" ({self.detail})" if self.detail else "")


def flag(name: str, passed: bool, detail: str = "") -> Check:
    """A check that either holds or does not: faults counted as 0 or 1, none allowed."""
    return Check(name, 0.0 if passed else 1.0, 0.0, "faults", detail=detail)
