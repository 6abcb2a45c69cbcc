"""How often the detector ran and how long each stage took, in constant memory."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

REMEMBERED = 10_000
"""Medians are taken over so many of the last values; means and counts over all."""


@dataclass(frozen=True)
class StageMilliseconds:
    """Time one frame took; None for a stage that did not run.

    detector: letterbox, network, suppression. landmarks: crop and network, of everybody followed
    and of whoever the detector found. smoothing: filters, next ROI. total: all of `process`.
    """

    total: float
    detector: float | None = None
    landmarks: float | None = None
    smoothing: float | None = None


STAGES: tuple[str, ...] = ("detector", "landmarks", "smoothing", "total")


@dataclass(frozen=True)
class StageStatistics:
    """Milliseconds of one stage over the `count` frames in which it ran; NaN-free: 0 when none."""

    count: int
    mean: float
    median: float


@dataclass(frozen=True)
class TrackerStatistics:
    """frames: processed. poses: frames with a person. detector_runs: frames that needed it.

    lost_frames: frames in which the person followed so far was lost (the detector then ran in the
    same frame and may have found somebody). milliseconds: per stage, see `StageMilliseconds`.
    """

    frames: int
    poses: int
    detector_runs: int
    lost_frames: int
    milliseconds: dict[str, StageStatistics]

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers for JSON; keys are stable."""
        return dataclasses.asdict(self)


@dataclass
class _Stage:
    count: int = 0
    total: float = 0.0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def add(self, value: float) -> None:
        self.count += 1
        self.total += value
        self.recent.append(value)

    def summary(self) -> StageStatistics:
        if not self.count:
            return StageStatistics(0, 0.0, 0.0)
        return StageStatistics(self.count, self.total / self.count, statistics.median(self.recent))


class Statistics:
    """Collects what `PoseTracker.statistics` shows."""

    def __init__(self) -> None:
        self._frames = self._poses = self._detector_runs = self._lost_frames = 0
        self._stages = {stage: _Stage() for stage in STAGES}

    def add(self, times: StageMilliseconds, pose: bool, detector_ran: bool, lost: bool) -> None:
        """Count one frame."""
        self._frames += 1
        self._poses += pose
        self._detector_runs += detector_ran
        self._lost_frames += lost
        for name, stage in self._stages.items():
            value = getattr(times, name)
            if value is not None:
                stage.add(value)

    def summary(self) -> TrackerStatistics:
        """The figures so far."""
        return TrackerStatistics(
            self._frames, self._poses, self._detector_runs, self._lost_frames,
            {name: stage.summary() for name, stage in self._stages.items()},
        )  # fmt: skip


class StageClock:
    """Adds up the time between calls of `stop` by stage."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._spent: dict[str, float] = {}

    def stop(self, stage: str) -> None:
        """The time since the last call went to `stage`."""
        now = time.perf_counter()
        self._spent[stage] = self._spent.get(stage, 0.0) + 1e3 * (now - self._last)
        self._last = now

    def milliseconds(self) -> StageMilliseconds:
        """What was spent so far."""
        total = 1e3 * (time.perf_counter() - self._start)
        return StageMilliseconds(**self._spent, total=total)
