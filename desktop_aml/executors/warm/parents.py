"""The interpreters that runs are forked from: begun when there is use for them, asked, and let go.

Each ends by itself when its socket is closed, when nobody asked for long, and when memory is short. One that ends costs
nobody a run: what it was asked for is started cold, and the claim of the attempt sees to it that only one of both runs.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path
from typing import Any, Final

from desktop_aml.executors.warm.plan import HASH_SEED, Kind, Plan
from desktop_aml.inside_run.site.desktop_aml_run.warm_control import CONTROL, is_memory_short
from desktop_aml.system import clock
from desktop_aml.system.files import read_regular
from desktop_aml.system.processes import tell_end

_log = logging.getLogger(__name__)

IDLE_S: Final = 120.0
"""How long an interpreter waits for a run before it ends."""

READY_S: Final = 60.0
"""How long runs wait for one that is being made ready; then they start cold."""

ANSWER_S: Final = 10.0
"""How long one that is ready may take to fork."""

_MOST: Final = 3
_MOST_SKIPS: Final = 4
_MODULE: Final = "desktop_aml_warm"
_COLD_KNOWN: Final = 200


class Answer(Enum):
    """What became of a request for a process."""

    WAITS = auto()
    ASKED = auto()
    REFUSED = auto()


@dataclass(slots=True)
class Request:
    """A process that is wanted of an interpreter.

    Parameters
    ----------
    own_names : frozenset of str
        See `Plan`.
    since : float
        Monotonic time from which on an answer is waited for.
    words : str
        Why it was refused.
    """

    run_directory: str
    attempt: int
    own_names: frozenset[str]
    since: float
    answer: Answer = Answer.WAITS
    words: str = ""


@dataclass(slots=True)
class _Parent:
    """An interpreter, or one that is being made ready."""

    kind: Kind
    process: subprocess.Popen[bytes]
    control: socket.socket
    folder: Path
    begun_at: float
    is_ready: bool = False
    received: bytes = b""
    used_at: float = 0.0
    requests: dict[int, Request] = field(default_factory=dict)


class WarmParents:
    """The warm interpreters of one engine. The caller sees to it that only one thread is here at a time.

    Parameters
    ----------
    launcher_env_vars : mapping of str
        Variables of the supervisors that are forked.
    ended : callable
        Called from another thread when a supervisor, or an interpreter, has ended.
    """

    def __init__(self, launcher_env_vars: Mapping[str, str], ended: Callable[[], None]) -> None:
        self._ended = ended
        self._launcher_env_vars = dict(launcher_env_vars)
        self._parents: dict[Kind, _Parent] = {}
        self._cold: dict[Kind, str] = {}
        self._imports: dict[Kind, Kind] = {}
        self._skips: dict[Kind, int] = {}
        self._leaving: list[subprocess.Popen[bytes]] = []
        self._number = 0

    def ask(self, plan: Plan, run_directory: str, attempt: int, *, begin: bool) -> Request | str:
        """Ask for a process that supervises and runs an attempt; return why there will be none, where it is so.

        Parameters
        ----------
        begin : bool
            Whether an interpreter is begun where there is none.
        """
        if plan.kind is None:
            return plan.why_cold
        kind = self._imports.get(plan.kind, plan.kind)
        if kind in self._cold:
            return self._cold[kind]
        self._receive()
        parent = self._parents.get(kind)
        if parent is None and not begin:
            return "no other run of its environment is in sight"
        if parent is None and is_memory_short():
            return "memory is short"
        if parent is None:
            try:
                parent = self._begin(kind)
            except OSError as error:
                return f"the interpreter to fork from could not be started: {error.strerror}"
        request = Request(run_directory, attempt, plan.own_names, clock.monotonic())
        parent.used_at = clock.monotonic()
        self._send(parent, request)
        if request.answer is Answer.REFUSED:
            return request.words
        return request

    def look(self, request: Request) -> Answer:
        """Return what became of a request."""
        self._receive()
        for parent in list(self._parents.values()):
            if not parent.is_ready and clock.monotonic() - parent.begun_at > READY_S:
                words = "the interpreter to fork from was not ready in time"
                self._remember_cold(parent.kind, words)
                self._drop(parent, words)
            elif parent.is_ready and any(clock.monotonic() - one.since > ANSWER_S for one in parent.requests.values()):
                parent.process.kill()
                self._drop(parent, "the interpreter to fork from did not answer")
        return request.answer

    def close(self) -> None:
        """Let all interpreters end."""
        for parent in list(self._parents.values()):
            self._drop(parent, "the engine ends")
        for process in self._leaving:
            process.returncode = 0  # it ends by itself, and nobody waits for it

    def _begin(self, kind: Kind) -> _Parent:
        while len(self._parents) >= _MOST:
            self._drop(min(self._parents.values(), key=lambda one: one.used_at), "others took its place")
        mark = f"warm-{secrets.token_hex(8)}"
        folder = Path(tempfile.mkdtemp(prefix=f"desktop-aml-{mark}-"))
        (folder / "logs").mkdir()
        (folder / "snapshot").mkdir()
        seed = dict(kind.env_vars).get(HASH_SEED) or str(secrets.randbelow(2**32 - 1) + 1)
        ours, theirs = socket.socketpair()
        try:
            with theirs, (folder / "said").open("ab") as said:
                process = subprocess.Popen(
                    [kind.python, "-m", _MODULE],
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    cwd=folder / "snapshot",
                    env={
                        **kind.stand_ins(folder, mark),
                        HASH_SEED: seed,
                        CONTROL: f"{theirs.fileno()}:{mark}",
                    },
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                )
        except OSError:
            ours.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        parent = _Parent(kind, process, ours, folder, clock.monotonic())
        self._parents[kind] = parent
        tell_end(process.pid, self._ended)
        wanted = {
            "imports": list(kind.imports),
            "first": kind.first,
            "of_runs": list(kind.of_runs),
            "script": str(folder / "snapshot" / "script.py"),
            "hash_seed": seed,
            "idle_s": IDLE_S,
            "launcher_env_vars": self._launcher_env_vars,
            "folder": str(folder),
        }
        with suppress(OSError):  # found out at the next look
            ours.sendall(json.dumps(wanted).encode() + b"\n")
        ours.setblocking(False)
        return parent

    def _receive(self) -> None:
        for parent in list(self._parents.values()):
            self._receive_of(parent)
        self._leaving = [process for process in self._leaving if process.poll() is None]

    def _receive_of(self, parent: _Parent) -> None:
        has_ended = False
        while not has_ended:
            try:
                data = parent.control.recv(1 << 16)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            has_ended = not data
            parent.received += data
        while b"\n" in parent.received and self._parents.get(parent.kind) is parent:
            line, _, parent.received = parent.received.partition(b"\n")
            self._heard(parent, json.loads(line))
        if has_ended and self._parents.get(parent.kind) is parent:
            self._drop(parent, self._last_words(parent))

    def _heard(self, parent: _Parent, message: dict[str, Any]) -> None:
        number = message.get("number")
        if number is not None:
            request = parent.requests.pop(number, None)
            if request is not None and "refused" in message:
                self._refuse(request, message["refused"])
            elif request is not None:
                request.answer = Answer.ASKED
                tell_end(message["pid"], self._ended)
        elif message.get("cold"):
            self._remember_cold(parent.kind, message["cold"])
            self._drop(parent, message["cold"])
        elif message.get("skip") is not None:
            self._begin_without(parent, message["skip"], bool(message.get("ends")), message["why"])
        else:
            parent.is_ready = True
            for request in parent.requests.values():
                request.since = clock.monotonic()

    def _begin_without(self, parent: _Parent, skip: int, ends: bool, why: str) -> None:
        """Begin another interpreter that leaves an import to the scripts themselves."""
        kind = parent.kind
        tries = self._skips.get(kind, 0) + 1
        _log.info("Left to the runs themselves: %s", why)
        imports = kind.imports[:skip] if ends else kind.imports[:skip] + kind.imports[skip + 1 :]
        smaller = replace(kind, imports=imports, first=kind.first - (skip < kind.first))
        if tries > _MOST_SKIPS or (kind.imports and not imports):
            self._remember_cold(kind, why)
            self._drop(parent, why)
            return
        for wanted, found in (*self._imports.items(), (kind, kind)):
            if found == kind:
                self._imports[wanted] = smaller
        self._skips[smaller] = tries
        requests, parent.requests = parent.requests, {}
        self._drop(parent, why)
        try:
            new = self._parents.get(smaller) or self._begin(smaller)
        except OSError as error:
            for request in requests.values():
                self._refuse(request, f"the interpreter to fork from could not be started: {error.strerror}")
            return
        for request in requests.values():
            self._send(new, request)

    def _send(self, parent: _Parent, request: Request) -> None:
        """Ask now, also one that imports as yet: it answers when it is ready."""
        self._number += 1
        parent.requests[self._number] = request
        message = {
            "number": self._number,
            "run_directory": request.run_directory,
            "attempt": request.attempt,
            "own_names": sorted(request.own_names),
        }
        try:
            parent.control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            # Gone, or so far behind that its socket is full.
            self._drop(parent, "the interpreter to fork from has ended")

    def _refuse(self, request: Request, words: str) -> None:
        request.answer, request.words = Answer.REFUSED, words

    def _remember_cold(self, kind: Kind, words: str) -> None:
        if len(self._cold) >= _COLD_KNOWN:
            self._cold.clear()
        self._cold[kind] = words

    def _drop(self, parent: _Parent, words: str) -> None:
        """Forget an interpreter, which ends when its socket is closed."""
        if self._parents.get(parent.kind) is parent:
            del self._parents[parent.kind]
        parent.control.close()
        if parent.process.poll() is None:
            if not parent.is_ready:
                # It looks at its socket only after its imports, and nothing hangs on it yet.
                parent.process.kill()
            self._leaving.append(parent.process)
        shutil.rmtree(parent.folder, ignore_errors=True)
        for request in parent.requests.values():
            self._refuse(request, words)
        parent.requests.clear()

    def _last_words(self, parent: _Parent) -> str:
        if parent.is_ready:
            return "the interpreter to fork from has ended"
        with suppress(OSError):
            said = read_regular(parent.folder / "said").decode("utf-8", "replace").strip()
            if said:
                _log.warning("An interpreter to fork from ended: %s", said[-2000:])
        self._remember_cold(parent.kind, "the interpreter to fork from ended while it imported")
        return self._cold[parent.kind]


def launcher_env_vars() -> dict[str, str]:
    """Return the variables of a supervisor: those of this process, without what belongs to this program alone."""
    return {name: text for name, text in os.environ.items() if not name.startswith("DESKTOP_AML_")}
