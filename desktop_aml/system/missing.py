"""What is said where a system has no such thing, or where nobody has written it for that system yet."""

from __future__ import annotations

import errno
import sys


class NotOnThisSystem(OSError):
    """A part of the program needs what the operating system under it does not offer.

    Parameters
    ----------
    what : str
        What is missing, as the subject of a sentence: ``"Starting a server in the background"``.
    """

    def __init__(self, what: str) -> None:
        super().__init__(errno.ENOTSUP, f"{what} is not written for this operating system ({sys.platform}) yet")
