"""What every runner can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from benchmarks.measurement import Combination, Measurement, Model, Request


class Runner(Protocol):
    """Runs models somewhere and brings latencies back."""

    name: str
    needs_screen: bool

    def prepare(self, models: Sequence[Model]) -> dict[str, Any]:
        """Copy what is needed to the target; gives what the report states (versions, hashes).

        Raises:
            DeviceError: the target refuses.
        """

    def supports(self, combination: Combination) -> str:
        """Why this combination cannot be measured here; empty when it can."""

    def measure(self, request: Request) -> Measurement:
        """Warm up until steady, then measure.

        Raises:
            RunFailedError: this combination failed; one line.
            DeviceError: the target is gone.
            StoppedError: the user asked to stop.
        """

    def clean_up(self) -> None:
        """Remove what `prepare` copied; never raises."""
