"""Renders moving sequences: the same people, clothes, place and light, frame after frame.

A sequence is a folder: `images/000000.jpg` ... and `annotations.json` (COCO-33; see `records`),
whose `info` has `script`, `fps` and `camera` (still or shaken) and whose pictures have
`timestamp_s`. `read_coco` reads it like any other set; `read_sequence` keeps frames together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blazepose_tf.data.synthetic import places
from blazepose_tf.data.synthetic.dataset import write_jpeg
from blazepose_tf.data.synthetic.labels import Frame
from blazepose_tf.data.synthetic.motion import Motion
from blazepose_tf.data.synthetic.places import Place
from blazepose_tf.data.synthetic.records import Entry, entry, write_annotations
from blazepose_tf.data.synthetic.sample import FRAMING_STEP, Person, Standing, Studio, Surroundings
from blazepose_tf.data.synthetic.scene import Framing, random_light
from blazepose_tf.data.synthetic.sensor import random_sensor
from blazepose_tf.data.synthetic.stage import SCRIPTS, random_shake
from blazepose_tf.image import Image
from blazepose_tf.video import video_writer

FRAMED = 24
"""Moments that the camera is set up with."""


@dataclass(frozen=True)
class Recording:
    """What is recorded. script: of `stage.SCRIPTS`; shaken: by a hand-held camera."""

    script: str
    seed: int = 0
    seconds: float = 3.0
    fps: float = 30.0
    shaken: bool = False

    @property
    def name(self) -> str:
        """The folder's name."""
        return f"{self.script}-{'shaken' if self.shaken else 'still'}-{self.seed}"

    @property
    def frames(self) -> int:
        """How many."""
        return max(1, round(self.seconds * self.fps))


def frames(studio: Studio, recording: Recording) -> Iterator[list[Frame]]:
    """The frames of a sequence, each a list of one `Frame` for each person, always in one order."""
    rng = np.random.default_rng([recording.seed, *recording.script.encode()])
    script = SCRIPTS[recording.script]
    people = [studio.person(rng) for _ in script.roles]
    motions = [
        role(rng, person.skeleton.leg_length)
        for role, person in zip(script.roles, people, strict=True)
    ]
    place = _empty(places.random_place(rng))
    surroundings = Surroundings(place, random_light(rng, place.outdoors))
    sensor = random_sensor(rng)
    shake = random_shake(rng)

    def cast(time: float) -> list[Standing]:
        pairs = zip(people, motions, strict=True)
        return [_stand(studio, p, m, time, i + 1) for i, (p, m) in enumerate(pairs)]

    moments = np.linspace(0, recording.seconds, FRAMED)
    bodies = [s.truth.body[:: FRAMING_STEP * 4] for time in moments for s in cast(float(time))]
    elevation = float(np.clip(rng.normal(0.12, 0.1), 0, 0.4))
    framing = Framing(script.fill, (0.0, 0.0), elevation, 0.0, 0.8, script.aspect)
    camera = studio.aim(np.concatenate(bodies), framing)
    for index in range(recording.frames):
        time = index / recording.fps
        held = shake(camera, time) if recording.shaken else camera
        shot = studio.shoot(cast(time), surroundings, held)
        image = sensor(shot[0].image, rng)
        yield [replace(frame, image=image) for frame in shot]


def _stand(studio: Studio, person: Person, motion: Motion, time: float, who: int) -> Standing:
    moment = motion(time)
    return studio.stand(person, moment.stance, moment.position, moment.lift, moment.pelvis, who)


def _empty(place: Place) -> Place:
    """Floor, walls, sky only: people would walk through furniture."""
    return Place(place.parts[: 3 if not place.outdoors else 2], place.outdoors)


def write_sequence(
    studio: Studio, recording: Recording, out: Path, quality: int = 90, video: bool = False
) -> Iterator[int]:
    """Write the folder OUT/name; yields the number of every frame that is written.

    `video`: also `video.mp4`. `annotations.json` comes last: a folder that has it is whole.
    """
    folder = out / recording.name
    entries: list[Entry] = []
    with ExitStack() as stack:
        film = video_writer(folder / "video.mp4", recording.fps) if video else nullcontext()
        add_to_film = stack.enter_context(film)
        yield from _write_frames(studio, recording, folder, quality, entries, add_to_film)
    path = folder / "annotations.json"
    information = {
        "script": recording.script, "seed": recording.seed, "fps": recording.fps,
        "camera": "shaken" if recording.shaken else "still",
    }  # fmt: skip
    note = "a moving sequence rendered by tools/synthesize.py --sequence"
    write_annotations(path, entries, note, information)


def _write_frames(
    studio: Studio, recording: Recording, folder: Path, quality: int, entries: list[Entry],
    add_to_film: Callable[[Image], None] | None,
) -> Iterator[int]:  # fmt: skip
    for index, shot in enumerate(frames(studio, recording)):
        path = folder / "images" / f"{index:06d}.jpg"
        write_jpeg(path, shot[0].image, quality)
        for track, frame in enumerate(shot):
            named = replace(frame, sample=replace(frame.sample, image=path))
            when = {"timestamp_s": round(index / recording.fps, 6)}
            entries.append(entry(named, {"track": track}, when))
        if add_to_film is not None:
            add_to_film(shot[0].image)
        yield index
