"""Follow the mapped files of numbers that scripts write: what is new in one, and what lies beyond a gap.

A file is longer than what is written of it, so that its size tells nothing: whether there is more is seen at the place
where the last look ended. Who writes finishes one slot before the next, so whatever lies beyond a slot that was never
written was kept by a disk that lost what came before, in a power cut. It is looked for when a file is first met, and
when it has grown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

from desktop_aml.domain.journal import JournalBatch
from desktop_aml.domain.journals.slots import SLOT_BYTES, count_written, read_slots, salt_of, written
from desktop_aml.domain.values import dataclass
from desktop_aml.system.files import next_data, open_regular

STRETCH_BYTES: Final = 4 << 20
"""What is read at a time.

The points at its end that fill no block are kept as rows, which cost several times as much: a longer stretch has fewer
of them. Storing it takes some 70 ms, in which whoever asks for something waits.
"""

_STRETCHES_BEYOND: Final = 16
"""How much that was never written is looked through at a time."""


@dataclass(slots=True)
class _Known:
    salt: int
    names: dict[int, str]
    upto: int = SLOT_BYTES
    searched: int = 0
    size: int = -1


class SlotFiles:
    """Knows the names of the files that it has read from. Keys are the caller's."""

    def __init__(self) -> None:
        self._known: dict[Hashable, _Known] = {}

    def forget(self, is_meant: Callable[[Any], bool]) -> None:
        """Drop what is known of files whose keys are meant."""
        for key in [key for key in self._known if is_meant(key)]:
            del self._known[key]

    def next(self, key: Hashable, stream: BinaryIO, start: int, end: int | None = None) -> JournalBatch | None:
        """Return what was written from the place `start` on, a stretch of it at most; None where there is nothing new.

        Parameters
        ----------
        end : int, optional
            Where to stop, in bytes.
        """
        size = os.fstat(stream.fileno()).st_size
        left = (size if end is None else min(end, size)) - start
        if left < SLOT_BYTES:
            return None
        known = self._known.get(key)
        if known is None:
            head = _read(stream, 0, SLOT_BYTES)
            salt = salt_of(head)
            if not any(head[-4:]):
                return None  # made a moment ago
            if salt is None:
                return JournalBatch(consumed=left, damaged=1)
            known = self._known[key] = _Known(salt, {})
        batch = JournalBatch()
        if any(_read(stream, start, SLOT_BYTES)):
            if known.upto < start:
                _learn_names(stream, known, start)
            batch = _read_slots(stream, known, start, min(left, STRETCH_BYTES))
        if not batch.consumed:
            return self._beyond(stream, known, start, start + left)
        known.upto = max(known.upto, start + batch.consumed)
        return batch

    def _beyond(self, stream: BinaryIO, known: _Known, start: int, end: int) -> JournalBatch | None:
        """Return a gap as damaged where something was written beyond it."""
        if known.size == end and known.searched >= end:
            return None
        at = max(start + SLOT_BYTES, known.searched if known.size == end else 0)
        known.size = end
        for _ in range(_STRETCHES_BEYOND):
            found = next_data(stream.fileno(), at)
            at = max(at, found - found % SLOT_BYTES)
            if at >= end:
                break
            data = _read(stream, at, min(STRETCH_BYTES, end - at))
            marks = written(data, at, known.salt)
            if True in marks:
                return _gap(stream, known, start, at + marks.index(True) * SLOT_BYTES)
            at += max(SLOT_BYTES, len(marks) * SLOT_BYTES)
        known.searched = at
        return None


def tail(path: Path, start: int) -> Iterator[JournalBatch]:
    """Yield what a file holds from the place `start` on."""
    try:
        with open_regular(path) as stream:
            files = SlotFiles()
            while (batch := files.next(path, stream, start)) is not None:
                start += batch.consumed
                yield batch
    except OSError:
        return  # the script may have put anything there; the engine tells of it


def _gap(stream: BinaryIO, known: _Known, start: int, end: int) -> JournalBatch | None:
    known.size = -1
    # Once more: the script may have written both between the two looks.
    if _read_slots(stream, known, start, min(end - start, STRETCH_BYTES)).consumed:
        return None
    return JournalBatch(consumed=end - start, damaged=(end - start) // SLOT_BYTES)


def _learn_names(stream: BinaryIO, known: _Known, end: int) -> None:
    """Take the names that were written before the place where reading goes on."""
    while known.upto < end:
        size = min(STRETCH_BYTES, end - known.upto)
        passed = _read_slots(stream, known, known.upto, size).consumed
        if not passed:
            data = _read(stream, known.upto, size)
            marks = written(data[SLOT_BYTES:], known.upto + SLOT_BYTES, known.salt)
            passed = (1 + (marks.index(True) if True in marks else len(marks))) * SLOT_BYTES
        known.upto += passed


def _read_slots(stream: BinaryIO, known: _Known, start: int, size: int) -> JournalBatch:
    """Read the slots that were written before now.

    The script goes on writing while its memory is copied: a copy may have the mark of a slot and not yet what it marks.
    So the marks are looked at first, and what they mark is copied after that.
    """
    count = count_written(_read(stream, start, size))
    return read_slots(_read(stream, start, count * SLOT_BYTES), start, known.salt, known.names)


def _read(stream: BinaryIO, start: int, size: int) -> bytes:
    """Read what the file has now; what a buffer has may be older."""
    raw = getattr(stream, "raw", stream)
    raw.seek(start)
    parts, left = list[bytes](), size
    while left > 0 and (part := raw.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
