"""The labelled pictures that a command line names."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from blazepose_tf import files
from blazepose_tf.data.coco import read_coco
from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError


def read_labelled(given: Namespace) -> tuple[list[PoseSample], dict[str, Any]]:
    """The labelled people, and what the report says about where they come from.

    Reads `dataset` (coco or lsp) with `annotations` and `images`, or `root` and `split`; `limit`.

    Raises:
        BadInputError: an option is missing, or nobody is labelled there.
    """
    needed = {"coco": ("annotations", "images"), "lsp": ("root",)}[given.dataset]
    if any(getattr(given, option) is None for option in needed):
        raise BadInputError(f"--dataset {given.dataset} needs --{' and --'.join(needed)}")
    if given.limit is not None and given.limit < 1:
        raise BadInputError(f"--limit {given.limit}: give a number of people, at least 1")
    source = {"name": given.dataset}
    if given.dataset == "lsp":
        samples, labels = read_lsp(given.root, given.split), given.root / "joints.mat"
        source["split"] = given.split
    else:
        samples, labels = read_coco(given.annotations, given.images), given.annotations
    samples = samples[: given.limit]
    if not samples:
        raise BadInputError(f"{labels}: holds no labelled person; choose another file or split")
    counts = {"pictures": len({s.image for s in samples}), "people": len(samples)}
    return samples, {**source, **counts, "limit": given.limit, "sha256": files.sha256(labels)}
