"""A simulated phone: speaks adb's device side on loopback, so that the real `adb` talks to it."""
