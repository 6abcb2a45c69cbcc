"""Make starting weights for a narrower detector out of a wider one's (channel pruning).

The result is a start, not a detector: train it with tools/train.py detector --preset ... --init.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf import image as images  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.data.sources import find_pictures  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="the wider detector's .npz")
    parser.add_argument("--preset", default="detector", help="the wider detector's preset")
    parser.add_argument("--to", default="detector_small", help="the narrower detector's preset")
    parser.add_argument("--images", type=Path, required=True, help="pictures, some with people")
    parser.add_argument("--count", type=int, default=64, help="pictures to look at")
    parser.add_argument("--out", type=Path, required=True, help="weights .npz to write")
    given = parser.parse_args()

    with quiet():  # TensorFlow's greetings
        from blazepose_tf.models.detector import build_detector
        from blazepose_tf.models.narrow import make_narrow
        from blazepose_tf.models.weights import (
            apply_weights,
            get_weights,
            read_weights,
            save_weights,
        )  # fmt: skip

    narrow = build_detector(given.to)
    size = narrow.input_shape[1]
    wide = build_detector(given.preset, input_size=size)
    weights = read_weights(given.weights)
    apply_weights(wide, weights, str(given.weights))
    found = find_pictures(given.images)
    chosen = [found[i] for i in np.linspace(0, len(found) - 1, given.count).astype(int)]
    pictures = [images.read_image(path) for path in chosen]
    stack = [images.crop(p, images.letterbox_roi(*p.shape[:2]), size, 0) for p in pictures]
    print(f"fitting {given.to} to {given.preset} on {len(stack)} pictures, about a minute")
    make_narrow(wide, narrow, np.stack(stack).astype(np.float32) / 255)
    about = {"preset": given.to, "narrowed_from": {"preset": given.preset, **weights.about}}
    save_weights(given.out, get_weights(narrow, about))
    print(f"{given.out}: {narrow.count_params()} parameters, {wide.count_params()} before")


if __name__ == "__main__":
    command_line.run(main)
