"""What of a source folder is left out of a copy, and by which rule.

One ignore file counts, in the root of the folder: ``.amlignore`` if there is one, else ``.gitignore``; git's syntax.
Before it come the built-in rules, which a line such as ``!name`` takes back: version control, caches, outputs of
earlier runs, and what looks like a secret. Virtual environments are known by what they hold, whatever they are called.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import InvalidInput, StorageError
from desktop_aml.domain.secret_words import SECRET_FILES
from desktop_aml.domain.values import dataclass
from desktop_aml.store.folder import OWN_NAMES
from desktop_aml.system.files import open_regular
from desktop_aml.system.whole_paths import real_path

IGNORE_FILES: Final = (".amlignore", ".gitignore")

ALWAYS_IGNORED: Final = (
    ".git",
    ".hg/",
    ".svn/",
    "__pycache__/",
    "*.pyc",
    ".ipynb_checkpoints/",
    "node_modules/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".azureml/",
    "/outputs/",
    "/logs/",
    ".DS_Store",
)


_ENVIRONMENT_MARKS: Final = ("pyvenv.cfg", "conda-meta", "bin/activate", "Scripts/activate.bat")


@dataclass(frozen=True, slots=True)
class OmittedBy:
    """Why something is not copied.

    Parameters
    ----------
    rule : str
        The pattern; empty where none is at work.
    origin : str
        ``".amlignore"``, ``".gitignore"``, ``"built-in"``, ``"secret"``, ``"environment"`` or ``"workspace"``.
    line : int
        Line of the ignore file, from 1; 0 elsewhere.
    """

    rule: str
    origin: str
    line: int = 0

    def words(self) -> str:
        """Return in words which rule it is."""
        if self.line:
            return f"line {self.line} of {self.origin}, “{self.rule}”, leaves it out"
        return {
            "secret": f"it looks like a secret (“{self.rule}”)",
            "environment": "it is a virtual environment",
            "workspace": "it belongs to the workspace itself",
        }.get(self.origin, f"“{self.rule}” is always left out")


class SourceRules:
    """The rules of one source folder.

    Parameters
    ----------
    source : Path
        The folder.
    workspace : Path, optional
        A workspace that lies inside `source`, or is `source`; what it holds of its own is left out.

    Raises
    ------
    StorageError
        When its ignore file cannot be read.
    InvalidInput
        When a line of it is no pattern.
    """

    def __init__(self, source: Path, workspace: Path | None = None) -> None:
        import pathspec  # Imported here: the window starts without it.

        self._source = source
        self._workspace = _as_found_below(source, workspace)
        self.ignore_file = next((name for name in IGNORE_FILES if (source / name).is_file()), "")
        own = [f"/{name}" for name in OWN_NAMES] if self._workspace == source else []
        self._rules = [
            *(OmittedBy(rule, "built-in") for rule in ALWAYS_IGNORED),
            *(OmittedBy(rule, "secret") for rule in SECRET_FILES),
            *(_read(source / self.ignore_file) if self.ignore_file else ()),
            # A script often lies in the very folder that is the workspace: its runs and models are no source.
            *(OmittedBy(rule, "workspace") for rule in own),
        ]
        self._spec = pathspec.GitIgnoreSpec.from_lines(rule.rule for rule in self._rules)

    def left_out(self, relative: str) -> OmittedBy | None:
        """Return why an entry of the source is not copied, None when it is; a folder's name ends with ``/``."""
        found = self._spec.check_file(relative)
        if found.include and found.index is not None:
            rule: OmittedBy = self._rules[found.index]
            return rule
        if relative.endswith("/"):
            folder = self._source / relative
            if folder == self._workspace:
                return OmittedBy("", "workspace")
            if any((folder / mark).exists() for mark in _ENVIRONMENT_MARKS):
                return OmittedBy("", "environment")
        return None

    def left_out_on_the_way(self, relative: str) -> tuple[str, OmittedBy] | None:
        """Return the first part of a path that is not copied, and why; None when all of it is."""
        parts = relative.split("/")
        for depth in range(1, len(parts) + 1):
            path = "/".join(parts[:depth])
            is_folder = (self._source / path).is_dir() and not (self._source / path).is_symlink()
            why = self.left_out(f"{path}/" if is_folder else path)
            if why is not None:
                return path, why
        return None


def _as_found_below(source: Path, workspace: Path | None) -> Path | None:
    """Return the path under which a walk through the source comes upon the workspace, whatever links name either."""
    if workspace is None:
        return None
    try:
        return source / real_path(workspace).relative_to(real_path(source))
    except ValueError:
        return None


def secrets_among(rules: SourceRules, ignored: Iterable[str]) -> tuple[str, ...]:
    """Return what of `ignored` was left out as it looks like a secret."""
    return tuple(one for one in ignored if (why := rules.left_out(one)) is not None and why.origin == "secret")


def _read(path: Path) -> list[OmittedBy]:
    """Return the rules of an ignore file; a line that is none is refused, as passing it over may copy a secret."""
    import pathspec

    try:
        with open_regular(path, follow_links=True) as stream:
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError as error:
        raise StorageError(
            f"The ignore file “{path}” cannot be read: {error.strerror}.", "Change its permissions."
        ) from error
    for number, line in enumerate(lines, 1):
        try:
            pathspec.GitIgnoreSpec.from_lines([line])
        except (ValueError, re.error) as error:
            raise InvalidInput(
                f"Line {number} of “{path}” is not a pattern of git: {line[:80]}", "Fix the line, or take it out."
            ) from error
    # Empty lines and comments make no rule, and must make none here.
    return [
        OmittedBy(line, path.name, number)
        for number, line in enumerate(lines, 1)
        if line.strip() and not line.startswith("#")
    ]
