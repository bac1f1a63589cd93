"""Numbers that a script logs, in a file of its own process that is mapped into memory: no call to the kernel for each.

The file is a row of slots of 32 bytes, made before they are needed, so that a full disk is found then, in a call that
may fail, and never at a write to memory. A slot is written from its first byte to its last, and the last four are its
mark, which depends on its place: what is killed before leaves a slot without its mark, and nobody takes it for one.
What the kernel has of the file is what is in this memory, so a number survives the death of the process from then on.

Only where that is so for certain: local disks of kinds that keep room once it is given, processors that let others see
what is written in the order of writing, and runs whose folder is read where it is written. Elsewhere, and for all that
is no number, there is the journal of lines, `desktop_aml_run.journal`.
"""

import atexit
import json
import mmap
import os
import struct
import sys
from binascii import crc32
from time import monotonic, sleep, time

from desktop_aml_run.slots import (
    FLOAT,
    FLOAT_AT,
    HEAD,
    MAGIC,
    MASK,
    MORE,
    MOST_NAMES,
    MOST_TEXT_BYTES,
    NAME,
    PART,
    PART_BYTES,
    SLOT,
    SUFFIX,
    TEXT,
    VARIABLE,
    WHOLE,
    WHOLE_AT,
    WHOLE_SLOT,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType
    from typing import Any


_FIRST_BYTES, _MOST_BYTES = 1 << 14, 1 << 20
_WAIT_S = 1.0
"""How long one waits for who writes a slot: a microsecond, and as long as other threads run in its midst."""

_LAST_WAIT_S = 0.1
"""The same at the end, where an error may have left a place taken, and only room is at stake."""

_INT64 = 1 << 63
WRITERS: "set[CodeType]" = set()
"""Code that has the place of a file while it writes."""
_KINDS_OF_DISKS = frozenset(["ext2", "ext3", "ext4", "xfs", "tmpfs"])
_MOUNTS = "/proc/self/mountinfo"
_quoted = json.encoder.encode_basestring_ascii


_WIPE_ON_FORK = 18
"""``MADV_WIPEONFORK`` of Linux: a process that forks off has nothing but zeros there, whatever made it."""


class _AskedEachTime:
    """Says whether this is the process that made it, by a call to the kernel."""

    def __init__(self) -> None:
        self._pid = os.getpid()

    def __getitem__(self, place: int) -> bool:
        return self._pid == os.getpid()


def own_mark() -> "Any":
    """Return what has at 0 something true, in this process alone and in none that forks off from it."""
    if sys.platform == "linux":
        try:
            page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
            page.madvise(_WIPE_ON_FORK)  # from Python 3.8 on
            page[0] = 1
        except (AttributeError, OSError, ValueError):
            pass
        else:
            return page
    return _AskedEachTime()


def may_be_mapped(folder: str) -> bool:
    """Whether numbers may be logged into a mapped file of this folder."""
    if sys.platform == "linux":
        if os.environ.get(VARIABLE) == "mapped" and os.uname()[4] == "x86_64":
            device = os.stat(folder).st_dev
            return _kind_of_disk("{}:{}".format(os.major(device), os.minor(device))) in _KINDS_OF_DISKS
    return False


def _kind_of_disk(device: str) -> str:
    """Return the kind of file system that a device has, or nothing where that is not told."""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="replace") as stream:
            for line in stream:
                before, _, after = line.partition(" - ")
                if before.split(" ")[2] == device:
                    return after.split(" ")[0]
    except (OSError, IndexError):
        pass
    return ""


class NoRoomHere(Exception):
    """The file takes no more; what is to be kept goes elsewhere."""


class Held(Exception):
    """Somebody is in the middle of a slot and does not come to its end in time: a new file has to be begun."""


class ScalarFile:
    """A mapped file of one process, used by all its threads, and by a signal handler in the middle of any of them.

    Whoever writes takes the next place with `take`, and gives the one after it with `give`. Both are one step each, so
    that no two ever have the same; who finds none has to wait, or is a signal handler that waits for what it
    interrupted, or comes after an error that was thrown into the middle of a slot.

    Parameters
    ----------
    number : int
        How many files this process had before.
    is_over : bool
        Whether it takes nothing at all.

    Attributes
    ----------
    is_own : sequence
        Its first item is true in the process that made this, and in no other: in a memory that the kernel empties at a
        fork, where there is such a thing, as to ask for the process's id would be a fifth of what a number costs.
    """

    def __init__(self, folder: str, number: int = 0, *, is_over: bool = False) -> None:
        self.pid = os.getpid()
        self.names = {}  # type: dict[str, int]
        # Files of one process are read in the order of their names.
        name = "{}-{:04d}{}{}".format(self.pid, number, os.urandom(4).hex(), SUFFIX)
        self.path = os.path.join(folder, name)
        places = [0]
        self.take = places.pop
        self.give = places.append
        self.is_own = own_mark()
        # Odd, so that no mark is 0, which is what a slot has that was never written; and small, as Python adds such
        # numbers more quickly.
        self.salt = int.from_bytes(os.urandom(4), "little") >> 4 | 1
        self.end = 0
        self.map = None  # type: Any
        self.is_over = is_over
        self._size = 0
        self._descriptor = -1
        self._file = None  # type: Any

    def scalar(self, name: str, value: "float | str | None", step: "int | None") -> None:
        """Keep any scalar.

        Raises
        ------
        NoRoomHere
            When it has to be kept elsewhere.
        Held
            When the file is not given free; it may be so at any later time.
        """
        at = self._take_in_time(_WAIT_S)
        # An error from outside, such as that of Ctrl+C, leaves the place taken: what it stopped is then of no harm.
        try:
            at = self._keep(at, name, value, step)
        except _TooLong as error:
            self.give(error.place)
            raise NoRoomHere from None
        self.give(at)

    def _take_in_time(self, wait_s: float) -> int:
        give_up_at = monotonic() + wait_s
        while not self.is_over:
            try:
                return self.take()
            except IndexError:
                # What this very thread was interrupted in does not come to its end before this does.
                if monotonic() > give_up_at or _is_in_its_midst(sys._getframe()):  # noqa: SLF001 - documented, and without a public name
                    raise Held from None
                sleep(0.0005)
        raise NoRoomHere

    def _keep(self, at: int, name: str, value: "Any", step: "int | None") -> int:
        at_step = 0 if step is None else step
        is_short = -_INT64 <= at_step < _INT64
        is_float = type(value) is float
        is_number = is_short and (is_float or (type(value) is int and -_INT64 <= value < _INT64))
        if is_number and name not in self.names and len(self.names) < MOST_NAMES:
            at = self._text(at, NAME, len(self.names), _quoted(name).encode("ascii"))
            self.names[name] = len(self.names)
        if not is_number or name not in self.names:
            entry = {"t": time(), "k": "m", "name": name, "v": value, "s": step}
            return self._text(at, TEXT, 0, json.dumps(entry).encode("ascii"))
        kind = (FLOAT if step is None else FLOAT_AT) if is_float else (WHOLE if step is None else WHOLE_AT)
        return self._put(at, SLOT if is_float else WHOLE_SLOT, time(), value, at_step, self.names[name], kind)

    def _text(self, at: int, kind: int, number: int, text: bytes) -> int:
        if len(text) > MOST_TEXT_BYTES:
            raise _TooLong(at)
        at = self._put(at, WHOLE_SLOT, time(), len(text), crc32(text) & MASK, number, kind)
        for begin in range(0, len(text), PART_BYTES):
            at = self._put(at, PART, text[begin : begin + PART_BYTES], MORE)
        return at

    def _put(self, at: int, form: struct.Struct, *fields: "Any") -> int:
        if at >= self.end:
            at = self._grow()
        form.pack_into(self.map, at, *fields, at + self.salt & MASK)
        return at + SLOT.size

    def _grow(self) -> int:
        """Get room for more and return the place where it begins, or raise `NoRoomHere` for good."""
        begins = self._size == 0
        try:
            if begins:
                flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
                self._descriptor = os.open(self.path, flags, 0o600)
                self._file = os.fstat(self._descriptor)
            more = min(_MOST_BYTES, max(_FIRST_BYTES, self._size))
            # A script may close all descriptors, as daemons do; what has their numbers then is its own.
            made = _mapped(self._descriptor, self._size, more) if self._is_mine() else None
        except (OSError, ValueError):
            made = None
        if made is None:
            # Only now, and for good: others wait meanwhile, and what comes after stands in the other journal.
            self.is_over = True
            raise NoRoomHere
        old, self.map = self.map, made
        self.salt = (self.salt + self.end) & MASK
        self._size += more
        self.end = more
        if begins:
            atexit.register(self.close)
            return self._put(0, PART, MAGIC, HEAD)
        old.close()
        return 0

    def _is_mine(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._file)
        except OSError:
            return False

    def flush(self) -> None:
        """Have all that was kept survive a power loss."""
        if self._file is None:
            return
        if self._is_mine():
            os.fsync(self._descriptor)
            return
        descriptor = os.open(self.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Give back the room that was not needed; a process that forked off has nothing to do with it."""
        if not self.is_own[0]:
            return
        try:
            used = self._size - self.end + self._take_in_time(_LAST_WAIT_S)
        except (NoRoomHere, Held):
            return
        self.is_over = True
        if self._is_mine():
            try:
                self.map.close()
                os.ftruncate(self._descriptor, used)
                os.close(self._descriptor)
            except (OSError, ValueError, BufferError):
                pass


WRITERS.update((ScalarFile.scalar.__code__, ScalarFile.close.__code__))


def _is_in_its_midst(frame: "FrameType | None") -> bool:
    """Whether this thread was writing already, and is in a signal handler now."""
    seen: "set[CodeType]" = set()
    while frame is not None:
        code = frame.f_code
        if code in seen or (seen and code is ScalarFile.close.__code__):
            return True
        if code in WRITERS:
            seen.add(code)
        frame = frame.f_back
    return False


class _TooLong(Exception):
    """A text takes too many slots; `place` is free."""

    def __init__(self, place: int) -> None:
        super(_TooLong, self).__init__(place)
        self.place = place


def _mapped(descriptor: int, size: int, more: int) -> mmap.mmap:
    if sys.platform == "linux":
        os.posix_fallocate(descriptor, size, more)
    return mmap.mmap(descriptor, more, offset=size)


def records(path: str) -> "Iterator[dict[str, Any]]":
    """Yield the scalars of a file as the records of a journal, in the order of writing; what is damaged is left out."""
    with open(path, "rb", buffering=0) as stream:
        # Others write meanwhile, and a copy may have a mark and not yet what it marks: that is copied after it.
        marked = stream.read()[28:]
        stream.seek(0)
        data = stream.read(len(marked) + 28)
    names = {}  # type: dict[int, str]
    salt = struct.unpack_from("<I", data, 28)[0] if data[: len(MAGIC)] == MAGIC else 0
    kind, number, text, left, total = 0, 0, b"", 0, 0
    for at in range(SLOT.size, len(data) - SLOT.size + 1, SLOT.size):
        slot = data[at : at + SLOT.size]
        moment, value, step, name, what, mark = SLOT.unpack(slot)
        if mark != at + salt & MASK or slot[28:] != marked[at : at + 4]:
            left = 0
            continue
        if what == MORE:
            if left > 0:
                text += slot[: min(left, PART_BYTES)]
                left -= PART_BYTES
            if left <= 0 and kind and crc32(text) & MASK == total:
                said = json.loads(text.decode("ascii"))
                if kind == NAME:
                    names[number] = said
                else:
                    yield dict(said, n=at)
                kind = 0
            continue
        kind = 0
        if what in (NAME, TEXT):
            _, left, total, number = WHOLE_SLOT.unpack(slot)[:4]
            kind, text = what, b""
        elif what in (FLOAT, FLOAT_AT, WHOLE, WHOLE_AT) and name in names:
            if what in (WHOLE, WHOLE_AT):
                value = WHOLE_SLOT.unpack(slot)[1]
            at_step = step if what in (FLOAT_AT, WHOLE_AT) else None
            yield {"t": moment, "k": "m", "name": names[name], "v": value, "s": at_step, "n": at}
