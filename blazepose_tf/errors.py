"""The two ways a command can end badly, and the exit codes they stand for."""

from __future__ import annotations


class BadInputError(Exception):
    """Something the user gave cannot be used. The message is one line: what, and how to mend it.

    Command lines turn it into exit code 2, without a traceback.
    """


class CheckFailedError(Exception):
    """A check that the program itself ran (parity, accuracy, delegation) did not pass.

    Command lines turn it into exit code 1. The message names the check.
    """
