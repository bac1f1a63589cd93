"""What a run read that did not travel with it: how it was then, how it stands now, and where two runs differ in it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from enum import StrEnum

from desktop_aml.domain.values import dataclass


class FileNow(StrEnum):
    """How a file that a run read stands now."""

    SAME = "as it was read"
    CHANGED = "changed since"
    GONE = "gone"
    ELSEWHERE = "not on this computer"


class ReadHow(StrEnum):
    """How it is known that a run read something."""

    OPENED = "opened"
    LISTED = "listed"
    ARGUMENT = "named in its arguments"
    CODE = "named in its code"

    def is_named(self) -> bool:
        """Whether nobody saw it being read: it was named before the script began."""
        return self in {ReadHow.ARGUMENT, ReadHow.CODE}


class Content(StrEnum):
    """What is known of the bytes that a run read."""

    PENDING = "not hashed yet"
    HASHED = "hashed"
    NAMES = "its names are known"
    CHANGED = "it changed before it was hashed"
    GONE = "it was removed before it was hashed"
    TOO_LARGE = "too large to be hashed"
    UNREADABLE = "it could not be read"
    ELSEWHERE = "not on this computer"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file or folder as it was when a run opened or listed it, or before the run where it is only named.

    Parameters
    ----------
    path : str
        The whole path; bytes that are no UTF-8 are kept as Python keeps them (surrogate escapes).
    size_bytes : int
        Of a folder the number of its names.
    modified_ns : int
        Unix time in nanoseconds of the last change before.
    identity : str
        Device, number on it, and the time in nanoseconds at which anything about it last changed, with ``-``; empty in
        records of older versions.
    sha256 : str
        Of the bytes; of a folder a mark of its names. Empty where it is not known.
    """

    path: str
    size_bytes: int
    modified_ns: int
    identity: str = ""
    how: ReadHow = ReadHow.OPENED
    sha256: str = ""
    content: Content = Content.PENDING


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file that a run read and that did not travel with it, and how it stands now.

    Parameters
    ----------
    modified_at : float
        Unix time in seconds of its last change before it was read.
    sha256 : str
        Empty where it is not known; `content` says why.
    """

    path: str
    size_bytes: int
    modified_at: float
    now: FileNow
    how: ReadHow = ReadHow.OPENED
    sha256: str = ""
    content: Content = Content.PENDING

    @property
    def shown_path(self) -> str:
        """The path as it can be printed."""
        return printable(self.path)

    def has_changed(self) -> bool:
        """Whether another run would not find what this one found."""
        return self.now in {FileNow.CHANGED, FileNow.GONE} or self.content in {Content.CHANGED, Content.GONE}


@dataclass(frozen=True, slots=True)
class DataDifference:
    """Something that two runs of the same code read, and that was not the same; empty where one did not read it."""

    other_run: str
    path: str
    here: str
    there: str


def printable(path: str) -> str:
    """Return a path as it can be printed: bytes that are no UTF-8 become question marks."""
    return path.encode("utf-8", "replace").decode()


def side_by_side(sides: Sequence[Mapping[str, FileRecord]]) -> dict[str, tuple[str | None, ...]]:
    """Return in words what each run found at each path, by path; equal words mean the same content.

    Where the bytes of one side were not hashed, size and time of change stand for all; None where a run read nothing.
    """
    return {
        path: _words(tuple(side.get(path) for side in sides))
        for path in sorted({path for side in sides for path in side})
    }


def _words(records: tuple[FileRecord | None, ...]) -> tuple[str | None, ...]:
    present = [record for record in records if record is not None]
    by_hash = all(record.sha256 for record in present)
    return tuple(None if record is None else _of(record, by_hash=by_hash) for record in records)


def _of(record: FileRecord, *, by_hash: bool) -> str:
    noun = "names" if record.how is ReadHow.LISTED else "bytes"
    if by_hash:
        return f"{record.size_bytes:,} {noun}, {record.sha256[:12]}"
    seconds, fraction = divmod(record.modified_ns, 10**9)
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    return f"{record.size_bytes:,} {noun}, of {moment}.{fraction // 10**6:03d} UTC"


def differences(
    here: Mapping[str, FileRecord], other_run: str, there: Mapping[str, FileRecord]
) -> tuple[DataDifference, ...]:
    """Return where the data of a run differs from that of `other_run`.

    What only one of the runs read counts only when both were watched, which is when both read anything.
    """
    if not here or not there:
        return ()
    return tuple(
        DataDifference(other_run, printable(path), ours or "", theirs or "")
        for path, (ours, theirs) in side_by_side((here, there)).items()
        if ours != theirs
    )


def in_words(file: FileRead) -> str:
    """Return in words what a run read and how it stands now."""
    how = "" if file.how in {ReadHow.OPENED, ReadHow.LISTED} else f", {file.how}"
    told = {Content.HASHED, Content.NAMES, Content.PENDING, Content.ELSEWHERE}
    known = "" if file.content in told else f", {file.content}"
    return f"{file.shown_path} ({file.now}{known}{how})"


def change_in_words(file: FileRead) -> str:
    """Return in words how something that a run read has changed since."""
    if file.now is FileNow.GONE:
        return f"{file.shown_path} is gone"
    noun = "names" if file.how is ReadHow.LISTED else "bytes"
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(file.modified_at))
    return f"{file.shown_path} changed since: it was {file.size_bytes:,} {noun}, of {moment}"
