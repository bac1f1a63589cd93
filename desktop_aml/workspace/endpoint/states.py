"""The state of an endpoint as it is: an engine wrote down what it saw last, the front's process is what is now."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.serving import front_process
from desktop_aml.store import registry
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder

_ENDED: Final = (EndpointState.STOPPED, EndpointState.FAILED)


def as_it_is(db: Database, folder: WorkspaceFolder, endpoint: Endpoint) -> Endpoint:
    """Return an endpoint with the state that its front has now. Quick: it reads one file and looks at one process.

    Parameters
    ----------
    endpoint : Endpoint
        As the database knows it. One that is being deployed, started or stopped is left to the engine that does it.
    """
    if endpoint.state is EndpointState.TRANSITIONING:
        return endpoint
    front = front_process.read_state(folder.endpoint(endpoint.name))
    if front is not None and front.state not in _ENDED:
        return front.seen_of(endpoint)
    if endpoint.state in _ENDED:
        return endpoint
    if front is not None and front.state is EndpointState.FAILED and not front.lost:
        return front.seen_of(endpoint)
    ended = replace(endpoint, scoring_uri="", swagger_uri="", details="")
    if registry.wanted_state(db, endpoint.name) != "serving":
        return replace(ended, state=EndpointState.STOPPED, error="")
    words = "Its process is gone: it was ended, or the computer was started anew. The engine starts it again."
    return replace(ended, state=EndpointState.UNHEALTHY, error=words)


def all_as_they_are(db: Database, folder: WorkspaceFolder) -> tuple[Endpoint, ...]:
    """Return every endpoint with the state that its front has now, see `as_it_is`."""
    return tuple(as_it_is(db, folder, endpoint) for endpoint in registry.endpoints(db))


def is_unsettled(endpoint: Endpoint) -> bool:
    """Whether an engine has something to do for an endpoint, as it is."""
    return endpoint.state is EndpointState.TRANSITIONING or is_gone(endpoint)


def is_gone(endpoint: Endpoint) -> bool:
    """Whether an endpoint, as it is, should serve and has no process: what an engine starts again."""
    return endpoint.state is EndpointState.UNHEALTHY and not endpoint.scoring_uri
