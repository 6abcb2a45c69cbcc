"""Brings Android libraries and tools from Maven Central into the build folder."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from tools.apk import places
from tools.apk.catalogue import version
from tools.apk.maven import run_maven
from tools.apk.toolchain import Show, Toolchain, silent


@dataclass(frozen=True)
class Library:
    """Maven coordinates; the version stands in the catalogue under `key`."""

    group: str
    artifact: str
    key: str

    @property
    def version(self) -> str:
        return version(self.key)


LIBRARIES = {
    library.artifact: library
    for library in (
        Library("org.tensorflow", "tensorflow-lite", "tensorflow-lite"),
        Library("org.tensorflow", "tensorflow-lite-api", "tensorflow-lite"),
        Library("org.tensorflow", "tensorflow-lite-gpu", "tensorflow-lite"),
        Library("org.tensorflow", "tensorflow-lite-gpu-api", "tensorflow-lite-gpu-api"),
        Library("androidx.test", "monitor", "androidx-test-monitor"),
        Library(
            "androidx.test.espresso", "espresso-idling-resource",
            "androidx-test-espresso-idling-resource",
        ),
        Library("androidx.tracing", "tracing", "androidx-tracing"),
        Library("com.android.tools", "r8", "r8"),
        Library("org.apktool", "apktool-lib", "apktool-lib"),
        Library("com.android.tools.build", "apksig", "apksig"),
        Library("org.robolectric", "android-all", "android-all"),
        Library("org.jetbrains.kotlin", "kotlin-stdlib", "kotlin"),
    )
}  # fmt: skip
PACKED = (
    "tensorflow-lite", "tensorflow-lite-api", "tensorflow-lite-gpu", "tensorflow-lite-gpu-api",
)  # fmt: skip
"""Libraries whose classes and native code go into the APK."""
FOR_TESTS = ("monitor", "espresso-idling-resource", "tracing")
"""Android libraries that Robolectric needs; Maven itself cannot read the aar format."""
TOOLS = ("r8", "apktool-lib", "apksig", "android-all", "kotlin-stdlib")
AAPT2 = places.BUILD / "aapt2"
AAPT2_MEMBER = "prebuilt/linux/aapt2"

_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>io.github.blazepose_tf</groupId><artifactId>fetch</artifactId><version>1</version>
<packaging>pom</packaging>
<build><plugins><plugin>
<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
<version>{plugin}</version>
<configuration><outputDirectory>{folder}</outputDirectory><artifactItems>
{items}
</artifactItems></configuration>
</plugin></plugins></build></project>
"""


def jar(artifact: str) -> Path:
    """Where a fetched jar of the catalogue lies."""
    found = LIBRARIES[artifact]
    return places.DOWNLOADS / f"{found.artifact}-{found.version}.jar"


def classes(artifact: str) -> Path:
    """The classes of an unpacked Android library."""
    return places.LIBRARIES / artifact / "classes.jar"


def native_libraries(artifact: str, abi: str) -> list[Path]:
    """The .so files of an unpacked Android library for one kind of processor."""
    return sorted((places.LIBRARIES / artifact / "jni" / abi).glob("*.so"))


def fetch(tools: Toolchain, show: Show = silent) -> None:
    """Fetch and unpack what is not there yet, in the catalogue's versions.

    Raises:
        BadInputError: no network, or an archive is damaged.
    """
    wanted = {name: "aar" for name in (*PACKED, *FOR_TESTS)} | dict.fromkeys(TOOLS, "jar")
    marker = places.DOWNLOADS / "complete.json"
    coordinates = json.dumps([_item(LIBRARIES[name], kind) for name, kind in wanted.items()])
    if marker.exists() and marker.read_text() == coordinates:
        return
    for folder in (places.DOWNLOADS, places.LIBRARIES):
        shutil.rmtree(folder, ignore_errors=True)
    pom = places.BUILD / "fetch-pom.xml"
    items = "\n".join(_item(LIBRARIES[name], kind) for name, kind in wanted.items())
    plugin = version("maven-dependency-plugin")
    text = _POM.format(plugin=plugin, folder=places.DOWNLOADS, items=items)
    write_atomically(pom, text.encode())
    run_maven(tools, pom, ["dependency:copy"], places.LOGS / "fetch.log", show)
    try:
        for name in (*PACKED, *FOR_TESTS):
            _unpack(LIBRARIES[name])
        with zipfile.ZipFile(jar("apktool-lib")) as archive:
            write_atomically(AAPT2, archive.read(AAPT2_MEMBER))
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise BadInputError(
            f"a download is damaged ({error}); delete ~/.m2 and try again"
        ) from error
    AAPT2.chmod(0o755)
    write_atomically(marker, coordinates.encode())


def _item(found: Library, kind: str) -> str:
    return (
        f"<artifactItem><groupId>{found.group}</groupId><artifactId>{found.artifact}</artifactId>"
        f"<version>{found.version}</version><type>{kind}</type></artifactItem>"
    )


def _unpack(found: Library) -> None:
    with zipfile.ZipFile(places.DOWNLOADS / f"{found.artifact}-{found.version}.aar") as archive:
        names = [n for n in archive.namelist() if n == "classes.jar" or n.startswith("jni/")]
        archive.extractall(places.LIBRARIES / found.artifact, names)
