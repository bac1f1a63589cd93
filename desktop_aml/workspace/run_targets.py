"""Where runs can go from here, and why not where they cannot."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from desktop_aml import docker_access
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.domain.targets import RunTarget

_ANSWER_S: Final = 3.0
"""Time that a Docker engine has to answer: a person waits for it."""


def run_targets(docker_address: str = "", clusters: Iterable[str] = ()) -> tuple[RunTarget, ...]:
    """Return the targets of runs with their state. Asks the Docker engine, so it can take seconds.

    Parameters
    ----------
    docker_address : str
        Of the engine, as for `docker_access.connect`.
    clusters : iterable of str
        The computes that are clusters: whether one can be reached is seen when a run goes there.
    """
    return RunTarget("local"), _docker(docker_address), *map(RunTarget, clusters)


def _docker(address: str) -> RunTarget:
    try:
        docker_access.connect(address, timeout_s=_ANSWER_S).close()
    except MissingOnComputer as error:
        return RunTarget("docker", error.message, error.hint)
    return RunTarget("docker")
