"""The APK that comes out: signed, aligned, complete, and the same on a second build."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import pytest

import blazepose_tf
from benchmarks.runners.app import ACTIVITY, LOG_TAG, PACKAGE
from blazepose_tf.files import sha256
from tests.android.conftest import Built, run_tool
from tools.apk.contents import Contents, badging, look_into, manifest_tree
from tools.apk.sign import verify_signature
from tools.apk.toolchain import find_toolchain

PAGE = 16384


@pytest.fixture(scope="module")
def contents(built: Built) -> Contents:
    return look_into(built.apk)


def test_signed_with_schemes_2_and_3(built: Built) -> None:
    assert built.result["signature"] == {
        "verified": True, "v2": True, "v3": True, "errors": 0, "first_error": "",
    }  # fmt: skip


def test_a_changed_byte_breaks_the_signature(built: Built, tmp_path: Path) -> None:
    content = bytearray(built.apk.read_bytes())
    content[len(content) // 2] ^= 1
    changed = tmp_path / "changed.apk"
    changed.write_bytes(content)
    assert verify_signature(find_toolchain(), changed)["verified"] is False


def test_the_models_are_those_that_were_converted(built: Built, contents: Contents) -> None:
    assert contents.models == built.converted == built.result["models"]


def test_models_can_be_mapped_into_memory(contents: Contents) -> None:
    models = [entry for entry in contents.entries if entry.name.endswith(".tflite")]
    assert models and all(entry.stored and entry.offset % 4 == 0 for entry in models)


def test_native_libraries_lie_on_the_largest_page(contents: Contents) -> None:
    libraries = [entry for entry in contents.entries if entry.name.startswith("lib/")]
    names = {entry.name.rsplit("/", 1)[1] for entry in libraries}
    assert names == {"libtensorflowlite_jni.so", "libtensorflowlite_gpu_jni.so"}
    assert all(entry.stored and entry.offset % PAGE == 0 for entry in libraries)
    assert contents.abis == ["arm64-v8a", "x86_64"]


def test_the_note_about_16_kb_pages_is_true(built: Built, contents: Contents) -> None:
    """TFLite 2.16.1 is linked for 4 KB pages; the day it is not, the note has to go."""
    assert set(contents.page_alignment.values()) == {4096}
    assert built.result["pages_16k"] is False


def test_size_is_reported(built: Built) -> None:
    size = built.apk.stat().st_size
    assert built.result["bytes"] == size
    models = sum(path.stat().st_size for path in built.models.glob("*.tflite"))
    assert models < size < models + 20e6


def test_manifest(built: Built) -> None:
    text = badging(built.apk)
    version = blazepose_tf.__version__
    code = int("".join(f"{int(part):02d}" for part in version.split(".")))
    assert f"package: name='{PACKAGE}' versionCode='{code}' versionName='{version}'" in text
    assert re.search(r"(min)?[sS]dkVersion:'26'", text) and "targetSdkVersion:'34'" in text
    assert "uses-permission: name='android.permission.CAMERA'" in text
    assert f"launchable-activity: name='{PACKAGE}.MainActivity'" in text
    # A phone without a camera can still measure, and look at pictures.
    assert "uses-feature-not-required: name='android.hardware.camera.any'" in text
    assert "uses-feature: name='android.hardware.camera" not in text


def test_the_harness_can_start_the_benchmark(built: Built) -> None:
    tree = manifest_tree(built.apk)
    activity = tree[tree.index(f'"{ACTIVITY}"') :].split("E: activity")[0]
    assert re.search(r"exported\(0x[0-9a-f]+\)=true", activity)
    for library in ("libOpenCL.so", "libOpenCL-pixel.so"):
        assert f'"{library}"' in tree


def test_the_contract_s_names_are_in_the_code(built: Built) -> None:
    with zipfile.ZipFile(built.apk) as archive:
        code = b"".join(archive.read(n) for n in archive.namelist() if n.endswith(".dex"))
    names = [
        LOG_TAG, "benchmark", "model", "detector", "delegate", "threads", "frames",
        "min_inferences", "min_seconds", "max_seconds", "warmup_limit_s", "quick",
        "blazepose-tf/app_result/1",
    ]  # fmt: skip
    # A dex string: its length, its characters, a zero (Dalvik executable format, string_data_item).
    assert [n for n in names if bytes([len(n)]) + n.encode() + b"\0" not in code] == []


def test_core_s_constants_are_in_the_apk(contents: Contents) -> None:
    assert "blazepose_tf/constants.json" in {entry.name for entry in contents.entries}


def test_a_second_build_is_the_same_to_the_bit(built: Built, tmp_path: Path) -> None:
    demo = Path(__file__).resolve().parents[2] / "android_demo"
    made = [demo / "core" / "target" / "classes", demo / "app" / "target" / "classes"]
    for folder in [*made, demo / "build" / "generated", demo / "build" / "assets"]:
        shutil.rmtree(folder)
    again = tmp_path / "again.apk"
    done = run_tool("--models", built.models, "--out", again, "--skip-tests")
    assert done.returncode == 0, done.stderr[-2000:]
    assert sha256(again) == sha256(built.apk)
