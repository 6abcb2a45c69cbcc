"""The shipped lite weights as an int8 file: every check that `make convert` makes passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from blazepose_tf.convert import build, calibration, checks, metadata
from blazepose_tf.convert.sources import Source
from blazepose_tf.models.weights import shipped


def test_int8_lite_passes_every_check(tmp_path: Path) -> None:
    if not shipped("lite").exists():
        pytest.fail("the package has lost its weights")
    people = calibration.shipped_people()
    people = calibration.People(people.source, people.calibrate[::4], people.check[::2])
    source = Source("lite", people)
    converted = build.convert(source, "int8", "float32")
    path = tmp_path / build.file_name(source, "int8")
    facts = build.describe(source, converted, "int8", "float32")
    path.write_bytes(metadata.describe(converted.content, facts))

    results = checks.check_file(path, source, "int8", "float32", ["ai-edge-litert"])
    assert [str(check) for check in results if not check.passed] == []
    made = {check.name.split("[")[0] for check in results}
    assert made == {"contract", "gpu_rules", "int8_layout", "xnnpack", "parity",
                    "parity_probability", "pck_loss"}  # fmt: skip
    assert converted.int8 is not None
    # The 4x4 and 2x2 tower (2.7) and the refinement (4.6 at 256 pixels; at 192, with 24x24, 14x14
    # and 7x7 cells, 3.0): more in float would be slow, less inaccurate.
    assert converted.int8.float_macs == pytest.approx(5.7e6, rel=0.1)
    assert path.stat().st_size < 2.5e6
    if converted.weights.weights.ranges:
        assert converted.int8.calibrated == 0 and converted.int8.learned > 60
