"""What `tools/synthesize.py` writes: folders of stills, folders of sequences, with progress."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from tqdm import tqdm

from blazepose_tf.data.synthetic import cases
from blazepose_tf.data.synthetic.dataset import Job, render_people
from blazepose_tf.data.synthetic.sample import Studio
from blazepose_tf.data.synthetic.sequences import Recording, write_sequence
from blazepose_tf.data.synthetic.stage import SCRIPTS

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
