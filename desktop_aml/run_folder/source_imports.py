"""What a script can import of its own source, and whether it must be run as a module of its package."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Final

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.values import dataclass
from desktop_aml.system.files import open_regular

MODULE: Final = "DESKTOP_AML_MODULE"
"""Variable in which a run is told to start a module of the source, as ``python -m`` does, in place of the script."""

_PACKAGE: Final = "__init__.py"
_LAYOUT: Final = "src"
_RELATIVE: Final = re.compile(rb"^[ \t]*from[ \t]+\.", re.MULTILINE)
_MOST_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class SourceImports:
    """How a script and its source come together.

    Parameters
    ----------
    module : str
        What is started in place of the script, as ``python -m`` does; empty for the script itself.
    folders : tuple of str
        Folders of the source whose modules the script finds, after its own folder; relative, ``.`` is the top.
    package : str
        The name of the package that the source as a whole is; empty where it is none.
    """

    module: str
    folders: tuple[str, ...]
    package: str


def locate_module(module: str, source: Path) -> str:
    """Return the file that a module of a source is, as ``python -m`` finds it, relative to the source.

    Raises
    ------
    NotFound
        When there is no such source, or it has no such module.
    """
    if not source.is_dir():
        raise NotFound(f"There is no folder “{source}”.", "Choose the folder that the package lies in.")
    parts = module.split(".")
    if all(part.isidentifier() for part in parts):
        for top in ("", f"{_LAYOUT}/"):
            for path in (f"{top}{'/'.join(parts)}.py", f"{top}{'/'.join(parts)}/__main__.py"):
                if (source / path).is_file():
                    return path
    raise NotFound(
        f"There is no module “{module}” in “{source}” nor in its {_LAYOUT} folder.",
        "Name it as for python -m, from the folder that its package lies in; --source names another folder.",
    )


def of(source: Path, script: str, *, module: str, name: str) -> SourceImports:
    """Return how a script is started and what it can import.

    Parameters
    ----------
    source : Path
        The copy of the source.
    script : str
        Relative path with ``/``.
    module : str
        The module that was asked for, or an empty text.
    name : str
        What the folder was called that was copied.
    """
    folders = [one for one in (".", _LAYOUT) if (source / one).is_dir()]
    package = name if (source / _PACKAGE).is_file() and name.isidentifier() else ""
    if not module:
        own = PurePosixPath(script).parent
        top, module = _in_package(source, PurePosixPath(script), package)
        folders += [one for one in (top, own.as_posix()) if module and one not in folders]
    return SourceImports(module, tuple(folders), package)


def _in_package(source: Path, script: PurePosixPath, package: str) -> tuple[str, str]:
    """Return the folder that a script's package lies in, and the script's name as a module, if it needs one.

    Only one that imports relatively does; all others find what they always found as plain scripts.
    """
    if script.suffix != ".py" or not _imports_relatively(source / script):
        return ".", ""
    parts, folder = [script.stem], script.parent
    while folder.name and (source / folder / _PACKAGE).is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    if not folder.name and package:
        parts.insert(0, package)
    return folder.as_posix(), ".".join(parts) if len(parts) > 1 and all(map(str.isidentifier, parts)) else ""


def _imports_relatively(script: Path) -> bool:
    try:
        with open_regular(script) as stream:
            return _has_relative_imports(stream.read(_MOST_BYTES))
    except OSError:
        return False


@lru_cache(maxsize=32)
def _has_relative_imports(text: bytes) -> bool:
    """Whether a file imports relatively: trials of a sweep have the same script, each in a folder of its own."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # Of another Python than this one.
        return _RELATIVE.search(text) is not None
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in ast.walk(tree))
