"""Score .tflite files, ours or MediaPipe's, on labelled pictures.

roi: one landmark pass from the labelled ROI. pipeline: detector, then landmarks. detector: the
files are detectors, scored by how often they find the labelled person.

--sequences, --hard-cases: what tools/synthesize.py --sequence and --case hard wrote.
--world: rendered people of tools/synthesize.py, whose world landmarks are exact.
--false-detections: the files are detectors, the pictures show nobody.
--masks: Clothing Co-Parsing, hand-made masks of people. FILE may be a .task bundle anywhere.
"""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from blazepose_tf import command_line, files
from blazepose_tf.data.lsp import SPLITS
from blazepose_tf.evaluation import (
    false_detections,
    hard_cases,
    report,
    run,
    segmentation,
    sequences,
    world,
)
from blazepose_tf.evaluation.labelled import read_labelled
from blazepose_tf.runtime.interpreter import BACKENDS

DETECTOR = Path("dist/pose_detector_float32.tflite")


def evaluate(given: Namespace) -> tuple[dict[str, Any], str]:
    """The report that was asked for, and its tables."""
    options = {"backend": given.backend, "threads": given.threads, "progress": True}
    detector = given.detector if given.mode == "pipeline" else None
    if given.sequences:
        content = sequences.evaluate_sequences(
            given.files, given.sequences, detector=given.detector, **options
        )
        return content, sequences.markdown(content)
    if given.world:
        content = world.evaluate_world(given.files, given.world, limit=given.limit, **options)
        return content, world.markdown(content)
    if given.hard_cases:
        content = hard_cases.evaluate_hard_cases(
            given.files, given.hard_cases, lsp=given.root, detector=detector, **options
        )
        return content, hard_cases.markdown(content)
    if given.false_detections:
        content = false_detections.evaluate_false_detections(
            given.files, given.false_detections, landmarks=given.landmarks, limit=given.limit,
            **options,
        )  # fmt: skip
        return content, false_detections.markdown(content)
    if given.masks:
        content = segmentation.evaluate_masks(
            given.files, given.masks, detector=given.detector, limit=given.limit, **options
        )
        return content, segmentation.markdown(content)
    samples, source = read_labelled(given)
    if given.mode == "detector":
        content = run.evaluate_detectors(given.files, samples, reference=given.reference, **options)
    else:
        content = run.evaluate_landmarks(given.files, samples, detector=detector, **options)
    content["dataset"] = source
    return content, report.markdown(content)


def main() -> None:
    finder = str(DETECTOR) if DETECTOR.exists() else "npm:detector"
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("files", nargs="+", metavar="FILE", help=".tflite, or npm:lite|full|heavy|detector")
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
    what.add_argument("--masks", type=Path, metavar="DIR",
                      help="Clothing Co-Parsing: photos/ and annotations/pixel-level/")  # fmt: skip
    add("--annotations", type=Path, help="COCO keypoint JSON, 17 or 33 keypoints")
    add("--images", type=Path, help="folder of the COCO pictures")
    add("--root", type=Path, help="LSP root, holding joints.mat and images/")
    add("--split", choices=SPLITS, default="held-out", help="part of LSP")
    add("--mode", choices=run.MODES, default="roi", help="what is scored")
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
