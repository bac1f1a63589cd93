"""Nodes that a batch system starts: each is one job there, which calls this computer when its turn has come.

Nothing but a job's text goes through the batch system. What a node needs to speak to the cluster comes through its
call, so what the system keeps lets nobody in later, and a job that starts after it was given up ends at once.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from desktop_aml.domain.computes.batch import BatchSystem
from desktop_aml.domain.targets import Machine
from desktop_aml.executors.cluster import machines
from desktop_aml.executors.cluster.batch.commands import Refused, say
from desktop_aml.executors.cluster.batch.door import Call, CalledLine, Door
from desktop_aml.executors.cluster.batch.node import JobNode
from desktop_aml.executors.cluster.batch.systems import (
    COMMANDS,
    OVER,
    QUEUED,
    JobState,
    how_over,
    job_name,
    job_text,
)
from desktop_aml.executors.cluster.machines import START, Facts
from desktop_aml.executors.cluster.nodes import NodesAround, OwnNodes, WorkerSeen
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY
from desktop_aml.executors.cluster.porters.porter import Porter
from desktop_aml.executors.cluster.worker import CONFIG

if TYPE_CHECKING:
    from distributed import Client, Security

_AGAIN_S: Final = (0.5, 1.0, 5.0)
"""How long the system is left alone after its first, second, ... failure in a row; after the last it is given up."""

_ASK_S: Final = (0.5, 15.0)
"""How often the system is asked about jobs: at first, and at last."""
_UNKNOWN: Final = 3
"""So often a job may be missing from what the system says, before it is taken for over."""

_SOON_S: Final = 0.7
_LATE_S: Final = 4.0
"""How long the end of a job is looked into before something is said of it, and at most."""
_END_LOOK_S: Final = 0.15
_NUMBER_S: Final = 30.0
_RETIRE_S: Final = 5.0


@dataclass(slots=True)
class BatchNodes(NodesAround):
    """The same words as `OwnNodes`, for workers that a batch system starts.

    Parameters
    ----------
    home : Path
        Folder of the cluster, readable by this user alone.
    """

    fault: str = ""
    _system: BatchSystem = field(init=False)
    _head: str = field(init=False)
    _door: Door = field(init=False)
    _nodes: list[JobNode] = field(default_factory=list)
    _ends: dict[str, str] = field(default_factory=dict)
    _failures: int = 0
    _again_at: float = 0.0
    _ask_at: float = 0.0
    _ask_every_s: float = _ASK_S[0]
    _count: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _asking: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        assert self.spec.batch.system is not None
        self._system = self.spec.batch.system
        self._head = self.spec.batch.head or own_address()
        self._here = OwnNodes(replace(self.spec, min_nodes=0, max_nodes=0), self.home, host=self._head)
        self._door = Door(self.home, self._head)

    async def open(self) -> tuple[str, Security]:
        """Start the scheduler, where nodes can reach it."""
        found = await self._here.open()
        await self._door.open()
        return found

    @property
    def starting(self) -> int:
        """How many are on their way; those that wait for their turn are not."""
        return sum(not node.has_begun and node.state.stage != QUEUED for node in self._nodes)

    @property
    def is_settled(self) -> bool:
        """Whether runs can be taken: always, nodes come when they are needed."""
        return True

    def seen_machines(self) -> tuple[Machine, ...]:
        """Return how each job stands."""
        return tuple(node.as_seen(self._system.label) for node in self._nodes if node.number and not node.is_leaving)

    def workers(self, _client: Client) -> Iterator[WorkerSeen]:
        """Yield the workers that are there to stay."""
        known = {str(state.name): state for state in self.scheduler.workers.values()}
        for node in self._nodes:
            state = known.get(node.name)
            if state is not None and node.has_begun and not node.is_leaving and node.facts is not None:
                porter = node.porter if node.porter is not None and node.porter.is_ready else None
                places = int(node.facts.sees or porter is not None)
                yield WorkerSeen(state.address, node.name, places, porter, self.scheduler.address)

    def why_not(self, unfit: dict[str, str], *, can_travel: bool) -> str:
        """Return why a run can have no node; empty while it may."""
        if self.fault or unfit:
            return self.fault or " ".join(unfit.values())
        there = [node for node in self._nodes if node.has_begun and node.facts is not None]
        if can_travel or not there or any(node.facts is not None and node.facts.sees for node in there):
            return ""
        return (
            f"Nodes of {self._system.label} have files of their own, and the run's environment cannot be taken to"
            " them: choose one of packages from an index, not this computer's Python and none from conda channels."
        )

    def end_of(self, name: str) -> str:
        """Return how a worker ended, in words; empty for one that lives or was sent home."""
        return self._ends.get(name, "")

    async def ending_of(self, name: str) -> str:
        """Return how a worker ends at this moment, in words; empty for one that goes on.

        A batch system ends all processes of a job at once: a script may be the first, as if it had ended by itself.
        """
        node = next((node for node in self._nodes if node.name == name), None)
        found = await self._states([node]) if node is not None else None
        if node is not None and (found is None or not found.get(node.number, node.state).is_ending):
            return ""
        until = time.monotonic() + _SOON_S + 2 * _END_LOOK_S
        while node in self._nodes and name not in self._ends and time.monotonic() < until:
            await asyncio.sleep(_END_LOOK_S)
        return self.end_of(name)

    async def look(self, wanted: int) -> None:
        """Ask for nodes or send some home, so that there are as many as wanted, within the limits."""
        known = {str(state.name): state for state in self.scheduler.workers.values()}
        now = time.monotonic()
        for node in self._nodes:
            state = known.get(node.name) if node.has_begun else None
            is_busy = node.porter is not None and node.porter.is_busy
            is_idle = state is not None and not state.processing and not state.has_what and not is_busy
            node.idle_since = (node.idle_since or now) if is_idle else None
        wanted = max(self.spec.min_nodes, min(self.spec.max_nodes, max(wanted, self.scheduler.adaptive_target())))
        staying = [node for node in self._nodes if not node.is_leaving]
        if not self.fault and now >= self._again_at:
            for _ in range(wanted - len(staying)):
                self._nodes.append(node := self._new_node())
                self._keep(self._ask_for(node))
        surplus = max(0, len(staying) - wanted)
        waiting = [node for node in reversed(staying) if not node.has_begun and node.writer is None]
        idle = [node for node in staying if node.idle_since is not None and now - node.idle_since >= self.spec.idle_s]
        for node in (*waiting, *idle)[:surplus]:
            node.is_leaving = True
            self._keep(self._send_home(node))
        if self._nodes and now >= self._ask_at and self._asking is None:
            self._ask_at = now + self._ask_every_s
            self._ask_every_s = min(_ASK_S[1], self._ask_every_s * 1.2)
            self._asking = self._keep(self._see_states())

    # One node.

    def _new_node(self) -> JobNode:
        self._count += 1
        node = JobNode(self.home / f"job-{self._count}.log")
        node.ticket = self._door.ticket(lambda call: self._serve(node, call))
        return node

    async def _ask_for(self, node: JobNode) -> None:
        commands = COMMANDS[self._system]
        told = {"host": self._head, "port": self._door.port, "ticket": node.ticket, "start": START}
        certificate = (self.home / CERTIFICATE).read_text(encoding="ascii")
        self._ask_every_s, self._ask_at = _ASK_S[0], 0.0
        try:
            said = await say(commands.submit, job_text(self.spec, node.log, told, certificate))
            words = f"“{commands.submit[0]}” said no number of a job, but “{said.strip()[:200]}”"
        except Refused as error:
            said, words = "", str(error)
        found = commands.number.search(said)
        if found is None:
            self._forget(node)
            self._fail(words)
            return
        node.number, node.name = found[1], f"{self._system}-{found[1]}"
        node.has_number.set()
        if node.is_leaving:
            await self._end([node])

    def _fail(self, words: str) -> None:
        self._again_at = time.monotonic() + _AGAIN_S[min(self._failures, len(_AGAIN_S) - 1)]
        self._failures += 1
        if self._failures >= len(_AGAIN_S):
            self.fault = f"The compute “{self.spec.name}” gets no node from {self._system.label}: {words}."

    def _forget(self, node: JobNode) -> None:
        self._door.void(node.ticket)
        node.is_known.set()
        node.log.unlink(missing_ok=True)
        with suppress(ValueError):
            self._nodes.remove(node)

    async def _serve(self, node: JobNode, call: Call) -> None:
        await asyncio.wait_for(node.has_number.wait(), _NUMBER_S)
        if call.part == "porter":
            await node.is_known.wait()
            if node.facts is not None and not node.facts.sees and node in self._nodes:
                node.porter = Porter(node.host)
                line = CalledLine(lambda: self._wait_for_end(node))
                node.porter.start(line)
                await line.pass_on(call)
            return
        node.writer, node.host = call.writer, call.node
        words = ""
        try:
            words = await self._talk(node, call)
        except OSError as error:
            words = str(error)
        finally:
            call.writer.close()
            await self._see_end(node, words)

    async def _talk(self, node: JobNode, call: Call) -> str:
        """Have a worker begun and wait for its end; return why there cannot be one."""
        call.writer.write(machines.first_input(self.home))
        facts = await machines.heard(call.reader, Facts)
        words = machines.obstacle(facts, "the Python there") if facts is not None else ""
        if facts is None or words:
            return words
        call.writer.write(json.dumps(self._order(node, facts, call)).encode() + b"\n")
        if await machines.heard(call.reader, dict) is None:
            return ""
        node.facts, node.has_begun, self._failures, self.fault = facts, True, 0, ""
        node.is_known.set()
        while await call.reader.read(1 << 16):
            pass
        return ""

    def _order(self, node: JobNode, facts: Facts, call: Call) -> dict[str, Any]:
        asked = self.spec.batch
        return {
            "scheduler": self.scheduler.address,
            "name": node.name,
            "host": call.number,
            "port": 0,
            "contact": None,
            # As for machines by ssh: a run may use the node as it likes, what scripts send is held to its size.
            "threads": 1 if facts.sees else asked.cores or facts.cores,
            "memory": 0 if facts.sees else (asked.memory_mb << 20) or "auto",
            "certificate": (self.home / CERTIFICATE).read_text(encoding="ascii"),
            "key": (self.home / KEY).read_text(encoding="ascii"),
            "config": CONFIG,
        }

    async def _see_end(self, node: JobNode, words: str) -> None:
        """Find out why a node is no more, and say it."""
        job = f"job {node.number} of {self._system.label} on {node.host}"
        state, since = node.state, time.monotonic()
        while not node.is_leaving and not words:
            if (asked := await self._states([node])) is not None:
                state = asked.get(node.number, state)
            if state.stage == OVER or time.monotonic() - since > _LATE_S:
                break
            if time.monotonic() - since > _SOON_S:
                self._ends.setdefault(node.name, f"ended with {job}")
            await asyncio.sleep(_END_LOOK_S)
        if not node.is_leaving:
            how = f"which {how_over(self._system, state)}" if state.stage == OVER else "whose connection ended"
            self._ends[node.name] = f"ended with {job}, {how}"
        if not node.has_begun and not node.is_leaving:
            self._fail(f"{job}: {words or node.last_words() or 'its worker did not begin'}")
        self._forget(node)
        if state.stage != OVER:
            await self._end([node])

    def _wait_for_end(self, node: JobNode) -> str:
        """Return how a node ended; waits for it in a thread."""
        until = time.monotonic() + _SOON_S + _END_LOOK_S
        while node in self._nodes and node.name not in self._ends and time.monotonic() < until:
            time.sleep(_END_LOOK_S)
        return f"it {self._ends.get(node.name) or 'was sent home'}"

    async def _send_home(self, node: JobNode) -> None:
        self._door.void(node.ticket)
        if node.has_begun:
            with suppress(Exception):
                retiring = self.scheduler.retire_workers(names=[node.name], close_workers=True, remove=True)
                await asyncio.wait_for(retiring, _RETIRE_S)
        if node.porter is not None:
            node.porter.close()
        if node.writer is not None:
            node.writer.close()
        elif node.number:
            self._forget(node)
            await self._end([node])

    # The batch system.

    async def _states(self, nodes: list[JobNode]) -> dict[str, JobState] | None:
        """Return what the system says of jobs; None when it says nothing."""
        commands = COMMANDS[self._system]
        try:
            said = await say(commands.ask(job_name(self.spec), [node.number for node in nodes]))
        except Refused:
            return None
        return commands.read(said)

    async def _see_states(self) -> None:
        asked = [node for node in self._nodes if node.number]
        found = await self._states(asked) if asked else None
        self._asking = None
        for node in asked if found is not None else ():
            assert found is not None
            state = found.get(node.number)
            node.missing = 0 if state is not None else node.missing + 1
            node.state = state or (JobState(OVER, "") if node.missing >= _UNKNOWN else node.state)
            if node.state.stage != OVER or node.is_leaving or node not in self._nodes:
                continue
            if node.writer is not None:
                node.writer.close()  # what it says now is heard by nobody
                continue
            where = f" on {node.state.node}" if node.state.node else ""
            last = node.last_words()
            how = how_over(self._system, node.state)
            self._fail(f"job {node.number}{where} {how} before its worker began{': ' if last else ''}{last}")
            self._forget(node)

    async def _end(self, nodes: list[JobNode]) -> None:
        numbers = [node.number for node in nodes if node.number]
        if numbers:
            with suppress(Refused):
                await say((*COMMANDS[self._system].end, *numbers))

    def _keep(self, act: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End all, also what waits in the system."""
        nodes = list(self._nodes)
        for node in nodes:
            if not node.is_leaving:
                node.is_leaving = True
                self._keep(self._send_home(node))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_RETIRE_S + 1)
        self._door.close()
        await self._end(nodes)
        await self._here.close()


def own_address() -> str:
    """Return the number by which other computers most likely reach this one; that of the loopback where none can."""
    found = ""
    with suppress(OSError):
        found = socket.gethostbyname(socket.gethostname())
    if found and not found.startswith("127."):
        return found
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        # Nothing is sent: the system only says which of its addresses it would take.
        asked.connect(("192.0.2.1", 9))
        return str(asked.getsockname()[0])
    return "127.0.0.1"
