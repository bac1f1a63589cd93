"""A cluster that others have started: its scheduler is asked, its workers come and go by themselves."""

from __future__ import annotations

import asyncio
import math
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from desktop_aml.domain.targets import ClusterSpec, Machine
from desktop_aml.executors.cluster.connecting import Unusable
from desktop_aml.executors.cluster.nodes import WorkerSeen
from desktop_aml.executors.cluster.own_security import security_of, variables_of
from desktop_aml.executors.cluster.tls_files import obstacle_in

if TYPE_CHECKING:
    from distributed import Client, Security


_ASK_EVERY_S: Final = 0.5
_REFUSED_S: Final = 1.5
"""How long a scheduler may be away that is being started again; Dask asks where nobody listens for ten seconds."""
_KNOCK_AGAIN_S: Final = 0.1


@dataclass(slots=True)
class FarScheduler:
    """The same words as `OwnNodes`, for workers that are not ours."""

    spec: ClusterSpec
    fault: str = ""
    starting: int = 0
    _known: tuple[WorkerSeen, ...] = ()
    _asking: asyncio.Future[dict[str, Any]] | None = None
    _asked_at: float = -math.inf

    async def open(self) -> tuple[str, Security | None]:
        """Return the scheduler's address and what proves to it who one is.

        Raises
        ------
        Unusable
            The files of its TLS are none.
        ConnectionRefusedError
            Nobody listens there, nor a moment later.
        socket.gaierror
            There is no such computer.
        """
        tls = self.spec.tls
        if words := obstacle_in(tls):
            raise Unusable(words)
        await _knock(self.spec.address)
        return self.spec.address, security_of(tls.ca, tls.certificate, tls.key) if tls.ca else None

    @property
    def is_settled(self) -> bool:
        """Whether runs can be taken: always."""
        return True

    def seen_machines(self) -> tuple[Machine, ...]:
        """Return the machines that are reached by ssh: none."""
        return ()

    def variables(self) -> dict[str, str]:
        """Return what lets a script speak to the scheduler."""
        tls = self.spec.tls
        return variables_of(tls.ca, tls.certificate, tls.key)

    def workers(self, client: Client) -> Iterator[WorkerSeen]:
        """Yield the workers there are; each carries out as many runs as it has threads.

        As the scheduler last told: it is asked now and then, and nobody waits for a scheduler that is held up. What
        the client itself keeps of workers it forgets after its first look.
        """
        now = time.monotonic()
        if self._asking is not None and self._asking.done():
            if not self._asking.cancelled() and self._asking.exception() is None:
                self._known = tuple(
                    WorkerSeen(address, str(one.get("name", address)), int(one.get("nthreads", 1)))
                    for address, one in self._asking.result()["workers"].items()
                )
            self._asking = None
        if self._asking is None and now - self._asked_at >= _ASK_EVERY_S:
            self._asked_at = now
            self._asking = asyncio.ensure_future(client.scheduler.identity(n_workers=-1))
        yield from self._known

    def end_of(self, _name: str) -> str:
        """Return how a worker ended: not known here."""
        return ""

    async def look(self, wanted: int) -> None:
        """Do nothing: whoever started the cluster scales it."""

    async def close(self) -> None:
        """Ask no more; the cluster goes on."""
        if self._asking is not None:
            self._asking.cancel()


async def _knock(address: str) -> None:
    """Raise an error when there is no such computer, or it says that nobody listens; all else is for Dask to tell."""
    until = time.monotonic() + _REFUSED_S
    while True:
        try:
            place = urlsplit(address)
            if not place.hostname or not place.port:
                return
            _, writer = await asyncio.wait_for(asyncio.open_connection(place.hostname, place.port), _REFUSED_S)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(_KNOCK_AGAIN_S)
        except socket.gaierror:
            raise
        except (OSError, ValueError):
            return
        else:
            writer.close()
            return
