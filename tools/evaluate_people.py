"""Score the tracker with several people: numbers kept and frames lost, people found, time.

--sequences: what tools/synthesize.py --sequence wrote. --pictures and --labels: pictures with boxes
in YOLO's text format (coco128) or VOC's XML. --times: milliseconds with 1 to 5 people, of the first
file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from blazepose_tf import command_line, files
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation import crowd_times, crowds, people
from blazepose_tf.runtime.interpreter import BACKENDS

DETECTOR = Path("dist/pose_detector_float32.tflite")


def main() -> None:
    finder = str(DETECTOR) if DETECTOR.exists() else "npm:detector"
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help="landmark .tflite, or npm:lite|full|heavy")
    add("--sequences", type=Path, nargs="+", metavar="DIR", help="folders of sequences")
    add("--pictures", type=Path, metavar="DIR", help="pictures of several people")
    add(
        "--labels",
        type=Path,
        metavar="DIR",
        help="their boxes, NAME.txt (YOLO) or NAME.xml (VOC) for NAME.jpg",
    )
    add("--times", action="store_true", help="milliseconds by the number of people")
    add("--people", type=int, default=2, help="max_people on sequences")
    add("--detector", default=finder, help="detector of our files; MediaPipe's have their own")
    add("--json", type=Path, metavar="OUT", help="write the reports here")
    add("--backend", choices=["auto", *BACKENDS], default="auto", help="TFLite runtime")
    add("--threads", type=int, default=1, help="threads of the runtime")
    given = parser.parse_args()
    if (given.pictures is None) != (given.labels is None):
        raise BadInputError("--pictures and --labels go together; give both")
    if not (given.sequences or given.pictures or given.times):
        raise BadInputError("nothing to do; give --sequences, --pictures with --labels, or --times")

    options: dict[str, Any] = {
        "detector": given.detector, "backend": given.backend, "threads": given.threads,
        "progress": True,
    }  # fmt: skip
    reports: dict[str, Any] = {}
    if given.sequences:
        found = people.evaluate_people(
            given.files, given.sequences, max_people=given.people, **options
        )
        reports["sequences"] = found
        print(people.markdown(found), end="\n\n")
    if given.pictures:
        found = crowds.evaluate_crowds(given.files, given.pictures, given.labels, **options)
        reports["pictures"] = found
        print(crowds.markdown(found), end="\n\n")
    if given.times:
        found = crowd_times.evaluate_times(given.files[0], **options)
        reports["times"] = found
        print(crowd_times.markdown(found))
    if given.json:
        files.write_atomically(given.json, (json.dumps(reports, indent=2) + "\n").encode())


if __name__ == "__main__":
    command_line.run(main)
