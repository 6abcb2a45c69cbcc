"""Writing files so that nothing half-written is ever left behind."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from blazepose_tf.errors import BadInputError


@contextlib.contextmanager
def replacing(path: str | Path, durable: bool = True) -> Iterator[Path]:
    """A new, empty neighbour of `path` to write to, with the same ending.

    When the block ends well it is renamed over `path`; when it raises, it is removed and `path`
    is untouched. Folders are made as needed. `durable`: wait until it is on the disk, so that even
    a power cut leaves the old file or the new one; 7 ms that a picture among thousands can spare.

    Raises:
        BadInputError: the folder cannot be written or the disk is full.
    """
    path = Path(path)
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix
        )
        os.close(handle)
        yield Path(temporary)
        if durable:
            with open(temporary, "rb") as file:
                os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except OSError as error:
        raise BadInputError(
            f"{path}: cannot be written ({error.strerror}); free space or choose another folder"
        ) from error
    finally:
        if temporary:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)


def write_atomically(path: str | Path, content: bytes, durable: bool = True) -> None:
    """Write `content` to a temporary neighbour, then rename it over `path`; see `replacing`.

    Raises:
        BadInputError: the folder cannot be written or the disk is full; `path` is untouched.
    """
    with replacing(path, durable) as temporary:
        temporary.write_bytes(content)


def sha256(content: bytes | Path) -> str:
    """Hex digest of bytes or of a file."""
    data = content.read_bytes() if isinstance(content, Path) else content
    return hashlib.sha256(data).hexdigest()
