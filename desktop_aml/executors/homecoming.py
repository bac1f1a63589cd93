"""Put what came home from where a run was carried out into the run's folder; nothing is moved through a link."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from desktop_aml.domain.values import dataclass
from desktop_aml.system.files import append_to_regular, flush_contents

INCOMING: Final = ".incoming"
"""How the folders within a run's begin into which things come before they are moved to their places."""

WHOLE: Final = ("snapshot", "uploads")
"""Folders of a run that are replaced as a whole once it has ended."""

REPLY: Final = ".reply.json"
GROWS: Final = re.compile(r"logs/std_log\.txt|journal/[^/\0]+\.jsonl")
"""Files of a run that only ever grow."""

REQUEST: Final = re.compile(r"requests/[A-Za-z0-9_.-]+\.json")


@dataclass(frozen=True, slots=True)
class News:
    """A piece of what `inside_run.news` tells.

    Parameters
    ----------
    there : frozenset of str or None
        All small files that there are; None for a piece of a file.
    """

    name: str = ""
    offset: int = 0
    data: bytes = b""
    there: frozenset[str] | None = None


def read_news(told: bytes) -> Iterator[News]:
    """Yield what came whole of what `inside_run.news` told."""
    at = 0
    while (end := told.find(b"\n", at)) >= 0:
        try:
            head: dict[str, Any] = json.loads(told[at:end])
            at = end + 1
            if "there" in head:
                yield News(there=frozenset(map(str, head["there"])))
                return
            name, offset, size = str(head["name"]), int(head["offset"]), int(head["size"])
        except (ValueError, KeyError, TypeError):
            return
        data, at = told[at : at + size], at + size
        if len(data) == size:
            yield News(name, offset, data)


def reply_to(request: Path) -> Path:
    """Return where the answer to a request of a script is found."""
    return request.with_name(f"{request.name.removesuffix('.json')}{REPLY}")


class Mail:
    """The requests of a script that came home, and those whose answer was taken to it, by their names in the run."""

    def __init__(self, requests: Iterable[str] = ()) -> None:
        self.requests = set(requests)
        self.answered: set[str] = set()

    def forget_all_but(self, run_directory: Path, there: frozenset[str]) -> None:
        """Remove what the script has taken away, with its answer."""
        for name in self.requests - there:
            request = run_directory / name
            request.unlink(missing_ok=True)
            reply_to(request).unlink(missing_ok=True)
        self.requests &= there
        self.answered &= there


def size_of(path: Path) -> int:
    """Return the size of a file in bytes, 0 where there is none."""
    return path.stat().st_size if path.is_file() else 0


def append(path: Path, data: bytes) -> None:
    """Add to a file that grows."""
    with append_to_regular(path) as stream:
        stream.write(data)
        stream.flush()
        # After a power loss the file is shorter, never wrong: what is missing is asked for again.
        flush_contents(stream.fileno())


def put_results_in_place(incoming: Path, run_directory: Path) -> None:
    """Put what a run has left, which came home to `incoming`, into its folder: all but what lies in its attempt."""
    for name in WHOLE:
        if is_folder(incoming / name):
            put_in_place(incoming / name, run_directory / name)
    for name in ("journal", "logs"):
        if is_folder(incoming / name):
            put_files_in_place(sorted((incoming / name).iterdir()), run_directory / name)


def put_in_place(made: Path, target: Path) -> None:
    """Replace a folder by another on the same disk."""
    old = made.with_name(f"{made.name}.old")
    with suppress(FileNotFoundError):
        target.rename(old)
    made.rename(target)
    if old.is_dir() and not old.is_symlink():
        shutil.rmtree(old)
    else:
        old.unlink(missing_ok=True)


def put_files_in_place(files: Iterable[Path], folder: Path) -> None:
    """Move files into a folder; links among them are left out."""
    for path in files:
        put_in_place_as(path, folder / path.name)


def put_in_place_as(path: Path, target: Path) -> bool:
    """Move a file, if it is there and no link."""
    if not path.is_file() or path.is_symlink():
        return False
    path.replace(target)
    return True


def is_folder(path: Path) -> bool:
    """Whether something is a folder, and no link to one."""
    return path.is_dir() and not path.is_symlink()


def remove_leftovers(run_directory: Path) -> None:
    """Remove what a transfer that was cut short has left."""
    for path in run_directory.glob(f"{INCOMING}*"):
        shutil.rmtree(path, ignore_errors=True)
