"""The user of a run's container gets a name: images know root, and this computer's users only by their numbers.

Code that asks who it is (``pwd.getpwuid``, ``getpass.getuser``, ``id``) would fail otherwise.
"""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from desktop_aml.system import users

if TYPE_CHECKING:
    from docker import DockerClient

HOME: Final = "/tmp"  # noqa: S108 - the one folder of a container that any user may write
_MOST_BYTES: Final = 1 << 20


def give_name(client: DockerClient, container: str) -> None:
    """Add this user and group to the lists of a container that was not started yet, where the image does not know them.

    An image whose lists are no plain files, or an engine that takes no files, keeps its own: the script runs all the
    same.
    """
    from docker.errors import DockerException

    uid, gid, name = users.user_id(), users.group_id(), users.user_name()
    if uid == 0:
        return
    with suppress(DockerException, OSError, tarfile.TarError):
        lists = {
            "passwd": (f"{name}:x:{uid}:{gid}::{HOME}:/bin/sh", uid),
            "group": (f"{name}:x:{gid}:", gid),
        }
        changed = {
            file: text
            for file, (line, number) in lists.items()
            if (text := _with_line(_read(client, container, f"/etc/{file}"), line, number)) is not None
        }
        if changed:
            client.api.put_archive(container, "/etc", _packed(changed))


def _with_line(known: bytes | None, line: str, number: int) -> bytes | None:
    """Return a list with a line more; None when it knows the number, or cannot be changed."""
    if known is None:
        return None
    entries = [entry.split(b":") for entry in known.splitlines()]
    if any(len(entry) > 2 and entry[2] == str(number).encode() for entry in entries):
        return None
    name, colon, rest = line.partition(":")
    if any(entry[0] == name.encode() for entry in entries):
        name = f"user{number}"
    end = b"" if not known or known.endswith(b"\n") else b"\n"
    return known + end + f"{name}{colon}{rest}\n".encode()


def _read(client: DockerClient, container: str, path: str) -> bytes | None:
    """Return a file of a container, empty when it has none; None for what is no plain file."""
    from docker.errors import NotFound

    try:
        blocks, _ = client.api.get_archive(container, path)
    except NotFound:
        return b""
    with tarfile.open(fileobj=io.BytesIO(b"".join(blocks))) as archive:
        found = archive.next()
        data = archive.extractfile(found) if found is not None and found.isreg() else None
        return None if data is None else data.read(_MOST_BYTES)


def _packed(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(text), 0o644
            archive.addfile(entry, io.BytesIO(text))
    return packed.getvalue()
