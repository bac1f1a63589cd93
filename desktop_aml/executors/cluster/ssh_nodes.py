"""Workers on machines that are reached by ssh, and a scheduler on this computer, which nobody else can speak to.

All goes through the connections of ``ssh``. The scheduler listens on the loopback, and so does each worker over there;
a port of each machine leads to the scheduler, and a port of this computer, the same on each machine, to each worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.targets import Machine
from desktop_aml.executors.cluster import machines
from desktop_aml.executors.cluster.machines import Facts
from desktop_aml.executors.cluster.nodes import NodesAround, OwnNodes, WorkerSeen
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY
from desktop_aml.executors.cluster.porters.lines import SshLine
from desktop_aml.executors.cluster.porters.porter import Porter
from desktop_aml.executors.cluster.ports import free_ports
from desktop_aml.executors.cluster.worker import CONFIG, LOOPBACK

if TYPE_CHECKING:
    from distributed import Client, Security

_SETTLE_S: Final = 30.0
"""After this no machine is waited for any more."""

_AGAIN_S: Final = (2.0, 5.0, 15.0, 60.0)
"""How long a machine is left alone after its first, second, ... failure in a row."""

_END_S: Final = 5.0
_LAST_S: Final = 2.0
"""How long an ssh may take to end after what it led to did."""
_ALIVE: Final = ("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3", "-o", "ExitOnForwardFailure=no")
_PORTS: Final = (20_000, 32_000)
"""Ports over there: below those that systems give to whoever asks for any."""

_TAKEN: Final = re.compile(r"cannot listen to port: (\d+)|remote port forwarding failed for listen port (\d+)")


@dataclass(slots=True)
class _Machine:
    """One machine. `worker` is the name of its present worker."""

    host: str
    port: int
    worker: str = ""
    process: asyncio.subprocess.Process | None = None
    facts: Facts | None = None
    has_begun: bool = False
    is_tried: bool = False
    fault: str = ""
    failures: int = 0
    again_at: float = 0.0
    starts: int = 0
    way: str = ""
    porter: Porter | None = None
    porter_again_at: float = 0.0

    def needs_porter(self) -> bool:
        """Whether it could carry out runs whose files come along, and nobody sees to it."""
        return (
            self.has_begun
            and self.facts is not None
            and not self.facts.sees
            and (self.porter is None or bool(self.porter.fault))
            and self.porter_again_at <= time.monotonic()
        )

    def as_seen(self) -> Machine:
        """Return how it stands."""
        if self.fault:
            return Machine(self.host, self.fault, is_usable=False)
        if not self.has_begun:
            return Machine(self.host, "its worker is started")
        assert self.facts is not None
        return Machine(self.host, machines.words_for(self.facts), has_worker=True)


@dataclass(slots=True)
class SshNodes(NodesAround):
    """The same words as `OwnNodes`, for workers on named machines.

    A machine that sees this computer's files and processes carries out runs as a worker here does; to the others, what
    a run needs travels (`porters`). All of them serve what scripts send through Dask. Runs that cannot travel, such as
    those with this computer's own Python, are carried out by one worker of this computer.

    Parameters
    ----------
    home : Path
        Folder of the cluster, readable by this user alone.
    """

    _machines: list[_Machine] = field(init=False)
    _here_port: int = 0
    _ends: dict[str, str] = field(default_factory=dict)
    _opened_at: float = 0.0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _is_closing: bool = False
    needed_here: int = 0
    """How many runs wait or go on that cannot travel."""

    def __post_init__(self) -> None:
        self._here_port, *ports = free_ports(len(self.spec.hosts) + 1)
        self._machines = [_Machine(host, port) for host, port in zip(self.spec.hosts, ports, strict=True)]
        self._here = OwnNodes(replace(self.spec, min_nodes=0, max_nodes=0), self.home, port=self._here_port)

    async def open(self) -> tuple[str, Security]:
        """Start the scheduler, and begin with all machines at once."""
        found = await self._here.open()
        self._opened_at = time.monotonic()
        self._start_machines()
        return found

    @property
    def starting(self) -> int:
        """How many are on their way."""
        return sum(one.process is not None and not one.has_begun for one in self._machines)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is to be expected of the machines: each serves, or has said why it does not."""
        return all(one.is_tried for one in self._machines) or time.monotonic() - self._opened_at > _SETTLE_S

    @property
    def fault(self) -> str:
        """What is wrong, when no machine can be used."""
        if self._here.fault or not self._machines or not all(one.fault for one in self._machines):
            return self._here.fault
        words = "; ".join(f"{one.host}: {one.fault}" for one in self._machines)
        return f"No machine of the compute “{self.spec.name}” can be used. {words}."

    def seen_machines(self) -> tuple[Machine, ...]:
        """Return how each machine stands."""
        return tuple(one.as_seen() for one in self._machines)

    def workers(self, client: Client) -> Iterator[WorkerSeen]:
        """Yield the workers that are there."""
        known = {str(state.name): state for state in self.scheduler.workers.values()}
        for one in self._machines:
            state = known.get(one.worker)
            if state is not None and one.has_begun and one.facts is not None:
                porter = one.porter if one.porter is not None and one.porter.is_ready else None
                places = int(one.facts.sees or porter is not None)
                yield WorkerSeen(state.address, one.worker, places, porter, one.way)
        yield from (replace(one, is_stand_in=True) for one in self._here.workers(client))

    def may_come(self, unfit: Collection[str]) -> bool:
        """Whether a machine may still carry out a run that some cannot."""
        return any(
            one.host not in unfit and not one.fault and (not one.is_tried or one.facts is not None)
            for one in self._machines
        )

    def why_here(self) -> str:
        """Return why a run that cannot travel is carried out here; empty where a machine sees this computer's files."""
        if not self.is_settled or self._can_see():
            return ""
        return (
            "on this computer, not on the machines: neither this computer's Python nor environments from conda channels"
            " can be taken to them"
        )

    def _can_see(self) -> bool:
        return any(one.has_begun and one.facts and one.facts.sees for one in self._machines)

    def end_of(self, name: str) -> str:
        """Return how a worker ended, in words; empty for one that lives or was sent home."""
        return self._ends.get(name) or self._here.end_of(name)

    async def look(self, wanted: int) -> None:
        """Begin again with machines that were lost, and have runs carried out here where no machine can."""
        if wanted:
            self._start_machines()
        for one in self._machines:
            if one.needs_porter():
                one.porter_again_at = time.monotonic() + _AGAIN_S[1]
                one.porter = Porter(one.host)
                one.porter.start(SshLine(one.host, self.spec.python, _ALIVE))
        if self.is_settled:
            can_run = self._can_see()
            self._here.spec = replace(self.spec, min_nodes=0, max_nodes=0 if can_run else 1)
            await self._here.look(0 if can_run else min(1, self.needed_here))

    def _start_machines(self) -> None:
        now = time.monotonic()
        for one in self._machines:
            if one.process is None and one.again_at <= now and not self._is_closing:
                one.again_at = now + _AGAIN_S[0]
                self._keep(asyncio.create_task(self._serve(one)))

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, one: _Machine) -> None:
        """See one machine through, from its connection to the end of it."""
        try:
            words = await self._carry(one)
        except OSError as error:
            words = f"ssh cannot be started: {error}"
        one.process, one.is_tried = None, True
        if self._is_closing:
            return
        self._ends[one.worker] = f"ended, {words}"
        one.fault, one.has_begun = words, False
        one.again_at = time.monotonic() + _AGAIN_S[min(one.failures, len(_AGAIN_S) - 1)]
        one.failures += 1

    async def _carry(self, one: _Machine) -> str:
        """Return in words why a machine's worker is no more, once that is so."""
        one.starts += 1
        one.worker, one.facts = one.host if one.starts == 1 else f"{one.host} ({one.starts})", None
        ports = random.sample(range(*_PORTS), 2)
        one.process = process = await asyncio.create_subprocess_exec(
            *machines.words_of(one.host, self.spec.python, *_ALIVE, *self._tunnels(one, *ports)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        said = _Tail()
        errors = asyncio.create_task(said.read(process))
        try:
            words = await self._talk(one, process, ports, said)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            code = await _ended(process)
            await errors
        if words:
            return words
        return (
            machines.how_lost(code, said.text) if one.has_begun else machines.why_not(code, said.text, self.spec.python)
        )

    async def _talk(self, one: _Machine, process: asyncio.subprocess.Process, ports: list[int], said: _Tail) -> str:
        """Have a worker begun and wait for its end; return its cause where ssh does not tell it."""
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(machines.first_input(self.home))
        facts = await machines.heard(process.stdout, Facts)
        if facts is None:
            return ""
        words = machines.obstacle(facts, self.spec.python)
        if words:
            return words
        one.facts = facts
        process.stdin.write(json.dumps(self._order(one, facts, ports)).encode() + b"\n")
        ready = await machines.heard(process.stdout, dict)
        taken = said.taken_ports()
        if ready is None or taken & {one.port, *ports}:
            return f"a port that it needs is taken ({min(taken)})" if taken & {one.port, *ports} else ""
        one.fault, one.failures, one.has_begun, one.is_tried = "", 0, True, True
        await process.stdout.read()
        return ""

    def _order(self, one: _Machine, facts: Facts, ports: list[int]) -> dict[str, Any]:
        to_scheduler, port = ports
        one.way = f"tls://127.0.0.1:{to_scheduler}"
        return {
            "scheduler": one.way,
            "name": one.worker,
            "host": LOOPBACK,
            "port": port,
            "contact": f"tls://127.0.0.1:{one.port}",
            # A run may use the machine as it likes; what scripts send is counted in cores and held to its memory.
            "threads": 1 if facts.sees else facts.cores,
            "memory": 0 if facts.sees else "auto",
            "certificate": (self.home / CERTIFICATE).read_text(encoding="ascii"),
            "key": (self.home / KEY).read_text(encoding="ascii"),
            "config": CONFIG,
        }

    def _tunnels(self, one: _Machine, to_scheduler: int, worker: int) -> Iterator[str]:
        head = int(self.scheduler.address.rpartition(":")[2])
        yield from ("-R", f"127.0.0.1:{to_scheduler}:127.0.0.1:{head}")
        yield from ("-L", f"127.0.0.1:{one.port}:127.0.0.1:{worker}")
        # Workers fetch results from each other. Where this computer is itself the machine, these ports are there.
        for port in (self._here_port, *(other.port for other in self._machines if other is not one)):
            yield from ("-R", f"127.0.0.1:{port}:127.0.0.1:{port}")

    async def close(self) -> None:
        """End all."""
        self._is_closing = True
        for one in self._machines:
            if one.porter is not None:
                one.porter.close()
            if one.process is not None and one.process.stdin is not None:
                # The worker's program ends with its input, and what it carries out ends with it.
                one.process.stdin.close()
                if not one.has_begun:
                    with contextlib.suppress(ProcessLookupError):
                        one.process.kill()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_END_S)
        for one in self._machines:
            if one.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    one.process.kill()
        await self._here.close()


class _Tail:
    """The end of what a program says on its standard error."""

    def __init__(self) -> None:
        self.text = ""

    async def read(self, process: asyncio.subprocess.Process) -> None:
        """Read to the end."""
        assert process.stderr is not None
        while data := await process.stderr.read(4096):
            self.text = (self.text + data.decode("utf-8", "replace"))[-8000:]

    def taken_ports(self) -> set[int]:
        """Return the ports of which ssh said that it cannot have them."""
        return {int(port) for found in _TAKEN.finditer(self.text) for port in found.groups() if port}


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Return how an ssh ended that has nothing more to tell; one that stays is sent away."""
    try:
        return await asyncio.wait_for(process.wait(), _LAST_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await process.wait()
