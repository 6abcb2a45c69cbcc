"""The body, the poses and the renderer; only where the `synthetic` extra is installed."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose_tf import image as images
from blazepose_tf import topology
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.synthetic.assets import WHEEL, find_wheel
from blazepose_tf.data.synthetic.dataset import Job, render_people
from blazepose_tf.data.synthetic.labels import Frame
from blazepose_tf.data.synthetic.pose import Arm, Leg, Pose
from blazepose_tf.data.synthetic.poses import FAMILIES, walking
from blazepose_tf.data.synthetic.sample import Person, Standing, Studio, Surroundings
from blazepose_tf.data.synthetic.scene import Framing, frame_points
from blazepose_tf.data.synthetic.sequences import Recording, write_sequence
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation.recorded import read_sequence

ROOT = Path(__file__).resolve().parents[2]
TOOL = [sys.executable, str(ROOT / "tools" / "synthesize.py")]
ENVIRONMENT = os.environ | {
    "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
}
INDEX = topology.INDEX
SIZE = 192
BEHIND = Arm((0.2, 0.9, -1.0), elbow=0.8, twist=1.3)
"""An arm with the hand behind the back."""


@pytest.fixture(scope="module")
def studio() -> Studio:
    pytest.importorskip("moderngl", reason="the synthetic extra (moderngl) is not installed")
    try:
        return Studio(SIZE)
    except BadInputError as error:
        pytest.skip(f"no OpenGL or no body data: {error}")


@pytest.fixture(scope="module")
def person(studio: Studio) -> Person:
    return studio.person(np.random.default_rng(4))


@pytest.fixture(scope="module")
def room(studio: Studio) -> Surroundings:
    return studio.surroundings(np.random.default_rng(4))


def points(studio: Studio, person: Person, pose: Pose) -> np.ndarray:
    return studio.stand(person, pose).truth.points


def angle(chain: np.ndarray, *names: str) -> float:
    """Degrees by which a limb is bent at the second of three joints."""
    a, b, c = (chain[INDEX[name]] for name in names)
    first, second = (b - a) / math.dist(a, b), (c - b) / math.dist(b, c)
    return math.degrees(math.acos(first @ second))


def shot(studio: Studio, person: Person, room: Surroundings, pose: Pose) -> tuple[Standing, Frame]:
    standing = studio.stand(person, pose)
    return standing, studio.render(standing, room, Framing(elevation=0.0))


def test_a_wheel_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no such file"):
        find_wheel(tmp_path / WHEEL)
    (tmp_path / WHEEL).write_bytes(b"PK something else")
    with pytest.raises(BadInputError, match="not the"):
        find_wheel(tmp_path / WHEEL)


@pytest.mark.parametrize("bend", [30, 60, 100])
@pytest.mark.parametrize("side", ["left", "right"])
def test_limbs_bend_by_the_angle_asked(
    studio: Studio, person: Person, bend: float, side: str
) -> None:
    pose = replace(
        Pose(),
        **{
            f"{side}_arm": Arm(elbow=math.radians(bend)),
            f"{side}_leg": Leg(flexion=math.radians(bend), knee=math.radians(bend)),
        },
    )
    found = points(studio, person, pose)
    elbow = angle(found, f"{side}_shoulder", f"{side}_elbow", f"{side}_wrist")
    knee = angle(found, f"{side}_hip", f"{side}_knee", f"{side}_ankle")
    # The landmarks are not exactly the rig's joints, so a few degrees remain.
    assert elbow == pytest.approx(bend, abs=12)
    assert knee == pytest.approx(bend, abs=12)
    # A bent hip brings the knee forward (-y), a bent elbow the hand.
    assert found[INDEX[f"{side}_knee"], 1] < found[INDEX[f"{side}_hip"], 1] - 0.1
    assert found[INDEX[f"{side}_wrist"], 1] < found[INDEX[f"{side}_elbow"], 1]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_mirrored_pose_mirrors_the_points(
    studio: Studio, person: Person, family: str, random: np.random.Generator
) -> None:
    pose = FAMILIES[family][0](random)
    found, other = points(studio, person, pose), points(studio, person, pose.mirrored())
    mirrored = other[list(topology.MIRRORED[:33])] * [-1, 1, 1]
    np.testing.assert_allclose(mirrored, found, atol=0.02)


@pytest.mark.parametrize("family", FAMILIES)
def test_people_keep_their_bones_and_touch_the_floor(
    studio: Studio, person: Person, family: str, random: np.random.Generator
) -> None:
    rest = points(studio, person, Pose())
    standing = studio.stand(person, FAMILIES[family][0](random))
    for a, b in (("hip", "knee"), ("knee", "ankle"), ("shoulder", "elbow"), ("elbow", "wrist")):
        for side in ("left", "right"):
            i, j = INDEX[f"{side}_{a}"], INDEX[f"{side}_{b}"]
            now = math.dist(standing.truth.points[i], standing.truth.points[j])
            assert now == pytest.approx(math.dist(rest[i], rest[j]), rel=0.12)
    assert standing.parts[0].positions[:, 2].min() == pytest.approx(0.012, abs=1e-3)


def test_a_walk_is_one_smooth_cycle(studio: Studio, person: Person) -> None:
    """Sequences: the pose at phase 0 and 1 is the same, neighbours are near, legs alternate."""

    def at(phase: float) -> np.ndarray:
        return points(studio, person, replace(walking(np.random.default_rng(0), phase, 1.0)))

    track = np.array([at(phase) for phase in np.linspace(0, 1, 25)])
    np.testing.assert_allclose(track[0], track[-1], atol=1e-6)
    assert np.linalg.norm(np.diff(track, axis=0), axis=-1).max() < 0.25
    ahead = track[:, INDEX["left_ankle"], 1] - track[:, INDEX["right_ankle"], 1]
    assert ahead[0] < -0.2 < 0.2 < ahead[12]


def test_opengl_draws_what_the_camera_projects(
    studio: Studio, person: Person, room: Surroundings
) -> None:
    """The z-buffer at the nose is the nose: two independent ways from metres to pixels agree."""
    standing = studio.stand(person, Pose())
    camera = frame_points(standing.truth.body, Framing(fill=0.8, elevation=0.2), SIZE, SIZE)
    parts = [*standing.parts, *room.place.parts]
    picture = studio.renderer.draw(parts, camera, room.light, np.zeros((1, 4)))
    for name in ("nose", "left_eye", "right_eye", "mouth_left", "mouth_right"):
        point = standing.truth.points[INDEX[name]]
        x, y = camera.project(point).astype(int)
        assert picture.depth[y, x] == pytest.approx(camera.to_camera(point)[2], abs=0.03)
        distance = np.linalg.norm(picture.rest[y, x] - standing.truth.rest[INDEX[name]])
        assert distance < 0.04
    # The silhouette fills what was asked for, the rest of the depth is empty.
    rows = np.flatnonzero(np.isfinite(picture.depth).any(axis=1))
    assert (rows[-1] - rows[0] + 1) / SIZE == pytest.approx(0.8, abs=0.04)


def test_left_and_right_from_in_front_and_from_behind(
    studio: Studio, person: Person, room: Surroundings
) -> None:
    _, front = shot(studio, person, room, Pose())
    _, back = shot(studio, person, room, Pose().turned(math.pi))
    for name in ("shoulder", "hip", "wrist", "ankle"):
        left, right = INDEX[f"left_{name}"], INDEX[f"right_{name}"]
        assert front.sample.points[left, 0] > front.sample.points[right, 0]
        assert back.sample.points[left, 0] < back.sample.points[right, 0]
    face = list(range(7)) + [9, 10]
    assert front.sample.visibility[face].all()
    assert not back.sample.visibility[face].any()


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_hand_behind_the_back_is_covered(
    studio: Studio, person: Person, room: Surroundings, side: str
) -> None:
    pose = replace(Pose(), left_arm=BEHIND) if side == "left" else replace(Pose(), right_arm=BEHIND)
    hidden = INDEX[f"{side}_wrist"]
    hanging = INDEX["right_wrist" if side == "left" else "left_wrist"]
    _, front = shot(studio, person, room, pose)
    _, back = shot(studio, person, room, pose.turned(math.pi))
    assert not front.sample.visibility[hidden] and front.sample.visibility[hanging]
    assert back.sample.visibility[hidden] and back.sample.visibility[hanging]


def test_the_face_box_holds_the_face(studio: Studio, person: Person, room: Surroundings) -> None:
    _, frame = shot(studio, person, room, Pose())
    x0, y0, x1, y1 = frame.face
    inner = frame.sample.points[[0, 1, 2, 3, 4, 5, 6, 9, 10]]
    assert ((inner > [x0, y0]) & (inner < [x1, y1])).all()
    assert y1 < frame.sample.points[topology.LEFT_SHOULDER, 1] + 2
    assert 0.6 < (x1 - x0) / (y1 - y0) < 1.1


def test_a_picture_is_made_again_from_its_seed(studio: Studio) -> None:
    first, again, other = (studio.random_frame(np.random.default_rng([7, i]))[1] for i in (1, 1, 2))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.sample.points, again.sample.points)
    assert np.abs(first.sample.points - other.sample.points).max() > 1


def test_the_tool_writes_a_readable_set(studio: Studio, tmp_path: Path) -> None:
    out = tmp_path / "people"
    command = [*TOOL, "--count", "2", "--size", "96", "--out", str(out), "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    people = read_coco(out / "annotations.json", out / "images")
    assert len(people) == 2
    assert all(person.known.all() and np.isfinite(person.world).all() for person in people)


def test_who_stands_in_front_covers_whoever_is_behind(
    studio: Studio, person: Person, room: Surroundings
) -> None:
    """The one behind is not taken for visible where the same part of the other one is seen."""
    near = studio.stand(person, Pose(), position=(0.0, -0.6), who=1)
    far = studio.stand(person, Pose(), position=(0.0, 0.6), who=2)
    camera = frame_points(near.truth.body, Framing(fill=0.8, elevation=0.02), SIZE, SIZE)
    front, behind = studio.shoot([near, far], room, camera)
    assert front.image is behind.image
    assert front.sample.visibility[[0, 11, 12, 23, 24, 25, 26]].all()
    # The far one looks smaller and lies inside of the near one's outline.
    assert behind.sample.torso < 0.9 * front.sample.torso
    assert not behind.sample.visibility[[11, 12, 23, 24]].any()
    alone = studio.shoot([far], room, camera)[0]
    assert alone.sample.visibility[[11, 12, 23, 24]].all()
    np.testing.assert_array_equal(alone.sample.points, behind.sample.points)


def test_backdrops_do_not_shine_through_people(
    studio: Studio, person: Person, room: Surroundings
) -> None:
    """People and backdrop are drawn apart: where a person is, the backdrop must not matter."""
    other = studio.surroundings(np.random.default_rng(5))
    standing = studio.stand(person, Pose())
    camera = frame_points(standing.truth.body, Framing(fill=0.8), SIZE, SIZE)
    scenes = ([*standing.parts, *place.place.parts] for place in (room, other))
    nothing = np.zeros((1, 4))
    pictures = [studio.renderer.draw(parts, camera, room.light, nothing) for parts in scenes]
    same = (pictures[0].image == pictures[1].image).all(axis=2)
    person_there = np.isfinite(pictures[0].depth)
    inner = person_there.copy()
    for axis in (0, 1):  # edges are blends
        for step in (-1, 1):
            inner &= np.roll(person_there, step, axis)
    assert inner.sum() > 500
    assert same[inner].mean() > 0.995
    assert same[~person_there].mean() < 0.5


def test_a_sequence_keeps_its_people_and_its_place(studio: Studio, tmp_path: Path) -> None:
    recording = Recording("two-apart", seed=3, seconds=0.5, fps=10)
    assert list(write_sequence(studio, recording, tmp_path, video=True)) == list(range(5))
    folder = tmp_path / recording.name
    sequence = read_sequence(folder)
    np.testing.assert_allclose(sequence.times, [0, 0.1, 0.2, 0.3, 0.4])
    assert len(sequence.people) == 2 and all(len(track) == 5 for track in sequence.people)
    for track in sequence.people:
        thighs = [math.dist(s.world[INDEX["left_hip"]], s.world[INDEX["left_knee"]]) for s in track]
        assert np.ptp(thighs) < 1e-3 * np.mean(thighs) + 2e-4
    left, right = (np.mean([s.mid_hip[0] for s in track]) for track in sequence.people)
    assert right - left > 0.15 * SIZE
    # A still camera: the sky or wall above stays as it is but for the noise.
    strips = [images.read_image(path)[:10].astype(float) for path in sequence.pictures]
    assert abs(strips[0].mean() - strips[4].mean()) < 1
    assert (folder / "video.mp4").stat().st_size > 1000


def test_a_stopped_run_goes_on_and_ends_the_same(studio: Studio, tmp_path: Path) -> None:
    def job(name: str) -> Job:
        return Job(tmp_path / name, find_wheel(), seed=5, size=64, samples=0, case="mix")

    whole = list(render_people(job("whole"), 4))
    first = render_people(job("parts"), 4)
    next(first), next(first)
    first.close()
    assert not (tmp_path / "parts" / "annotations.json").exists()
    again = list(render_people(job("parts"), 4))
    assert [e.sample.image.name for e in again] == [e.sample.image.name for e in whole]
    texts = [(tmp_path / n / "annotations.json").read_text() for n in ("whole", "parts")]
    assert texts[0] == texts[1]
    before = (tmp_path / "parts" / "images" / "000003.jpg").stat().st_mtime_ns
    longer = list(render_people(job("parts"), 5))
    assert [e.sample.image.name for e in longer[:4]] == [e.sample.image.name for e in whole]
    assert (tmp_path / "parts" / "images" / "000003.jpg").stat().st_mtime_ns == before
    assert (
        len(read_coco(tmp_path / "parts" / "annotations.json", tmp_path / "parts" / "images")) == 5
    )


def test_mediapipes_convention_moves_points_and_leaves_the_picture(studio: Studio) -> None:
    theirs = Studio(SIZE, convention="mediapipe")
    plain, moved = (s.random_frame(np.random.default_rng([9, 1]))[1] for s in (studio, theirs))
    # Only the soft shadow under the feet goes with the labels.
    assert np.abs(plain.image.astype(int) - moved.image).max() < 10
    shift = np.linalg.norm(plain.sample.points - moved.sample.points, axis=1) / plain.sample.torso
    assert 0.01 < shift[INDEX["left_heel"]] < 0.12
    assert shift[INDEX["left_hip"]] < 1e-6


@pytest.mark.parametrize(
    "wrong",
    [
        ["--script", "walk"],
        ["--sequence", "--fps", "0"],
        ["--count", "0"],
        ["--size", "7"],
        ["--quality", "0"],
        ["--body", "nowhere.whl"],
    ],
)
def test_the_tool_refuses_bad_input_in_one_line(wrong: list[str], tmp_path: Path) -> None:
    command = [*TOOL, "--out", str(tmp_path / "out"), *wrong]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()
