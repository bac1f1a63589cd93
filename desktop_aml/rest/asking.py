"""One request, as a route gets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from desktop_aml.rest.arguments import Arguments
from desktop_aml.workspace.tracking.tracker import Tracker


@dataclass(frozen=True, slots=True)
class Asked:
    """What a route answers.

    Parameters
    ----------
    path : mapping of str to str
        Parts of the address that the route names.
    client : callable
        Returns the id of the process that asks, 0 when it is not known; takes some milliseconds.
    host : str
        What the client calls this server.
    authorization : str
        What it showed that it may ask.
    """

    tracker: Tracker
    arguments: Arguments
    path: Mapping[str, str] = field(default_factory=dict)
    client: Callable[[], int] = lambda: 0
    host: str = ""
    authorization: str = ""
