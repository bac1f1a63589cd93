"""Writing manifests: for the entries of the outbox, and at once where somebody waits for one.

Only one thread of the engine's process writes at a time, so that what was read earlier never replaces what is newer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from desktop_aml.domain.errors import CONCERNS_ALL, FULL, DesktopAMLError, NotFound, StorageError, disk_full
from desktop_aml.record import manifests
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.record import outbox
from desktop_aml.store.record.outbox import Mark
from desktop_aml.store.record.readers import Readers

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Written:
    """What came of a turn.

    Parameters
    ----------
    failed : list of Mark
        What could not be written, for a reason of its own.
    trouble : StorageError or None
        What concerns all, such as a full disk: the rest of the turn was left.
    """

    done: list[Mark] = field(default_factory=list)
    failed: list[Mark] = field(default_factory=list)
    trouble: StorageError | None = None


class RecordWriter:
    """Writes the manifests of one workspace.

    Parameters
    ----------
    readers : Readers
        Where to read what they say.
    """

    def __init__(self, folder: WorkspaceFolder, readers: Readers) -> None:
        self._folder = folder
        self._readers = readers
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], Mark] = {}

    def keep(self, kind: str, key: str) -> None:
        """Write one manifest now; what is wrong with its own folder is only noted.

        Its entry of the outbox is not written once more, unless the thing changes meanwhile.

        Raises
        ------
        DiskFull, DatabaseUnusable
            What is wrong with the disk or the database.
        """
        result = Written()
        with self._lock, self._readers.one() as db:
            # Before what it says: a change in between has another entry.
            entry = outbox.mark_of(db, kind, key)
            self._write_one(db, entry or Mark(0, kind, key), result)
            if entry is not None and result.done:
                self._kept[kind, key] = entry
        if result.trouble is not None:
            raise result.trouble

    def write(self, marks: Sequence[Mark], is_stopped: Callable[[], bool] = lambda: False) -> Written:
        """Write the manifests of entries, until told to stop."""
        result = Written()
        with self._lock, self._readers.one() as db:
            for mark in marks:
                if is_stopped():
                    break
                if self._kept.pop((mark.kind, mark.key), None) == mark:
                    result.done.append(mark)
                elif not self._write_one(db, mark, result):
                    break
        return result

    def _write_one(self, db: Database, mark: Mark, result: Written) -> bool:
        try:
            try:
                manifests.keep(db, self._folder, mark.kind, mark.key)
            except (FileNotFoundError, NotFound):
                # It was removed while it was described, its folder or its rows first: another look finds what is so.
                manifests.keep(db, self._folder, mark.kind, mark.key)
        except CONCERNS_ALL as error:
            result.trouble = error
            return False
        except DesktopAMLError as error:
            _log.warning("What is recorded of the %s %s cannot be written. %s", mark.kind, mark.key, error)
            result.failed.append(mark)
        except OSError as error:
            if error.errno in FULL:
                result.trouble = disk_full(self._folder.root, error)
                return False
            _log.warning("What is recorded of the %s %s cannot be written: %s", mark.kind, mark.key, error)
            result.failed.append(mark)
        except Exception:  # noqa: BLE001 - the boundary of one thing: what is wrong with it keeps no other from its folder
            _log.exception("What is recorded of the %s %s cannot be written.", mark.kind, mark.key)
            result.failed.append(mark)
        else:
            result.done.append(mark)
        return True
