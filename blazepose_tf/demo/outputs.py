"""Everything that is written about a picture, a video or a camera: all of it, or nothing.

Files appear under their names when the block has ended well. The sound of a video is not copied.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from blazepose_tf.demo.camera import SteadyWriter
from blazepose_tf.demo.csv_table import CsvTable
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import replacing
from blazepose_tf.image import Image
from blazepose_tf.runtime.result import PoseResult
from blazepose_tf.video import Frame, video_writer, write_picture
from blazepose_tf.view3d import Body, View3D

Add = Callable[[Frame, list[PoseResult], Image], None]
"""Adds a frame, the people in it, and the frame with them drawn over it."""


class Source(Protocol):
    """What outputs need to know of a `FrameSource` or `CameraSource`."""

    fps: float
    is_video: bool


@dataclass(frozen=True)
class Targets:
    """Files to write; None is not written. drawn: .mp4 or a picture."""

    drawn: Path | None = None
    jsonl: Path | None = None
    csv: Path | None = None
    view_3d: Path | None = None

    @property
    def paths(self) -> list[Path]:
        """All that will be written."""
        return [p for p in (self.drawn, self.jsonl, self.csv, self.view_3d) if p is not None]

    def check(self, source: Path | None) -> None:
        """Refuse to overwrite the source, or one file with another.

        Raises:
            BadInputError: two of them are the same.
        """
        taken = [path.resolve() for path in ([source] if source else []) + self.paths]
        for index, path in enumerate(self.paths, start=len(taken) - len(self.paths)):
            if path.resolve() in taken[:index]:
                raise BadInputError(f"{path}: would overwrite another file; give a different --out")


def _record(frame: Frame, people: list[PoseResult], several: bool) -> str:
    """One line of JSON; "people" with numbers where several may be followed, else "pose"."""
    record = {"frame": frame.index, "timestamp_s": round(frame.timestamp_s, 6)}
    if several:
        return json.dumps({**record, "people": [{"id": p.id, **p.to_dict()} for p in people]})
    return json.dumps({**record, "pose": people[0].to_dict() if people else None})


@contextlib.contextmanager
def open_outputs(
    targets: Targets, source: Source, *, several: bool, steady: bool = False
) -> Iterator[Add]:
    """A function that adds a frame to all files.

    several: more than one person may be followed. steady: frames come at any times; the video
    still has one frame rate.

    Raises:
        BadInputError: a file cannot be written.
    """
    adders: list[Add] = []
    with contextlib.ExitStack() as stack:

        def text(path: Path) -> object:
            return stack.enter_context(
                open(stack.enter_context(replacing(path)), "w", encoding="utf-8", newline="")
            )

        if targets.view_3d:
            view = View3D(targets.view_3d)
            adders.append(lambda frame, people, _: _add_bodies(view, frame, people))
        if targets.jsonl:
            lines = text(targets.jsonl)
            adders.append(
                lambda frame, people, _: print(_record(frame, people, several), file=lines)  # type: ignore[call-overload]
            )
        if targets.csv:
            table = CsvTable(text(targets.csv))  # type: ignore[arg-type]
            adders.append(lambda frame, people, _: _add_rows(table, frame, people))
        if targets.drawn and source.is_video:
            write = stack.enter_context(video_writer(targets.drawn, source.fps))
            keep_time = SteadyWriter(write, source.fps)
            if steady:
                adders.append(lambda frame, _, drawn: keep_time(drawn, frame.timestamp_s))
            else:
                adders.append(lambda frame, _, drawn: write(drawn))
        elif targets.drawn:
            path = targets.drawn
            adders.append(lambda frame, _, drawn: write_picture(path, drawn))

        def add(frame: Frame, people: list[PoseResult], drawn: Image) -> None:
            for adder in adders:
                adder(frame, people, drawn)

        yield add
        if targets.view_3d:
            view.write()


def _add_rows(table: CsvTable, frame: Frame, people: list[PoseResult]) -> None:
    for person in people:
        table.add(frame.index, person, *frame.image.shape[:2])


def _add_bodies(view: View3D, frame: Frame, people: list[PoseResult]) -> None:
    bodies = [Body(p.id, p.world, p.landmarks) for p in people]
    view.add(frame.index, frame.timestamp_s, bodies, *frame.image.shape[:2])
