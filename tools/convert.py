"""Convert BlazePose to .tflite files, check them, and report.

Without arguments: lite, full and the detector in float32, float16 and int8, from the weights and
calibration pictures of the package. Exit code 1 names a check that failed; the files stay.
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
    from blazepose_tf.convert.build import PRECISIONS, STEPS, Request, build, models_of
    from blazepose_tf.convert.report import to_text
    from blazepose_tf.convert.sources import presets

    parser = command_line.parser(__doc__)
    parser.add_argument("--model", nargs="+", choices=presets(),
                        help="default: lite full detector, or the preset of --weights")  # fmt: skip
    parser.add_argument("--precision", nargs="+", choices=PRECISIONS, default=PRECISIONS)
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
    if arguments.io == "int8" and "int8" not in arguments.precision:
        raise BadInputError("--io int8 is for int8 files; add --precision int8")

    request = Request(
        arguments.out, models_of(arguments.model, arguments.weights), tuple(arguments.precision),
        arguments.weights, arguments.calibration, arguments.io, not arguments.no_latency,
    )  # fmt: skip
    steps = STEPS if request.time else STEPS[:-1]
    with tqdm(total=request.files * len(steps), unit="step", leave=False) as bar:

        def progress(step: str) -> None:
            bar.set_description(step)
            bar.update()

        report = build(request, progress)
    content = report.content
    print(json.dumps(content, indent=1) if arguments.json else to_text(content))
    if report.failures:
        raise CheckFailedError("; ".join(report.failures))
    if not arguments.json:
        print(f"{len(content['files'])} files and report.md in {arguments.out}, "
              f"{content['seconds']:.0f} s")  # fmt: skip


if __name__ == "__main__":
    command_line.run(main)
