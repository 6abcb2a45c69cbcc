"""The annotation file of rendered people: COCO-33 with what a renderer knows besides.

Every annotation also has `face` [x, y, w, h]; stills have `family` (of postures) and `case`,
sequences have `track` (the same number for the same person) and their pictures `timestamp_s`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blazepose_tf.data.coco import to_annotation, to_sample, write_coco
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.synthetic.labels import Frame
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically


@dataclass(frozen=True)
class Entry:
    """One person in one picture: its sample, further keys of its annotation and its picture."""

    sample: PoseSample
    person: dict[str, Any]
    picture: dict[str, Any]

    def to_line(self) -> str:
        """As one line of a journal."""
        content = {
            "image": self.sample.image.name, "annotation": to_annotation(self.sample, 0, 0),
            "person": self.person, "picture": self.picture,
        }  # fmt: skip
        return json.dumps(content)

    @staticmethod
    def from_line(line: str, images: Path) -> Entry:
        """What `to_line` wrote."""
        content = json.loads(line)
        sample = to_sample(content["annotation"], images / content["image"])
        return Entry(sample, content["person"], content["picture"])


def entry(frame: Frame, person: dict[str, Any], picture: dict[str, Any]) -> Entry:
    """The entry of a labelled frame whose picture has its name."""
    x0, y0, x1, y1 = (float(v) for v in frame.face)
    face = [round(x0, 2), round(y0, 2), round(x1 - x0, 2), round(y1 - y0, 2)]
    height, width = frame.image.shape[:2]
    size = {"height": height, "width": width}
    return Entry(frame.sample, {"face": face, **person}, {**size, **picture})


def write_annotations(
    path: Path, entries: Iterable[Entry], note: str, information: dict[str, Any] | None = None
) -> None:
    """COCO-33 file beside `images/`; one line for each picture and person, to be read in a diff.

    `information`: further keys of its `info`.
    """
    entries = list(entries)
    write_coco(path, [e.sample for e in entries], path.parent / "images", note)
    content = json.loads(path.read_text())
    for row, e in zip(content["annotations"], entries, strict=True):
        row.update(e.person)
        content["images"][row["image_id"]].update(e.picture)
    lists = [
        f'"{key}": [\n' + ",\n".join(json.dumps(row) for row in content[key]) + "\n]"
        for key in ("categories", "images", "annotations")
    ]
    info = f'"info": {json.dumps(content["info"] | (information or {}))}'
    write_atomically(path, ("{" + ",\n".join([info, *lists]) + "}\n").encode())


class Journal:
    """What is rendered so far, line by line: a stopped run goes on where it was, a finished one
    can be made longer.

    The first line describes the job; a folder of another job is not touched.
    """

    def __init__(self, path: Path, job: dict[str, Any]) -> None:
        """Open or begin it.

        Raises:
            BadInputError: the folder holds another job's pictures.
        """
        self.path, self.lines = path, [json.dumps(job)]
        if path.exists():
            # A line cut off by a kill has no end.
            lines = [line for line in path.read_text().splitlines(keepends=True)]
            lines = [line.rstrip("\n") for line in lines if line.endswith("\n")]
            if lines[:1] != self.lines:
                raise BadInputError(
                    f"{path.parent}: holds a run begun with other options; give another --out"
                )
            self.lines = lines
        write_atomically(path, "".join(f"{line}\n" for line in self.lines).encode())

    def entries(self, images: Path) -> Iterator[Entry]:
        """What the earlier runs left."""
        return (Entry.from_line(line, images) for line in self.lines[1:])

    def add(self, item: Entry) -> Entry:
        """Append one entry; returns it as it will be read back (numbers are rounded)."""
        line = item.to_line()
        with self.path.open("a") as file:
            file.write(line + "\n")
        return Entry.from_line(line, item.sample.image.parent)
