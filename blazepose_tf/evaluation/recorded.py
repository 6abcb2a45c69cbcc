"""Moving sequences with their truth, as `tools/synthesize.py --sequence` writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError

Array = NDArray[np.floating]
ANNOTATIONS = "annotations.json"


@dataclass(frozen=True)
class Recorded:
    """Truth of one sequence.

    times [T] seconds; pictures [T]; people: for each track the T samples, in the order of frames.
    """

    name: str
    times: Array
    pictures: list[Path]
    people: list[list[PoseSample]]


def read_sequence(folder: Path) -> Recorded:
    """A folder that `tools/synthesize.py --sequence` wrote.

    Raises:
        BadInputError: no such folder, or pictures without times or people without a track.
    """
    path = folder / ANNOTATIONS
    samples = read_coco(path, folder / "images")
    content = json.loads(path.read_text())
    try:
        times = {row["file_name"]: float(row["timestamp_s"]) for row in content["images"]}
        tracks = [int(row["track"]) for row in content["annotations"]]
    except KeyError as error:
        raise BadInputError(f"{path}: is no sequence ({error} is missing)") from error
    names = sorted(times, key=times.__getitem__)
    people: dict[int, dict[str, PoseSample]] = {}
    for track, sample in zip(tracks, samples, strict=True):
        people.setdefault(track, {})[sample.image.name] = sample
    if any(set(person) != set(names) for person in people.values()):
        raise BadInputError(f"{path}: a track does not have one person in every frame")
    return Recorded(
        folder.name, np.array([times[name] for name in names]),
        [folder / "images" / name for name in names],
        [[people[track][name] for name in names] for track in sorted(people)],
    )  # fmt: skip


def find_sequences(folders: Sequence[Path]) -> list[Recorded]:
    """The sequences in these folders: each is one, or holds some.

    Raises:
        BadInputError: there are none.
    """
    found = [
        path.parent
        for folder in folders
        for path in sorted([*folder.glob(ANNOTATIONS), *folder.glob(f"*/{ANNOTATIONS}")])
    ]
    if not found:
        raise BadInputError(
            f"{folders[0]}: holds no sequence; make some with tools/synthesize.py --sequence"
        )
    return [read_sequence(folder) for folder in found]
