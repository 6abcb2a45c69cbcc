"""Landmarks as a table: one row for each person and frame, in MediaPipe's names and units.

A landmark has the name of MediaPipe's `PoseLandmark`, in small letters as in its documentation, and
the fields of its `NormalizedLandmark` (mediapipe/tasks/python/components/containers/landmark.py): x
and y are shares of the picture's width and height, z a share of the width (divided by 0.4, see
tensors_to_pose_landmarks_and_segmentation.pbtxt, normalize_z), visibility 0..1; `world_x`, ... are
its `pose_world_landmarks`, metres. MediaPipe itself writes no tables; NAME_FIELD (left_hip_x,
left_hip_visibility) is how its users' tables join the two.
"""

from __future__ import annotations

import csv
from typing import TextIO

from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.topology import LANDMARK_NAMES

FIRST = ("frame", "timestamp_ms", "person")
FIELDS = ("x", "y", "z", "visibility", "world_x", "world_y", "world_z")
COLUMNS = FIRST + tuple(f"{name}_{field}" for name in LANDMARK_NAMES for field in FIELDS)
NORMALIZE_Z = 0.4


class CsvTable:
    """Writes the header, then rows. Frames without people have none."""

    def __init__(self, file: TextIO) -> None:
        self._rows = csv.writer(file, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def add(self, index: int, person: PoseResult, height: int, width: int) -> None:
        """One person in frame `index` of a height x width picture."""
        row: list[str] = [str(index), f"{1e3 * person.timestamp_s:.3f}", str(person.id)]
        for i in range(len(LANDMARK_NAMES)):
            x, y, z = (float(v) for v in person.landmarks[i])
            row += [f"{x / width:.6f}", f"{y / height:.6f}", f"{z / width / NORMALIZE_Z:.6f}"]
            row.append(f"{float(person.visibility[i]):.5f}")
            row += [f"{float(v):.5f}" for v in person.world[i]]
        self._rows.writerow(row)
