"""Append what a script logs to a file of its own process.

A record is one line: eight hexadecimal digits of CRC-32, a space, JSON, a newline. It is handed to the kernel with one
``write`` before the call returns, so it survives the death of the process; `Journal.flush` makes it survive a power
loss. Every process writes a file of its own, also after a fork, and threads share it under a lock.
"""

import atexit
import errno
import itertools
import json
import os
import struct
import threading
from binascii import crc32
from os import getpid
from time import monotonic, sleep, time

from azureml.exceptions import UserErrorException

from desktop_aml_run.scalars import WRITERS, Held, NoRoomHere, ScalarFile, may_be_mapped, own_mark, records
from desktop_aml_run.slots import FLOAT, FLOAT_AT, SLOT, SUFFIX, WHOLE, WHOLE_AT, WHOLE_SLOT
from desktop_aml_run.telling import tell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any, NoReturn


MAX_RECORD_BYTES = 64 << 20
"""The longest record; the reader, `desktop_aml.domain.journal`, passes over longer ones."""

_HEAD_BYTES = 64
"""More than checksum and number take."""

END_WAIT_S = 300.0
"""How long a process that has ended waits for room for what it logged."""

_WAITS = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE)
"""What ends when something is freed: no room on the disk, too many open files."""

_MOST_SCALAR_FILES = 8
pack_into, pack_whole_into = SLOT.pack_into, WHOLE_SLOT.pack_into
_quoted_name = json.encoder.encode_basestring_ascii


class JournalError(OSError):
    """Records could not be written; the text says where and what now."""


class _File:
    """The journal file of one process. `lock` is reentrant, because a signal handler may log too.

    Its first item of `is_own` is true in that process alone: a later one may have the number of one that is dead.
    """

    def __init__(self, folder: str) -> None:
        self.pid = os.getpid()
        self.is_own = own_mark()
        self.lock = threading.RLock()
        self.numbers = itertools.count()
        self.path = os.path.join(folder, "{}-{}.jsonl".format(self.pid, os.urandom(4).hex()))
        self.descriptor: "int | None" = None
        self.pending = bytearray()
        self.is_draining = False
        self.trouble = ""
        self.is_out_of_files = False

    def write(self, line: bytes) -> bool:
        """Append `line` and return True, or keep it until there is room on the disk and return False."""
        if not self.pending:
            try:
                if self.descriptor is None:
                    self._open()
                assert self.descriptor is not None
                line = line[os.write(self.descriptor, line) :]
            except OSError as error:
                if error.errno not in _WAITS:
                    raise
            if not line:
                return True
        if not self.pending:
            atexit.register(self.end)
            _end_before_leaving(self)
        self.pending += line
        return self.drain()

    def _open(self) -> None:
        """Make the file. A signal handler may log, and so come here, while the one below is at any of its steps."""
        try:
            opened = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        except FileExistsError:
            if self.descriptor is not None:
                return
            # This is the handler, and the one below has made the file, but does not know its descriptor yet.
            opened = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0))
        if self.descriptor is None:
            self.descriptor = opened
        else:
            os.close(opened)

    def drain(self) -> bool:
        """Write what is waiting; False when the disk does not take all of it."""
        if self.is_draining:
            # A signal handler in the middle of it: what was written is not taken away yet; it goes on with this, too.
            return False
        self.is_draining = True
        try:
            if self.descriptor is None:
                self._open()
            assert self.descriptor is not None
            while self.pending:
                del self.pending[: os.write(self.descriptor, self.pending)]
        except OSError as error:
            if error.errno not in _WAITS:
                raise
            self.trouble = os.strerror(error.errno)
            self.is_out_of_files = error.errno == errno.EMFILE
            return False
        finally:
            self.is_draining = False
        return True

    def end(self) -> None:
        """Write what is waiting before the process ends: wait for room, and say so when it is lost all the same."""
        if not self.is_own[0]:
            # What was forked from the process has a copy of what waits there; to write it is not its business.
            return
        try:
            give_up_at = monotonic() + END_WAIT_S
            if self.drain():
                return
            if self.is_out_of_files:
                # What the script holds open it holds to the end: to wait is no use. It reads no more, so there is one.
                os.close(0)
                if self.drain():
                    return
            tell("the script is over, and waits until there is room for what it logged: {}.".format(self.trouble))
            while monotonic() < give_up_at:
                sleep(0.2)
                if self.drain():
                    return
        except OSError as error:
            self.trouble = str(error)
        tell("{:,} bytes of logged values are lost: {}.".format(len(self.pending), self.trouble))


def _end_before_leaving(file: "_File") -> None:
    """Have ``os._exit`` write what waits, too: it calls nothing of what is done at exit, and forks end by it."""
    leave = os._exit

    def _exit(status: int) -> "NoReturn":
        if file.pending:
            file.end()
        leave(status)

    _exit.__doc__ = leave.__doc__
    os._exit = _exit


class Journal:
    """Appends records to ``<folder>/<pid>-<random>.jsonl``."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._file: "_File | None" = None
        self._files: "dict[int, _File]" = {}
        self._warned = False
        self._scalars: "ScalarFile | None" = None
        self._scalar_files: "dict[int, list[ScalarFile]]" = {}

    def scalar(self, name: str, value: "float | str | None", step: "int | None" = None) -> None:
        """Append one scalar of a metric: a float, int, bool, str or None. Takes a microsecond, or a few."""
        file, form = self._scalars, type(value)
        if file is not None and (form is float or form is int) and file.is_own[0]:
            # What nearly all records are, in one piece: each call of a function would cost a tenth of all.
            number = file.names.get(name)
            if number is not None:
                try:
                    at = file.take()
                    if at < file.end:
                        # Where this is more than its 32 bits hold, the error below leads to what cuts it.
                        mark = at + file.salt
                        if form is float:
                            kind = FLOAT if step is None else FLOAT_AT
                            pack_into(file.map, at, time(), value, step or 0, number, kind, mark)
                        else:
                            kind = WHOLE if step is None else WHOLE_AT
                            pack_whole_into(file.map, at, time(), value, step or 0, number, kind, mark)
                        file.give(at + 32)
                        return
                    file.give(at)
                except IndexError:
                    pass  # another one writes
                except struct.error:
                    file.give(at)  # too great a number, step or mark; the slot has no mark yet
        if not self._map_scalar(name, value, step):
            self._write_scalar(name, value, step)

    def _map_scalar(self, name: str, value: "float | str | None", step: "int | None") -> bool:
        """Keep a scalar in the mapped file of this process, where it may have one and has room."""
        pid = getpid()
        if pid not in self._scalar_files:
            # As in `_append`: two threads get the same.
            made = [ScalarFile(self.folder)] if may_be_mapped(self.folder) else []
            self._scalar_files.setdefault(pid, made)
        files = self._scalar_files[pid]
        if files and not files[0].is_own[0]:
            # Of a process before that had the same number, and is dead.
            files = self._scalar_files[pid] = [ScalarFile(self.folder)]
        while files:
            file = self._scalars = files[-1]
            try:
                file.scalar(name, value, step)
            except NoRoomHere:
                return False
            except Held:
                if file is files[-1]:
                    # A script whose signal handlers log all the time: lines take what comes in the midst of others.
                    is_over = len(files) >= _MOST_SCALAR_FILES
                    files.append(ScalarFile(self.folder, len(files), is_over=is_over))
            else:
                return True
        return False

    def _write_scalar(self, name: str, value: "float | str | None", step: "int | None") -> None:
        if type(value) is float and value - value == 0.0:
            text = repr(value)
        else:
            text = json.dumps(value)
        self._append(
            '"t": %.6f, "k": "m", "name": %s, "v": %s, "s": %s}'
            % (time(), _quoted_name(name), text, "null" if step is None else step)
        )

    def append(self, kind: str, **fields: "Any") -> None:
        """Append one record of `kind`; `fields` are JSON values."""
        record = json.dumps(fields)
        separator = ", " if fields else ""
        self._append('"t": %.6f, "k": "%s"%s%s' % (time(), kind, separator, record[1:]))

    def flush(self) -> None:
        """Make every record of this process survive a power loss.

        Raises
        ------
        JournalError
            When the disk is full and records are waiting.
        """
        for scalars in self._scalar_files.get(getpid(), ()):
            scalars.flush()
        file = self._file
        if file is None or not file.is_own[0]:
            return
        with file.lock:
            if not file.drain():
                raise JournalError(
                    errno.ENOSPC,
                    "{}: logged values are not saved yet, free some space".format(file.trouble),
                    self.folder,
                )
            assert file.descriptor is not None
            os.fsync(file.descriptor)

    def _append(self, rest: str) -> None:
        """Number, seal and write a record whose JSON lacks its head."""
        if len(rest) > MAX_RECORD_BYTES - _HEAD_BYTES:
            raise UserErrorException(
                "One record takes {:,} bytes at most, and this one has {:,}: nothing of it was kept. Write it to a "
                "file in outputs/, or log it in parts.".format(MAX_RECORD_BYTES - _HEAD_BYTES, len(rest))
            )
        file = self._file
        if file is None or not file.is_own[0]:
            # At the first record and after a fork. Two threads may both come here, and must get the same file: records
            # of one thread in two files would have no order.
            file = self._files.setdefault(os.getpid(), _File(self.folder))
            if not file.is_own[0]:
                file = self._files[file.pid] = _File(self.folder)
            self._file = file
        with file.lock:
            data = b'{"n": %d, %s' % (next(file.numbers), rest.encode("ascii"))
            try:
                saved = file.write(b"%08x %s\n" % (crc32(data) & 0xFFFFFFFF, data))
            except OSError as error:
                if error.errno != errno.EBADF:
                    raise
                saved = True
                self._files.pop(file.pid, None)
                self._file = None  # the script closed every descriptor, as daemons do: begin another file
        if self._file is None:
            self._append(rest)
        elif not saved and not self._warned:
            self._warned = True
            tell("there is no room for logged values: {}. They are kept in memory until there is.".format(file.trouble))


WRITERS.add(Journal.scalar.__code__)


def read(folder: str, kinds: "Collection[str]") -> "list[dict[str, Any]]":
    """Return the whole records of these kinds that the run's processes wrote so far, in the order of time."""
    marks = [b'"k": "%s"' % kind.encode() for kind in kinds]
    found: "list[tuple[float, str, int, dict[str, Any]]]" = []
    for name in sorted(os.listdir(folder)):
        if name.endswith(".jsonl"):
            with open(os.path.join(folder, name), "rb") as stream:
                for line in stream:
                    # Most lines are metrics: look before the costly part.
                    record = decode(line) if any(mark in line for mark in marks) else None
                    if record is not None and record["k"] in kinds:
                        found.append((record["t"], name, record["n"], record))
        elif name.endswith(SUFFIX) and "m" in kinds:
            found += [(record["t"], name, record["n"], record) for record in records(os.path.join(folder, name))]
    found.sort(key=lambda item: item[:3])
    return [item[3] for item in found]


def decode(line: bytes) -> "dict[str, Any] | None":
    """Return the record in a line of bytes, or None when the line is torn or damaged."""
    if len(line) < 10 or line[-1:] != b"\n" or line[8:9] != b" ":
        return None
    data = line[9:-1]
    if b"%08x" % (crc32(data) & 0xFFFFFFFF) != line[:8]:
        return None
    record: "dict[str, Any]" = json.loads(data.decode("ascii"))
    return record
