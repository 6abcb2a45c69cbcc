"""Bundles made from the shipped Lite weights, pictures that every machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("tensorflow")

from blazepose_tf import image as images  # noqa: E402
from blazepose_tf.convert import build, calibration, task_bundle  # noqa: E402
from blazepose_tf.convert.build import Request  # noqa: E402
from blazepose_tf.convert.calibration import People  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Precision -> bundle of the shipped Lite weights, converted once for all tests."""
    out = tmp_path_factory.mktemp("bundles")
    people = calibration.shipped_people()
    some = People(people.source, people.calibrate[::2], people.check[::4])
    with quiet(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_people", lambda request: some)
        report = task_bundle.build(Request(out, ("lite_256",), task_bundle.PRECISIONS, time=False))
    assert not report.failures
    return {
        precision: out / task_bundle.bundle_name("lite", precision)
        for precision in task_bundle.PRECISIONS
    }


@pytest.fixture(scope="session")
def people_pictures() -> list[images.Image]:
    """Rendered people, and the real one of the README's picture, left third."""
    folder = ROOT / "blazepose_tf" / "assets" / "calibration" / "images"
    return [images.read_image(path) for path in sorted(folder.iterdir())[:24:3]]
