"""Label pictures of people with a teacher (MediaPipe's heavy landmark file).

Writes a COCO keypoint file with 33 keypoints. Human LSP joints, where given, check the teacher.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.data.coco import write_coco
from blazepose_tf.data.lsp import read_lsp
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.data.sources import find_pictures
from blazepose_tf.data.teacher import Teacher
from blazepose_tf.errors import BadInputError
from blazepose_tf.evaluation.models import HEATMAPS, open_landmarker
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.detector import Detector

_teacher: Teacher


def _start(landmarker: str, detector: Path) -> None:
    global _teacher
    _teacher = Teacher(open_landmarker(landmarker), Detector(detector))


def _label(sample: PoseSample) -> PoseSample | None:
    try:
        return _teacher.label(sample)
    except BadInputError:
        return None  # a picture that cannot be read is skipped and counted


def main() -> None:
    parser = command_line.parser(__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--images", type=Path, help="folder of pictures, searched for people")
    source.add_argument(
        "--lsp", type=Path, help="LSP root (joints.mat, images/); held-out part left out"
    )
    parser.add_argument(
        "--teacher", default=f"npm:heavy{HEATMAPS}",
        help="landmark .tflite, or npm:lite|full|heavy; "
        f"NAME{HEATMAPS}: points refined by its heatmaps, as MediaPipe's clients do",
    )  # fmt: skip
    parser.add_argument(
        "--detector", default="npm:detector", help="detector .tflite, or npm:detector"
    )
    parser.add_argument("--out", type=Path, required=True, help="COCO JSON to write")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()

    root = arguments.images or arguments.lsp
    if arguments.lsp:
        samples = read_lsp(arguments.lsp, "train")
    else:
        samples = [PoseSample(path) for path in find_pictures(root)]
    models = arguments.teacher, find_model(arguments.detector)
    find_model(arguments.teacher.removesuffix(HEATMAPS))  # fetched once, not by every worker
    _start(*models)  # fail here, in one line, if a file is no model
    with multiprocessing.Pool(arguments.workers, _start, models) as pool:
        results = list(
            tqdm(pool.imap(_label, samples, chunksize=4), total=len(samples), unit="img")
        )
    kept = [result for result in results if result is not None]
    note = f"labelled by {Path(models[0]).name}, two passes, mirrored"
    write_coco(arguments.out, kept, root, note)
    print(f"{arguments.out}: {len(kept)} people labelled in {len(samples)} pictures")


if __name__ == "__main__":
    command_line.run(main)
