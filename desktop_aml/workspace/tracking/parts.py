"""Files that a client sends in parts: each part lies by itself, and only all of them joined are an output of a run."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from os import fdopen
from pathlib import Path
from typing import IO, Final

from desktop_aml.domain.errors import InvalidInput, NotFound
from desktop_aml.run_folder.working_copies import PARTIAL
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import make_own, open_regular, own_folder
from desktop_aml.workspace.tracking.artifacts import Artifacts, check_target, in_words

_MOST: Final = 10_000
_UPLOAD: Final = re.compile(r"[0-9a-f]{32}-(\d{1,5})")
_MARK: Final = re.compile(r"[0-9a-f]{32}")
_CHUNK: Final = 1 << 20
_REMEMBERED: Final = 1000


class Part:
    """A part while it comes in."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.blake2b(digest_size=16)

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._stream.write(data)
        self._hash.update(data)

    @property
    def mark(self) -> str:
        """What stands for its bytes: whoever has the parts joined names each with it."""
        return self._hash.hexdigest()


class PartedUploads:
    """The uploads in parts that were begun here.

    A part may be sent again, in any order and at once with others: its last bytes count only where they are named. What
    was neither joined nor given up goes when this ends, or with the working copy of the run.
    """

    def __init__(self, folder: WorkspaceFolder, db: Database, artifacts: Artifacts) -> None:
        self._folder = folder
        self._db = db
        self._artifacts = artifacts
        self._lock = threading.Lock()
        self._begun: dict[str, tuple[str, str]] = {}
        self._joined: dict[str, tuple[str, str]] = {}

    def begin(self, run_id: str, path: str, count: int) -> str:
        """Begin an upload of so many parts; return what it is named by.

        Raises
        ------
        InvalidInput
            When the path is none below the root, or there are too many parts.
        """
        check_target(self._db, run_id, path)
        if not 0 <= count <= _MOST:
            raise InvalidInput(f"A file is sent in {_MOST:,} parts at most, not in {count:,}.", "Send larger parts.")
        upload = f"{secrets.token_hex(16)}-{count}"
        place = self._place(run_id, upload)
        with in_words(self._folder.run(run_id), path):
            make_own(place, within=self._folder.run(run_id))
        with self._lock:
            self._begun[upload] = run_id, path
        return upload

    @contextmanager
    def receiving(self, run_id: str, path: str, upload: str, number: int) -> Iterator[Part]:
        """Take the bytes of one part; it is there at the end whole, at an error not at all.

        Raises
        ------
        NotFound
            When no such upload goes on.
        InvalidInput
            When it has no such part.
        """
        count = self._count(run_id, path, upload)
        if not 1 <= number <= count:
            raise InvalidInput(f"This upload has the parts 1 to {count}, no part {number}.")
        run_folder = self._folder.run(run_id)
        with in_words(run_folder, path), own_folder(self._place(run_id, upload), within=run_folder) as place:
            handle, name = tempfile.mkstemp(dir=place)
            try:
                with fdopen(handle, "wb") as stream:
                    part = Part(stream)
                    yield part
                Path(name).replace(place / f"{number}.{part.mark}")
            finally:
                Path(name).unlink(missing_ok=True)

    def complete(self, run_id: str, path: str, upload: str, parts: Sequence[tuple[int, str]]) -> None:
        """Join the parts, each named by its number and mark, to the file.

        Raises
        ------
        NotFound
            When no such upload goes on.
        InvalidInput
            When not all parts are named in their order, or one was not sent as it is named; the upload goes on.
        """
        with self._lock:
            if self._joined.get(upload) == (run_id, path):
                return  # its answer was lost, and it is asked for again
        count = self._count(run_id, path, upload)
        if [number for number, _ in parts] != list(range(1, count + 1)):
            raise InvalidInput(f"The parts must be named in their order, each once: 1 to {count}.")
        run_folder = self._folder.run(run_id)
        with (
            self._artifacts.receiving(run_id, path) as whole,
            own_folder(self._place(run_id, upload), within=run_folder) as place,
        ):
            for number, mark in parts:
                if not _MARK.fullmatch(mark) or not (place / f"{number}.{mark}").exists():
                    raise InvalidInput(f"Part {number} is missing, or other bytes were sent than are named.")
                with open_regular(place / f"{number}.{mark}") as source:
                    shutil.copyfileobj(source, whole, _CHUNK)
        with self._lock:
            self._joined[upload] = run_id, path
            if len(self._joined) > _REMEMBERED:
                self._joined.pop(next(iter(self._joined)))
        self._remove(upload)

    def abort(self, run_id: str, path: str, upload: str) -> None:
        """Give an upload up, and remove its parts.

        Raises
        ------
        NotFound
            When no such upload goes on.
        """
        self._count(run_id, path, upload)
        self._remove(upload)

    def close(self) -> None:
        """Give up what was begun here and has no end."""
        for upload in tuple(self._begun):
            self._remove(upload)

    def _count(self, run_id: str, path: str, upload: str) -> int:
        with self._lock:
            begun = self._begun.get(upload)
        named = _UPLOAD.fullmatch(upload)
        if named is None or begun != (run_id, path):
            raise NotFound(
                f"No upload {upload[:50]!a} of this file goes on: it has ended, was given up, or was never begun."
            )
        return int(named[1])

    def _place(self, run_id: str, upload: str) -> Path:
        return self._folder.run(run_id) / PARTIAL / upload

    def _remove(self, upload: str) -> None:
        with self._lock:
            begun = self._begun.pop(upload, None)
        if begun is not None:
            shutil.rmtree(self._place(begun[0], upload), ignore_errors=True)
