"""A crop pack in parts that fit a transfer, and whole again."""

from __future__ import annotations

from pathlib import Path

from blazepose_tf.errors import BadInputError

NAME = "crops"


def join(folder: Path) -> Path:
    """The pack whose parts lie in `folder`, put together there if it is not yet.

    Raises:
        BadInputError: there are none.
    """
    whole = folder / f"{NAME}.jpgs"
    parts = sorted(folder.glob(f"{NAME}.jpgs.*"))
    if not whole.exists() and not parts:
        raise BadInputError(f"{folder}: holds no crops; make them with tools/parcel.py")
    size = sum(part.stat().st_size for part in parts)
    if parts and (not whole.exists() or whole.stat().st_size != size):
        with whole.open("wb") as file:
            for part in parts:
                file.write(part.read_bytes())
    return folder / NAME
