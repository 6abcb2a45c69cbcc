"""What every tool shares: exit codes, one-line errors, help with defaults."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from blazepose_tf.errors import BadInputError, CheckFailedError

EXIT_OK, EXIT_CHECK_FAILED, EXIT_BAD_INPUT = 0, 1, 2


def parser(description: str | None) -> argparse.ArgumentParser:
    """An argument parser whose help shows defaults."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def run(main: Callable[[], None]) -> None:
    """Run a tool's `main` and leave the process: 0 ok, 1 a check failed, 2 bad input."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        main()
    except CheckFailedError as error:
        print(f"check failed: {_one_line(error)}", file=sys.stderr)
        sys.exit(EXIT_CHECK_FAILED)
    except BadInputError as error:
        print(f"error: {_one_line(error)}", file=sys.stderr)
        sys.exit(EXIT_BAD_INPUT)
    except KeyboardInterrupt:
        print("stopped; finished files are kept", file=sys.stderr)
        sys.exit(130)
