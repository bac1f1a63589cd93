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

# They are blocked and taken one by one with sigwait: no handler runs between two lines of the supervision. SIGHUP is
# among them to have no effect: a terminal that closes does not end a run. SIGIO tells of the tracking server's clients.
WATCHED_SIGNALS = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGHUP, signal.SIGIO)
"""What the launcher of a script waits for; a program that it becomes, or starts, has them as they were before."""

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
