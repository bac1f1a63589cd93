"""Files that hold a specification: read as text, whole, with what they include copied in.

A specification must say everything by itself once it is registered: it outlives its file.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from packaging.requirements import InvalidRequirement, Requirement

from desktop_aml.domain.environments import EnvironmentKind, is_project_file
from desktop_aml.domain.errors import InvalidSpec, NotFound
from desktop_aml.environments.spec import docker_folder, project_files, requirement_lines, yaml_tree
from desktop_aml.environments.spec.parsing import detect_kind
from desktop_aml.system.files import open_regular

_INCLUDE: Final = re.compile(
    r"(?P<indent>\s*(?:-\s+)?)(?P<quote>[\"']?)"
    r"(?:(?P<requirements>-r\s*|--requirement[=\s]\s*)|(?P<bounds>-c\s*|--constraint[=\s]\s*))"
    r"(?P<name>\"[^\"]+\"|'[^']+'|[^\s#\"']+)(?P=quote)\s*(?:#.*)?"
)
_DEEPEST: Final = 8
_LOCK_BYTES: Final = 8 << 20
"""What other tools write down may be long; what is read from it is not."""
_LONGEST_NAME: Final = 64


def read_spec_file(path: Path) -> tuple[str, EnvironmentKind]:
    """Return text and kind of the specification in a file, with the files that ``-r`` and ``-c`` name copied in.

    The file of a project, or of its lock, becomes a conda file of what it depends on.

    Raises
    ------
    InvalidSpec
        When the file is not text, is too large or of a kind that is not taken, or an included file is missing or
        lies outside its folder.
    NotFound
        When the file itself is missing.
    """
    is_project = is_project_file(path.name)
    text = read_text(path, _LOCK_BYTES if is_project else yaml_tree.MAX_SIZE_BYTES)
    text = project_files.as_specification(path.name, text, lambda name: read_text(path.parent / name))
    kind = detect_kind(text, "" if is_project else path.name)
    if kind is EnvironmentKind.DOCKERFILE:
        return docker_folder.with_files(text, path), kind
    if kind.needs_docker:
        return text, kind
    return _with_includes(text, path.resolve().parent, (path.resolve(),)), kind


def own_name_of(text: str, file_name: str) -> str:
    """Return the name that a conda file gives itself; empty when it has none."""
    given = re.search(r"^name\s*:[ \t]*[\"']?([^\"'#\n]+)", text, re.MULTILINE)
    return _as_name(given[1], " ") if given and detect_kind(text, file_name) is EnvironmentKind.CONDA else ""


def names_for(path: Path) -> Iterator[str]:
    """Yield what the environment in a file without a name may be called: after the file, then after its folder, too."""
    folder = path.resolve().parent.name
    first = _as_name(path.stem) or "environment"
    yield first
    longer = _as_name(f"{first}-{folder}") or first
    yield longer
    for number in itertools.count(2):
        yield f"{longer}-{number}"


def _as_name(words: str, kept: str = "") -> str:
    return re.sub(rf"[^A-Za-z0-9_.\-{kept}]+", "-", words.strip())[:_LONGEST_NAME].strip("-._ ")


def read_text(path: Path, limit_bytes: int = yaml_tree.MAX_SIZE_BYTES) -> str:
    """Return the text of a file, in UTF-8, or in UTF-16 as PowerShell writes it.

    Raises
    ------
    InvalidSpec
        When it is not text, no plain file or too large.
    NotFound
        When there is none.
    """
    try:
        with open_regular(path, follow_links=True) as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no file “{path}”.", "Check the path.") from None
    except OSError as error:
        raise InvalidSpec(f"{path} cannot be read: {error.strerror}.", "Check the path.") from None
    if len(data) > limit_bytes:
        raise InvalidSpec(f"{path} is too large for an environment.", "Check that this is the right file.")
    try:
        return data.decode(_encoding_of(data))
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InvalidSpec(f"{path} is not UTF-8 text (line {line}).", "Save it as UTF-8.", line=line) from None


def _encoding_of(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a mark at its beginning, too: text of names and numbers has no other zeros.
    zeros = [place for place in range(min(len(data), 200)) if data[place] == 0]
    if zeros and len({place % 2 for place in zeros}) == 1:
        return "utf-16-le" if zeros[0] % 2 else "utf-16-be"
    return "utf-8-sig"


def _with_includes(text: str, folder: Path, seen: tuple[Path, ...]) -> str:
    lines = []
    for number, raw in enumerate(text.splitlines(keepends=True), 1):
        match = _INCLUDE.fullmatch(raw.rstrip())
        name = match["name"].strip("\"'") if match is not None else ""
        if match is None or re.match(r"https?://", name) or (match["bounds"] and _is_bound(name)):
            lines.append(raw)
            continue
        included = _included(name, folder, seen, number)
        inner = _with_includes(read_text(included), included.parent, (*seen, included))
        wanted = [content for _, _, content in requirement_lines.logical_lines(inner)]
        prefix = "--constraint " if match["bounds"] else ""
        # A file of bounds may hold the options of pip, too; of a bound it keeps the version alone.
        kept = [one for one in wanted if not (prefix and one.startswith("-"))]
        lines.extend(f"{match['indent']}{prefix}{one.split(' --hash')[0] if prefix else one}\n" for one in kept)
    return "".join(lines)


def _is_bound(text: str) -> bool:
    try:
        return bool(Requirement(text).specifier)
    except InvalidRequirement:
        return False


def _included(name: str, folder: Path, seen: tuple[Path, ...], number: int) -> Path:
    plain = unquote(name.removeprefix("file:").removeprefix("//")) if name.startswith("file:") else name
    included = (folder / plain).resolve()
    # Within the folder of the outermost file: an inner one may name what lies beside its own folder.
    if not included.is_relative_to(seen[0].parent):
        raise InvalidSpec(f"Line {number}: {plain} lies outside the folder of the file.", line=number)
    if included in seen or len(seen) > _DEEPEST:
        raise InvalidSpec(f"Line {number}: {plain} is included in itself.", line=number)
    if not included.is_file():
        raise InvalidSpec(f"Line {number}: there is no file {plain} beside it.", line=number)
    return included
