"""Fit a landmark network's presence anew: does the crop show anybody?

Looks at people, beside them and into pictures of nobody, and fits the last convolution of presence
alone; no other output changes. Do it after training: see docs/training.md.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.data.sources import FORMAT, find_pictures, parse_source  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a landmark network's .npz")
    parser.add_argument("--preset", help="its preset, if the weights do not say")
    parser.add_argument("--data", action="append", required=True, metavar="SOURCE", help=FORMAT)
    parser.add_argument("--backgrounds", type=Path, action="append", required=True,
                        help="folder of pictures that show nobody")  # fmt: skip
    parser.add_argument("--count", type=int, default=4000, help="people, and pictures of nobody")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True, help="weights .npz to write")
    given = parser.parse_args()

    with quiet():  # TensorFlow's greetings
        from blazepose_tf.models.weights import preset_of, read_weights, save_weights
        from blazepose_tf.training import presence
    weights = read_weights(given.weights)
    preset = preset_of(weights, given.weights, given.preset)
    random = np.random.default_rng(given.seed)
    people = [sample for text in given.data for sample in parse_source(text).read()]
    empty = [path for folder in given.backgrounds for path in find_pictures(folder)]
    some = random.permutation(len(people))[: given.count]
    none = random.permutation(len(empty))[: given.count]
    looks = [
        *presence.people_and_beside([people[i] for i in some], random),
        *presence.nobody([empty[i] for i in none], random),
    ]
    fitted, shares = presence.refit(weights, preset, str(given.weights), looks)
    save_weights(given.out, fitted)
    for when, (missed, false) in shares.items():
        print(f"{when}: {missed:.1f} % of people missed, {false:.1f} % of empty crops taken")
    print(f"{given.out}: presence fitted on {len(looks)} crops; the shares are of those kept back")


if __name__ == "__main__":
    command_line.run(main)
