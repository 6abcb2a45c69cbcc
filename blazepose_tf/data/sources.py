"""Which pictures to train on, as given on a command line, and the pack cut from them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.crops import CropPack, build_pack, pack_name
from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
FORMAT = "coco:ANNOTATIONS.json:IMAGES[:WEIGHT] or lsp:ROOT[:WEIGHT]"


@dataclass(frozen=True)
class Source:
    """One data set: its kind, its files, how often a sample of it is drawn (1 = as it comes)."""

    kind: str
    paths: tuple[Path, ...]
    weight: float = 1.0

    def read(self) -> list[PoseSample]:
        """Every sample; of LSP the training part only."""
        if self.kind == "lsp":
            return read_lsp(self.paths[0], "train")
        return read_coco(*self.paths)

    @property
    def label_file(self) -> Path:
        """The file that holds the labels."""
        return self.paths[0] / "joints.mat" if self.kind == "lsp" else self.paths[0]


def parse_source(text: str) -> Source:
    """Parse `coco:ANNOTATIONS.json:IMAGES[:WEIGHT]` or `lsp:ROOT[:WEIGHT]`.

    Raises:
        BadInputError: not of that form.
    """
    kind, *parts = text.split(":")
    count = {"coco": 2, "lsp": 1}.get(kind, 0)
    try:
        weight = float(parts[count]) if len(parts) > count else 1.0
    except ValueError:
        count = 0
    if not count or len(parts) not in (count, count + 1):
        raise BadInputError(f"--data {text!r} is not understood; write {FORMAT}")
    return Source(kind, tuple(map(Path, parts[:count])), weight)


def find_pictures(folder: Path) -> list[Path]:
    """Picture files under `folder`, sorted.

    Raises:
        BadInputError: there are none.
    """
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in PICTURES)
    if not found:
        raise BadInputError(f"{folder}: holds no pictures; give a folder with .jpg or .png files")
    return found


def open_pack(
    sources: list[Source], backgrounds: list[Path], cache: Path, whole_pictures: bool = False
) -> tuple[CropPack, list[dict[str, Any]]]:
    """The pack of these data sets, cut now if it is not in `cache` yet, and what went into it.

    `whole_pictures` cuts letterboxed pictures (for the detector) instead of people.
    """
    record: list[dict[str, Any]] = [
        {
            "kind": source.kind, "files": [str(path) for path in source.paths],
            "weight": source.weight, "labels_sha256": _digest(source.label_file),
        }
        for source in sources
    ]  # fmt: skip
    pictures = [path for folder in backgrounds for path in find_pictures(folder)]
    kind = "whole backgrounds" if whole_pictures else "backgrounds"
    record += [{"kind": kind, "files": [str(b) for b in backgrounds], "count": len(pictures)}]
    contents = [{k: v for k, v in entry.items() if k != "weight"} for entry in record]
    path = cache / pack_name({"contents": contents, "whole_pictures": whole_pictures})
    if not path.with_suffix(".npz").exists():
        build_pack(path, [s.read() for s in sources], pictures, whole_pictures)
    pack = CropPack(path)
    for index, entry in enumerate(record):
        chosen = pack.labels.source == index
        entry["crops"] = int(chosen.sum())
        entry["validation"] = int((chosen & pack.labels.validation).sum())
    return pack, record


def _digest(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check --data") from error
