"""Data that a run names: files in its arguments and its code, which a library written in C may read unseen.

They are noted before the script starts, in the list that the script's own Python writes on (see `files_read` in
`inside_run`): what is opened later stands in place of what was only named.
"""

from __future__ import annotations

import json
import logging
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from desktop_aml.domain.files_read import ReadHow
from desktop_aml.domain.portable_paths import PortablePaths
from desktop_aml.domain.runs import Artifact
from desktop_aml.inside_run.site.desktop_aml_run import files_read as recorder
from desktop_aml.store.folder import OWN_NAMES
from desktop_aml.system.files import append_to_regular, own_folder, read_regular

_log = logging.getLogger(__name__)
_LITERAL: Final = re.compile(r"""(["'])((?:/|~/)[^"'\n\\{}]{1,1000})\1""")
_CODE: Final = (".py", ".ipynb", ".yml", ".yaml", ".json", ".toml", ".ini", ".cfg", ".sh")
_CODE_FILES: Final = 200
_CODE_BYTES: Final = 1 << 20
_IN_FOLDER: Final = 200
_NAMED: Final = 500
_DATA_OF_WORKSPACE: Final = ("datastores", "datasets", "models")


def note(run_directory: Path, arguments: Sequence[str], code: Sequence[Artifact], env_vars: Mapping[str, str]) -> None:
    """Write down the files outside a run's folder that its arguments and its code name; never an error."""
    if env_vars.get("DESKTOP_AML_FILES_READ") == "off":
        return
    try:
        found: dict[str, dict[str, object]] = {}
        for how, path in _named(run_directory, arguments, code):
            if len(found) >= _NAMED:
                break
            entry = _entry(path, run_directory)
            if entry is not None:
                found.setdefault(path, {**entry, "how": how if entry["how"] == ReadHow.OPENED else entry["how"]})
        if found:
            portable = PortablePaths(str(run_directory.parents[1]))
            lines = "".join(json.dumps(portable.kept(entry)) + "\n" for entry in found.values())
            with (
                own_folder(run_directory / "logs", within=run_directory) as logs,
                append_to_regular(logs / recorder.NAME) as log,
            ):
                log.write(lines.encode("ascii"))
    except (OSError, ValueError) as error:
        _log.warning("The data that the run in %s names could not be noted: %s", run_directory, error)


def _named(run_directory: Path, arguments: Sequence[str], code: Sequence[Artifact]) -> Iterator[tuple[ReadHow, str]]:
    for word in arguments:
        path = _whole(word.partition("=")[2] if word.startswith("-") else word)
        if path:
            yield ReadHow.ARGUMENT, path
            yield from ((ReadHow.ARGUMENT, inside) for inside in _files_in(path, run_directory.parents[1]))
    texts = [file for file in code if file.path.endswith(_CODE) and file.size_bytes <= _CODE_BYTES]
    for file in texts[:_CODE_FILES]:
        text = _text(run_directory / "snapshot" / file.path).replace('\\"', '"')
        for match in _LITERAL.finditer(text):
            path = _whole(match.group(2))
            # A folder in the code is as often one for results.
            if path and Path(path).is_file():
                yield ReadHow.CODE, path


def _text(path: Path) -> str:
    # An attempt before this one may have put anything in its place.
    with suppress(OSError):
        return read_regular(path, _CODE_BYTES).decode("utf-8", "replace")
    return ""


def _whole(word: str) -> str:
    path = str(Path(word).expanduser()) if word.startswith("~/") else word
    return os.path.normpath(path) if path.startswith("/") and "\0" not in path else ""


def _files_in(path: str, workspace: Path) -> Iterator[str]:
    """Return files of a folder; what the workspace keeps for itself changes with every run and is no data."""
    count = 0
    for parent, folders, names in os.walk(path):
        if Path(parent) == workspace:
            folders[:] = [name for name in folders if name not in OWN_NAMES or name in _DATA_OF_WORKSPACE]
            names = [name for name in names if name not in OWN_NAMES]
        folders.sort()
        for name in sorted(names):
            yield f"{parent}/{name}"
            count += 1
            if count >= _IN_FOLDER:
                return


def _entry(path: str, run_directory: Path) -> dict[str, object] | None:
    if recorder.is_system(path) or path == "/" or Path(path).is_relative_to(run_directory):
        return None
    try:
        found = Path(os.path.realpath(path)).stat()
        if stat.S_ISREG(found.st_mode):
            return dict(recorder.file_entry(path, found))
        if stat.S_ISDIR(found.st_mode):
            return dict(recorder.folder_entry(path, found))
    except (OSError, ValueError):
        return None
    return None
