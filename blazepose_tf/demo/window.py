"""A window that shows pictures and hears keys; OpenCV's, where it has one."""

from __future__ import annotations

import os
import sys
from typing import Protocol

import cv2

from blazepose_tf.errors import BadInputError
from blazepose_tf.image import Image

TITLE = "blazepose-tf"
INSTALL = "pip uninstall -y opencv-python-headless && pip install 'opencv-python==4.11.*'"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
ESCAPE = 27


class Window(Protocol):
    """What the live loop needs of a window."""

    def show(self, image: Image) -> str | None:
        """Show RGB uint8 [H, W, 3]; the key pressed since the last call, if any.

        'q' when the window was closed.
        """


class OpenCvWindow:
    """A window of OpenCV's. opencv-python-headless, which this package installs, has none."""

    def __init__(self) -> None:
        """Open the window.

        Raises:
            BadInputError: this OpenCV has no windows, or there is no display.
        """
        # Qt would end the whole process.
        if sys.platform == "linux" and not any(os.environ.get(name) for name in DISPLAYS):
            raise BadInputError(
                f"there is no display to open a window on ({' and '.join(DISPLAYS)} are not set); "
                "add --no-window, and --out to write a video"
            )
        try:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL)
        except cv2.error as error:
            raise BadInputError(
                f"this OpenCV shows no windows; run {INSTALL} on a machine with a display, "
                "or add --no-window"
            ) from error

    def show(self, image: Image) -> str | None:
        """See `Window`."""
        cv2.imshow(TITLE, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1)
        if key & 0xFF == ESCAPE or cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1:
            return "q"
        return chr(key & 0xFF) if key >= 0 else None
