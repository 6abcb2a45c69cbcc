"""Runs tools/train.py with the preset `tiny`, for tests that need a process of its own."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from blazepose_tf.models import presets

TINY = presets.LandmarkPreset(
    stages=presets._encoder((8, 8, 8, 8, 8), (1, 1), (1, 1, 1, 1)),
    stem=8, stem_out=8, decoder=8, refined=True, coarse_width=16, coarse_blocks=(1, 1),
)  # fmt: skip

if __name__ == "__main__":
    presets.LANDMARK["tiny"] = TINY
    script = Path(__file__).resolve().parents[2] / "tools" / "train.py"
    sys.argv[0] = str(script)
    runpy.run_path(str(script), run_name="__main__")
