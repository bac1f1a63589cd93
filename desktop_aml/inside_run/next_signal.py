"""The next of some blocked signals, or none when a time has come: how to wait for it differs between systems.

Standard library only, Python 3.6 or newer.
"""

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence
else:
    from lean import signal

assert sys.platform != "win32", "this module is of POSIX systems"

_LOOK_S = 0.02
"""How late a signal may be noticed where one has to look for it; a script's end is reported no later than that."""


def wait(watched: "Sequence[signal.Signals]", until: "float | None") -> int:
    """Return the next of the signals, which must be blocked, or 0 when the monotonic clock reaches `until`."""
    if sys.platform == "linux":
        if until is None:
            return signal.sigwaitinfo(watched).si_signo
        caught = signal.sigtimedwait(watched, max(0.0, until - time.monotonic()))
        return caught.si_signo if caught is not None else 0
    else:
        return look(watched, until)


def look(watched: "Sequence[signal.Signals]", until: "float | None") -> int:
    """Do as `wait` by looking again and again: POSIX alone has no wait that ends by itself."""
    while True:
        pending = signal.sigpending() & set(watched)
        if pending:
            return signal.sigwait(pending)
        left = _LOOK_S if until is None else until - time.monotonic()
        if left <= 0:
            return 0
        time.sleep(min(left, _LOOK_S))
