"""Folders on their way into a container and back, as the tar files of Docker's archive calls.

What comes back was written by a script, so nothing of it is trusted: a name leads into the folder that it is meant for
or is left out, and nothing is ever written through a link.

Holes of a file come back as holes. On the way there they are sent as the zeros that they read as: Docker unpacks the
sparse forms of a tar file, but writes every zero of them onto the disk of its computer.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO, Final

from desktop_aml.system import copying, users
from desktop_aml.system.files import create_new, open_regular, set_mode

Seen = tuple[int, int]
"""Size and time of last change of a file: enough to see whether it was written again."""

_SKIPPED: Final = "__pycache__"


def seen(found: os.stat_result) -> Seen:
    """Return what a file looks like now."""
    return found.st_size, int(found.st_mtime)


class Parcel:
    """A tar file in the making.

    Parameters
    ----------
    into : file
        Where it is written.
    """

    def __init__(self, into: IO[bytes]) -> None:
        self._tar = tarfile.open(fileobj=into, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - `close`

    def close(self) -> None:
        """Write the end."""
        self._tar.close()

    def add(self, path: Path, *, is_ours: bool = False) -> None:
        """Add one file, folder without content, or link, at its own path.

        Parameters
        ----------
        is_ours : bool
            Whether it belongs to this program: then its owner in the container is root, and everybody may read it.
        """
        entry = self._tar.gettarinfo(path, str(path).lstrip("/"))
        if entry is None or not (entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()):
            return
        if entry.islnk():
            # The other name may be in no parcel at all.
            entry.type, entry.size = tarfile.REGTYPE, path.stat().st_size
        entry.uid, entry.gid = (0, 0) if is_ours else (users.user_id(), users.group_id())
        entry.uname = entry.gname = ""
        if is_ours:
            entry.mode = 0o755 if entry.isdir() else 0o644
        if not entry.isreg():
            self._tar.addfile(entry)
            return
        with open_regular(path, follow_links=True) as stream:
            self._tar.addfile(entry, stream)

    def add_tree(self, folder: Path, *, is_ours: bool = False) -> Iterator[tuple[Path, Seen]]:
        """Add a folder with all that is in it; yield its files as they are packed."""
        self.add(folder, is_ours=is_ours)
        for path in sorted(_walk(folder)):
            # A file may go, or shrink, while others still write here.
            with suppress(FileNotFoundError):
                found = path.lstat()
                self.add(path, is_ours=is_ours)
                if stat.S_ISREG(found.st_mode):
                    yield path, seen(found)

    def add_text(self, path: Path, data: bytes) -> None:
        """Add a file that has this content."""
        entry = tarfile.TarInfo(str(path).lstrip("/"))
        entry.size, entry.mode, entry.uid, entry.gid = len(data), 0o600, users.user_id(), users.group_id()
        self._tar.addfile(entry, io.BytesIO(data))


def _walk(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != _SKIPPED]
        yield from (Path(root, name) for name in (*folders, *names))


class _Chunks(io.RawIOBase):
    """The chunks of a download as a file."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def unpack(chunks: Iterable[bytes], folder: Path) -> None:
    """Put the content of a folder that was asked for into `folder`, which is empty.

    Raises
    ------
    tarfile.TarError
        When the download is cut short.
    """
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as tar:
        for entry in tar:
            parts = _parts(entry.name)
            if parts and _is_real(folder, parts[:-1]):
                _unpack_one(tar, entry, folder, folder.joinpath(*parts))


def _unpack_one(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path, target: Path) -> None:
    if target.is_symlink() or (target.exists() and not entry.isdir()):
        return
    if entry.isdir():
        target.mkdir(exist_ok=True, mode=0o700)
    elif entry.issym():
        target.symlink_to(entry.linkname)
    elif entry.islnk():
        source = _parts(entry.linkname)
        if source and _is_real(folder, source[:-1]) and stat.S_ISREG(folder.joinpath(*source).lstat().st_mode):
            os.link(folder.joinpath(*source), target)
    elif entry.isreg():
        _write(tar, entry, target)


def _write(tar: tarfile.TarFile, entry: tarfile.TarInfo, target: Path) -> None:
    content = tar.extractfile(entry)
    with os.fdopen(create_new(target), "wb") as stream:
        while content is not None and (chunk := content.read(1 << 20)):
            # An archive has no holes: a file that is mostly one would fill this disk.
            copying.write_sparsely(stream.fileno(), chunk)
        copying.end_sparsely(stream.fileno())
        set_mode(stream.fileno(), entry.mode & 0o777 | stat.S_IRUSR | stat.S_IWUSR)
    os.utime(target, (entry.mtime, entry.mtime))


def unpack_changed(
    chunks: Iterable[bytes], folder: Path, sent: Mapping[str, Seen], *, only: str = ""
) -> dict[str, Seen]:
    """Write what a script made or changed into a folder of this computer; return how these files look now.

    Parameters
    ----------
    sent : mapping
        What the files looked like that the container was given, by path. They are left alone unless they changed
        there: somebody else may have written them here.
    only : str
        Name of what alone may be written, with all that is in it; empty for all.
    """
    written: dict[str, Seen] = {}
    with tarfile.open(fileobj=io.BufferedReader(_Chunks(chunks)), mode="r|") as tar:
        for entry in tar:
            parts = _parts(entry.name)
            if only and parts[:1] != (only,):
                continue
            target = folder.joinpath(*parts)
            now = entry.size, int(entry.mtime)
            if not parts or not entry.isreg() or sent.get(str(target)) == now or not _make_way(folder, parts[:-1]):
                continue
            temporary = target.with_name(f".{target.name[:200]}.incoming")
            temporary.unlink(missing_ok=True)
            _write(tar, entry, temporary)
            with suppress(IsADirectoryError):
                temporary.replace(target)
                written[str(target)] = now
            temporary.unlink(missing_ok=True)
    return written


def _make_way(folder: Path, parts: tuple[str, ...]) -> bool:
    """Make the folders down to a file; False when a link or a file is in the way."""
    for depth in range(1, len(parts) + 1):
        with suppress(FileExistsError):
            folder.joinpath(*parts[:depth]).mkdir(mode=0o700)
    return _is_real(folder, parts)


def _parts(name: str) -> tuple[str, ...]:
    """Return where a name leads inside the folder that was asked for; nothing when it leads elsewhere."""
    parts = PurePosixPath(name).parts[1:]
    return () if ".." in parts else parts


def _is_real(folder: Path, parts: tuple[str, ...]) -> bool:
    """Whether all these are folders, and none a link to one."""
    for depth in range(1, len(parts) + 1):
        path = folder.joinpath(*parts[:depth])
        if path.is_symlink() or not path.is_dir():
            return False
    return True
