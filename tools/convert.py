"""Convert BlazePose to .tflite files, check them, and report.

Without arguments: lite, full and the detector in float32, float16 and int8, from the weights and
calibration pictures of the package. With --layout mediapipe: .task bundles that MediaPipe's own
PoseLandmarker loads. Exit code 1 names a check that failed; the files stay.
"""

from __future__ import annotations

import json
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.convert.chatter import quiet
from blazepose_tf.errors import BadInputError, CheckFailedError


def main() -> None:
    # TensorFlow's libraries write to the terminal as soon as they are loaded.
    with quiet():
        _main()


def _main() -> None:
    from blazepose_tf.convert import task_bundle
    from blazepose_tf.convert.build import (
        ALL,
        DEFAULT_MODELS,
        PRECISIONS,
        STEPS,
        Request,
        build,
        models_of,
    )
    from blazepose_tf.convert.layouts import LAYOUTS
    from blazepose_tf.convert.report import to_text
    from blazepose_tf.convert.sources import presets

    parser = command_line.parser(__doc__)
    parser.add_argument("--model", nargs="+", choices=(*presets(), ALL),
                        help="default: lite full detector detector_128, or the preset of "
                        "--weights; all: every one that has shipped weights")  # fmt: skip
    parser.add_argument("--layout", choices=LAYOUTS, default="own",
                        help="mediapipe: .task bundles, by default of lite_256 and full_256 in "
                        "float16 and int8")  # fmt: skip
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, help="default: all")
    parser.add_argument("--outputs", nargs="+", choices=["mask"], default=[],
                        help="outputs of landmark files besides the usual ones")  # fmt: skip
    parser.add_argument("--weights", type=Path, help="weights .npz of one preset; default: shipped")
    parser.add_argument("--calibration", type=Path, metavar="DIR",
                        help="pictures of people, for int8 and for the checks; with an "
                        "annotations.json (COCO keypoints) PCK too; default: shipped")  # fmt: skip
    parser.add_argument("--io", choices=("float32", "int8"), default="float32",
                        help="input type of int8 files")  # fmt: skip
    parser.add_argument("--out", type=Path, default=Path("dist"), help="folder to write to")
    parser.add_argument("--no-latency", action="store_true", help="do not time the files")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    arguments = parser.parse_args()
    tasks = arguments.layout == "mediapipe"
    precisions = tuple(arguments.precision or (task_bundle.PRECISIONS if tasks else PRECISIONS))
    if arguments.io == "int8" and ("int8" not in precisions or tasks):
        raise BadInputError("--io int8 is for int8 files of our own layout; add --precision int8")

    default = task_bundle.DEFAULT_MODELS if tasks else DEFAULT_MODELS
    models = models_of(arguments.model, arguments.weights, default)
    if tasks:
        models = task_bundle.landmark_models(models)
    request = Request(
        arguments.out, models, precisions,
        arguments.weights, arguments.calibration, arguments.io, not arguments.no_latency,
        "mask" in arguments.outputs,
    )  # fmt: skip
    steps = STEPS if request.time else STEPS[:-1]
    files = task_bundle.files(request) if tasks else request.files
    with tqdm(total=files * len(steps), unit="step", leave=False) as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update()

        report = (task_bundle.build if tasks else build)(request, progress)
    content = report.content
    print(json.dumps(content, indent=1) if arguments.json else to_text(content))
    if report.failures:
        raise CheckFailedError("; ".join(report.failures))
    if not arguments.json:
        print(f"{len(content['files'])} files and their report in {arguments.out}, "
              f"{content['seconds']:.0f} s")  # fmt: skip


if __name__ == "__main__":
    command_line.run(main)
