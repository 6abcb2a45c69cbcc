"""BlazePose for phones: import, train, quantise, prove, measure, ship."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blazepose_tf.runtime.tracker import PoseResult, PoseTracker

__version__ = "0.1.0"
__all__ = ["PoseResult", "PoseTracker", "__version__"]


def __getattr__(name: str) -> Any:
    # Loaded on first use: training and conversion need neither OpenCV's tracker nor a runtime.
    if name in ("PoseResult", "PoseTracker"):
        from blazepose_tf.runtime import tracker

        return getattr(tracker, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
