"""What can go wrong with a phone, each as one line that says what happened and how to mend it."""

from __future__ import annotations

from blazepose_tf.errors import BadInputError


class DeviceError(BadInputError):
    """The phone or adb cannot be used, or was lost. The session on this phone ends."""


class LostError(DeviceError):
    """The phone was there and is gone."""


class RunFailedError(Exception):
    """One combination could not be measured; the others go on. The message is one line."""


class TimeLimitError(RunFailedError):
    """What ran on the phone took too long and was ended."""


class StoppedError(Exception):
    """The user asked to stop (Ctrl-C, SIGTERM)."""
