"""The `.task` bundles of MediaPipe Tasks: an uncompressed zip of two .tflite files."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path

from blazepose_tf.errors import BadInputError
from blazepose_tf.files import write_atomically

SUFFIX = ".task"
DETECTOR, LANDMARKS = "pose_detector.tflite", "pose_landmarks_detector.tflite"
"""Members, by the names that MediaPipe's PoseLandmarker asks for."""
ALIGNMENT = 16
"""MediaPipe reads members in place: constants that the kernels want at multiples of 16 bytes must
lie so in the bundle too. (Its own bundles align to 4.)"""
FIRST_DATE = (1980, 1, 1, 0, 0, 0)
"""Equal members give equal bytes."""
_ALIGNMENT_FIELD = 0xD935
"""Header of the zip extra field that Android's zipalign pads with."""
_LOCAL_HEADER = 30


def _padded(name: str, offset: int) -> zipfile.ZipInfo:
    """Entry whose data starts at a multiple of `ALIGNMENT` if its header starts at `offset`."""
    info = zipfile.ZipInfo(name, FIRST_DATE)
    info.external_attr = 0o644 << 16
    shortest = struct.calcsize("<HHH")
    padding = -(offset + _LOCAL_HEADER + len(name.encode()) + shortest) % ALIGNMENT
    info.extra = struct.pack("<HHH", _ALIGNMENT_FIELD, 2 + padding, ALIGNMENT) + bytes(padding)
    return info


def write_task(path: str | Path, members: Mapping[str, bytes]) -> None:
    """Write a bundle of members in their order, uncompressed.

    Raises:
        BadInputError: the file cannot be written; nothing is left behind.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(_padded(name, stream.tell()), content)
    write_atomically(path, stream.getvalue())


def read_member(path: str | Path, name: str) -> bytes:
    """A member of a bundle.

    Raises:
        BadInputError: unreadable, no zip, damaged, compressed, or without that member.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if name not in archive.namelist():
                raise BadInputError(
                    f"{path}: lacks {name}; give a pose landmarker bundle, which holds "
                    f"{DETECTOR} and {LANDMARKS}"
                )
            if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
                raise BadInputError(
                    f"{path}: {name} is compressed, which MediaPipe refuses; zip it with `zip -0`"
                )
            return archive.read(name)
    except OSError as error:
        raise BadInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except (zipfile.BadZipFile, RuntimeError, EOFError, struct.error) as error:
        raise BadInputError(
            f"{path}: is no .task bundle or is damaged; make it again with `make task`"
        ) from error
