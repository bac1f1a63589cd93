"""The connection to one machine that carries out runs, and what is heard there, in threads of their own."""

from __future__ import annotations

import itertools
import json
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from desktop_aml.executors.cluster.porters.lines import Line

_log = logging.getLogger(__name__)
_PING_S: Final = 3.0
LOST_S: Final = 20.0
"""After so long without a word a machine is given up; what it carries out ends when it notices the same."""

_ANSWER_S: Final = 1800.0
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
        What the machine is called.
    """

    host: str
    facts: PorterFacts | None = None
    fault: str = ""
    _line: Line | None = None
    _said: list[str] = field(default_factory=list)
    _heard_at: float = 0.0
    _is_held_up: bool = False
    _ids: Iterator[int] = field(default_factory=itertools.count)
    _answers: dict[int, queue.SimpleQueue[dict[str, Any]]] = field(default_factory=dict)
    _runs: dict[str, queue.Queue[Message | None]] = field(default_factory=dict)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, line: Line) -> None:
        """Begin to speak to the program that was begun over there."""
        self._heard_at = time.monotonic()
        self._line = line
        for name, act in (("hear", self._hear), ("errors", self._hear_errors), ("ping", self._ping)):
            threading.Thread(target=act, name=f"porter-{name}-{self.host}", daemon=True).start()

    @property
    def is_ready(self) -> bool:
        """Whether runs can be carried out there."""
        return self.facts is not None and not self.fault

    @property
    def is_busy(self) -> bool:
        """Whether a run is carried out there, or on its way."""
        return bool(self._runs)

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
        if self.fault or self._line is None:
            raise PorterLost(self.fault or "it was not reached yet")
        try:
            with self._writing:
                self._line.to.write(line + data)
                self._line.to.flush()
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
        if self._line is not None:
            with suppress(OSError, ValueError):
                self._line.hang_up()

    # In threads.

    def _hear(self) -> None:
        line = self._line
        assert line is not None
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, msgspec.MsgspecError):
            with self._writing:
                line.to.write(program())
                line.to.flush()
            while heard := line.news.readline():
                words = json.loads(heard)
                data = line.news.read(words["size"]) if words.get("size") else b""
                self._heard_at = time.monotonic()
                self._take(words, data)
        self._end_with(lambda: line.how_lost("\n".join(self._said)))

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
        assert self._line is not None
        for line in self._line.errors or ():
            self._said = [*self._said[-20:], line.decode("utf-8", "replace").rstrip()]

    def _ping(self) -> None:
        before = time.monotonic()
        while not self.fault:
            now = time.monotonic()
            stood_still_s, before = now - before - _PING_S, now
            if stood_still_s > LOST_S:
                words = f"the process here that speaks to it stood still for {stood_still_s:.0f} s"
                self._end_with(lambda words=words: words)  # type: ignore[misc]
                break
            if stood_still_s > _PING_S:
                # What was said meanwhile is still to be read.
                self._heard_at = now
            if not self._is_held_up and time.monotonic() - self._heard_at > LOST_S:
                self._end_with(lambda: f"it said nothing for {LOST_S:g} s")
                break
            if self.facts is not None and self._writing.acquire(blocking=False):
                self._writing.release()
                with suppress(PorterLost):
                    self.tell({"do": "ping"})
            time.sleep(_PING_S)
        if self._line is not None:
            with suppress(OSError):
                self._line.cut()

    def _end_with(self, words: Callable[[], str]) -> None:
        self.fault = self.fault or words()
        for answers in list(self._answers.values()):
            answers.put({})
        with self._lock:
            waiting = list(self._runs.values())
        for found in waiting:
            # Nobody else adds to it any more, and who takes from it comes to this in the end.
            found.put(None)
