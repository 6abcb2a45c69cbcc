"""Runs .tflite files as 64-bit ARM code without a phone.

qemu's user mode runs Debian's arm64 Python with the aarch64 wheel of tflite-runtime, both unpacked
into a folder of the cache.

ai-edge-litert 2.3 crashes under qemu 7.2, so tflite-runtime 2.14 it is, which ends at CPython 3.11:
the packages are Debian 12's. Nothing is installed on this machine; neither root nor dpkg's list of
architectures is needed.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError

DEBIAN_PACKAGES = (
    "python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "libc6", "libstdc++6",
    "libgcc-s1", "zlib1g", "libexpat1", "libffi8", "libbz2-1.0", "liblzma5", "libssl3", "libcrypt1",
)  # fmt: skip
WHEELS = ("tflite-runtime==2.14.0", "numpy==1.26.4")
PLATFORMS = ("manylinux2014_aarch64", "manylinux_2_34_aarch64")
QEMU = "qemu-aarch64-static"
READY = "ready"
TIMEOUT_S = 1800.0

WORKER = """
import platform, sys
import numpy as np
from tflite_runtime.interpreter import Interpreter, OpResolverType
machine, kernels, model, source, target = sys.argv[1:]
assert platform.machine() == machine, platform.machine()
interpreter = Interpreter(
    model, num_threads=1, experimental_op_resolver_type=getattr(OpResolverType, kernels)
)
interpreter.allocate_tensors()
signatures = interpreter.get_signature_list()
if "serving_default" in signatures:
    runner = interpreter.get_signature_runner("serving_default")
    inputs, outputs = runner.get_input_details(), runner.get_output_details()
    del runner  # it holds on to the interpreter, which then refuses to run
else:
    inputs = {d["name"]: d for d in interpreter.get_input_details()}
    outputs = {d["name"]: d for d in interpreter.get_output_details()}
(place,) = inputs.values()
found = {name: [] for name in outputs}
for value in np.load(source)["images"]:
    if place["dtype"] != np.float32:
        scale, zero = place["quantization"]
        limits = np.iinfo(place["dtype"])
        value = np.clip(np.round(value / scale) + zero, limits.min, limits.max)
    interpreter.set_tensor(place["index"], value[None].astype(place["dtype"]))
    interpreter.invoke()
    for name, details in outputs.items():
        raw = interpreter.get_tensor(details["index"]).astype(np.float32)
        scale, zero = details["quantization"]
        found[name].append((raw - zero) * scale if scale else raw)
np.savez(target, **{name: np.stack(values) for name, values in found.items()})
"""
"""The program that runs on both: images [N, S, S, 3] in, every output [N, ...] out, as float32."""

Array = NDArray[np.float32]


def find_qemu() -> str:
    """Path of qemu's user-mode emulator.

    Raises:
        BadInputError: it is not installed.
    """
    found = shutil.which(QEMU)
    if found is None:
        raise BadInputError(f"{QEMU} is not installed; run: apt install qemu-user-static")
    return found


def _call(command: list[str], folder: Path, what: str) -> None:
    """Run a download or an unpacking.

    Raises:
        BadInputError: it failed.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        reason = " ".join((done.stderr or done.stdout).split())[-200:]
        raise BadInputError(f"{what} cannot be fetched ({reason}); needs Debian 12 and a network")


def prepare_sysroot(cache: Path) -> Path:
    """A folder with arm64 Python 3.11 and tflite-runtime; made once, about 110 MB.

    Raises:
        BadInputError: no network, or not on Debian 12.
    """
    sysroot = cache / "arm64"
    if (sysroot / READY).exists():
        return sysroot
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as name:
        work = Path(name)
        root, site = work / "root", work / "root" / "site"
        site.mkdir(parents=True)
        for package in _fetch_debian(work):
            _call(["dpkg-deb", "-x", str(package), str(root)], work, package.name)
        platforms = [word for name in PLATFORMS for word in ("--platform", name)]
        _call(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", *platforms,
             "--python-version", "311", "--implementation", "cp", "--only-binary=:all:",
             "--dest", "wheels", *WHEELS],
            work, "the aarch64 wheels",
        )  # fmt: skip
        for wheel in (work / "wheels").glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(site)
        (root / READY).touch()
        shutil.rmtree(sysroot, ignore_errors=True)
        root.rename(sysroot)
    return sysroot


def _fetch_debian(work: Path) -> list[Path]:
    """Download the arm64 packages with an apt state of our own."""
    for folder in ("state/lists/partial", "cache/archives/partial", "debs"):
        (work / folder).mkdir(parents=True)
    (work / "status").touch()
    options = {
        "APT::Architecture": "arm64", "APT::Architectures": "arm64", "APT::Sandbox::User": "",
        "Dir::State": work / "state", "Dir::State::status": work / "status",
        "Dir::Cache": work / "cache", "Debug::NoLocking": "1",
    }  # fmt: skip
    words = [word for key, value in options.items() for word in ("-o", f"{key}={value}")]
    _call(["apt-get", *words, "-qq", "update"], work, "Debian's arm64 package lists")
    _call(["apt-get", *words, "-qq", "download", *DEBIAN_PACKAGES], work / "debs", "arm64 packages")
    return sorted((work / "debs").glob("*.deb"))


def run_on_arm64(model: Path, images: Array, sysroot: Path) -> dict[str, Array]:
    """Outputs of `model` for images [N, S, S, 3] as ARM code computes them, by tensor name.

    Raises:
        BadInputError: qemu is missing, or the program failed under it.
    """
    python = [find_qemu(), "-L", str(sysroot), str(sysroot / "usr" / "bin" / "python3.11")]
    environment = {"PYTHONHOME": f"{sysroot}/usr", "PYTHONPATH": f"{sysroot}/site"}
    return _run(python, environment, ["aarch64", "AUTO"], model, images)


def run_here(model: Path, images: Array, *, reference: bool = False) -> dict[str, Array]:
    """The same on this machine, with tflite-runtime's default or its reference kernels.

    Raises:
        BadInputError: tflite-runtime is missing, or the program failed.
    """
    kernels = "BUILTIN_REF" if reference else "AUTO"
    return _run([sys.executable], {}, [platform.machine(), kernels], model, images)


def _run(
    python: list[str], environment: dict[str, str], words: list[str], model: Path, images: Array
) -> dict[str, Array]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, target, script = folder / "in.npz", folder / "out.npz", folder / "worker.py"
        np.savez(source, images=images)
        script.write_text(WORKER)
        files = [str(model.resolve()), str(source), str(target)]
        done = subprocess.run(
            [*python, str(script), *words, *files], env={**os.environ, **environment},
            capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["no message"]
            named = [line for line in lines if re.match(r"\w*(Error|Exception)\b", line)]
            reason = (named or lines)[-1][:160]
            raise BadInputError(
                f"{model}: failed on {words[0]} ({reason}); see benchmarks/arm64.py"
            )
        with np.load(target) as arrays:
            return {key: arrays[key] for key in arrays.files}
