"""The process that holds one cluster: ``python -m desktop_aml.executors.cluster.holder HOME SPEC``.

Dask's messages are pickles, which run code in whoever reads them. So they are read here, not in the engine, which
hears lines of JSON through a socket that only this user can open. This process outlives engines, as runs do. It ends
once no engine is connected and nothing was left to do for a while.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import dask
import msgspec

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.cluster import connecting, task
from desktop_aml.executors.cluster.attempt import Attempt
from desktop_aml.executors.cluster.batch.nodes import BatchNodes
from desktop_aml.executors.cluster.doors import DOOR, HOLDER_LOCK
from desktop_aml.executors.cluster.far_scheduler import FarScheduler
from desktop_aml.executors.cluster.nodes import OwnNodes, WorkerSeen
from desktop_aml.executors.cluster.own_security import CERTIFICATE, KEY
from desktop_aml.executors.cluster.porters.carry import Carry
from desktop_aml.executors.cluster.porters.luggage import environment_of
from desktop_aml.executors.cluster.ssh_nodes import SshNodes
from desktop_aml.executors.cluster.worker import CONFIG
from desktop_aml.executors.local_process import LAUNCHER
from desktop_aml.system import local_sockets, locks
from desktop_aml.system.processes import boot_id

if TYPE_CHECKING:
    from distributed import Client, Future

_log = logging.getLogger(__name__)
_LOOK_S: Final = 0.05
_MISSED_S: Final = 1.0
"""How long a worker may be gone before its run is lost: what it said last may still be on its way."""

RUN_KEY: Final = "desktop-aml-"
"""How the keys of runs begin among the tasks of a cluster."""

_PREDECESSOR_S: Final = 15.0
_SAY_S: Final = 1.0
_BEAT_S: Final = 2.0
_RUN: Final = "(exec(source, scope), scope['carry_out'](spec))[1]"
"""What a worker evaluates. By a built-in name, so that its Python and this one may differ."""


@dataclass(slots=True)
class Holder:
    """Serves one cluster."""

    home: Path
    spec: ClusterSpec
    nodes: OwnNodes | FarScheduler | SshNodes | BatchNodes
    client: Client | None = None
    address: str = ""
    is_wanted: bool = True
    _jobs: dict[str, Attempt] = field(default_factory=dict)
    _engines: set[asyncio.StreamWriter] = field(default_factory=set)
    _told: str = ""
    _busy_at: float = field(default_factory=time.monotonic)
    _fault: str = ""
    _faulty_since: float | None = None
    _workers: dict[str, WorkerSeen] = field(default_factory=dict)
    _waiters: set[asyncio.Future[None]] = field(default_factory=set)

    @property
    def topic(self) -> str:
        """Under which workers say that they have begun."""
        return f"desktop-aml-{os.getpid()}"

    async def serve(self) -> None:
        """Serve until nobody needs the cluster any more."""
        path = self.home / DOOR
        path.unlink(missing_ok=True)
        with local_sockets.short_path(path) as short:
            server = await local_sockets.serve(self._meet, short)
        os.chmod(path, 0o600)  # noqa: PTH101 - the folder is private already
        async with server:
            opening = asyncio.create_task(self._open())
            while self.is_wanted and self.home.is_dir():
                await self._look(opening)
                # After the look: loading Dask can hold up this loop for longer than it may be idle.
                if self._is_idle_for_long():
                    break
                await asyncio.sleep(_LOOK_S)
            path.unlink(missing_ok=True)
            opening.cancel()
        for engine in self._engines:
            engine.close()
        if self.client is not None:
            with suppress(Exception):
                await asyncio.wait_for(self.client.close(), connecting.CONNECT_S)
        await self.nodes.close()

    async def _open(self) -> None:
        try:
            address, security = await self.nodes.open()
            self.client = await connecting.client_of(address, security)
            self.client.subscribe_topic(self.topic, self._heard)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is said to whoever waits
            where = self.spec.address or "of this computer"
            why = await connecting.why_not(error, self.spec)
            self._fault = f"The scheduler {where} of the compute “{self.spec.name}” cannot be reached: {why}."[:600]
            _log.exception("The cluster cannot be opened.")
            # Those who wait hear it; whoever comes later has it tried again.
            await asyncio.sleep(_SAY_S)
            self.is_wanted = False
            return
        self.address = address

    # The engines.

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._engines.add(writer)
        self._tell(writer)
        try:
            while line := await reader.readline():
                self._do(json.loads(line))
        except (ValueError, ConnectionError) as error:
            _log.warning("An engine was not understood: %s", error)
        finally:
            self._engines.discard(writer)
            writer.close()

    def _do(self, asked: dict[str, Any]) -> None:
        match asked["do"]:
            case "run" if asked["nonce"] not in self._jobs:
                # What travels can be carried out on a machine whose files are its own.
                environment = environment_of(asked["python"]) if self.spec.travels else None
                self._jobs[asked["nonce"]] = Attempt(asked, environment=environment)
            case "stop" if (carry := self._carry_of(asked["nonce"])) is not None:
                carry.is_forced = carry.is_forced or asked["force"]
            case "withdraw":
                self._withdraw(asked["nonce"])
            case "forget":
                self._withdraw(asked["nonce"])
                self._jobs.pop(asked["nonce"], None)
            case "scale":
                self.spec = self.nodes.spec = msgspec.convert(asked["spec"], ClusterSpec)
            case "end":
                self.is_wanted = False

    def _carry_of(self, nonce: str) -> Carry | None:
        job = self._jobs.get(nonce)
        return job.carry if job is not None else None

    def _place(self) -> None:
        """Hand the runs that wait to workers that have a place for them, in the order in which they came."""
        for job in self._jobs.values():
            job.see_carry()
        waiting = [
            job for job in self._jobs.values() if job.stage == "waiting" and job.future is None and job.carry is None
        ]
        taken = Counter(job.address for job in self._jobs.values() if job.is_open() and job.address)
        for job in waiting:
            able = [worker for worker in self._workers.values() if job.may_go_to(worker)]
            best = max(able, key=lambda one: one.places - taken[one.address], default=None)
            if best is not None and best.places > taken[best.address]:
                taken[best.address] += 1
                self._begin(job, best)
            elif best is None and job.unfit and isinstance(self.nodes, SshNodes):
                if not self.nodes.may_come(job.unfit):
                    job.stage, job.words = "refused", " ".join(job.unfit.values())
            elif isinstance(self.nodes, SshNodes) and job.environment is None:
                job.words = self.nodes.why_here()
            elif best is None and isinstance(self.nodes, BatchNodes):
                words = self.nodes.why_not(job.unfit, can_travel=job.environment is not None)
                job.stage, job.words = ("refused", words) if words else (job.stage, job.words)
            elif best is None and not self.spec.is_own:
                # Whoever scales that cluster by its tasks sees that there is one.
                self._begin(job, None)

    def _begin(self, job: Attempt, worker: WorkerSeen | None) -> None:
        assert self.client is not None
        asked = job.asked
        if worker is None or not worker.is_stand_in:
            # Why a stand-in carries it out is said until it has begun.
            job.words = ""
        if worker is not None and worker.porter is not None and job.environment is not None:
            job.address, job.worker = worker.address, worker.name
            secrets = (self.home / CERTIFICATE, self.home / KEY)
            job.carry = Carry(worker.porter, job.environment, asked, secrets, worker.way)
            return
        spec = {
            **{name: asked[name] for name in ("nonce", "run_directory", "attempt", "python")},
            "launcher": str(LAUNCHER),
            "boot_id": boot_id(),
            "topic": self.topic,
        }
        scope = {"source": Path(task.__file__).read_text(encoding="utf-8"), "scope": {"__name__": "task"}, "spec": spec}
        job.future = self.client.submit(
            eval,
            _RUN,
            scope,
            key=f"{RUN_KEY}{asked['nonce']}",
            pure=False,
            retries=0,
            priority=10,
            workers=[worker.address] if worker else None,
        )
        job.address, job.worker = (worker.address, worker.name) if worker else ("", "")
        self._keep(self._see_end(job, job.future))

    def _keep(self, act: Coroutine[Any, Any, None]) -> None:
        waiter = asyncio.ensure_future(act)
        self._waiters.add(waiter)
        waiter.add_done_callback(self._waiters.discard)

    def _withdraw(self, nonce: str) -> None:
        job = self._jobs.get(nonce)
        if job is not None and job.stage == "waiting":
            job.stage, job.words = "withdrawn", "It was taken back before a worker had begun."
            if job.carry is not None:
                job.carry.is_wanted = False
            self._drop_future(job)

    def _drop_future(self, job: Attempt) -> None:
        future, job.future = job.future, None
        if future is not None:
            self._keep(self._cancel(future))

    async def _cancel(self, future: Future) -> None:
        with suppress(Exception):
            await future.cancel()

    # The cluster.

    async def _heard(self, event: tuple[float, Any]) -> None:
        told = event[1]
        job = self._jobs.get(str(told.get("nonce"))) if isinstance(told, dict) else None
        if job is not None and job.stage == "waiting":
            self._see_where(job, told)
            job.stage = "started"

    def _see_where(self, job: Attempt, told: dict[str, Any]) -> None:
        job.address = str(told.get("address", ""))
        known = self._workers.get(job.address)
        job.worker = known.name if known else job.worker or str(told.get("worker", ""))

    async def _see_end(self, job: Attempt, future: Future) -> None:
        from distributed import KilledWorker

        try:
            told = await future
        except KilledWorker:
            await self._end_is_known(job)
            words = self._lost_words(job)
        except asyncio.CancelledError:
            words = self._scheduler_words()
        except Exception as error:  # noqa: BLE001 - whatever a cluster does to a task
            words = f"The cluster ended the run's task: {type(error).__name__}: {error}"[:1000]
        else:
            if isinstance(told, dict) and told.get("nonce") == job.asked["nonce"]:
                self._see_where(job, told)
                is_lost = isinstance(self.nodes, BatchNodes) and bool(await self.nodes.ending_of(job.worker))
                words, stage = str(told.get("words", "")), str(told.get("stage", "lost"))
                job.words, job.stage = (self._lost_words(job), "lost") if is_lost else (words, stage)
                # Let go of: a result that is wanted would be made anew when its worker is lost.
                job.future = None
                return
            words = "The worker gave an answer that is none."
        if job.future is future and job.is_open():
            job.stage, job.words = "lost", words

    async def _end_is_known(self, job: Attempt) -> None:
        """Wait a moment until it is known how a worker ended: the scheduler may hear of it first."""
        until = time.monotonic() + _MISSED_S
        while self.spec.is_own and not self.nodes.end_of(job.worker) and time.monotonic() < until:
            await asyncio.sleep(_LOOK_S)

    def _lost_words(self, job: Attempt) -> str:
        how = self.nodes.end_of(job.worker)
        name = f"The worker {job.worker}" if job.worker else "The worker"
        tail = f": it {how}" if how else ""
        return f"{name} of the compute “{self.spec.name}”, which carried out the run, was lost{tail}."

    def _scheduler_words(self) -> str:
        return f"The scheduler {self.address} of the compute “{self.spec.name}” was lost."

    async def _look(self, opening: asyncio.Task[None]) -> None:
        open_jobs = sum(job.is_open() for job in self._jobs.values())
        # Connections to other machines are not kept only because an engine may want them once more.
        is_kept = self._engines and not (self.spec.hosts and not self.spec.min_nodes)
        if is_kept or open_jobs or not opening.done() or not self.nodes.is_settled:
            self._busy_at = time.monotonic()
        if opening.done() and self.client is not None:
            if isinstance(self.nodes, SshNodes):
                self.nodes.needed_here = sum(job.is_open() and job.environment is None for job in self._jobs.values())
            await self.nodes.look(open_jobs)
            self._see_cluster()
            self._see_fault(open_jobs)
        for engine in list(self._engines):
            self._tell(engine, only_news=True)
        self._told = self._line()

    def _see_fault(self, open_jobs: int) -> None:
        """Give up a cluster that cannot be used: who waits has heard it, and whoever comes later has it tried again."""
        now = time.monotonic()
        self._faulty_since = (self._faulty_since or now) if self.nodes.fault and not open_jobs else None
        if self._faulty_since is not None and now - self._faulty_since > _SAY_S:
            self.is_wanted = False

    def _see_cluster(self) -> None:
        assert self.client is not None
        if self.client.status in {"closed", "connecting"} or self.client.scheduler_comm is None:
            self._fault = self._scheduler_words()
            for job in self._jobs.values():
                if job.is_open():
                    job.stage, job.words = "lost", self._fault
            # Another holder begins anew, when somebody wants to run something.
            self.is_wanted = False
            return
        self._workers = {worker.address: worker for worker in self.nodes.workers(self.client)}
        now = time.monotonic()
        for job in self._jobs.values():
            if not job.is_open() or not job.address or job.carry is not None or job.address in self._workers:
                job.missed_since = None
                continue
            job.missed_since = job.missed_since or now
            if now - job.missed_since > _MISSED_S:
                self._miss(job)
        self._place()

    def _miss(self, job: Attempt) -> None:
        """React to a worker that is gone: the run is lost, unless it was never begun there."""
        self._drop_future(job)
        if job.stage == "started":
            job.stage, job.words = "lost", self._lost_words(job)
        else:
            job.address = job.worker = ""

    def _is_idle_for_long(self) -> bool:
        return time.monotonic() - self._busy_at > max(1.0, self.spec.idle_s)

    def _line(self) -> str:
        jobs = {
            nonce: {"stage": job.stage, "worker": job.worker, "words": job.words} for nonce, job in self._jobs.items()
        }
        # A worker that only stands in for the machines is none of the cluster's nodes.
        away = {worker.address for worker in self._workers.values() if worker.is_stand_in}
        busy = sum(job.stage == "started" and job.address not in away for job in self._jobs.values())
        waiting = sum(job.stage == "waiting" for job in self._jobs.values())
        state = {
            "is_up": bool(self.address) and self.client is not None and self.nodes.is_settled,
            "nodes": len(self._workers) - len(away),
            "busy": busy,
            "starting": self.nodes.starting,
            "waiting": waiting,
            "address": self.address,
            "fault": self._fault or self.nodes.fault,
            "machines": msgspec.to_builtins(self.nodes.seen_machines()),
        }
        # Who listens knows by the beat that this process goes on.
        beat = int(time.monotonic() / _BEAT_S)
        return json.dumps({"state": state, "variables": self.nodes.variables(), "jobs": jobs, "beat": beat}) + "\n"

    def _tell(self, engine: asyncio.StreamWriter, *, only_news: bool = False) -> None:
        line = self._line()
        if not only_news or line != self._told:
            with suppress(ConnectionError):
                engine.write(line.encode())


def main(home: Path, spec: ClusterSpec) -> None:
    """Hold the cluster of `home`, unless another process does."""
    descriptor = locks.open_lock(home / HOLDER_LOCK)
    until = time.monotonic() + _PREDECESSOR_S
    while not locks.try_lock(descriptor):
        # Another one may be ending: its door is closed already.
        if (home / DOOR).exists() or time.monotonic() > until:
            return
        time.sleep(_LOOK_S)
    with dask.config.set(CONFIG):
        asyncio.run(Holder(home, spec, _nodes_of(spec, home)).serve())


def _nodes_of(spec: ClusterSpec, home: Path) -> OwnNodes | FarScheduler | SshNodes | BatchNodes:
    if spec.address:
        return FarScheduler(spec)
    if spec.batch.system is not None:
        return BatchNodes(spec, home)
    return SshNodes(spec, home) if spec.hosts else OwnNodes(spec, home)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    main(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=ClusterSpec))
