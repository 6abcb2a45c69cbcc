"""What Kotlin reads from Python is what Python writes now; and the YUV definition is JFIF's."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf.geometry import Roi
from blazepose_tf.golden import maven, yuv
from blazepose_tf.golden.encoding import TYPES, array
from blazepose_tf.golden.vectors import WRITERS
from tests.android.conftest import write_golden

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "android_demo" / "gradle" / "libs.versions.toml"
EXACT = (
    "android_demo/.mvn/maven.config",
    "android_demo/core/src/main/resources/blazepose_tf/constants.json",
)


def _decoded(value: dict[str, Any]) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(value["base64"]), TYPES[value["type"]])
    return data.reshape(value["shape"])


def _differences(stored: Any, fresh: Any, where: str = "") -> Iterator[str]:
    """Where two values differ by more than another processor's last bits explain."""
    if isinstance(stored, dict) and "base64" in stored and isinstance(fresh, dict):
        a, b = _decoded(stored), _decoded(fresh)
        if a.shape != b.shape or stored["type"] != fresh["type"]:
            yield f"{where}: {stored['type']} {a.shape} became {fresh['type']} {b.shape}"
        elif a.dtype == np.uint8:
            if np.abs(a.astype(int) - b).max(initial=0) > 1:
                yield f"{where}: levels differ"
        elif not np.allclose(a, b, rtol=1e-5, atol=1e-5, equal_nan=True):
            yield f"{where}: numbers differ"
    elif isinstance(stored, dict) and isinstance(fresh, dict) and set(stored) == set(fresh):
        for key in stored:
            yield from _differences(stored[key], fresh[key], f"{where}/{key}")
    elif isinstance(stored, list) and isinstance(fresh, list) and len(stored) == len(fresh):
        for i, (a, b) in enumerate(zip(stored, fresh, strict=True)):
            yield from _differences(a, b, f"{where}/{i}")
    elif isinstance(stored, float) and isinstance(fresh, float):
        if not np.isclose(stored, fresh, rtol=1e-5, atol=1e-5):
            yield f"{where}: {stored} became {fresh}"
    elif stored != fresh:
        yield f"{where}: {str(stored)[:60]} became {str(fresh)[:60]}"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder laid out like the checkout, written now."""
    folder = tmp_path_factory.mktemp("golden")
    write_golden("--root", folder)
    return folder


@pytest.mark.parametrize("name", EXACT)
def test_constants_and_versions_are_fresh(fresh: Path, name: str) -> None:
    assert (ROOT / name).read_text() == (fresh / name).read_text()


@pytest.mark.parametrize("name", WRITERS)
def test_vectors_are_fresh(fresh: Path, name: str) -> None:
    stored, now = (
        json.loads((root / "tests" / "golden" / f"{name}.json").read_text())
        for root in (ROOT, fresh)
    )
    assert list(_differences(stored, now)) == []


def test_no_vector_is_left_over() -> None:
    assert {path.stem for path in (ROOT / "tests" / "golden").glob("*.json")} == set(WRITERS)


def test_differences_are_seen() -> None:
    """Against a comparison that finds nothing."""
    one = {"a": [1, array([1.0, 2.0], "float32"), array([7], "uint8")], "b": 0.5}
    assert list(_differences(one, json.loads(json.dumps(one)))) == []
    changed: list[tuple[Any, ...]] = [
        ("a", 1, array([1.0, 2.001], "float32")), ("a", 1, array([1.0, 2.0], "float64")),
        ("a", 2, array([9], "uint8")), ("a", 0, 2), ("b", 0.501), ("b", None),
    ]  # fmt: skip
    for *path, value in changed:
        other = json.loads(json.dumps(one))
        inner = other
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        assert len(list(_differences(one, other))) == 1, path


def test_maven_reads_the_catalogue_as_toml_says() -> None:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        tomllib = pytest.importorskip("tomli")
    text = CATALOGUE.read_text(encoding="utf-8")
    assert maven.versions(text) == tomllib.loads(text)["versions"]


def test_versions_stand_in_the_catalogue_only() -> None:
    """Every <version> of a POM is the project's own or a property of the catalogue."""
    known = maven.versions(CATALOGUE.read_text(encoding="utf-8"))
    for pom in (ROOT / "android_demo").glob("**/pom.xml"):
        for part in pom.read_text(encoding="utf-8").split("<version>")[1:]:
            version = part.partition("</version>")[0]
            own = version in ("0.1.0", "${project.version}")
            assert own or version[len("${versions.") : -1] in known, f"{pom}: {version}"


def test_an_entry_that_is_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="is no"):
        maven.versions('[versions]\nkotlin = { strictly = "2" }\n')


def test_colours_are_opencvs(random: np.random.Generator) -> None:
    """OpenCV's YCrCb is JFIF's, in fixed point: one level."""
    y, u, v = random.integers(0, 256, (3, 64, 64), np.uint8)
    planes = np.dstack([y, u.astype(np.float32) - 128, v.astype(np.float32) - 128])
    expected = cv2.cvtColor(np.dstack([y, v, u]), cv2.COLOR_YCrCb2RGB)
    difference = np.abs(yuv.to_rgb(planes.astype(np.float32)).astype(int) - expected)
    assert difference.max() <= 1


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_camera_picture_shows_what_was_before_it(
    rotation: int, mirrored: bool, random: np.random.Generator
) -> None:
    """Colours that fill 2 x 2 pixels come back upright, within the rounding of three numbers."""
    blocks = random.integers(40, 216, (20, 30, 3), np.uint8).astype(np.float32)
    blocks = (0.3 * blocks + 90).astype(np.uint8)  # soft enough to be inside YUV's gamut
    picture = blocks.repeat(2, 0).repeat(2, 1)
    seen = yuv.from_rgb(picture, rotation, mirrored)
    assert seen.y.shape == ((40, 60) if rotation % 180 == 0 else (60, 40))
    back = yuv.to_rgb(seen.upright())
    assert np.abs(back.astype(int) - picture).max() <= 2
    roi = Roi(28.4, 19.7, 31.0, 0.7)
    crop = yuv.crop(seen, roi, 32)
    assert np.abs(crop.astype(int) - images.crop(back, roi, 32)).max() <= 1
