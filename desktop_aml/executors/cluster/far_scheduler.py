"""A cluster that others have started: its scheduler is asked, its workers come and go by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster.nodes import WorkerSeen
from desktop_aml.executors.cluster.own_security import security_of, variables_of

if TYPE_CHECKING:
    from distributed import Client, Security


@dataclass(slots=True)
class FarScheduler:
    """The same words as `OwnNodes`, for workers that are not ours."""

    spec: ClusterSpec
    fault: str = ""
    starting: int = 0

    async def open(self) -> tuple[str, Security | None]:
        """Return the scheduler's address and what proves to it who one is."""
        tls = self.spec.tls
        return self.spec.address, security_of(tls.ca, tls.certificate, tls.key) if tls.ca else None

    def variables(self) -> dict[str, str]:
        """Return what lets a script speak to the scheduler."""
        tls = self.spec.tls
        return variables_of(tls.ca, tls.certificate, tls.key)

    def workers(self, client: Client) -> Iterator[WorkerSeen]:
        """Yield the workers there are; each carries out as many runs as it has threads."""
        for address, one in client.scheduler_info(n_workers=-1).get("workers", {}).items():
            yield WorkerSeen(address, str(one.get("name", address)), int(one.get("nthreads", 1)))

    def end_of(self, _name: str) -> str:
        """Return how a worker ended: not known here."""
        return ""

    async def look(self, wanted: int) -> None:
        """Do nothing: whoever started the cluster scales it."""

    async def close(self) -> None:
        """Do nothing: it goes on."""
