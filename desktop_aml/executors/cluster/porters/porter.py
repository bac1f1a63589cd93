"""The connection to one machine that carries out runs, and what is heard there, in threads of their own."""

from __future__ import annotations

import itertools
import json
import logging
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.executors.cluster import machines

_log = logging.getLogger(__name__)
_PING_S: Final = 3.0
LOST_S: Final = 20.0
"""After so long without a word a machine is given up; what it carries out ends when it notices the same."""

_ANSWER_S: Final = 1800.0
_LAST_S: Final = 2.0
_CLOSE_S: Final = 12.0
"""How long what is carried out over there may take to end."""

_PARTS: Final = ("far_store", "far_porter")
_MOST_WAITING: Final = 64
"""Pieces of one run that may wait for this computer's disk."""

Message = tuple[dict[str, Any], bytes]


class PorterLost(Exception):
    """The machine is gone; the text says how."""


class PorterError(Exception):
    """The machine could not do what it was asked for; the text says why."""


class PorterFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What there is on a machine for a run.

    Parameters
    ----------
    root : str
        Folder of ours there.
    libc : str
        Version of the GNU C library, empty for another one.
    pythons : dict of str to str
        Paths by version.
    env_vars : dict of str to str
        Variables that belong to the machine.
    """

    root: str
    machine: str
    libc: str
    pythons: dict[str, str]
    env_vars: dict[str, str]
    free_bytes: int


def program() -> bytes:
    """Return what is carried out over there."""
    texts = {name: Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8") for name in _PARTS}
    source = (
        "import sys, types\n"
        f"for name, text in {texts!r}.items():\n"
        "    module = sys.modules[name] = types.ModuleType(name)\n"
        "    exec(compile(text, name, 'exec'), module.__dict__)\n"
    ).encode()
    return b"%d\n%s" % (len(source), source)


@dataclass(slots=True)
class Porter:
    """Speaks to the program on one machine. Safe to call from several threads.

    Parameters
    ----------
    host : str
        As `ClusterSpec.hosts` has it.
    ended : callable
        Called from another thread when the machine is gone.
    """

    host: str
    python: str
    facts: PorterFacts | None = None
    fault: str = ""
    _process: subprocess.Popen[bytes] | None = None
    _said: list[str] = field(default_factory=list)
    _heard_at: float = 0.0
    _is_held_up: bool = False
    _ids: Iterator[int] = field(default_factory=itertools.count)
    _answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = field(default_factory=dict)
    _runs: dict[str, queue.Queue[Message | None]] = field(default_factory=dict)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, options: tuple[str, ...]) -> None:
        """Begin to connect."""
        self._heard_at = time.monotonic()
        self._process = subprocess.Popen(
            machines.words_of(self.host, self.python, *options),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for name, act in (("hear", self._hear), ("errors", self._hear_errors), ("ping", self._ping)):
            threading.Thread(target=act, name=f"porter-{name}-{self.host}", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        """Whether runs can be carried out there."""
        return self.facts is not None and not self.fault

    def ask(self, words: dict[str, Any]) -> dict[str, Any]:
        """Have something done, and return what came of it.

        Raises
        ------
        PorterLost
            When the machine is gone.
        PorterError
            When it cannot do it.
        """
        number = next(self._ids)
        answers = self._answers[number] = queue.SimpleQueue()
        try:
            self.tell({**words, "id": number})
            self._check()
            found = answers.get(timeout=_ANSWER_S)
        except queue.Empty:
            raise PorterError("it did not do in time what it was asked for") from None
        finally:
            self._answers.pop(number, None)
        if not found:
            self._check()
        if "error" in found:
            raise PorterError(str(found["error"]))
        return found

    def _check(self) -> None:
        if self.fault:
            raise PorterLost(self.fault)

    def tell(self, words: dict[str, Any], data: bytes = b"") -> None:
        """Tell something.

        Raises
        ------
        PorterLost
            When the machine is gone.
        """
        line = json.dumps({**words, "size": len(data)} if data else words).encode() + b"\n"
        if self.fault or self._process is None or self._process.stdin is None:
            raise PorterLost(self.fault or "it was not reached yet")
        try:
            with self._writing:
                self._process.stdin.write(line + data)
                self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise PorterLost(self.fault or f"its connection ended: {error}") from error

    def listen(self, nonce: str) -> queue.Queue[Message | None]:
        """Return where news of a run will come; None is the end of the machine."""
        with self._lock:
            found = self._runs[nonce] = queue.Queue(_MOST_WAITING)
        if self.fault:
            found.put(None)
        return found

    def forget(self, nonce: str) -> None:
        """Listen no more."""
        with self._lock:
            found = self._runs.pop(nonce, None)
        with suppress(queue.Empty):
            while found is not None:
                found.get_nowait()  # whoever adds to it may be waiting for room

    def close(self) -> None:
        """End the connection, and with it all that is carried out there."""
        process = self._process
        if process is not None:
            with suppress(OSError, ValueError):
                assert process.stdin is not None
                process.stdin.close()
            threading.Thread(target=_end, args=(process, _CLOSE_S), daemon=True).start()

    # In threads.

    def _hear(self) -> None:
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stdin is not None
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, msgspec.MsgspecError):
            with self._writing:
                process.stdin.write(program())
                process.stdin.flush()
            while line := process.stdout.readline():
                words = json.loads(line)
                data = process.stdout.read(words["size"]) if words.get("size") else b""
                self._heard_at = time.monotonic()
                self._take(words, data)
        self._end_with(lambda: machines.how_lost(_end(process, _LAST_S), "\n".join(self._said)))

    def _take(self, words: dict[str, Any], data: bytes) -> None:
        if "facts" in words:
            self.facts = msgspec.convert(words["facts"], PorterFacts)
        elif "id" in words:
            answers = self._answers.get(words["id"])
            if answers is not None:
                answers.put(words)
        elif "nonce" in words:
            with self._lock:
                found = self._runs.get(words["nonce"])
            if found is not None:
                self._is_held_up = True
                found.put((words, data))
                self._is_held_up, self._heard_at = False, time.monotonic()

    def _hear_errors(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._said = [*self._said[-20:], line.decode("utf-8", "replace").rstrip()]

    def _ping(self) -> None:
        while not self.fault:
            if not self._is_held_up and time.monotonic() - self._heard_at > LOST_S:
                self._end_with(lambda: f"it said nothing for {LOST_S:g} s")
                break
            if self.facts is not None and self._writing.acquire(blocking=False):
                self._writing.release()
                with suppress(PorterLost):
                    self.tell({"do": "ping"})
            time.sleep(_PING_S)
        if self._process is not None:
            with suppress(OSError):
                self._process.kill()

    def _end_with(self, words: Callable[[], str]) -> None:
        self.fault = self.fault or words()
        for answers in list(self._answers.values()):
            answers.put({})
        with self._lock:
            waiting = list(self._runs.values())
        for found in waiting:
            # Nobody else adds to it any more, and who takes from it comes to this in the end.
            found.put(None)


def _end(process: subprocess.Popen[bytes], patience_s: float) -> int:
    """Return how a connection ended; one that does not end by itself is ended."""
    try:
        return process.wait(patience_s)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
