"""Write down what was seen: records of captured things in a journal of this process, errors in the launcher's log.

The form is that of every journal (`desktop_aml_run.journal`), the kinds are others: ``cm`` a value of a metric,
``crec`` a list, table or chart, ``cparam`` a parameter; so what a script reads of its own journal stays as it is. A
full disk or a closed descriptor costs what was to be noted, never the script's time or its life.
"""

import json
import os
import sys
import threading
from binascii import crc32
from time import time

from desktop_aml_run import CAREFUL, capture

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


DOCUMENTS = "captured"
"""The kind of the documents that say what was captured."""

_MOST_FAULTS = 5
_MOST_BYTES = 16 << 20
"""More than that of one script is no record but a flood; what comes after it is not noted."""


class Notes(object):
    """Notes of the process that made it; a process forked from it notes nothing.

    Parameters
    ----------
    run_directory : str
        The folder of the run; empty where there is none yet, and nothing is noted until `begin`.
    """

    def __init__(self, run_directory: str) -> None:
        self.begin(run_directory)
        self._lock = threading.RLock()
        self._descriptor: "int | None" = None
        self._number = 0
        self._bytes = 0
        self._faults = 0
        self._busy_thread: "int | None" = None

    def begin(self, run_directory: str) -> None:
        """Belong to this process, and to a run."""
        self._run_directory = run_directory
        self._pid = os.getpid() if run_directory else 0

    def is_open(self) -> bool:
        """Whether this process may note anything more."""
        return self._pid == os.getpid() and self._bytes < _MOST_BYTES

    def watch(self, see: "Callable[..., object]", *args: "Any") -> None:
        """Call `see`, which notes; what goes wrong in it is told in the launcher's log and nowhere else."""
        thread = threading.get_ident()
        # What is looked at may itself call what is watched.
        if not self.is_open() or self._busy_thread == thread:
            return
        with self._lock:
            self._busy_thread = thread
            try:
                see(*args)
            except Exception as error:  # noqa: BLE001 - whatever objects of the script do, the script goes on
                self._tell(error)
            finally:
                self._busy_thread = None

    def value(self, name: str, value: float, step: "int | None" = None) -> None:
        """Note one value of a metric."""
        self._append("cm", {"name": name, "v": value, "s": step, "by": DOCUMENTS})

    def record(self, name: str, kind: str, value: "Any") -> None:
        """Note a list, a table or a chart."""
        self._append("crec", {"name": name, "kind": kind, "v": value, "by": DOCUMENTS})

    def parameter(self, name: str, text: str) -> None:
        """Note a parameter; one of that name that was noted before is replaced."""
        self._append("cparam", {"key": name, "v": text})

    def document(self, key: str, value: "Any") -> None:
        """Note a JSON value under a key."""
        self._append("doc", {"kind": DOCUMENTS, "key": key, "v": value})

    def chart(self, name: str, kind: str, value: "Any") -> None:
        """Note a chart, whose JSON is a file of the run."""
        folder = os.path.join(self._run_directory, "uploads", DOCUMENTS)
        if not os.path.isdir(folder):
            os.makedirs(folder, 0o700)
        safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)[:80]
        number, path = 0, ""
        while not path or os.path.lexists(path):
            path = os.path.join(folder, "{}{}.json".format(safe, "_{}".format(number) if number else ""))
            number += 1
        data = json.dumps(value).encode()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
        place = DOCUMENTS + "/" + os.path.basename(path)
        self.record(name, kind, {"path": place})

    def _append(self, kind: str, fields: "dict[str, Any]") -> None:
        if self._descriptor is None:
            name = "{}-{}.jsonl".format(self._pid, os.urandom(4).hex())
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
            self._descriptor = os.open(os.path.join(self._run_directory, "journal", name), flags, 0o600)
            self._file = os.fstat(self._descriptor)
        # A script may close every descriptor, and open a file of its own that gets the number.
        if not os.path.samestat(self._file, os.fstat(self._descriptor)):
            self._bytes = _MOST_BYTES
            return
        entry = dict(fields, n=self._number, t=time(), k=kind)
        data = json.dumps(entry).encode()
        self._number += 1
        self._bytes += len(data)
        os.write(self._descriptor, b"%08x %s\n" % (crc32(data) & 0xFFFFFFFF, data))

    def tell(self, words: str) -> None:
        """Add a line to the log of the run's launcher."""
        path = os.path.join(self._run_directory, "logs", "launcher.log")
        line = "{:.3f} capture {}: {}\n".format(time(), self._pid, words)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | CAREFUL, 0o600)
            try:
                os.write(descriptor, line.encode("utf-8", "backslashreplace"))
            finally:
                os.close(descriptor)
        except OSError:
            return

    def _tell(self, error: BaseException) -> None:
        self._faults += 1
        if self._faults > _MOST_FAULTS:
            return
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = "" if place is None else " in {}:{}".format(
            os.path.basename(place.tb_frame.f_code.co_filename), place.tb_lineno)  # fmt: skip
        try:
            words = str(error)[:500].replace("\n", " ")
        except Exception:  # noqa: BLE001 - the error may be anybody's
            words = ""
        self.tell("something was not captured, {}{}: {}".format(type(error).__name__, where, words))


_made: "list[Notes]" = []


def notes() -> "Notes":
    """Return the notes of this process; made when first asked for."""
    if not _made:
        _made.append(Notes(capture.directory))
    return _made[0]


def is_number(value: object) -> bool:
    """Whether a value is a number that is no truth value: Python's or NumPy's, which is known by its name."""
    kind = type(value)
    if kind is float or kind is int:
        return True
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, (numpy.floating, numpy.integer))


def plain(value: "Any") -> float:
    """Return a number as Python's own."""
    number: float = value if type(value) in (int, float) else value.item()
    return number
