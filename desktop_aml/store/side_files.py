"""Small JSON documents beside the database, one file for each name: what Azure ML code keeps with a workspace.

Compute pools and the labels of experiments change rarely and are read one at a time; any process may write them,
whole or not at all, the last one wins. Nothing that the engine decides by is kept here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from desktop_aml.domain.errors import FULL, StorageError, disk_full
from desktop_aml.domain.names import check_name_with_blanks
from desktop_aml.system.files import read_regular, write_durably

T = TypeVar("T", bound=msgspec.Struct)


class SideFiles(Generic[T]):
    """Documents of one kind.

    Parameters
    ----------
    folder : Path
        Where they lie; made when the first one is written.
    kind : type
        What one document holds.
    noun : str
        What they are called in messages, such as ``"compute target"``.
    """

    def __init__(self, folder: Path, kind: type[T], noun: str) -> None:
        self._folder = folder
        self._kind = kind
        self._noun = noun

    def get(self, name: str) -> T | None:
        """Return the document called `name`, or None.

        Raises
        ------
        StorageError
            When it is there and cannot be read.
        """
        path = self._path(name)
        try:
            return msgspec.json.decode(read_regular(path), type=self._kind)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as error:
            raise StorageError(f"“{path}” cannot be read: {error}.", "Fix or remove this file.") from error

    def put(self, name: str, document: T) -> None:
        """Write a document, new or changed."""
        path = self._path(name)
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_durably(path, json.dumps(msgspec.to_builtins(document), indent=1).encode() + b"\n")
        except OSError as error:
            if error.errno in FULL:
                raise disk_full(self._folder, error) from error
            words = f"“{path}” cannot be written: {error.strerror}."
            raise StorageError(words, f"Check the permissions of “{self._folder}”.") from error

    def remove(self, name: str) -> bool:
        """Remove a document; return whether there was one."""
        path = self._path(name)
        there = path.is_file()
        path.unlink(missing_ok=True)
        return there

    def names(self) -> tuple[str, ...]:
        """Return the names of all documents, sorted."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.json")))

    def _path(self, name: str) -> Path:
        return self._folder / f"{check_name_with_blanks(name, self._noun)}.json"
