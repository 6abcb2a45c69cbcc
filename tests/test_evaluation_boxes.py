"""Detectors against people's boxes: the boxes of people whose points are known."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.data.boxes import read_boxes
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import boxes

ROOT = Path(__file__).resolve().parents[1]
CALIBRATION = ROOT / "blazepose_tf" / "assets" / "calibration"
VOC = """<annotation><object><name>{name}</name><bndbox><xmax>{2}</xmax><xmin>{0}</xmin>
<ymax>{3}</ymax><ymin>{1}</ymin></bndbox></object></annotation>"""


def body_box(sample: PoseSample) -> list[float]:
    """Box of all points of a person."""
    points = sample.points[:33]
    return [*np.nanmin(points, axis=0).tolist(), *np.nanmax(points, axis=0).tolist()]


def test_people_of_voc_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(VOC.format(28, 57, 258, 400, name="person"))
    (tmp_path / "b.xml").write_text(VOC.format(28, 57, 258, 400, name="dog"))
    (tmp_path / "c.xml").write_text(VOC.format("left", 57, 258, 400, name="person"))
    (tmp_path / "d.xml").write_text("<annotation>")
    assert read_boxes(tmp_path, Path("a.jpg"), 9, 9).tolist() == [[28, 57, 258, 400]]
    assert read_boxes(tmp_path, Path("b.jpg"), 9, 9).shape == (0, 4)
    for name in "cd":
        with pytest.raises(BadInputError, match=f"{name}.xml: no VOC labels"):
            read_boxes(tmp_path, Path(f"{name}.jpg"), 9, 9)


def test_hips_may_lie_below_a_box_but_not_beside_it() -> None:
    two = np.array([[10, 10, 30, 50], [60, 20, 90, 40]], float)
    assert boxes.holds(two, 20, 69) and boxes.holds(two, 75, 49)
    assert not boxes.holds(two, 20, 71) and not boxes.holds(two, 45, 30)
    assert not boxes.holds(two, 20, 9)


def test_hits_lie_in_boxes_and_misses_beside_them(
    tmp_path: Path, mediapipe_file: Callable[[str], Path]
) -> None:
    upright = [
        s for s in read_coco(CALIBRATION / "annotations.json", CALIBRATION / "images")
        if s.visibility[0] and s.mid_shoulder[1] < s.mid_hip[1] - 40
    ][:6]  # fmt: skip
    right, beside, pictures = (tmp_path / name for name in ("right", "beside", "pictures"))
    for folder in (right, beside, pictures):
        folder.mkdir()
    for i, sample in enumerate(upright):
        (pictures / f"{i}{sample.image.suffix}").write_bytes(sample.image.read_bytes())
        box = body_box(sample)
        (right / f"{i}.xml").write_text(VOC.format(*box, name="person"))
        moved = np.add(box, [box[2] - box[0] + 5, 0] * 2)
        (beside / f"{i}.xml").write_text(VOC.format(*moved, name="person"))
    cv2.imwrite(str(pictures / "nobody.png"), np.full((200, 300, 3), 90, np.uint8))

    out = tmp_path / "report.json"
    detector = str(mediapipe_file("detector"))
    command = [sys.executable, "tools/evaluate.py", detector, "--images", str(pictures)]
    done = subprocess.run(
        [*command, "--boxes", str(right), "--json", str(out)],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    (row,) = json.loads(out.read_text())["results"]
    assert json.loads(out.read_text())["pictures"] == 6
    assert 3 <= row["hits"] == row["found"] <= 6
    assert f"{100 * row['hits'] / 6:.1f} |" in done.stdout
    (missed,) = boxes.evaluate_boxes([detector], beside, pictures)["results"]
    assert (missed["found"], missed["hits"]) == (row["found"], 0)
    with pytest.raises(BadInputError, match="no picture has a person's box"):
        boxes.evaluate_boxes([detector], tmp_path, pictures)
