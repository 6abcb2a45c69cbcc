"""Compiles the manifest and the resources with aapt2: resources.apk and R.java."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ElementTree

import blazepose_tf
from blazepose_tf.files import write_atomically
from tools.apk import places
from tools.apk.catalogue import version
from tools.apk.fetch import AAPT2, jar
from tools.apk.toolchain import Show, must, silent

PACKAGE = "io.github.blazepose_tf.demo"
_ANDROID = "http://schemas.android.com/apk/res/android"


def merge_manifest() -> None:
    """Add what Gradle would add, too: the package, and that native libraries stay in the APK."""
    ElementTree.register_namespace("android", _ANDROID)
    tree = ElementTree.parse(places.MANIFEST)
    root = tree.getroot()
    root.set("package", PACKAGE)
    application = root.find("application")
    assert application is not None
    application.set(f"{{{_ANDROID}}}extractNativeLibs", "false")
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    write_atomically(places.MERGED_MANIFEST, text)


def version_code() -> int:
    """Android's growing number of a version: 1.2.3 -> 10203."""
    major, minor, patch = (int(part) for part in blazepose_tf.__version__.split(".")[:3])
    return major * 10000 + minor * 100 + patch


def compile_resources(show: Show = silent) -> None:
    """Make `places.RESOURCES_APK` (manifest, resources, assets) and `R.java`.

    Raises:
        CheckFailedError: aapt2 refuses something; its first complaint is in the message.
    """
    shutil.rmtree(places.GENERATED, ignore_errors=True)
    places.GENERATED.mkdir(parents=True)
    merge_manifest()
    compiled = places.BUILD / "res.zip"
    must([AAPT2, "compile", "--dir", places.RESOURCES, "-o", compiled],
         places.LOGS / "aapt2-compile.log", "resources", show)  # fmt: skip
    must(
        [
            AAPT2, "link", "-o", places.RESOURCES_APK, "-I", jar("android-all"),
            "--manifest", places.MERGED_MANIFEST, "--java", places.GENERATED, "-A", places.ASSETS,
            "-0", "tflite", "-0", "jpg",
            "--min-sdk-version", version("android-min-sdk"),
            "--target-sdk-version", version("android-target-sdk"),
            "--version-code", str(version_code()), "--version-name", blazepose_tf.__version__,
            compiled,
        ],
        places.LOGS / "aapt2-link.log", "manifest and resources", show,
    )  # fmt: skip
