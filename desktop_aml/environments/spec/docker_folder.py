"""What a Dockerfile copies from its folder, read once, when it is registered: it outlives the folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.domain.secret_words import SECRET_FILES
from desktop_aml.environments.spec import container_specs, kept_files
from desktop_aml.environments.spec.kept_files import KeptFile
from desktop_aml.system.files import open_regular

if TYPE_CHECKING:
    import pathspec

MOST_BYTES: Final = 512 * 1024
"""What may be kept in the text of an environment; an image's data belongs elsewhere."""

_MOST_FILES: Final = 2000
_NEVER: Final = (".git/", "__pycache__/", ".venv/", ".ipynb_checkpoints/")
_HINT: Final = (
    "Copy by name what the packages need, or name the rest in a .dockerignore file: the run's own files are there when"
    " it starts."
)


def with_files(text: str, path: Path) -> str:
    """Return a Dockerfile with the files of its folder that ``COPY`` and ``ADD`` name.

    Parameters
    ----------
    path : Path
        The Dockerfile. ``<name>.dockerignore`` or ``.dockerignore`` beside it counts, as for Docker; keys and other
        secrets come along only by their own names.

    Raises
    ------
    InvalidSpec
        When a file cannot be read, or there is more than a text can keep.
    """
    body, before = kept_files.read(text)
    wanted = tuple(container_specs.copied(body))
    if not wanted:
        return text
    folder = path.resolve().parent
    found: dict[str, KeptFile] = {one.name: one for one in before}
    line_of = {source: line for line, source in wanted}
    size = 0
    for name in _names(folder, path.name):
        sources = [source for source in line_of if container_specs.names(source, name)]
        if not sources or (_is_secret(name) and name not in sources):
            continue
        found[name] = _kept(folder, name, line_of[sources[0]], MOST_BYTES - size)
        size += len(found[name].data)
        if len(found) > _MOST_FILES:
            raise InvalidSpec(
                f"Line {line_of[sources[0]]}: more than {_MOST_FILES:,} files would be copied from {folder}.",
                _HINT,
                line=line_of[sources[0]],
            )
    return kept_files.written(body, found.values())


def _kept(folder: Path, name: str, line: int, room: int) -> KeptFile:
    place = folder / name
    try:
        if not place.resolve().is_relative_to(folder):
            raise InvalidSpec(f"Line {line}: {name} leads out of the folder of the Dockerfile.", line=line)
        with open_regular(place, follow_links=True) as file:
            is_executable = bool(os.fstat(file.fileno()).st_mode & stat.S_IXUSR)
            data = file.read(room + 1)
    except OSError as error:
        raise InvalidSpec(f"Line {line}: {place} cannot be read: {error.strerror}.", line=line) from None
    if len(data) > room:
        raise InvalidSpec(
            f"Line {line}: with {name} ({place.stat().st_size:,} bytes) the Dockerfile copies more than the"
            f" {MOST_BYTES // 1024} KB that an environment keeps.",
            _HINT,
            line=line,
        )
    return KeptFile(name, data, is_executable)


def _names(folder: Path, dockerfile: str) -> Iterator[str]:
    """Yield the files of a folder that its rules do not leave out, in order."""
    rules = _rules(folder, dockerfile)
    never = _spec(_NEVER)
    for place, folders, files in os.walk(folder):
        inside = os.path.relpath(place, folder)
        prefix = "" if inside == os.curdir else f"{inside}/"
        # A folder that is left out may hold what a later line takes in again, so only these are passed over whole.
        folders[:] = sorted(one for one in folders if not never.match_file(f"{prefix}{one}/"))
        links = [one for one in folders if (Path(place) / one).is_symlink()]
        for name in sorted([*files, *links]):
            if not rules.match_file(prefix + name) and (Path(place) / name).is_file():
                yield prefix + name


def _rules(folder: Path, dockerfile: str) -> pathspec.GitIgnoreSpec:
    for name in (f"{dockerfile}.dockerignore", ".dockerignore"):
        try:
            with open_regular(folder / name, follow_links=True) as file:
                lines = file.read(1 << 20).decode("utf-8-sig", "replace").splitlines()
        except OSError:
            continue
        return _spec(tuple(_anchored(line.strip()) for line in lines))
    return _spec(())


def _anchored(line: str) -> str:
    """Return a line of a .dockerignore as git's syntax has it: there a name without a slash counts in every folder."""
    if not line or line.startswith("#"):
        return ""
    sign, pattern = ("!", line[1:].strip()) if line.startswith("!") else ("", line)
    # Without its last slash: with it git lets no later line take in again what lies below.
    return f"{sign}/{pattern.removeprefix('./').strip('/')}"


def _is_secret(name: str) -> bool:
    return bool(_spec(SECRET_FILES).match_file(name))


@lru_cache(maxsize=8)
def _spec(lines: tuple[str, ...]) -> pathspec.GitIgnoreSpec:
    import pathspec  # here: most environments are none of Docker

    return pathspec.GitIgnoreSpec.from_lines(lines)
