"""Make a detector as careful as you want: move its scores so that 0.5 suits your pictures.

Looks at pictures without people and adds a constant to the logits of all scores, so that at most
--at-most of the pictures have a detection at 0.5. tools/evaluate.py --false-detections tells how
many another detector has there.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="a detector's .npz")
    parser.add_argument("--preset", help="its preset, if the weights do not say")
    parser.add_argument("--images", type=Path, required=True, help="pictures without people")
    parser.add_argument("--at-most", type=int, required=True, help="how many of them may fire")
    parser.add_argument("--out", type=Path, required=True, help="weights .npz to write")
    given = parser.parse_args()

    with quiet():  # TensorFlow's greetings
        from blazepose_tf.data.sources import find_pictures
        from blazepose_tf.models.weights import preset_of, read_weights, save_weights
        from blazepose_tf.training.operating_point import highest_logits, shift_for, shifted
    weights = read_weights(given.weights)
    pictures = find_pictures(given.images)
    preset = preset_of(weights, given.weights, given.preset)
    logits = highest_logits(weights, preset, pictures)
    shift = shift_for(logits, given.at_most)
    save_weights(given.out, shifted(weights, shift))
    before, after = int((logits >= 0).sum()), int((logits + shift >= 0).sum())
    print(f"{given.out}: logits {shift:+.2f}, {after} of {len(pictures)} fire, {before} before")


if __name__ == "__main__":
    command_line.run(main)
