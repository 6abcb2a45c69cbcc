"""All steps from the sources to a signed APK, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from tools.apk import assets, places
from tools.apk.archive import ABIS, write_archive
from tools.apk.contents import look_into
from tools.apk.dex import compile_dex, java_resources
from tools.apk.fetch import fetch
from tools.apk.maven import run_maven
from tools.apk.resources import compile_resources
from tools.apk.sign import SigningKey, debug_key, sign, verify_signature
from tools.apk.toolchain import Show, Toolchain, find_toolchain, silent

Step = Callable[[str], None]
"""Told the name of every step as it begins."""
STEPS = ("models", "libraries", "resources", "Kotlin and tests", "dex", "package", "sign")


@dataclass(frozen=True)
class Request:
    """models: a folder to take the models from, None for dist/ (converted when missing).
    key: None for this computer's own debug key. maven: further options."""

    out: Path = places.APK
    models: Path | None = None
    key: SigningKey | None = None
    abis: Sequence[str] = ABIS
    test: bool = True
    maven: Sequence[str] = ()


def prepare(tools: Toolchain, request: Request, step: Step, show: Show) -> None:
    """What the compilers need: models and pictures as assets, libraries, resources.

    Raises:
        BadInputError, CheckFailedError: see the steps' modules.
    """
    step("models")
    models = assets.models_in(request.models) if request.models else assets.convert_missing()
    assets.collect(models)
    step("libraries")
    fetch(tools, show)
    step("resources")
    compile_resources(show)


def build(request: Request, step: Step = lambda name: None, show: Show = silent) -> dict[str, Any]:
    """Build, test, sign and verify: what came out, for JSON.

    Raises:
        BadInputError: a tool, the network or a given file is missing.
        CheckFailedError: something does not compile, a test fails, the signature is wrong.
    """
    if unknown := set(request.abis) - set(ABIS):
        raise BadInputError(f"no libraries for {', '.join(sorted(unknown))}; choose of {ABIS}")
    if request.key and not request.key.store.is_file():
        raise BadInputError(f"{request.key.store}: no such key store; make one with keytool")
    tools = find_toolchain()
    prepare(tools, request, step, show)
    step("Kotlin and tests" if request.test else "Kotlin")
    goals = ["test"] if request.test else ["test", "-Dmaven.test.skip=true"]
    run_maven(
        tools, places.DEMO / "pom.xml", [*goals, *request.maven], places.LOGS / "maven.log", show
    )
    step("dex")
    dex = compile_dex(tools, show)
    step("package")
    unsigned = places.BUILD / "unsigned.apk"
    write_archive(unsigned, places.RESOURCES_APK, dex, java_resources(), request.abis)
    step("sign")
    sign(tools, unsigned, request.out, request.key or debug_key(tools), show)
    return describe(tools, request.out)


def describe(tools: Toolchain, apk: Path) -> dict[str, Any]:
    """Size, content and signature of an APK as plain data."""
    contents = look_into(apk)
    return {
        "file": str(apk), "bytes": contents.size, "sha256": sha256(apk), "abis": contents.abis,
        "models": contents.models, "signature": verify_signature(tools, apk),
        "pages_16k": min(contents.page_alignment.values(), default=0) >= 16384,
    }  # fmt: skip
