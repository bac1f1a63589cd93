"""What a machine is sent: files by what is in them, and how they lie.

A name is a SHA-256, ``x`` after it for programs.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from desktop_aml.system.files import open_regular, read_regular

_CHUNK: Final = 1 << 20
_SKIPPED: Final = "__pycache__"

_MOST_KNOWN: Final = 200_000
_contents: dict[tuple[str, int, int, int], str] = {}
"""What was hashed before: environments and data are the same for many runs."""

Entry = dict[str, Any]
"""One thing in a folder, as `far_store` lays it: ``p`` its path, ``k`` its kind, ``h`` its name or text."""


@dataclass(slots=True)
class Tree:
    """A folder in the making. `sources` says where the files are here, by name."""

    entries: list[Entry] = field(default_factory=list)
    sources: dict[str, Path | bytes] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """What names a folder with this content, wherever it is."""
        return hashlib.sha256(json.dumps(self.entries, sort_keys=True).encode()).hexdigest()

    def add_text(self, path: str, text: str) -> None:
        """Add a small file that has this content; it is kept nowhere else."""
        self._add({"p": path, "k": "t", "h": text})

    def add_place(self, path: str) -> None:
        """Add a folder, which may be there."""
        self._add({"p": path, "k": "d"})

    def add_file(self, source: Path, path: str, *, is_copied: bool = False) -> None:
        """Add a file. One that is copied may be written to over there, and has its time."""
        found = source.stat()
        name = content_of(source, found)
        entry: Entry = {"p": path, "k": "f", "h": name}
        if is_copied:
            entry |= {"k": "c", "m": stat.S_IMODE(found.st_mode) | stat.S_IRUSR, "t": int(found.st_mtime)}
        self.sources[name] = source
        self._add(entry)

    def add_growing(self, folder: Path, path: str) -> None:
        """Add the files of a folder to which others may add meanwhile, as they are now."""
        for found in sorted(folder.iterdir()):
            if found.is_file() and not found.is_symlink():
                data = read_regular(found)
                name = hashlib.sha256(data).hexdigest()
                self.sources[name] = data
                self._add({"p": f"{path}/{found.name}", "k": "c", "h": name, "m": 0o600, "t": int(time.time())})

    def add_folder(
        self,
        source: Path,
        path: str,
        *,
        is_copied: bool = False,
        skip: Callable[[Path], bool] = lambda _: False,
    ) -> None:
        """Add a folder with all that is in it; links in it stay links."""
        self._add({"p": path, "k": "d"})
        for found in _walk(source, skip):
            name = f"{path}/{found.relative_to(source)}" if path else str(found.relative_to(source))
            if found.is_symlink():
                self._add({"p": name, "k": "l", "h": str(found.readlink())})
            elif found.is_dir():
                self._add({"p": name, "k": "d"})
            elif found.is_file():
                self.add_file(found, name, is_copied=is_copied)

    def _add(self, entry: Entry) -> None:
        if entry["p"] not in self._known:
            self._known.add(entry["p"])
            self.entries.append(entry)


def content_of(source: Path, found: os.stat_result) -> str:
    """Return the name of a file by what is in it."""
    look = (str(source), found.st_ino, found.st_size, found.st_mtime_ns)
    if look not in _contents:
        digest = hashlib.sha256()
        with open_regular(source, follow_links=True) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
        _contents[look] = digest.hexdigest()
        if len(_contents) > _MOST_KNOWN:
            del _contents[next(iter(_contents))]
    return _contents[look] + ("x" if found.st_mode & 0o111 else "")


def pieces(source: Path | bytes) -> Iterator[tuple[bytes, bool]]:
    """Yield what is in a file, and with each piece whether it is the last."""
    with io.BytesIO(source) if isinstance(source, bytes) else open_regular(source, follow_links=True) as stream:
        chunk = stream.read(_CHUNK)
        while True:
            following = stream.read(_CHUNK) if len(chunk) == _CHUNK else b""
            yield chunk, not following
            if not following:
                return
            chunk = following


def size_of(source: Path | bytes) -> int:
    """Return how many bytes are to be sent."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size


def _walk(folder: Path, skip: Callable[[Path], bool]) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        place = Path(root)
        folders[:] = sorted(one for one in folders if one != _SKIPPED and not skip(place / one))
        yield from (place / name for name in (*folders, *sorted(names)) if not skip(place / name))
