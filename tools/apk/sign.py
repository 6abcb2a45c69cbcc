"""Signs an APK with a key that is made once, and verifies signatures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from blazepose_tf.errors import BadInputError, CheckFailedError
from blazepose_tf.files import replacing
from tools.apk import places
from tools.apk.catalogue import version
from tools.apk.fetch import jar
from tools.apk.toolchain import Show, Toolchain, call, must, silent

SIGNER = Path(__file__).with_name("SignApk.java")


@dataclass(frozen=True)
class SigningKey:
    """A PKCS12 key store, the key's name in it, and the password of both."""

    store: Path
    alias: str = "blazepose-demo"
    password: str = "android"


def debug_key(tools: Toolchain) -> SigningKey:
    """The key of this computer, for trying out: made on the first call, never published.

    It stays the same, so that an app can be installed over an older one.
    """
    key = SigningKey(Path.home() / ".android" / "blazepose-demo.p12")
    if not key.store.exists():
        make_key(tools, key)
    return key


def make_key(tools: Toolchain, key: SigningKey) -> None:
    """Make a key store with one key that is good for 27 years."""
    with replacing(key.store) as temporary:
        temporary.unlink()  # keytool would take an empty file for a damaged store
        must(
            [
                tools.keytool, "-genkeypair", "-keystore", temporary, "-storetype", "PKCS12",
                "-storepass", key.password, "-alias", key.alias, "-keyalg", "RSA",
                "-keysize", "2048", "-validity", "10000", "-dname", "CN=blazepose-tf debug",
            ],
            places.LOGS / "keytool.log", "signing key",
        )  # fmt: skip
    key.store.chmod(0o600)


def sign(
    tools: Toolchain, unsigned: Path, target: Path, key: SigningKey, show: Show = silent
) -> None:
    """Align, sign with schemes v2 and v3, verify; `target` is replaced only when all went well.

    Raises:
        BadInputError: the key store cannot be used.
        CheckFailedError: the signature does not verify.
    """
    with replacing(target) as temporary:
        words: list[str | Path] = [
            unsigned,
            temporary,
            key.store,
            key.alias,
            version("android-min-sdk"),
        ]
        code, output = call(
            [tools.java, "-cp", jar("apksig"), SIGNER, *words], places.LOGS / "sign.log", show,
            environment={"KEYSTORE_PASSWORD": key.password},
        )  # fmt: skip
        if "IOException: keystore password" in output or "no key named" in output:
            raise BadInputError(
                f"{key.store}: wrong password, or no key {key.alias!r}; give --key-alias and "
                "$KEYSTORE_PASSWORD"
            )
        if code != 0:
            raise CheckFailedError(f"the APK cannot be signed (see {places.LOGS / 'sign.log'})")


def verify_signature(tools: Toolchain, apk: Path) -> dict[str, object]:
    """apksig's judgement: verified, v2, v3, errors, first_error."""
    words: list[str | Path] = [SIGNER, "--verify", apk, version("android-min-sdk")]
    _, output = call([tools.java, "-cp", jar("apksig"), *words], places.LOGS / "verify.log")
    found: dict[str, object] = json.loads(output.strip().splitlines()[-1])
    return found
