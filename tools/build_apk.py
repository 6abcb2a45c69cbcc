"""Build the Android demo: a signed APK in dist/, without Android SDK or Google's repository.

Needs JDK 17 and Maven; the rest comes from Maven Central (about 700 MB on the first run). Models
are converted when dist/ lacks them. Then: adb install -r dist/blazepose-demo.apk
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

if not __package__:  # `tools` is not installed with the package
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from tqdm import tqdm

from blazepose_tf import command_line
from tools.apk import places
from tools.apk.archive import ABIS
from tools.apk.build import STEPS, Request, build, prepare
from tools.apk.sign import SigningKey
from tools.apk.toolchain import find_toolchain


def summary(result: dict[str, Any]) -> str:
    """What was built, and what to type next."""
    text = (
        f"{result['file']}: {result['bytes'] / 1e6:.1f} MB, {', '.join(result['abis'])}, "
        f"{len(result['models'])} models, signed (v2, v3); adb install -r {result['file']}"
    )
    if not result["pages_16k"]:
        text += (
            "\nnote: TFLite 2.16.1's libraries are made for 4 KB memory pages; phones with 16 KB "
            "pages need the Gradle build (android_demo/README.md)"
        )
    return text


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--out", type=Path, default=places.APK, help="the APK to write")
    parser.add_argument("--models", type=Path, metavar="DIR",
                        help="take the .tflite files of this folder; default: nine of dist/, "
                        "converted when one is missing")  # fmt: skip
    parser.add_argument("--abis", nargs="+", choices=ABIS, default=ABIS, help="processors")
    parser.add_argument("--keystore", type=Path,
                        help="PKCS12 key store, password in $KEYSTORE_PASSWORD; default: a debug "
                        "key, made once in ~/.android/blazepose-demo.p12")  # fmt: skip
    parser.add_argument("--key-alias", default=SigningKey.alias, help="the key in --keystore")
    parser.add_argument("--skip-tests", action="store_true", help="do not run the app's tests")
    parser.add_argument("--maven", action="append", default=[], metavar="OPTION",
                        help="one more option for Maven, such as --maven=--offline")  # fmt: skip
    parser.add_argument("--prepare", action="store_true",
                        help="only lay out models and pictures, for Gradle")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print what was built as JSON")
    arguments = parser.parse_args()
    key = None
    if arguments.keystore:
        password = os.environ.get("KEYSTORE_PASSWORD", SigningKey.password)
        key = SigningKey(arguments.keystore, arguments.key_alias, password)
    request = Request(
        arguments.out,
        arguments.models,
        key,
        arguments.abis,
        not arguments.skip_tests,
        tuple(arguments.maven),
    )
    steps = 3 if arguments.prepare else len(STEPS)
    with tqdm(
        total=steps, unit="step", leave=False, bar_format="{desc} {n}/{total} {elapsed} {postfix}"
    ) as bar:

        def step(name: str) -> None:
            bar.set_description_str(name)
            bar.update()

        def show(line: str) -> None:
            bar.set_postfix_str(line.removeprefix("[INFO] ")[:60])

        if arguments.prepare:
            prepare(find_toolchain(), request, step, show)
            return
        result = build(request, step, show)
    print(json.dumps(result, indent=1) if arguments.json else summary(result))


if __name__ == "__main__":
    command_line.run(main)
