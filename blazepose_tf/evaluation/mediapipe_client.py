"""MediaPipe's own Python client, run on pictures in a venv of its own.

PyPI's `mediapipe` wants other versions of NumPy, OpenCV and absl than TensorFlow 2.19 does, so it
is installed apart, once, under ~/.cache/blazepose-tf, and spoken to through files.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.files import write_atomically
from blazepose_tf.image import Image
from blazepose_tf.models.packages import cache_folder

VERSION = "1.2.2"
"""Of PyPI's `mediapipe`; one wheel serves CPython 3.9 and newer. 0.10.21 gives the same."""
SCRIPT = Path(__file__).with_name("mediapipe_client_script.py")
READY = "ready"


@dataclass(frozen=True)
class ClientPose:
    """What MediaPipe says of the first person in a frame.

    landmarks: [33, 3] x, y in pixels of the frame, z in pixels of the same scale. visibility,
    presence: [33]. world: [33, 3] metres. mask: [H, W] probabilities.
    """

    landmarks: NDArray[np.float32]
    visibility: NDArray[np.float32]
    presence: NDArray[np.float32]
    world: NDArray[np.float32]
    mask: NDArray[np.float32]


def client_python() -> Path:
    """The interpreter of the client's venv, which is made if it is not there yet (550 MB).

    Raises:
        BadInputError: it cannot be installed: no network, or no wheel for this machine.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    folder = cache_folder() / f"mediapipe-{VERSION}-python{version}"
    python = folder / "bin" / "python"
    if (folder / READY).exists():
        return python
    venv.create(folder, clear=True, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
               f"mediapipe=={VERSION}"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or "no message").splitlines()[-1][:200]
        raise BadInputError(
            f"mediapipe {VERSION} cannot be installed ({reason}); check the network"
        )
    write_atomically(folder / READY, b"")
    return python


def run_client(
    bundle: Path, clips: Sequence[Sequence[Image]], mode: str, *, milliseconds: int = 33
) -> list[ClientPose | None]:
    """Run MediaPipe's PoseLandmarker: the person in the last frame of each clip, or None.

    bundle: a .task file. clips: frames, RGB uint8 [H, W, 3]. mode: `image` looks at every frame
    by itself, `video` follows the person through a clip, `milliseconds` from frame to frame.

    Raises:
        BadInputError: the client cannot be installed.
        CheckFailedError: the client refuses the bundle or dies.
    """
    with tempfile.TemporaryDirectory() as folder:
        frames, answers = Path(folder) / "frames.npz", Path(folder) / "answers.npz"
        names = {f"{i}_{j}": frame for i, clip in enumerate(clips) for j, frame in enumerate(clip)}
        np.savez(frames, **names)
        request = {
            "bundle": str(bundle), "frames": str(frames), "answers": str(answers), "mode": mode,
            "clips": [len(clip) for clip in clips], "milliseconds": milliseconds,
        }  # fmt: skip
        command = [str(client_python()), str(SCRIPT), json.dumps(request)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CheckFailedError(f"MediaPipe {VERSION} refuses {bundle}: {_reason(done.stderr)}")
        with np.load(answers) as file:
            return [_pose(file, i) for i in range(len(clips))]


def _reason(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if "Error" in line] or stderr.splitlines()
    return lines[-1].strip()[:300] if lines else "no message"


def _pose(file: Any, index: int) -> ClientPose | None:
    if f"{index}_landmarks" not in file:
        return None
    values = file[f"{index}_landmarks"]
    mask = file[f"{index}_mask"]
    height, width = mask.shape
    points = values[:, :3] * np.array([width, height, width], np.float32)
    return ClientPose(points, values[:, 3], values[:, 4], file[f"{index}_world"], mask)
