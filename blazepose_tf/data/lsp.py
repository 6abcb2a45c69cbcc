"""Leeds Sports Poses (Extended): `joints.mat` and `images/imNNNNN.jpg`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blazepose_tf import topology
from blazepose_tf.data.samples import PoseSample
from blazepose_tf.errors import BadInputError

NUM_JOINTS = 14
HEAD_TOP = 13
HELD_OUT = 1000
"""Of the pictures with all 14 joints visible, in file order, the first 1,000 are held out."""
SPLITS = ("held-out", "train", "all")


def _read_joints(path: Path) -> NDArray[np.float64]:
    """Joints [N, 14, 3] (x, y, visible); x and y are NaN where a joint is not labelled.

    LSP is published as (3, 14, N): every joint has a position, the third row is 1 where it is
    covered. LSP-extended is (14, 3, N): the third column is 1 where a joint is labelled, and the
    others' positions mean nothing.
    """
    try:
        from scipy.io import loadmat
    except ImportError as error:
        raise BadInputError("joints.mat needs SciPy; run: pip install scipy") from error
    try:
        joints = np.asarray(loadmat(str(path))["joints"], float)
    except FileNotFoundError as error:
        raise BadInputError(f"{path}: not found; give a folder with joints.mat") from error
    except Exception as error:  # SciPy raises a dozen kinds for a damaged file
        raise BadInputError(f"{path}: is no readable joints.mat; fetch it again") from error
    if joints.ndim != 3 or {3, NUM_JOINTS} != set(joints.shape[:2]):
        raise BadInputError(f"{path}: joints have shape {joints.shape}, expected (14, 3, N)")
    if joints.shape[0] == 3:
        joints = joints.transpose(2, 1, 0).copy()
        joints[:, :, 2] = 1 - joints[:, :, 2]
    else:
        joints = joints.transpose(2, 0, 1).copy()
        joints[joints[:, :, 2] != 1, :2] = np.nan
    return joints


def held_out_indices(joints: NDArray[np.float64]) -> NDArray[np.intp]:
    """Indices of the fixed evaluation split among joints [N, 14, 3]."""
    return np.flatnonzero((joints[:, :, 2] == 1).all(axis=1))[:HELD_OUT]


def to_sample(image: Path, joints: NDArray[np.float64]) -> PoseSample:
    """One person [14, 3] (x, y, visible); joints whose x and y are NaN stay unknown."""
    xy = joints[:, :2].astype(np.float32)
    labelled = np.isfinite(xy).all(axis=1)
    sample = PoseSample(image, extra_points=xy[HEAD_TOP:][labelled[HEAD_TOP:]])
    limbs = list(topology.LSP_LIMBS)
    count = len(limbs)
    sample.points[limbs] = xy[:count]
    sample.visibility[limbs] = np.where(labelled[:count], joints[:count, 2], np.nan)
    return sample


def read_lsp(root: str | Path, split: str = "held-out") -> list[PoseSample]:
    """Samples of LSP or LSP-extended under `root`.

    The first 12 joints become landmarks, the head top only widens the ROI. `split` is one of
    `held-out` (the fixed evaluation pictures), `train` (all others) or `all`.

    Raises:
        BadInputError: files missing or malformed.
    """
    if split not in SPLITS:
        raise BadInputError(f"unknown split {split!r}; choose one of {', '.join(SPLITS)}")
    root = Path(root)
    joints = _read_joints(root / "joints.mat")
    held_out = held_out_indices(joints)
    chosen = {
        "held-out": held_out,
        "train": np.setdiff1d(np.arange(len(joints)), held_out),
        "all": np.arange(len(joints)),
    }[split]
    digits = 5 if len(joints) > 2000 else 4  # LSP-extended im00001.jpg, LSP im0001.jpg
    names = [root / "images" / f"im{i + 1:0{digits}d}.jpg" for i in chosen]
    missing = [name for name in names if not name.exists()]
    if missing:
        raise BadInputError(
            f"{len(missing)} of {len(names)} pictures are missing, the first is {missing[0]}"
        )
    return [to_sample(name, joints[i]) for name, i in zip(names, chosen, strict=True)]
