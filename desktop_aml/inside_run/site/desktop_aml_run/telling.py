"""Say something to the reader of the log. Standard library only, Python 3.6 and newer."""

import sys

_HARMLESS = (OSError, ValueError, AttributeError, LookupError)
"""What comes of a full disk, and of a stream that is closed, gone or of another kind."""


def tell(words):
    """Write a line of our own, see `write`."""
    write("Desktop AML: {}\n".format(words))


def write(line):
    """Write to standard error after what was printed so far. That it cannot be written is no reason to end a script."""
    for stream in (sys.stdout, sys.stderr):
        _try(lambda stream=stream: stream.flush())
    # Unbuffered: what a full disk leaves in a buffer would be tried again at the end, and change the exit code.
    unbuffered = _try(lambda: open(sys.stderr.fileno(), "wb", 0, closefd=False))
    if unbuffered is None:
        _try(lambda: sys.stderr.write(line))
    else:
        _try(lambda: unbuffered.write(line.encode(sys.stderr.encoding or "utf-8", "backslashreplace")))


def _try(act):
    try:
        return act()
    except _HARMLESS:
        return None
