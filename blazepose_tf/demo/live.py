"""The live loop: camera -> people -> window, with frames per second and keys."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from blazepose_tf.demo.outputs import Add
from blazepose_tf.demo.tracking import Tracking
from blazepose_tf.demo.window import Window
from blazepose_tf.draw import draw_banner
from blazepose_tf.video import Frame

KEYS = "m: next model, q: quit"
AVERAGED = 30
"""Frames per second are taken over so many frames."""


@dataclass
class LiveCount:
    """What a live run came to. people: the most seen at once."""

    frames: int = 0
    frames_with_people: int = 0
    people: int = 0
    fps: float = 0.0


class FrameRate:
    """Frames per second over the last AVERAGED frames."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=AVERAGED + 1)

    def tick(self) -> float:
        """Count a frame; 0 before the second."""
        self._times.append(self._clock())
        passed = self._times[-1] - self._times[0]
        return (len(self._times) - 1) / passed if passed > 0 else 0.0


def run_live(
    frames: Iterable[Frame], tracking: Tracking, window: Window | None, add: Add,
    clock: Callable[[], float] = time.monotonic,
) -> LiveCount:  # fmt: skip
    """Until the frames end, q or Escape is pressed, the window is closed, or Ctrl-C.

    Raises:
        BadInputError: another model cannot be loaded, or a file cannot be written.
    """
    count, rate = LiveCount(), FrameRate(clock)
    try:
        for frame in frames:
            people = tracking.process(frame.image, frame.timestamp_s)
            drawn = tracking.draw(frame.image, people)
            add(frame, people, drawn)
            count.frames += 1
            count.frames_with_people += bool(people)
            count.people = max(count.people, len(people))
            count.fps = rate.tick()
            if window is None:
                continue
            banner = f"{tracking.model.stem}  {count.fps:.0f} FPS   {KEYS}"
            key = window.show(draw_banner(drawn, banner))
            if key == "q":
                break
            if key == "m":
                tracking.next_model()
    except KeyboardInterrupt:
        pass  # the way to stop a camera without a window
    return count
