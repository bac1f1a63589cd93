"""What the engine stands on, played: a clock, durable steps that can be the last ones, processes that can be killed."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest

from desktop_aml.domain.journal import encode
from desktop_aml.store.database import Database
from desktop_aml.system import clock, files, processes
from desktop_aml.system.processes import ProcessIdentity

FIRST_PID = 50_000_000


class Crash(BaseException):
    """The engine's process ends here, between two instructions."""


@dataclass
class Truth:
    """What really happened to a run, whatever the engine knows of it."""

    points: int = 0
    most_points: int = 3
    exit_code: int = 0
    starts: int = 0
    ended: str = ""
    """How its supervisor recorded the end: a reason, or empty."""


@dataclass
class Launcher:
    """A supervisor and its script, as far as the engine can see them."""

    pid: int
    run_directory: Path
    attempt: int
    run_id: str
    started: int
    is_alive: bool = True
    has_claimed: bool = False
    script_pid: int = 0
    script_alive: bool = False
    stop_asked: bool = False
    nonce: str = ""

    @property
    def files(self) -> Path:
        return self.run_directory / "attempts" / str(self.attempt)


class Handle:
    """A played process, held."""

    def __init__(self, identity: ProcessIdentity) -> None:
        self._identity = identity

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def send(self, number: signal.Signals) -> bool:
        return World.present.signal(self._identity.pid, number)

    def wait(self, _: float) -> bool:
        return True


class InlineWorkers(Executor):
    """Work waits until the history says that it is done."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, lambda: fn(*args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        while self.waiting:
            self.do(0)

    def do(self, index: int) -> None:
        future, work = self.waiting.pop(index)
        try:
            result = work()
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)


@dataclass
class World:
    """One history's surroundings."""

    choice: random.Random
    at: float = 1_700_000_000.0
    boot: int = 1
    launchers: list[Launcher] = field(default_factory=list)
    truths: dict[str, Truth] = field(default_factory=dict)
    is_full: bool = False
    crash_in: int = 0
    in_engine: bool = False
    findings: list[str] = field(default_factory=list)
    next_pid: int = FIRST_PID

    present: World = None  # type: ignore[assignment]

    # The clock.

    def monotonic(self) -> float:
        return self.at

    def now(self) -> float:
        return self.at

    # The disk.

    def durable_step(self) -> None:
        """Something is about to be, or has just become, durable."""
        if self.in_engine and self.crash_in:
            self.crash_in -= 1
            if not self.crash_in:
                raise Crash

    def flush_descriptor(self, _: int) -> None:
        if self.is_full and self.in_engine:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.durable_step()

    def flush_folder(self, _: Path) -> None:
        self.durable_step()

    # Processes.

    def spawn(self, _: str, run_directory: Path, attempt: int) -> int:
        self.next_pid += 2
        launcher = Launcher(self.next_pid, run_directory, attempt, run_directory.name, int(self.at * 100))
        self.launchers.append(launcher)
        return launcher.pid

    def start_time(self, pid: int) -> int:
        found = next((one for one in self.launchers if one.pid == pid and one.is_alive), None)
        if found is not None:
            return found.started
        return next((one.started for one in self.launchers if one.script_pid == pid and one.script_alive), 0)

    def signal(self, pid: int, number: int) -> bool:
        for one in self.launchers:
            if one.pid == pid and one.is_alive:
                if number == signal.SIGKILL:
                    one.is_alive = False
                else:
                    one.stop_asked = True
                return True
            if one.script_pid == pid and one.script_alive:
                one.script_alive = False
                return True
        return False

    def bearers(self, _: str, nonce: str) -> tuple[ProcessIdentity, ...]:
        found = []
        for one in self.launchers:
            if one.nonce == nonce and nonce:
                if one.is_alive:
                    found.append(ProcessIdentity(one.pid, one.started, self.boot_id()))
                if one.script_alive:
                    found.append(ProcessIdentity(one.script_pid, one.started, self.boot_id()))
        return tuple(found)

    def boot_id(self) -> str:
        return f"boot-{self.boot}"

    def waitpid(self, pid: int, _: int) -> tuple[int, int]:
        alive = any(one.pid == pid and one.is_alive for one in self.launchers)
        return (0, 0) if alive else (pid, 0)

    def alive(self) -> list[Launcher]:
        return [one for one in self.launchers if one.is_alive]

    def power_cut(self) -> None:
        for one in self.launchers:
            one.is_alive = one.script_alive = False
        self.boot += 1

    def advance(self, one: Launcher) -> None:
        """Let a supervisor, or its script, do its next step."""
        truth = self.truths[one.run_id]
        if not one.has_claimed:
            self._claim(one)
        elif not one.script_pid:
            self._start_script(one, truth)
        elif one.stop_asked or not one.script_alive:
            one.script_alive = False
            reason = {"reason": "canceled"} if one.stop_asked else {"signal": 9, "reason": "signal"}
            self._end(one, truth, {"exit_code": None, "signal": None, **reason})
        elif truth.points < truth.most_points:
            with (one.run_directory / "journal" / f"{one.script_pid}-00000000.jsonl").open("ab") as journal:
                journal.write(encode({"n": truth.points, "t": self.at, "k": "m", "name": "x", "v": truth.points}))
            truth.points += 1
        else:
            one.script_alive = False
            self._end(one, truth, {"exit_code": truth.exit_code, "signal": None, "reason": "exit"})

    def _claim(self, one: Launcher) -> None:
        try:
            job = json.loads((one.files / "job.json").read_bytes())
            one.nonce = job["nonce"]
            temporary = one.files / f"claim.{one.pid}.tmp"
            identity = {"pid": one.pid, "start_time": one.started, "boot_id": self.boot_id(), "nonce": one.nonce}
            temporary.write_text(json.dumps(identity))
            try:
                os.link(temporary, one.files / "claim.json")
            finally:
                temporary.unlink()
        except (OSError, ValueError):
            one.is_alive = False
            return
        one.has_claimed = True

    def _start_script(self, one: Launcher, truth: Truth) -> None:
        if one.stop_asked or (one.files / "stop").exists():
            self._end(one, truth, {"exit_code": None, "signal": None, "reason": "canceled", "started_at": None})
            return
        one.script_pid, one.script_alive = one.pid + 1, True
        (one.files / "process.json").write_text(json.dumps({"pid": one.script_pid, "started_at": self.at}))
        truth.starts += 1
        if truth.starts > 1:
            self.findings.append(f"The script of {one.run_id} was started {truth.starts} times.")

    def _end(self, one: Launcher, truth: Truth, record: dict[str, Any]) -> None:
        body = {"message": "", "started_at": self.at - 1, "ended_at": self.at, **record}
        temporary = one.files / "exit.json.tmp"
        try:
            temporary.write_text(json.dumps(body))
            temporary.replace(one.files / "exit.json")
        except OSError:
            pass
        else:
            truth.ended = str(record["reason"])
        one.is_alive = False


@contextmanager
def played(world: World) -> Iterator[None]:
    """Let the engine stand on a world instead of on this computer."""
    World.present = world
    begin = Database.transaction

    @contextmanager
    def transaction(db: Database) -> Iterator[None]:
        world.durable_step()
        with begin(db):
            yield
        world.durable_step()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "monotonic", world.monotonic)
        patch.setattr(files.own, "flush_descriptor", world.flush_descriptor)
        patch.setattr(files.own, "flush_folder", world.flush_folder)
        patch.setattr(processes.own, "start_time", world.start_time)
        patch.setattr(processes.own, "boot_id", world.boot_id)
        patch.setattr(processes.own, "Handle", Handle)
        patch.setattr("desktop_aml.executors.local_process._spawn", world.spawn)
        patch.setattr("desktop_aml.executors.local_process.find_bearers", world.bearers)
        patch.setattr(os, "waitpid", world.waitpid)
        patch.setattr(os, "kill", world.signal)
        patch.setattr(Database, "transaction", transaction)
        yield
