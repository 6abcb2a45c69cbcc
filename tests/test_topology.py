"""The landmark tables against the numbers of MediaPipe, COCO and LSP."""

from __future__ import annotations

from blazepose_tf import topology

# mediapipe/python/solutions/pose_connections.py
MEDIAPIPE_CONNECTIONS = {
    (0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10), (11, 12), (11, 13),
    (13, 15), (15, 17), (15, 19), (15, 21), (17, 19), (12, 14), (14, 16), (16, 18), (16, 20),
    (16, 22), (18, 20), (11, 23), (12, 24), (23, 24), (23, 25), (24, 26), (25, 27), (26, 28),
    (27, 29), (28, 30), (29, 31), (30, 32), (27, 31), (28, 32),
}  # fmt: skip


def test_there_are_33_landmarks_and_two_alignment_points() -> None:
    assert len(set(topology.LANDMARK_NAMES)) == topology.NUM_LANDMARKS == 33
    assert topology.NUM_POINTS == 35
    assert (topology.MID_HIP, topology.FULL_BODY_CIRCLE) == (33, 34)


def test_names_stand_at_the_numbers_of_the_paper() -> None:
    for name, number in {
        "nose": 0, "left_eye": 2, "right_eye": 5, "left_ear": 7, "mouth_left": 9,
        "left_shoulder": 11, "right_elbow": 14, "left_wrist": 15, "right_pinky": 18,
        "left_index": 19, "right_thumb": 22, "left_hip": 23, "right_knee": 26, "left_ankle": 27,
        "right_heel": 30, "left_foot_index": 31,
    }.items():  # fmt: skip
        assert topology.LANDMARK_NAMES[number] == name
    for number, name in enumerate(topology.LANDMARK_NAMES[11:], start=11):
        assert name.startswith("left" if number % 2 else "right")


def test_mirroring_exchanges_left_and_right_and_undoes_itself() -> None:
    names = [*topology.LANDMARK_NAMES, *topology.ALIGNMENT_NAMES]
    for i, j in enumerate(topology.MIRRORED):
        assert topology.MIRRORED[j] == i
        swapped = names[i].replace("left", "?").replace("right", "left").replace("?", "right")
        assert names[j] == swapped


def test_bones_are_those_mediapipe_draws() -> None:
    assert {tuple(sorted(edge)) for edge in topology.EDGES} == MEDIAPIPE_CONNECTIONS
    assert len(topology.EDGES) == 35


def test_coco_and_lsp_numbers() -> None:
    assert topology.COCO_TO_BLAZEPOSE == (
        0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28,
    )  # fmt: skip
    assert topology.LSP_LIMBS == (28, 26, 24, 23, 25, 27, 16, 14, 12, 11, 13, 15)


def test_hand_and_foot_points_hang_on_their_own_side() -> None:
    for joint, dependents in topology.DEPENDENTS.items():
        side = topology.LANDMARK_NAMES[joint].split("_")[0]
        assert all(topology.LANDMARK_NAMES[i].startswith(side) for i in dependents)
    assert sorted(i for d in topology.DEPENDENTS.values() for i in d) == [
        *range(17, 23), *range(29, 33),
    ]  # fmt: skip
