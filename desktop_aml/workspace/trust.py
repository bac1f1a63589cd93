"""Which workspaces may run code: those that this user made on this computer, or said yes to.

To open a workspace with an engine is to run what waits in it, so nothing of a stranger's begins unasked. Reading one is
always possible. What is trusted stands in ``trusted.json`` beside the user's settings: path, identifier and owner.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.errors import Conflict, StorageError, UntrustedWorkspace
from desktop_aml.domain.values import dataclass
from desktop_aml.settings import load, user_directories
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system import locks
from desktop_aml.system.files import write_durably
from desktop_aml.system.users import effective_user_id, name_of

_FILE: Final = "trusted.json"
_NETWORK_DISKS: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.rclone"}
)
_MOUNTS: Final = Path("/proc/self/mountinfo")
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
_CHANGED: Final = "The workspace “{}” belongs to the user “{}” now, and did not when you trusted it."
_NOBODY: Final = 65534


@dataclass(frozen=True, slots=True)
class Trusted:
    """A workspace that may run code.

    Parameters
    ----------
    path : str
        Its real path, without links.
    id : str
        What its ``config.json`` says; empty for one of an earlier version.
    owner : int
        User id that owned the folder when it was trusted.
    at : float
        When that was, Unix time in seconds.
    folder : tuple of int
        Device and inode of the folder: they go with it when it moves on its disk, and never to a copy. Empty for one
        that an earlier version trusted.
    """

    path: str
    id: str = ""
    owner: int = 0
    at: float = 0.0
    folder: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a workspace may run code, and why not.

    Parameters
    ----------
    obstacle : str
        Why it may not, in words; empty when it may.
    can_be_trusted : bool
        Whether the user can say yes to it.
    """

    obstacle: str = ""
    can_be_trusted: bool = True

    @property
    def is_trusted(self) -> bool:
        """Whether it may run code."""
        return not self.obstacle


def verdict(folder: WorkspaceFolder) -> Verdict:
    """Return whether the workspace in a folder may run code.

    One that moved on its disk, and so lies elsewhere with the same identifier, is trusted as before; a copy is not.
    """
    path, owner = _place(folder)
    refusal = _refusal(path, owner)
    if refusal:
        return Verdict(refusal, can_be_trusted=False)
    identity = folder.identity().id
    unknown = Verdict(
        f"The workspace “{folder.root}” was not made by you on this computer, and you have not trusted it."
    )
    with _changing() as trusted:
        for known in trusted:
            if (known.path, known.id) == (str(path), identity):
                if known.owner != owner:
                    return Verdict(_CHANGED.format(folder.root, _user(owner)))
                # A disk may get another number when the computer starts.
                _replace(trusted, known, path)
                return Verdict()
        moved = next((known for known in trusted if identity and known.id == identity), None)
        if moved is None or moved.owner != owner or _is_on_network(path) or _is_at(Path(moved.path), identity):
            return unknown
        if moved.folder not in ((), _number(path)):
            # A copy, and what it was made of is no longer where it was: moved or gone, nobody can tell.
            return unknown
        _replace(trusted, moved, path)
    return Verdict()


def trust(folder: WorkspaceFolder) -> None:
    """Let the workspace in a folder run code from now on.

    Raises
    ------
    Conflict
        When the folder is another user's.
    """
    path, owner = _place(folder)
    refusal = _refusal(path, owner)
    if refusal:
        raise Conflict(refusal, _advice(path))
    with _changing() as trusted:
        trusted[:] = [known for known in trusted if known.path != str(path)]
        trusted.append(Trusted(str(path), folder.identity().id, owner, time.time(), _number(path)))


def refuse_strangers_folder(folder: WorkspaceFolder) -> None:
    """Raise `Conflict` when a workspace is to be made in a folder of another user."""
    if folder.root.exists():
        path, owner = _place(folder)
        refusal = _refusal(path, owner)
        if refusal:
            raise Conflict(refusal, "Choose a folder of your own.")


def forget(path: Path) -> bool:
    """Let the workspace at `path` run no code any more, until it is trusted again; False when it was not trusted."""
    with _changing() as trusted:
        kept = [known for known in trusted if known.path != os.path.realpath(path)]
        was_trusted = len(kept) < len(trusted)
        trusted[:] = kept
    return was_trusted


def trusted_workspaces() -> tuple[Trusted, ...]:
    """Return every workspace that may run code, by path."""
    with _changing() as trusted:
        return tuple(sorted(trusted, key=lambda known: known.path))


def refuse_untrusted(folder: WorkspaceFolder) -> None:
    """Raise `UntrustedWorkspace` unless the workspace may run code."""
    found = verdict(folder)
    if not found.is_trusted:
        hint = f'To let it run: desktop-aml workspace trust "{folder.root}"'
        raise UntrustedWorkspace(
            f"{found.obstacle} It can be read, but nothing runs in it.",
            hint if found.can_be_trusted else _advice(folder.root),
        )


def _place(folder: WorkspaceFolder) -> tuple[Path, int]:
    path = Path(os.path.realpath(folder.root))
    try:
        return path, path.stat().st_uid
    except OSError as error:
        raise StorageError(f"The folder “{path}” cannot be looked at: {error.strerror}.") from error


def _refusal(path: Path, owner: int) -> str:
    """Return why no code of a workspace may ever run for this user; empty when it may, once it is trusted."""
    me = effective_user_id()
    owners = {owner, *(found.st_uid for found in _stats(path))}
    allowed = {me, _NOBODY} if _is_on_network(path) else {me}
    strangers = owners - allowed
    if strangers and not (me == 0 and _is_in_container()):
        return f"The workspace “{path}” belongs to another user, {_user(min(strangers))}."
    return ""


def _advice(path: Path) -> str:
    return f'Copy it to a folder of your own, and trust the copy: cp -r "{path}" COPY, then chmod -R go-w COPY'


def _stats(path: Path) -> Iterator[os.stat_result]:
    """Return what is known of that in a workspace which decides what runs."""
    folder = WorkspaceFolder(path)
    for part in (folder.config, folder.database, folder.requests, path / "runs", path / "endpoints"):
        try:
            yield part.stat()
        except OSError:
            continue


def _replace(trusted: list[Trusted], known: Trusted, path: Path) -> None:
    trusted[trusted.index(known)] = replace(known, path=str(path), folder=_number(path))


def _number(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _is_at(path: Path, identity: str) -> bool:
    return WorkspaceFolder(path).identity().id == identity


def _is_in_container() -> bool:
    return Path("/.dockerenv").exists() or Path("/run/.containerenv").exists() or "container" in os.environ


def _is_on_network(path: Path) -> bool:
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").split("\n")
    except OSError:
        return False
    best, kind = -1, ""
    for line in filter(None, lines):
        before, _, after = line.partition(" - ")
        # Spaces and the like are written as octal numbers; all other letters stand as they are.
        mount = _OCTAL.sub(lambda found: chr(int(found[1], 8)), before.split(" ")[4])
        if (path == Path(mount) or Path(mount) in path.parents) and len(mount) >= best:
            best, kind = len(mount), after.split(" ")[0]
    return kind in _NETWORK_DISKS


def _user(number: int) -> str:
    try:
        return name_of(number)
    except KeyError:
        return f"number {number}"


@contextmanager
def _changing() -> Iterator[list[Trusted]]:
    """Give the list to read or change, alone; what was changed is written.

    Raises
    ------
    StorageError
        When it cannot be read or written.
    """
    path = user_directories().config / _FILE
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = locks.open_lock(path.with_name(f".{_FILE}.lock"))
        try:
            locks.lock(handle)
            trusted = _read(path)
            before = list(trusted)
            yield trusted
            if trusted != before or not path.exists():
                write_durably(path, json.dumps([asdict(one) for one in trusted], indent=2).encode() + b"\n")
        finally:
            os.close(handle)
    except OSError as error:
        raise StorageError(
            f"The list of trusted workspaces, {path}, cannot be used: {error.strerror}.",
            "Free some space or give yourself access to this folder.",
        ) from error


def _read(path: Path) -> list[Trusted]:
    # Not msgspec: every command reads this list, and it takes longer to import.
    try:
        found = json.loads(path.read_bytes())
        return [_trusted_from(entry) for entry in found]
    except FileNotFoundError:
        return _of_earlier_versions()
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Damaged, it vouches for nothing: every workspace is asked about again.
        return []


def _trusted_from(entry: dict[str, Any]) -> Trusted:
    """Return what an entry of the list says.

    Raises
    ------
    ValueError, TypeError, AttributeError
        When it is no such entry, whole.
    """
    names = {field.name for field in fields(Trusted)}
    one = Trusted(**{name: value for name, value in entry.items() if name in names})
    numbers = (one.owner, *one.folder)
    if not (isinstance(one.path, str) and isinstance(one.id, str) and all(type(number) is int for number in numbers)):
        raise ValueError("This is no trusted workspace.")
    return replace(one, at=float(one.at), folder=tuple(one.folder))


def _of_earlier_versions() -> list[Trusted]:
    """Return the workspaces that this user used before there was such a list."""
    settings = load()
    data = user_directories().data
    paths = [Path(recent.path) for recent in settings.recent_workspaces]
    paths += [Path(settings.last_workspace)] if settings.last_workspace else []
    paths += [data / "default-workspace", data / "sample-workspace", *sorted(data.glob("workspaces/*"))]
    found: dict[str, Trusted] = {}
    for path in paths:
        folder = WorkspaceFolder(path)
        if folder.is_workspace():
            real, owner = _place(folder)
            found.setdefault(str(real), Trusted(str(real), folder.identity().id, owner, time.time(), _number(real)))
    return list(found.values())
