"""Run .task bundles through MediaPipe's own Python client and through our runtime, side by side.

Exit code 1 where the client refuses a bundle, misses people, or its landmarks differ by more than
2 % of the torso (int8 files: 5 %) in the median picture. The client is installed apart on first
use (550 MB).
"""

from __future__ import annotations

import json
from pathlib import Path

from blazepose_tf import command_line
from blazepose_tf import image as images
from blazepose_tf.errors import BadInputError, CheckFailedError

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".webp"}


def _pictures(folder: Path, limit: int) -> list[images.Image]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        raise BadInputError(f"{folder}: holds no pictures; give a folder with .jpg or .png files")
    step = max(len(paths) // limit, 1)
    return [images.read_image(path) for path in paths[::step][:limit]]


def main() -> None:
    from tqdm import tqdm

    from blazepose_tf.evaluation import agreement, mediapipe_client

    parser = command_line.parser(__doc__)
    add = parser.add_argument
    add("bundles", nargs="+", type=Path, metavar="BUNDLE", help=".task file")
    add("--images", type=Path, required=True, help="folder of pictures")
    add("--limit", type=int, default=50, help="pictures, evenly spaced in the folder")
    add("--mode", nargs="+", choices=agreement.MODES, default=list(agreement.MODES))
    add("--json", type=Path, metavar="OUT", help="write the figures here")
    given = parser.parse_args()
    if given.limit < 1:
        raise BadInputError(f"--limit {given.limit}: give a number of pictures, at least 1")

    pictures = _pictures(given.images, given.limit)
    rows, failures = [], []
    for bundle in tqdm(given.bundles, unit="bundle", leave=False):
        for mode in given.mode:
            found = agreement.measure(bundle, pictures, mode)
            failed = [str(check) for check in found.checks if not check.passed]
            failures += [f"{bundle.name} ({mode}): {line}" for line in failed]
            rows.append({"bundle": bundle.name, "mode": mode, **found.to_dict()})
    result = {"mediapipe": mediapipe_client.VERSION, "results": rows}
    if given.json:
        from blazepose_tf.files import write_atomically

        write_atomically(given.json, (json.dumps(result, indent=1) + "\n").encode())
    print("| bundle | mode | pictures | found by MediaPipe | by us | by both "
          "| median | p90, % of the torso |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        print(f"| {row['bundle']} | {row['mode']} | {row['pictures']} | {row['found_by_client']} "
              f"| {row['found_by_us']} | {row['found_by_both']} "
              f"| {row.get('median_percent', '-')} | {row.get('p90_percent', '-')} |")  # fmt: skip
    if failures:
        raise CheckFailedError("; ".join(failures))


if __name__ == "__main__":
    command_line.run(main)
