"""Files that are complete or absent, whatever happens while they are written, and opened only for what they are."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterator
from io import BufferedReader, BufferedWriter
from pathlib import Path

from desktop_aml.system.name_flushes import flush_names
from desktop_aml.system.new_files import NEW, PRIVATE, new_in

if sys.platform == "win32":
    from desktop_aml.system.windows import files as own
else:
    from desktop_aml.system.posix import files as own

_MANY = 24
"""From so many files on, one flush of everything is far quicker than one for each."""


def write_durably(path: Path, data: bytes, *, mode: int = PRIVATE) -> None:
    """Replace a small file, so that after a power cut it holds all of `data` or what it held before.

    The new bytes are flushed before they take the name, and the name before this returns, or before `together` ends.

    Parameters
    ----------
    path : Path
        The file; its folder must exist. A link there is replaced, not followed.
    mode : int
        Permissions of the new file.

    Raises
    ------
    OSError
        When the disk is full or the folder cannot be written; `path` is as before, and nothing is left beside it.
    """
    _replace(path, data, mode, own.flush_descriptor)
    flush_names(path.parent)


def write_where_free(path: Path, data: bytes) -> bool:
    """Write a private file that is there with all of `data` or not at all, also after a power cut.

    Parameters
    ----------
    path : Path
        The file; its folder must exist.

    Returns
    -------
    bool
        False where there is something by this name already, which stays as it is.

    Raises
    ------
    OSError
        When it cannot be written, or the disk knows no hard links; nothing is left then.
    """
    try:
        _replace(path, data, PRIVATE, own.flush_descriptor, _give_free_name)
    except FileExistsError:
        return False
    own.flush_folder(path.parent)
    return True


def write_whole(path: Path, data: bytes) -> None:
    """Replace a small private file, so that whoever reads it finds all of `data` or what it held before.

    After a power cut it may hold nothing: for what is of no use then, or can be made again.

    Raises
    ------
    OSError
        As `write_durably`.
    """
    _replace(path, data, PRIVATE, lambda _: None)


def _give_free_name(made: str, path: Path) -> None:
    path.hardlink_to(made)
    os.unlink(made)  # noqa: PTH108 - see `_replace`


def _replace(
    path: Path,
    data: bytes,
    mode: int,
    flush: Callable[[int], None],
    give_name: Callable[[str, Path], object] = lambda made, path: os.replace(made, path),  # noqa: PTH105
) -> None:
    # By descriptors and plain texts: several such files are written for each run, and `tempfile`, a stream and `Path`
    # around it took as long as the kernel.
    handle, name = new_in(path.parent, f".{path.name[:100]}.", ".new")
    try:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            flush(handle)
            # The file is private; only a wider one has to be told so.
            if mode != PRIVATE:
                own.set_mode(handle, mode)
        finally:
            os.close(handle)
        give_name(name, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108 - see above
        raise


def looks_below(folder: Path) -> Iterator[os.stat_result]:
    """Yield how everything below a folder looks, folders and links too; what vanishes meanwhile is passed over."""
    for parent, folders, names in os.walk(folder):
        for name in (*folders, *names):
            with contextlib.suppress(OSError):
                yield os.lstat(os.path.join(parent, name))  # noqa: PTH118 - of very many files


def make_missing(folder: Path, *, within: Path) -> None:
    """Make a private folder and what is missing between it and `within`, which must be there.

    A workspace that was taken away meanwhile does not come back as an empty shell.

    Raises
    ------
    OSError
        When it cannot be made: `FileNotFoundError` where `within` is gone.
    """
    missing = []
    while folder != within and not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def make_own(folder: Path, *, within: Path) -> None:
    """Make a private folder and what is missing between it and `within`, where a stranger may have put links.

    Raises
    ------
    OSError
        When it cannot be made, or is a link, or lies behind one that is not `within` itself.
    """
    if not own.BY_DESCRIPTOR:
        make_missing(folder, within=within)
        with own_folder(folder, within=within):
            return
    handle = _walked(folder, within, make=True)
    os.close(handle)


@contextlib.contextmanager
def own_folder(folder: Path, *, within: Path) -> Iterator[Path]:
    """Give a path by which a folder is meant as it lies now, whatever a stranger puts in its place meanwhile.

    Raises
    ------
    OSError
        When it is gone, or is a link, or lies behind one that is not `within` itself.
    """
    if not own.BY_DESCRIPTOR:
        for one in (folder, *folder.parents):
            if one == within:
                break
            if one.exists() and not is_own_folder(one):
                raise _not_own(folder)
        yield folder
        return
    handle = _walked(folder, within)
    try:
        yield Path(f"{own.BY_DESCRIPTOR}/{handle}")
    finally:
        os.close(handle)


def _walked(folder: Path, within: Path, *, make: bool = False) -> int:
    """Return a descriptor of a folder, to which no link leads from `within`; what is missing is made, if wanted."""
    handle = os.open(within, own.FOLDER)
    try:
        for name in _steps(folder, within):
            try:
                inner = _stepped(name, handle, make=make)
            except OSError as error:
                raise _not_own(folder) if error.errno in (errno.ELOOP, errno.ENOTDIR) else error from None
            os.close(handle)
            handle = inner
    except BaseException:
        os.close(handle)
        raise
    return handle


def _steps(folder: Path, within: Path) -> tuple[str, ...]:
    # The plain way first: it is asked for at each look at a run, and pathlib takes ten times as long.
    text, start = str(folder), f"{within}{os.sep}"
    if text.startswith(start):
        return tuple(text[len(start) :].split(os.sep))  # noqa: PTH206 - the very way that is to be quick
    return folder.relative_to(within).parts


def _stepped(name: str, handle: int, *, make: bool) -> int:
    try:
        return os.open(name, own.FOLDER | own.NO_LINKS, dir_fd=handle)
    except FileNotFoundError:
        if not make:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=handle)
    return os.open(name, own.FOLDER | own.NO_LINKS, dir_fd=handle)


def _not_own(folder: Path) -> OSError:
    return NotADirectoryError(errno.ENOTDIR, "It is no folder by itself, or lies behind a link", str(folder))


def is_own_folder(path: Path) -> bool:
    """Whether a folder that a stranger can write beside is one by itself; a link in its place leads anywhere."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def flush(path: Path) -> None:
    """Make the bytes of a file, or the names in a folder, durable: a rename alone can be lost with the power.

    Raises
    ------
    OSError
        When it is gone, or the disk fails.
    """
    if path.is_dir():
        own.flush_folder(path)
        return
    handle = os.open(path, own.FLUSHABLE)
    try:
        own.flush_descriptor(handle)
    finally:
        os.close(handle)


def flush_contents(handle: int) -> None:
    """Make the bytes of an open file durable, and its size; quicker than `flush` where its times need not be.

    Raises
    ------
    OSError
        When the disk fails.
    """
    own.flush_contents(handle)


def flush_many(paths: Collection[Path]) -> None:
    """Make files and folders durable, as `flush` does with one."""
    if len(paths) > _MANY and own.flush_everything():
        return
    for path in paths:
        flush(path)


def flush_below(folder: Path) -> None:
    """Make everything below a folder durable, and whatever links in it lead to where the system can tell all at once.

    Raises
    ------
    OSError
        As `flush`.
    """
    if own.flush_everything():
        return
    for parent, _, names in os.walk(folder):
        for path in (Path(parent), *(Path(parent, name) for name in names)):
            if not path.is_symlink():
                flush(path)


def used_bytes(look: os.stat_result) -> int:
    """Return how many bytes of the disk a file takes, by how it looks; its size where the system tells no more."""
    return own.used_bytes(look)


def create_new(path: Path, *, appending: bool = False) -> int:
    """Return the descriptor of a new private file to write, which no child inherits.

    Parameters
    ----------
    appending : bool
        Whether each write goes to the end, also beside another writer's.

    Raises
    ------
    OSError
        When it cannot be made: FileExistsError when anything has its name, a link too.
    """
    more = os.O_APPEND if appending else 0
    return os.open(path, os.O_WRONLY | NEW | more, PRIVATE)


def write_new(path: Path, data: bytes) -> None:
    """Write a private file in the place of whatever has its name, and flush its bytes; its name may be lost.

    Raises
    ------
    OSError
        When it cannot be made, for instance because a folder has its name, or is made in between.
    """
    path.unlink(missing_ok=True)
    with os.fdopen(create_new(path), "wb") as stream:
        stream.write(data)
        stream.flush()
        own.flush_descriptor(stream.fileno())


def set_mode(handle: int, mode: int) -> None:
    """Change the permissions of an open file, where the system has any."""
    own.set_mode(handle, mode)


def first_hole(handle: int) -> int:
    """Return where the first hole of an open file begins, in bytes from its start: its size where there is none.

    The place that the descriptor is at may be another one afterwards.
    """
    return own.first_hole(handle)


def next_data(handle: int, start: int) -> int:
    """Return where an open file has data from `start` on, or its size; moves the place of the descriptor."""
    return own.next_data(handle, start)


def open_regular(source: Path, *, follow_links: bool = False) -> BufferedReader:
    """Open for reading a file that a stranger may have put there: a run, a container, another program.

    A FIFO in its place would block for ever, a device has no end, and a link could lead anywhere.

    Parameters
    ----------
    follow_links : bool
        Whether `source` itself may be a symbolic link, as with a file that the user named.

    Raises
    ------
    OSError
        When it cannot be opened, or is not a plain file.
    """
    return os.fdopen(_opened(source, os.O_RDONLY, follow_links=follow_links), "rb")


def read_regular(source: Path, limit: int = -1) -> bytes:
    """Return the first `limit` bytes of a file, or all of them.

    Raises
    ------
    OSError
        When it cannot be read, or is not a plain file.
    """
    with open_regular(source) as stream:
        return stream.read(limit)


def append_to_regular(target: Path) -> BufferedWriter:
    """Open a file to write at its end; it is made when there is none.

    Raises
    ------
    OSError
        When it cannot be opened, or is not a plain file.
    """
    return os.fdopen(_opened(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab")


def rewrite_regular(target: Path) -> BufferedWriter:
    """Open a file to write it anew; it is made when there is none.

    Raises
    ------
    OSError
        When it cannot be opened, or is not a plain file.
    """
    return os.fdopen(_opened(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb")


def _opened(path: Path, flags: int, *, follow_links: bool = False) -> int:
    # A FIFO without a reader refuses to be opened for writing, one for reading opens at once and is refused below.
    handle = os.open(path, flags | own.CAREFUL | (0 if follow_links else own.NO_LINKS), PRIVATE)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "It is not a plain file", str(path))
    return handle
