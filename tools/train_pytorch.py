"""Train landmark networks on a machine with PyTorch, from a folder that tools/parcel.py made.

Needs PyTorch, NumPy, OpenCV and tqdm; no TensorFlow. A GPU is used if there is one.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # nothing is installed there

from blazepose_tf import command_line  # noqa: E402
from blazepose_tf.errors import BadInputError  # noqa: E402


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("parcel", type=Path, help="folder with networks and crops")
    parser.add_argument("--networks", nargs="+", required=True, metavar="NAME")
    parser.add_argument("--out", type=Path, required=True, help="folder for NAME.npz and run.json")
    parser.add_argument("--seconds", type=float, default=480, help="of training")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=8e-4, help="relative step")
    parser.add_argument("--ema", type=float, default=0.999, help="weight of the past per step")
    parser.add_argument("--landmark-scale", type=float, default=10.0,
                        help="pixels up to which a landmark's error counts fully")  # fmt: skip
    parser.add_argument("--weights", type=float, nargs="*", default=[], metavar="WEIGHT",
                        help="how often each data set is drawn (1 = as it comes)")  # fmt: skip
    parser.add_argument("--workers", type=int, default=2, help="processes that prepare batches")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    try:
        import torch
    except ImportError:
        raise BadInputError("PyTorch is not installed; this tool runs where it is") from None

    from blazepose_tf.data.pipeline import StreamOptions
    from blazepose_tf.training.parts import join
    from blazepose_tf.training.pytorch.loop import ClockOptions, Learner, stream, train

    torch.backends.cudnn.benchmark = False  # choosing takes a minute
    device = "cuda" if torch.cuda.is_available() else "cpu"
    pack = join(given.parcel)
    options = ClockOptions(
        given.seconds, given.learning_rate, ema=given.ema, landmark_scale=given.landmark_scale
    )
    given.out.mkdir(parents=True, exist_ok=True)
    # Compared with Keras in full precision.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    learners = [Learner(given.parcel, name, options, device) for name in given.networks]
    sizes = {learner.about["input_size"] for learner in learners}
    if len(sizes) > 1:
        raise BadInputError(
            f"{', '.join(given.networks)}: of several input sizes; train them apart"
        )
    stream_options = StreamOptions(
        given.batch_size, sizes.pop(), given.seed, source_weights=tuple(given.weights)
    )
    batches = stream(pack, stream_options, given.workers)
    for learner in learners:
        print(f"{learner.name}: {learner.check(given.parcel):.2g} away from Keras", flush=True)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    record = {
        "command": ["tools/train_pytorch.py", *sys.argv[1:]], "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device == "cuda" else "cpu",
    }  # fmt: skip
    done = train(
        learners, batches, options, given.out, record, lambda text: print(text, flush=True)
    )
    (given.out / "run.json").write_text(json.dumps({**record, **done}, indent=1))


if __name__ == "__main__":
    command_line.run(main)
