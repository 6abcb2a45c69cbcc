"""Train a landmark network or a detector: from nothing, from imported weights, or from your own."""

from __future__ import annotations

import os

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from pathlib import Path  # noqa: E402

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.convert.chatter import quiet  # noqa: E402
from blazepose_tf.data.sources import FORMAT  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("kind", choices=["landmark", "detector", "branches"],
                        help="branches: heatmaps and mask beside a frozen network")  # fmt: skip
    parser.add_argument("--part", choices=["heads", "all"], default="heads",
                        help="of the branches: all trains decoder and mask too")  # fmt: skip
    parser.add_argument("--preset", default=None,
                        help="of the network; by default what --init says, else lite")  # fmt: skip
    parser.add_argument("--init", default="none", help="weights .npz to start from, or none")
    parser.add_argument("--fill", type=Path, default=None,
                        help="weights .npz for what --init lacks (branches)")  # fmt: skip
    parser.add_argument("--data", action="append", required=True, metavar="SOURCE", help=FORMAT)
    parser.add_argument("--backgrounds", type=Path, action="append", default=[],
                        help="folder of pictures that show nobody (presence 0)")  # fmt: skip
    parser.add_argument(
        "--out", type=Path, required=True, help="folder of the run; one that exists is resumed"
    )
    parser.add_argument("--stage", default="both", choices=["heatmap", "regression", "both"])
    parser.add_argument("--no-stop-gradient", action="store_true",
                        help="let regression train the encoder too (fine-tuning)")  # fmt: skip
    parser.add_argument("--freeze-above", type=int, default=0,
                        help="leave encoder layers finer than this as they are")  # fmt: skip
    parser.add_argument("--quantization-aware", action="store_true", help="simulate int8")
    parser.add_argument("--teacher", type=Path, default=None,
                        help="float weights .npz whose outputs replace the labels")  # fmt: skip
    parser.add_argument("--images", type=int, default=100_000, help="training crops to see in all")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument(
        "--learning-rate", type=float, default=4e-4, help="relative step (RelativeAdam)"
    )
    parser.add_argument("--landmark-scale", type=float, default=3.0,
                        help="pixels up to which a landmark's error counts fully")  # fmt: skip
    parser.add_argument("--warmup", type=int, default=100, help="steps")
    parser.add_argument(
        "--ema", type=float, default=0.998, help="weight of the past in the averaged weights"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1, help="processes that prepare batches")
    parser.add_argument("--bfloat16", action="store_true",
                        help="encoder in bfloat16: a third faster on AVX512-BF16")  # fmt: skip
    parser.add_argument("--threads", type=int, default=0,
                        help="of one operation (0 = all cores); 1 wastes nothing")  # fmt: skip
    parser.add_argument("--validate-every", type=int, default=500, help="steps")
    parser.add_argument("--checkpoint-every", type=int, default=200, help="steps")
    parser.add_argument("--strategy", default="none", choices=["none", "mirrored", "multiworker"])
    parser.add_argument(
        "--cache", type=Path, default=Path("runs/cache"), help="where crops are kept"
    )
    parser.add_argument("--json", action="store_true", help="print run.json at the end")
    arguments = parser.parse_args()

    with quiet():  # TensorFlow's greetings; what comes later is shown
        from blazepose_tf.training.run import run_training

    run_training(arguments)


if __name__ == "__main__":
    command_line.run(main)
