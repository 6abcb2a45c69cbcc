"""Evaluation of several people: every count against made-up people, and a rendered crossing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose_tf.data.boxes import read_boxes
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import crowd_times, crowds, people
from blazepose_tf.evaluation.people import Tally, give
from blazepose_tf.geometry import Roi
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.runtime.timing import StageMilliseconds
from tests.conftest import stick_figure

ROOT = Path(__file__).resolve().parents[1]


def person(x: float, visible: float = 1.0) -> PoseSample:
    """A stick figure `x` pixels to the right."""
    points = stick_figure(np.random.default_rng(0)) + np.float32([x, 0])
    return PoseSample(Path("p.png"), points, visibility=np.full(33, visible, np.float32))


def result(sample: PoseSample, number: int, off: float = 0.0, visible: float = 1.0) -> PoseResult:
    """A pose `off` torso lengths beside the person."""
    points = np.zeros((33, 3), np.float32)
    points[:, :2] = sample.points[:33] + np.float32([off * sample.torso, 0])
    visibility = np.full(33, visible, np.float32)
    world = np.zeros((33, 3), np.float32)
    return PoseResult(0.0, points, visibility, 0.9, world, Roi(0, 0, 1), False,
                      StageMilliseconds(1.0), number)  # fmt: skip


def test_poses_go_to_the_nearest_people_within_half_a_torso() -> None:
    crowd = [person(0), person(100), person(400)]
    near = result(crowd[0], 1, 0.1).landmarks
    nearer = result(crowd[1], 2, 0.05).landmarks
    far = result(crowd[2], 3, 0.55).landmarks
    assert give(crowd, [near, far, nearer]) == [0, 2, None]
    assert give(crowd, []) == [None] * 3
    assert give([], [near]) == []
    twice = result(crowd[0], 4, 0.2).landmarks
    assert give(crowd[:1], [twice, near]) == [1]


def test_every_event_is_counted_once() -> None:
    a, b = person(0), person(300)
    hidden = person(300, visible=0.0)
    tally = Tally()
    tally.add([a, b], [result(a, 1), result(b, 2)])
    tally.add([a, hidden], [result(a, 1)])  # covered and not found: nothing is wrong
    tally.add([a, hidden], [result(a, 1), result(b, 2, 0.1)])  # covered, yet found
    tally.add([a, b], [result(a, 1)])  # lost
    tally.add([a, b], [result(a, 1), result(b, 3)])  # found with another number
    tally.add([a, b], [result(a, 3), result(b, 1)])  # both exchanged
    tally.add([a, b], [result(a, 3), result(b, 1), result(b, 4, 3.0)])  # and one of nobody
    counts = tally.to_dict()
    assert {k: counts[k] for k in ("frames", "lost", "covered", "found_covered", "false",
                                   "switches")} == {
        "frames": 12, "lost": 1, "covered": 2, "found_covered": 1, "false": 1, "switches": 3,
    }  # fmt: skip
    assert counts["mota"] == pytest.approx(100 * (1 - 5 / 12), abs=0.01)
    both = (tally + tally).to_dict()
    assert (both["frames"], both["switches"]) == (24, 6)


def test_boxes_are_read_and_scored(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0 0.25 0.5 0.2 0.8\n7 0.5 0.5 1 1\n0 0.75 0.5 0.1 0.2\n\n")
    with pytest.raises(BadInputError, match=r"a\.txt"):
        read_boxes(tmp_path, Path("a.jpg"), 100, 200)
    (tmp_path / "a.txt").write_text("0 0.25 0.5 0.2 0.8\n7 0.5 0.5 1 1\n0 0.75 0.5 0.1 0.2\n")
    boxes = read_boxes(tmp_path, Path("a.jpg"), 100, 200)
    assert boxes == pytest.approx(np.array([[30, 10, 70, 90], [140, 40, 160, 60]]))
    assert read_boxes(tmp_path, Path("none.jpg"), 100, 200).shape == (0, 4)
    assert crowds.box_iou(boxes, boxes[:1] + [20, 0, 20, 0])[:, 0] == pytest.approx([1 / 3, 0])

    def scored(*poses: list[float]) -> dict[str, int]:
        return crowds.score_picture(boxes, np.reshape(poses, (-1, 4)), 100)

    # The second person is too small to count, but a pose on it is not elsewhere.
    assert scored() == {"people": 1, "found": 0, "twice": 0, "elsewhere": 0}
    assert scored([30, 20, 70, 90]) == {"people": 1, "found": 1, "twice": 0, "elsewhere": 0}
    assert scored([30, 20, 70, 90], [35, 15, 70, 80], [140, 40, 160, 60], [0, 0, 9, 9]) == {
        "people": 1, "found": 1, "twice": 1, "elsewhere": 1,
    }  # fmt: skip
    nobody = crowds.score_picture(np.zeros((0, 4)), boxes, 100)
    assert nobody == {"people": 0, "found": 0, "twice": 0, "elsewhere": 2}


def test_a_pose_s_box_is_that_of_its_visible_points() -> None:
    sample = person(0)
    pose = result(sample, 1)
    shown = sample.points[:33]
    assert crowds.pose_box(pose, 900, 900) == pytest.approx(
        np.concatenate([shown.min(axis=0), shown.max(axis=0)])
    )
    pose.visibility[25:] = 0.1
    assert crowds.pose_box(pose, 900, 900)[3] == pytest.approx(shown[:25, 1].max())
    assert crowds.pose_box(pose, 90, 900)[3] == 90  # cut off by the picture
    pose.visibility[:] = 0
    assert crowds.pose_box(pose, 900, 900)[3] == pytest.approx(shown[:, 1].max())


def test_two_rendered_people_side_by_side_are_found_in_a_picture(
    mediapipe_file: Callable[[str], Path], tmp_path: Path
) -> None:
    cells = []
    for path in sorted(crowd_times.PICTURES.glob("*.jpg"))[:12]:
        picture = cv2.imread(str(path))
        if picture.shape[0] > picture.shape[1]:
            cells.append(cv2.resize(picture, (288, 384)))
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.hstack(cells[1:3]))
    (tmp_path / "labels" / "a.txt").write_text("0 0.265 0.5 0.15 0.7\n0 0.75 0.5 0.41 0.58\n")
    found = crowds.evaluate_crowds(
        [str(mediapipe_file("lite"))], tmp_path / "images", tmp_path / "labels",
        detector=str(mediapipe_file("detector")), their_detector=str(mediapipe_file("detector")),
        counts=(1, 2, 4),
    )  # fmt: skip
    assert [(r["max_people"], r["found"]) for r in found["results"]] == [(1, 1), (2, 2), (4, 2)]
    assert all(r["twice"] == r["elsewhere"] == 0 for r in found["results"])
    assert crowds.markdown(found).count("\n") == 4
    with pytest.raises(BadInputError, match="no picture has 3 people"):
        crowds.evaluate_crowds(
            ["npm:lite"], tmp_path / "images", tmp_path / "labels", detector="x", least=3
        )


def test_times_grow_with_the_people_and_all_are_found(
    mediapipe_file: Callable[[str], Path],
) -> None:
    found = crowd_times.evaluate_times(
        str(mediapipe_file("lite")), detector=str(mediapipe_file("detector")), most=3, frames=12
    )
    rows = found["results"]
    assert [row["people"] for row in rows] == [1, 2, 3] == [row["found"] for row in rows]
    assert rows[2]["full_ms"] > 1.5 * rows[0]["full_ms"]
    assert [row["detector_runs"] for row in rows] == [2, 2, 2]  # 12 frames, 0.4 s
    assert crowd_times.markdown(found).count("\n") == 6


@pytest.fixture(scope="module")
def crossing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rendered people who cross, with exact truth: 40 frames."""
    if not os.environ.get("CI"):  # there it must run
        pytest.importorskip("moderngl", reason="the synthetic extra (moderngl) is not installed")
    from blazepose_tf.data.synthetic.sample import Studio
    from blazepose_tf.data.synthetic.sequences import Recording, write_sequence

    folder = tmp_path_factory.mktemp("sequences")
    try:
        studio = Studio(384, samples=0)
    except BadInputError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no OpenGL or no body data: {error}")
    recording = Recording("two-crossing", seed=6, seconds=3.2, fps=12.5)
    assert list(write_sequence(studio, recording, folder))
    return folder


def test_rendered_people_who_cross_keep_their_numbers(
    crossing: Path, mediapipe_file: Callable[[str], Path]
) -> None:
    detector = str(mediapipe_file("detector"))
    found = people.evaluate_people(
        [str(mediapipe_file("lite"))], [crossing], detector=detector, their_detector=detector
    )
    (row,) = found["results"]
    assert row["switches"] == 0 and row["numbers"] == 2 and row["false"] <= 2
    assert row["covered"] >= 1  # they do cross
    assert row["lost"] <= 0.15 * row["frames"]
    assert people.markdown(found).count("two-crossing") == 1


def test_sequences_of_one_person_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="holds no sequence"):
        people.evaluate_people(["npm:lite"], [tmp_path], detector="npm:detector")
    with pytest.raises(BadInputError, match="max_people"):
        people.evaluate_people(["npm:lite"], [tmp_path], detector="x", max_people=1)


def test_the_command_line(tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "tools" / "evaluate_people.py"), *arguments],
            cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    for arguments, message in (
        (["npm:lite"], "nothing to do"),
        (["npm:lite", "--pictures", "x"], "go together"),
        (["missing.tflite", "--sequences", "nowhere"], "nowhere: holds no sequence"),
    ):
        done = run(*arguments)
        assert done.returncode == 2 and message in done.stderr
        assert done.stderr.count("\n") == 1 and not list(tmp_path.iterdir())
    assert json.loads(json.dumps(Tally().to_dict()))["mota"] == 100
