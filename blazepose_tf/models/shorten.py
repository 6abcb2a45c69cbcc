"""Leave whole blocks out of an encoder: those that add little to what passes by them.

An inverted residual adds to its input; without it the input passes unchanged. Which blocks can go
is measured, each left out alone (docs/experiments.md); training then mends what is lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blazepose_tf.errors import BadInputError

Array = NDArray[np.floating[Any]]
BLOCK = re.compile(r"(encoder_\d+)_(\d+)(_.*)")


def without_blocks(arrays: Mapping[str, Array], blocks: Collection[str]) -> dict[str, Array]:
    """The arrays, by `layer/weight`, without `blocks` (`encoder_14_1`); later ones of the same
    resolution move up.

    Raises:
        BadInputError: no such block, or one that changes channels: nothing could pass by it.
    """
    for block in blocks:
        expand, project = (arrays.get(f"{block}_{part}/kernel") for part in ("expand", "project"))
        if expand is None or project is None:
            raise BadInputError(f"{block}: the weights have no such block")
        if expand.shape[2] != project.shape[3]:
            raise BadInputError(
                f"{block}: takes {expand.shape[2]} channels and gives {project.shape[3]}; "
                "only blocks that keep the channels can be left out"
            )
    kept: dict[str, Array] = {}
    for name, array in arrays.items():
        found = BLOCK.fullmatch(name)
        if found is None:
            kept[name] = array
            continue
        stage, number, rest = found[1], int(found[2]), found[3]
        if f"{stage}_{number}" in blocks:
            continue
        gone = sum(f"{stage}_{i}" in blocks for i in range(number))
        kept[f"{stage}_{number - gone}{rest}"] = array
    return kept
