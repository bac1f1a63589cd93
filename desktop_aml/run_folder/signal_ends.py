"""Why a script was ended by a signal: what sends each, and what its log says of it."""

from __future__ import annotations

import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.run_folder import log_tail

_CRASHES: Final = frozenset({"SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV", "SIGSYS", "SIGTRAP"})
"""What a process does to itself; nobody sends them by habit."""

_HINTS: Final = {
    "SIGKILL": "Another program, or the computer when memory ran out, ended it. Try with less data at once.",
    "SIGBUS": "It wrote to a file in memory that had no room left: in /dev/shm, or on a full disk. In Docker, "
    "ask for more with DockerConfiguration(shm_size='8g').",
    "SIGSEGV": "A compiled library crashed. Check that the versions in the environment fit together.",
    "SIGABRT": "It, or a compiled library in it, gave up: see the last lines of its log.",
    "SIGFPE": "A compiled library divided a whole number by zero, or the like.",
    "SIGILL": "A compiled library uses an instruction that this processor has not. Install one that was built for it.",
    "SIGSYS": "It asked the system for something that it is not allowed here.",
    "SIGXCPU": "It used up the processor time that it may have (RLIMIT_CPU).",
    "SIGXFSZ": "It wrote a file that is larger than it may be (RLIMIT_FSIZE).",
    "SIGALRM": "An alarm that it had set itself went off, and it had no handler for it.",
    "SIGPIPE": "It wrote to a pipe that nobody reads any more.",
}


@dataclass(frozen=True, slots=True)
class SignalEnd:
    """The words for it: one sentence or two, what to do now, and what the log holds of the crash."""

    message: str
    hint: str
    details: str = ""


def explain(number: int, log: Path) -> SignalEnd:
    """Return why the signal `number` ended the script whose output is in `log`."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = "unknown"
    message, details = f"The script was killed by signal {number} ({name}).", ""
    if name in _CRASHES:
        text = log_tail.read(log)
        details = log_tail.fatal_error(text).traceback
        last = log_tail.last_line(text)
        if name == "SIGABRT" and last and not details:
            message += f" The last line of its log before that: {last}"
    return SignalEnd(message, _HINTS.get(name, "Another program sent it, or the script itself."), details)
