"""Say something to the reader of the log. Standard library only, Python 3.6 and newer."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO, TypeVar

    Answer = TypeVar("Answer")


_HARMLESS = (OSError, ValueError, AttributeError, LookupError)
"""What comes of a full disk, and of a stream that is closed, gone or of another kind."""


def tell(words: str) -> None:
    """Write a line of our own, see `write`."""
    write("Desktop AML: {}\n".format(words))


def write(line: str) -> None:
    """Write to standard error after what was printed so far. That it cannot be written is no reason to end a script."""
    for stream in (sys.stdout, sys.stderr):
        _try(_flush, stream)
    # Unbuffered: what a full disk leaves in a buffer would be tried again at the end, and change the exit code.
    unbuffered = _try(lambda: open(sys.stderr.fileno(), "wb", 0, closefd=False))
    if unbuffered is None:
        _try(lambda: sys.stderr.write(line))
    else:
        _try(lambda: unbuffered.write(line.encode(sys.stderr.encoding or "utf-8", "backslashreplace")))


def _flush(stream: "TextIO") -> None:
    stream.flush()


def _try(act: "Callable[..., Answer]", *args: object) -> "Answer | None":
    try:
        return act(*args)
    except _HARMLESS:
        return None
