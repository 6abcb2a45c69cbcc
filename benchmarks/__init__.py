"""Measures .tflite files on phones over adb, or on this machine, and reports what was measured."""
