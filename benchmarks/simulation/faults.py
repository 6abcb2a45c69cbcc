"""What can go wrong on the simulated phone, by name."""

from __future__ import annotations

from blazepose_tf.errors import BadInputError

FAULTS: dict[str, str] = {
    "drop-after-bytes": "cut the connection after =N bytes have come in",
    "unplug-during-run": "cut the connection when benchmark_model or the app starts",
    "reboot-during-run": "the same, and come back with a new boot id",
    "offline": "cut the connection after the handshake and refuse to come back",
    "unauthorized": "never accept the computer's key",
    "disk-full": "refuse pushes: No space left on device",
    "push-denied": "refuse pushes: Permission denied",
    "wrong-abi": "the phone is armeabi-v7a",
    "old-android": "Android 10: no fixed-performance mode",
    "emulator": "properties of the Android emulator",
    "charging": "the battery is charging",
    "screen-off": "the screen is off",
    "busy": "another process uses the cores",
    "hot": "thermal status severe from the start; it cools by one level per =N looks, 0 = never",
    "thermal-rise": "thermal status moderate from the first run on",
    "crash": "benchmark_model dies of a segmentation fault",
    "hang": "benchmark_model never ends",
    "unknown-output": "benchmark_model prints something no parser knows",
    "partial-delegation": "the delegate takes only a part of the graph",
    "delegation-refused": "the delegate takes nothing of the graph",
    "unknown-flags": "benchmark_model does not know the delegate's flag",
    "app-missing": "the demo app is not installed",
    "app-error": "the app writes an error result",
    "app-silent": "the app never announces a result",
}
"""Name -> what it does. A value follows after '='."""


def parse_faults(texts: list[str]) -> dict[str, int]:
    """['hang', 'drop-after-bytes=1000'] -> {'hang': 0, 'drop-after-bytes': 1000}.

    Raises:
        BadInputError: unknown name, or a value that is no number.
    """
    faults = {}
    for text in texts:
        name, _, value = text.partition("=")
        if name not in FAULTS or (value and not value.isdigit()):
            raise BadInputError(f"unknown fault {text!r}; choose from {', '.join(FAULTS)}")
        faults[name] = int(value or 0)
    return faults
