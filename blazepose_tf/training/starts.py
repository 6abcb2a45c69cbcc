"""Starting weights for smaller networks, .npz in and out (see `narrow`, `shorten` and `thin`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import image as images
from blazepose_tf.convert import calibration
from blazepose_tf.convert.sources import ShippedDetector
from blazepose_tf.data.sources import find_pictures
from blazepose_tf.models.detector import build_detector
from blazepose_tf.models.landmark import build_landmark
from blazepose_tf.models.narrow import make_narrow
from blazepose_tf.models.shorten import without_blocks
from blazepose_tf.models.thin import thin
from blazepose_tf.models.weights import (
    Weights,
    apply_weights,
    get_weights,
    read_weights,
    save_weights,
)


def narrow_detector(
    source: Path, preset: str, to: str, pictures: Path, count: int, out: Path
) -> None:
    """Pour the detector `source` of a preset into the narrower preset `to`."""
    narrow = build_detector(to)
    size = narrow.input_shape[1]
    wide = build_detector(preset, input_size=size)
    weights = read_weights(source)
    apply_weights(wide, weights, str(source))
    found = find_pictures(pictures)
    chosen = [found[i] for i in np.linspace(0, len(found) - 1, count).astype(int)]
    read = [images.read_image(path) for path in chosen]
    stack = [images.crop(p, images.letterbox_roi(*p.shape[:2]), size, 0) for p in read]
    print(f"fitting {to} to {preset} on {len(stack)} pictures, about a minute")
    make_narrow(wide, narrow, np.stack(stack).astype(np.float32) / 255)
    about = {"preset": to, "narrowed_from": {"preset": preset, **weights.about}}
    save_weights(out, get_weights(narrow, about))
    print(f"{out}: {narrow.count_params()} parameters, {wide.count_params()} before")


def shorten_detector(source: Path, to: str, blocks: Sequence[str], out: Path) -> None:
    """Leave blocks out of the detector `source`; what remains are weights of the preset `to`.

    Raises:
        BadInputError: no such block, one that cannot go, or `to` is of another shape.
    """
    weights = read_weights(source)
    model = build_detector(to)
    shorter = Weights(
        without_blocks(weights.arrays, blocks),
        {"preset": to, "shortened_from": {**weights.about, "dropped": list(blocks)}},
    )
    apply_weights(model, shorter, f"{source} without {', '.join(blocks)}")
    save_weights(out, shorter)
    print(f"{out}: {model.count_params()} parameters")


def _person_crops(pictures: Path, count: int, size: int) -> NDArray[np.float32]:
    """Up to `count` people in `pictures` as the network sees them, 0..1."""
    people = calibration.people_in(pictures, ShippedDetector())
    some = calibration.spread(people.calibrate, count)
    crops = calibration.landmark_crops(some, size).pictures
    print(f"fitting on {len(crops)} people, about a minute")
    return crops.astype(np.float32) / 255


def thin_landmark(
    source: Path, preset: str, keep: Mapping[str, int], pictures: Path, count: int, out: Path
) -> None:
    """Leave only `keep[block]` expanded channels in blocks of a landmark network.

    Raises:
        BadInputError: no such block, or pictures without people.
    """
    weights = read_weights(source)
    model = build_landmark(preset)
    apply_weights(model, weights, str(source))
    lost = thin(model, _person_crops(pictures, count, model.input_shape[1]), keep)
    for block, share in lost.items():
        print(f"{block}: {share:.1%} of what it says is lost before training")
    changed = get_weights(model).arrays
    # Training heads and branches stay as they were.
    save_weights(out, Weights({**weights.arrays, **changed}, weights.about))
