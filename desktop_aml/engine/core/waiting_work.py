"""What an engine would begin at once in a workspace, in words: for the question whether a stranger's may run code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.names import title
from desktop_aml.domain.requests import Request, SubmitRun
from desktop_aml.domain.runs import RunSummary
from desktop_aml.engine.core import spool

_NAMED: Final = 5
_LONGEST: Final = 80


def in_words(active: Sequence[RunSummary], requests: Path, endpoints: Sequence[str]) -> tuple[str, ...]:
    """Return each thing that would begin, a line each: runs, requests of other programs, endpoints.

    Parameters
    ----------
    active : sequence of RunSummary
        Runs that have not ended.
    requests : Path
        The folder of waiting requests.
    endpoints : sequence of str
        Names of those that are to serve.
    """
    waiting = [_read(path) for _, path in spool.waiting(requests)]
    asked = [one for one in waiting if isinstance(one, SubmitRun)]
    others = len(waiting) - len(asked)
    return (
        *_some([f"the script {_plain(run.script)} (run “{_plain(run.display_name)}”)" for run in active], "run"),
        *_some([f"the script {_plain(one.script)} (a waiting request)" for one in asked], "run in waiting requests"),
        *([f"{others} waiting {'request' if others == 1 else 'requests'}"] if others else []),
        *_some([f"the endpoint {_plain(name)}" for name in endpoints], "endpoint"),
    )


def _some(words: Sequence[str], noun: str) -> tuple[str, ...]:
    left = len(words) - _NAMED
    noun, _, rest = noun.partition(" ")
    more = " ".join(filter(None, (f"{left} more {noun}{'' if left == 1 else 's'}", rest)))
    return (*words[:_NAMED], more) if left > 0 else tuple(words)


def _read(path: Path) -> Request | None:
    try:
        return spool.read(path)
    except (OSError, DesktopAMLError):
        return None  # it will be refused, and is counted


def _plain(text: str) -> str:
    """Return a stranger's words on one line, so that they can neither hide the others nor speak for us."""
    plain = title(text)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"
