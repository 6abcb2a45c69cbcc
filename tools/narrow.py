"""Make starting weights for a smaller network out of a larger one's (channels or blocks pruned).

A detector is poured into a preset with fewer channels everywhere (--to), or loses whole blocks
(--drop, then --to is the preset without them). A landmark network keeps its preset and loses
expanded channels inside blocks (--keep): they become zeros, and the converter leaves them out.
Either way the result is a start: train it with tools/train.py --init.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse  # noqa: E402
from pathlib import Path  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402


def _width(text: str) -> tuple[str, int]:
    block, _, count = text.partition("=")
    if not count.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not BLOCK=CHANNELS, as encoder_16_4=256")
    return block, int(count)


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--weights", type=Path, required=True, help="the wider network's .npz")
    parser.add_argument("--preset", help="the wider network's, if its weights do not say")
    parser.add_argument("--to", help="the smaller network's preset, as detector_small")
    parser.add_argument("--keep", type=_width, nargs="+", default=[], metavar="BLOCK=CHANNELS",
                        help="landmark networks: channels that stay in which blocks")  # fmt: skip
    parser.add_argument("--drop", nargs="+", default=[], metavar="BLOCK",
                        help="detectors: blocks to leave out, as encoder_14_1")  # fmt: skip
    parser.add_argument("--images", type=Path, help="pictures, some with people; not for --drop")
    parser.add_argument("--count", type=int, default=64, help="pictures to look at")
    parser.add_argument("--out", type=Path, required=True, help="weights .npz to write")
    given = parser.parse_args()

    with quiet():  # TensorFlow's greetings
        from blazepose_tf.models.presets import DETECTOR
        from blazepose_tf.models.weights import preset_of, read_weights
        from blazepose_tf.training import starts
    preset = preset_of(read_weights(given.weights), given.weights, given.preset)
    if preset in DETECTOR and given.drop:
        starts.shorten_detector(given.weights, _to(given, preset), given.drop, given.out)
        return
    if given.images is None:
        raise BadInputError("channels are chosen on pictures; give a folder with --images")
    pictures = (given.images, given.count, given.out)
    if preset in DETECTOR:
        starts.narrow_detector(given.weights, preset, _to(given, preset), *pictures)
    elif given.keep:
        starts.thin_landmark(given.weights, preset, dict(given.keep), *pictures)
    else:
        raise BadInputError(f"{preset}: say which channels stay with --keep BLOCK=CHANNELS")


def _to(given: argparse.Namespace, preset: str) -> str:
    if given.to is None:
        raise BadInputError(f"{preset}: say what it shall become with --to PRESET")
    return str(given.to)


if __name__ == "__main__":
    command_line.run(main)
