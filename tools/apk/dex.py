"""Java classes -> Android's dex files with D8. The libraries' part is kept between builds."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from blazepose_tf.files import sha256
from tools.apk import places
from tools.apk.catalogue import version
from tools.apk.fetch import PACKED, classes, jar
from tools.apk.toolchain import Show, Toolchain, must, silent

OWN = (places.DEMO / "core" / "target" / "classes", places.DEMO / "app" / "target" / "classes")
CODE = (".class",)


def _own_jar() -> Path:
    """Our two modules' classes in one jar."""
    target = places.BUILD / "own.jar"
    with zipfile.ZipFile(target, "w") as archive:
        for folder in OWN:
            for path in sorted(folder.rglob("*.class")):
                archive.write(path, path.relative_to(folder).as_posix())
    return target


def java_resources() -> dict[str, bytes]:
    """Files of our modules that are read from the class path: path in the APK -> content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for folder in OWN
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in CODE and "META-INF" not in path.parts
    }


def compile_dex(tools: Toolchain, show: Show = silent) -> list[bytes]:
    """The contents of classes.dex, classes2.dex, ...

    Raises:
        CheckFailedError: D8 refuses something.
    """
    libraries = [classes(alias) for alias in PACKED] + [jar("kotlin-stdlib")]
    key = sha256("".join(sha256(path) for path in [*libraries, jar("r8")]).encode())[:16]
    kept = places.BUILD / f"libraries-{key}.zip"
    if not kept.exists():
        _d8(tools, kept, [], libraries, show)
    fresh = places.BUILD / "own-dex.zip"
    _d8(tools, fresh, libraries, [_own_jar()], show)
    return [*_dex_files(fresh), *_dex_files(kept)]


def _d8(tools: Toolchain, target: Path, known: list[Path], inputs: list[Path], show: Show) -> None:
    temporary = target.with_name(f"new-{target.name}")
    must(
        [
            tools.java, "-Xmx2g", "-cp", jar("r8"), "com.android.tools.r8.D8", "--release",
            "--min-api", version("android-min-sdk"), "--lib", jar("android-all"),
            "--lib", tools.jdk, *(w for path in known for w in ("--classpath", path)),
            "--output", temporary, *inputs,
        ],
        places.LOGS / f"{target.stem}.log", "dex", show,
    )  # fmt: skip
    shutil.move(temporary, target)


def _dex_files(archive: Path) -> list[bytes]:
    with zipfile.ZipFile(archive) as file:
        return [file.read(name) for name in sorted(file.namelist()) if name.endswith(".dex")]
