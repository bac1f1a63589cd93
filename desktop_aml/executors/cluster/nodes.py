"""The workers of a cluster that is started on this computer: as many as are needed, between the least and the most."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.targets import ClusterSpec, Machine
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY, make_keys, security_in, variables_of
from desktop_aml.executors.cluster.porters.porter import Porter
from desktop_aml.executors.cluster.signal_words import words_for_signal
from desktop_aml.executors.cluster.worker import LOOPBACK

if TYPE_CHECKING:
    from distributed import Client, Scheduler, Security

_FAILED_STARTS: Final = 3
_RETIRE_S: Final = 5.0
_LAST_WORDS_BYTES: Final = 2000


@dataclass(slots=True)
class _Node:
    """One worker process. `idle_since` is None while it has something to do or has not begun."""

    process: asyncio.subprocess.Process
    has_begun: bool = False
    idle_since: float | None = None
    is_leaving: bool = False
    ended: str = ""


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    """A worker that is there.

    Parameters
    ----------
    places : int
        How many runs it carries out at once.
    porter : Porter or None
        What carries them out instead, on a machine whose files are its own.
    way : str
        Address of the scheduler as such a machine reaches it.
    is_stand_in : bool
        Whether it is there only for runs that the machines of its cluster cannot carry out.
    """

    address: str
    name: str
    places: int = 1
    porter: Porter | None = None
    way: str = ""
    is_stand_in: bool = False


@dataclass(slots=True)
class OwnNodes:
    """A scheduler in this process, and workers as its children.

    Parameters
    ----------
    home : Path
        Folder of the cluster, readable by this user alone.
    port : int
        Where the only worker listens, when others know it by that; 0 for any.
    host : str
        Where the scheduler listens.
    """

    spec: ClusterSpec
    home: Path
    port: int = 0
    host: str = LOOPBACK
    fault: str = ""
    _nodes: dict[str, _Node] = field(default_factory=dict)
    _ends: dict[str, str] = field(default_factory=dict)
    _scheduler: Scheduler | None = None
    _count: int = 0
    _failed: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def open(self) -> tuple[str, Security]:
        """Start the scheduler; return its address and what proves to it who one is."""
        from distributed import Scheduler

        make_keys(self.home)
        security = security_in(self.home)
        self._scheduler = await Scheduler(
            host=self.host,
            port=0,
            protocol="tls",
            security=security,
            dashboard=False,
            dashboard_address=f"{LOOPBACK}:0",
        )
        return self._scheduler.address, security

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler, once it is open."""
        assert self._scheduler is not None
        return self._scheduler

    def variables(self) -> dict[str, str]:
        """Return what lets a script speak to the scheduler."""
        certificate, key = (str(self.home / name) for name in (CERTIFICATE, KEY))
        return variables_of(certificate, certificate, key)

    def workers(self, _client: Client) -> Iterator[WorkerSeen]:
        """Yield the workers that are there to stay."""
        for state in self.scheduler.workers.values():
            node = self._nodes.get(str(state.name))
            if node is not None and not node.is_leaving:
                yield WorkerSeen(state.address, str(state.name))

    @property
    def is_settled(self) -> bool:
        """Whether runs can be taken: always, workers come when they are needed."""
        return True

    def seen_machines(self) -> tuple[Machine, ...]:
        """Return the other machines: none."""
        return ()

    @property
    def starting(self) -> int:
        """How many are on their way."""
        return sum(not node.has_begun for node in self._nodes.values())

    def end_of(self, name: str) -> str:
        """Return how a worker ended, in words; empty for one that lives or was sent home."""
        return self._ends.get(name, "")

    async def look(self, wanted: int) -> None:
        """Start or send home workers, so that there are as many as wanted, within the limits."""
        scheduler = self.scheduler
        known = {str(state.name): state for state in scheduler.workers.values()}
        now = time.monotonic()
        for name, node in self._nodes.items():
            state = known.get(name)
            if state is not None and not node.has_begun:
                node.has_begun, self._failed, self.fault = True, 0, ""
            is_idle = state is not None and not state.processing and not state.has_what
            node.idle_since = (node.idle_since or now) if is_idle else None
        wanted = max(self.spec.min_nodes, min(self.spec.max_nodes, max(wanted, scheduler.adaptive_target())))
        staying = [name for name, node in self._nodes.items() if not node.is_leaving]
        if self._failed < _FAILED_STARTS:
            for _ in range(wanted - len(staying)):
                await self._start(scheduler.address)
        for name in staying[: max(0, len(staying) - wanted)]:
            since = self._nodes[name].idle_since
            if since is not None and now - since >= self.spec.idle_s:
                self._nodes[name].is_leaving = True
                self._keep(asyncio.create_task(self._send_home(name)))

    async def _start(self, address: str) -> None:
        self._count += 1
        name = f"node-{self._count}"
        program = "desktop_aml.executors.cluster.worker"
        log = os.open(self.home / "workers.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", program, str(self.home), address, name, str(os.getpid()), str(self.port)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        finally:
            os.close(log)
        self._nodes[name] = _Node(process)
        self._keep(asyncio.create_task(self._wait(name)))

    async def _wait(self, name: str) -> None:
        """See a worker end, and what that means."""
        node = self._nodes[name]
        code = await node.process.wait()
        node.ended = _words_for(code)
        if not node.is_leaving:
            self._ends[name] = node.ended
        if not node.has_begun:
            self._failed += 1
            if self._failed >= _FAILED_STARTS:
                self.fault = f"Workers of the compute “{self.spec.name}” do not start: the last one {node.ended}."
        del self._nodes[name]

    async def _send_home(self, name: str) -> None:
        with suppress(Exception):
            await self.scheduler.retire_workers(names=[name], close_workers=True, remove=True)
        node = self._nodes.get(name)
        if node is None:
            return
        try:
            await asyncio.wait_for(node.process.wait(), _RETIRE_S)
        except TimeoutError:
            with suppress(ProcessLookupError):
                node.process.kill()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """End all."""
        for name, node in list(self._nodes.items()):
            node.is_leaving = True
            if not node.has_begun:
                with suppress(ProcessLookupError):
                    node.process.kill()
            else:
                self._keep(asyncio.create_task(self._send_home(name)))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_RETIRE_S + 1)
        if self._scheduler is not None:
            await self._scheduler.close()
        for name in (CERTIFICATE, KEY):
            (self.home / name).unlink(missing_ok=True)
        shutil.rmtree(self.home / "scratch", ignore_errors=True)


@dataclass(slots=True)
class NodesAround:
    """Nodes elsewhere, around a scheduler in this process: what those of all kinds have.

    Parameters
    ----------
    home : Path
        Folder of the cluster, readable by this user alone.
    """

    spec: ClusterSpec
    home: Path
    _here: OwnNodes = field(init=False)

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler, once it is open."""
        return self._here.scheduler

    def variables(self) -> dict[str, str]:
        """Return what lets a script speak to the scheduler."""
        return self._here.variables()


def _words_for(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    return f"was ended by {words_for_signal(-code)}"
