"""What other tools recorded, read where it lies: listed, searched and compared beside our own runs, never changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, NotFound
from desktop_aml.store.attached import index, origins, reading, union
from desktop_aml.store.side_files import SideFiles
from desktop_aml.system.whole_paths import whole_path
from desktop_aml.workspace.service import Service

_NO_NAME: Final = re.compile(r"[^A-Za-z0-9_\-]+")
_LONGEST_NAME: Final = 60


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    kind: str
    attached_at: float
    looks: tuple[int, int] = (0, 0)
    """Size in bytes and time of change in nanoseconds when it was read."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """One source of runs.

    Parameters
    ----------
    kind : str
        What it is, in words.
    runs : int
        How many runs of it are known.
    attached_at : float
        Unix time in seconds.
    error : str
        Why it cannot be read now; its runs are still listed, without their curves.
    changed : bool
        Whether it changed since it was read.
    """

    name: str
    path: Path
    kind: str
    runs: int
    attached_at: float
    error: str = ""
    changed: bool = False


class Attachments(Service):
    """What is attached to a workspace."""

    def attach(self, path: Path | str, name: str = "") -> Attachment:
        """Let the runs of a folder or database of another tool be seen beside our own; it is only read.

        Parameters
        ----------
        name : str
            What to call it; by default as its folder or file.

        Raises
        ------
        NotFound
            When there is nothing at the path.
        InvalidInput
            When it is nothing that can be attached, or the name is taken by another source.
        StorageError
            When it cannot be read.
        """
        place = whole_path(path)
        if not place.exists():
            raise NotFound(f"There is nothing at “{place}”.", "Name a folder or a file.")
        kind = reading.kind_of(place)
        if kind is None:
            known = ", ".join(one.noun for one in reading.KINDS.values())
            raise InvalidInput(f"“{place}” is nothing that can be attached.", f"It may be one of: {known}.")
        name = name or self._free_name(place)
        known_record = self._records.get(name)
        if known_record is not None and Path(known_record.path) != place:
            raise InvalidInput(f"“{name}” is attached from “{known_record.path}” already.", "Give another --name.")
        self._read(name, _Record(path=str(place), kind=kind, attached_at=time.time()))
        return self.get(name)

    def list(self) -> tuple[Attachment, ...]:
        """Return what is attached, by name, and whether it can be read."""
        counts = index.counts(self._folder.root)
        return tuple(self._describe(name, counts.get(name, 0)) for name in self._records.names())

    def get(self, name: str) -> Attachment:
        """Return one attachment, or raise `NotFound`."""
        found = next((one for one in self.list() if one.name == name), None)
        if found is None:
            raise NotFound(f"Nothing is attached as “{name}”.", "List what is with: desktop-aml attach")
        return found

    def words_of(self, run_id: str) -> str:
        """Return in words where an attached run is read from, and whether it can be; empty for one of our own."""
        origin = origins.origin_of(self._db, run_id)
        if origin is None:
            return ""
        found = next((one for one in self.list() if one.name == origin.name), None)
        return f"{origin.name}: {(found.error if found else '') or 'read where it lies'}"

    def refresh(self, names: Sequence[str] = ()) -> dict[str, str]:
        """Read sources again, by default all; what cannot be read keeps what is known of it.

        Returns
        -------
        dict of str
            Why sources could not be read, by name.
        """
        failed: dict[str, str] = {}
        for name in names or self._records.names():
            record = self._record(name)
            try:
                self._read(name, record)
            except DesktopAMLError as error:
                failed[name] = error.message
        return failed

    def detach(self, name: str) -> None:
        """Forget a source and its runs; nothing of it is touched."""
        self._record(name)
        index.remove(self._folder.root, name)
        self._records.remove(name)

    @property
    def _records(self) -> SideFiles[_Record]:
        return SideFiles(self._folder.root / union.FOLDER, _Record, "attachment")

    def _record(self, name: str) -> _Record:
        found = self._records.get(name) if name in self._records.names() else None
        if found is None:
            raise NotFound(f"Nothing is attached as “{name}”.", "List what is with: desktop-aml attach")
        return found

    def _read(self, name: str, record: _Record) -> None:
        path = Path(record.path)
        looks = _looks(path)
        index.put(self._folder.root, name, record.kind, path, reading.named(record.kind).runs(path))
        self._records.put(name, msgspec.structs.replace(record, looks=looks))

    def _free_name(self, place: Path) -> str:
        plain = _NO_NAME.sub("-", place.stem if place.is_file() else place.name).strip("-") or "attached"
        wanted, more = plain[:_LONGEST_NAME], 1
        while (known := self._records.get(wanted)) is not None and Path(known.path) != place:
            more += 1
            wanted = f"{plain[:_LONGEST_NAME]}-{more}"
        return wanted

    def _describe(self, name: str, runs: int) -> Attachment:
        record = self._record(name)
        path, known = Path(record.path), reading.KINDS.get(record.kind)
        error = ""
        if not path.exists():
            error = "It is gone."
        elif known is None:
            error = "This version of Desktop AML does not know such a source."
        elif not known.is_one(path):
            error = "It cannot be read any more."
        changed = not error and _looks(path) != record.looks
        return Attachment(name, path, known.noun if known else record.kind, runs, record.attached_at, error, changed)


def _looks(path: Path) -> tuple[int, int]:
    """Return what changes when a source is written to: quick, so what lies deep in a folder is not looked at."""
    found = [path, path.with_name(f"{path.name}-wal")]
    with suppress(OSError):  # it is none, or may not be looked into
        found += path.iterdir()
    stats: list[os.stat_result] = []
    for one in found:
        with suppress(OSError):  # its tool may be writing, and removes what it wrote before
            stats.append(one.stat())
    return sum(one.st_size for one in stats), max((one.st_mtime_ns for one in stats), default=0)
