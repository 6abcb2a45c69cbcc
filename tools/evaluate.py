"""Score .tflite files, ours or MediaPipe's, on labelled pictures.

roi: one landmark pass from the labelled ROI. pipeline: detector, then landmarks. detector: the
files are detectors, scored by how often they find the labelled person.

--sequences, --hard-cases: what tools/synthesize.py --sequence and --case hard wrote.
--world: rendered people of tools/synthesize.py, whose world landmarks are exact.
--false-detections: the files are detectors, the pictures show nobody.
--boxes: the files are detectors, the pictures have people's boxes (YOLO, VOC) in place of points.
--masks: Clothing Co-Parsing, hand-made masks of people. FILE may be a .task bundle anywhere.
"""

from __future__ import annotations

import json
from pathlib import Path

from blazepose_tf import command_line, files
from blazepose_tf.data.lsp import SPLITS
from blazepose_tf.evaluation.request import evaluate
from blazepose_tf.evaluation.run import MODES
from blazepose_tf.runtime.interpreter import BACKENDS

DETECTOR = Path("dist/pose_detector_float32.tflite")


def main() -> None:
    finder = str(DETECTOR) if DETECTOR.exists() else "npm:detector"
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add(
        "files",
        nargs="+",
        metavar="FILE",
        help=".tflite, or npm:lite|full|heavy|detector; NAME+heatmaps: points refined by "
        "the heatmaps of MediaPipe's layout, as its clients do",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--dataset", choices=["coco", "lsp"], help="labelled pictures")
    what.add_argument("--sequences", type=Path, action="append", metavar="DIR",
                      help="jitter, lost frames and PCK on moving sequences")  # fmt: skip
    what.add_argument("--hard-cases", type=Path, metavar="DIR",
                      help="PCK by case; with --root also lying people of LSP")  # fmt: skip
    what.add_argument("--world", type=Path, metavar="DIR",
                      help="world landmarks of rendered people, mm after Procrustes")  # fmt: skip
    what.add_argument("--false-detections", type=Path, action="append", metavar="DIR",
                      help="pictures without people")  # fmt: skip
    what.add_argument("--boxes", type=Path, metavar="DIR",
                      help="people's boxes, YOLO's or VOC's files, for detectors")  # fmt: skip
    what.add_argument("--masks", type=Path, metavar="DIR",
                      help="Clothing Co-Parsing: photos/ and annotations/pixel-level/")  # fmt: skip
    add("--annotations", type=Path, help="COCO keypoint JSON, 17 or 33 keypoints")
    add("--images", type=Path, help="folder of the pictures of --annotations or --boxes")
    add("--root", type=Path, help="LSP root, holding joints.mat and images/")
    add("--split", choices=SPLITS, default="held-out", help="part of LSP")
    add("--mode", choices=MODES, default="roi", help="what is scored")
    add("--detector", default=finder, help="detector of the pipeline mode")
    add("--landmarks", action="append", default=[], metavar="FILE",
        help="of --false-detections: landmark file that judges the detections")  # fmt: skip
    add("--reference", help="in detector mode: the detector whose hits the others should hit")
    add("--json", type=Path, metavar="OUT", help="write the report here")
    add("--limit", type=int, metavar="N", help="only the first N people")
    add("--backend", choices=["auto", *BACKENDS], default="auto", help="TFLite runtime")
    add("--threads", type=int, default=1, help="threads of the runtime")
    given = parser.parse_args()

    result, text = evaluate(given)
    if given.json:
        files.write_atomically(given.json, (json.dumps(result, indent=2) + "\n").encode())
    print(text)


if __name__ == "__main__":
    command_line.run(main)
