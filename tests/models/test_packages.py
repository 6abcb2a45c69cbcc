"""Fetching MediaPipe's files: what npm brings is checked before anything is kept."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256
from blazepose_tf.models import packages
from blazepose_tf.models.packages import MEMBERS, find_model

CONTENTS = {preset: f"weights of {preset}".encode() for preset in MEMBERS}


def archive(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as package:
        for preset, content in contents.items():
            info = tarfile.TarInfo(MEMBERS[preset])
            info.size = len(content)
            package.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


class Npm:
    """A stand-in for npm that 'packs' a prepared archive and counts its calls."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.archive = folder, folder / "prepared"
        self.log = folder / "calls"
        self.script(f"cp {self.archive} mediapipe-pose.tgz")

    def script(self, command: str) -> None:
        path = self.folder / "npm"
        path.write_text(f'#!/bin/sh\necho "$@" >> {self.log}\n{command}\n')
        path.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("BLAZEPOSE_TF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(packages, "SHA256", {k: sha256(v) for k, v in CONTENTS.items()})
    return Npm(folder)


def cached_names(tmp_path: Path) -> list[str]:
    folder = tmp_path / "cache"
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


def test_a_path_is_taken_as_it_is() -> None:
    assert find_model("somewhere/a.tflite") == Path("somewhere/a.tflite")
    assert find_model(Path("b.tflite")) == Path("b.tflite")


def test_one_call_fetches_all_four_files(tmp_path: Path, npm: Npm) -> None:
    npm.archive.write_bytes(archive(CONTENTS))
    for preset, content in CONTENTS.items():
        assert find_model(f"npm:{preset}").read_bytes() == content
    assert npm.calls == [f"pack {packages.NPM_PACKAGE} --silent"]
    assert cached_names(tmp_path) == sorted(f"mediapipe_{preset}.tflite" for preset in MEMBERS)


@pytest.mark.parametrize("wrong", sorted(MEMBERS))
def test_an_unknown_file_in_the_package_is_refused_and_nothing_is_kept(
    tmp_path: Path, npm: Npm, wrong: str
) -> None:
    npm.archive.write_bytes(archive(CONTENTS | {wrong: CONTENTS[wrong] + b"!"}))
    with pytest.raises(BadInputError, match="is not the file we know") as caught:
        find_model("npm:lite")
    assert MEMBERS[wrong] in str(caught.value)
    assert cached_names(tmp_path) == []


@pytest.mark.parametrize("damage", ["truncated", "no archive", "member missing"])
def test_a_damaged_package_is_refused(tmp_path: Path, npm: Npm, damage: str) -> None:
    whole = archive(CONTENTS)
    npm.archive.write_bytes(
        {
            "truncated": whole[: len(whole) // 2],
            "no archive": b"<html>404</html>",
            "member missing": archive({"lite": CONTENTS["lite"]}),
        }[damage]
    )
    with pytest.raises(BadInputError, match="damaged"):
        find_model("npm:lite")
    assert cached_names(tmp_path) == []


def test_a_cached_file_that_changed_is_fetched_again(tmp_path: Path, npm: Npm) -> None:
    npm.archive.write_bytes(archive(CONTENTS))
    path = find_model("npm:full")
    path.write_bytes(b"cut off")
    assert find_model("npm:full").read_bytes() == CONTENTS["full"]
    assert len(npm.calls) == 2


def test_without_network_the_message_says_so(npm: Npm) -> None:
    npm.script("exit 1")
    with pytest.raises(BadInputError, match="check the network"):
        find_model("npm:lite")


def test_without_npm_the_message_says_what_to_install(
    npm: Npm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInputError, match="install Node.js or give a .tflite path"):
        find_model("npm:lite")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(BadInputError, match="npm:lite.*npm:full.*npm:heavy.*npm:detector"):
        find_model("npm:medium")


def test_a_cache_that_cannot_be_written_is_one_line(
    tmp_path: Path, npm: Npm, monkeypatch: pytest.MonkeyPatch
) -> None:
    npm.archive.write_bytes(archive(CONTENTS))
    (tmp_path / "file").touch()
    monkeypatch.setenv("BLAZEPOSE_TF_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(BadInputError, match="cannot be written"):
        find_model("npm:lite")


def test_the_real_files_are_the_known_ones(mediapipe_file) -> None:
    for preset, digest in packages.SHA256.items():
        assert sha256(mediapipe_file(preset)) == digest
