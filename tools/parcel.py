"""Pack what tools/train_pytorch.py needs: crops, training graphs, weights to start from.

For a lent GPU whose machine has PyTorch and no TensorFlow. Crops go in parts of a size that its
transfers take; validation pictures stay here.
"""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import argparse  # noqa: E402
from pathlib import Path  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.data.sources import FORMAT, open_pack, parse_source  # noqa: E402


def _network(text: str) -> tuple[str, Path]:
    name, _, weights = text.partition("=")
    if not name.isidentifier() or not weights:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=WEIGHTS.npz")
    return name, Path(weights)


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--data", action="append", required=True, metavar="SOURCE", help=FORMAT)
    parser.add_argument("--backgrounds", type=Path, action="append", default=[],
                        help="folder of pictures that show nobody (presence 0)")  # fmt: skip
    parser.add_argument("--network", type=_network, action="append", required=True,
                        metavar="NAME=WEIGHTS", help="landmark weights to start from")  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--part", type=float, default=40.0, help="largest file of crops, MB")
    parser.add_argument("--workers", type=int, default=2, help="processes that compress")
    parser.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="where crops are kept"
    )
    given = parser.parse_args()

    with quiet():  # TensorFlow's greetings
        from blazepose_tf.training import parcel, parts
    sources = [parse_source(text) for text in given.data]
    pack, _ = open_pack(sources, given.backgrounds, given.cache)
    files = parts.send_crops(pack, given.out, int(given.part * 1e6), given.workers)
    for name, weights in given.network:
        parcel.send_network(weights, name, pack, given.out)
    chances = " ".join(f"{source.weight:g}" for source in sources)
    print(f"{given.out}: {len(files)} parts of crops; train there with --weights {chances}")


if __name__ == "__main__":
    command_line.run(main)
