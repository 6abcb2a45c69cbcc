"""Silences what TensorFlow's C++ libraries print, without hiding progress bars or errors."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

from blazepose_tf.errors import BadInputError, CheckFailedError

KEPT_BYTES = 4000
"""How much of the swallowed text is shown when something unforeseen happens."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Send file descriptor 2 to a temporary file while Python's own stderr stays visible.

    TensorFlow's converter and XNNPACK write there directly, so no log level stops them. After an
    unforeseen exception the end of the swallowed text is printed: it may hold the reason.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("absl").setLevel(logging.ERROR)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    sys.stderr.flush()
    python_stderr, saved = sys.stderr, os.dup(2)
    with tempfile.TemporaryFile() as swallowed, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.dup2(swallowed.fileno(), 2)
        try:
            # Closing this stream must not close the saved descriptor.
            with open(saved, "w", buffering=1, closefd=False) as visible:
                if python_stderr is sys.__stderr__:
                    sys.stderr = visible
                yield
        except (BadInputError, CheckFailedError, KeyboardInterrupt, SystemExit):
            raise
        except BaseException:
            swallowed.seek(0)
            text = swallowed.read()[-KEPT_BYTES:].decode(errors="replace")
            os.write(saved, text.encode())
            raise
        finally:
            sys.stderr = python_stderr
            os.dup2(saved, 2)
            os.close(saved)
