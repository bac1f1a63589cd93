"""What to do about a module or a data file that a script did not find, though it lies near the source folder.

Knows where the source was, what of it was copied, and by which rule the rest was left out. It only looks whether things
exist, at few places; nothing is read or imported.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.run_folder import snapshot
from desktop_aml.run_folder.source_rules import OmittedBy, SourceRules

_NO_MODULE: Final = re.compile(r"No module named '?([A-Za-z_][\w.]*)'?")
_NO_NAME: Final = re.compile(r"cannot import name '\w+' from '([\w.]+)' \((?:unknown location|None)\)")
_NO_NAME_IN_COPY: Final = re.compile(r"cannot import name '(\w+)' from '([\w.]+)' \([^()\n]*/snapshot/([^()\n]+)\)")
_NO_FILE: Final = re.compile(
    r"No such file or directory: (?:b?'(?P<quoted>(?:[^'\\]|\\.)+)'|\"(?P<double>[^\"]+)\")"
    r"|(?:FileNotFoundError|OSError): (?:File )?(?P<plain>[^\s'\"]+) (?:not found|does not exist)"
)
_MODULE: Final = "The module"
_PARENTS: Final = 3
_SIBLINGS: Final = 200


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the code of a run came from.

    Parameters
    ----------
    source : Path
        The source folder, as it lies on this computer.
    copied : frozenset of str
        Paths of the files in the run's copy.
    """

    source: Path
    copied: frozenset[str]

    @classmethod
    def of_run(cls, source_directory: str, run_directory: Path) -> Origin | None:
        """Return where a run's code came from; None when nothing lies there any more."""
        if not source_directory or not Path(source_directory).is_dir():
            return None
        try:
            files = snapshot.manifest(run_directory)
        except (DesktopAMLError, OSError, ValueError):
            return None
        return cls(Path(source_directory), frozenset(file.path for file in files))

    def holds(self, relative: str) -> bool:
        """Whether a file, or anything of a folder, is in the copy."""
        return relative in self.copied or any(path.startswith(f"{relative}/") for path in self.copied)


def hint_for(error: str, origin: Origin) -> str:
    """Return why the copy lacks what an error names, and the cure; empty when it lies nowhere near the source."""
    missing = _NO_MODULE.search(error) or _NO_NAME.search(error)
    if missing is not None:
        return _module_hint(missing[1], origin)
    inside = _NO_NAME_IN_COPY.search(error)
    if inside is not None:
        return _part_hint(inside[1], inside[2], Path(inside[3]).parent.as_posix(), origin)
    lost = _NO_FILE.search(error)
    if lost is not None:
        return _file_hint(lost["quoted"] or lost["double"] or lost["plain"], origin)
    return ""


def _module_hint(module: str, origin: Origin) -> str:
    parts = module.split(".")
    if parts[0] == origin.source.name:
        return _source_itself_hint(module, parts, origin.source)
    for depth in range(len(parts), 0, -1):
        below = "/".join(parts[:depth])
        for place in _places(origin.source):
            for found in _module_files(place / below, origin.source):
                words = _words(f"{_MODULE} “{module}”", found, origin)
                if words:
                    return words
    found_here = (
        _elsewhere_in_copy(parts[0], origin)
        or _written_otherwise(f"{_MODULE} “{module}”", "/".join(parts), origin)
        or _no_part(module, parts, origin)
    )
    return found_here or _would_be_left_out(f"{_MODULE} “{module}”", parts[0], origin)


def _part_hint(name: str, package: str, folder: str, origin: Origin) -> str:
    """Return a hint for a module that a package of the copy lacks, asked for as a name of it."""
    for found in _module_files(origin.source / folder / name, origin.source):
        relative = found.relative_to(origin.source).as_posix()
        if not origin.holds(relative):
            return _words(f"{_MODULE} “{package}.{name}”", found, origin)
    return ""


def _no_part(module: str, parts: list[str], origin: Origin) -> str:
    """Return a hint for a module that would lie in a package of the source itself, where nothing of its name lies."""
    own = next((place for place in ("", "src/") if parts[1:] and origin.holds(f"{place}{parts[0]}")), None)
    if own is None:
        return ""
    return (
        _would_be_left_out(f"{_MODULE} “{module}”", f"{own}{'/'.join(parts)}.py", origin)
        or f"“{parts[0]}” is the source's own, and has no “{module}”. Check the name, or write the module."
    )


def _source_itself_hint(module: str, parts: list[str], source: Path) -> str:
    """Return a hint for a module that has the name of the source folder, which Python does not find by it."""
    below = source.joinpath(*parts[1:])
    marks = (below.with_name(f"{below.name}.py"), below / "__init__.py") if parts[1:] else (source / "__init__.py",)
    above = f"choose the folder above it as the source folder (--source {source.parent})"
    if any(mark.is_file() for mark in marks):
        return f"{_MODULE} “{module}” is named by the source folder itself, which is what is copied: {above}."
    return (
        f"The source folder itself is called “{parts[0]}”. If it is meant, {above}; if not, add the package that holds "
        f"“{module}” to the environment."
    )


def _module_files(path: Path, source: Path) -> Iterator[Path]:
    """Return what a module of this path would be: a file, a folder, a library."""
    for file in (path.with_name(f"{path.name}.py"), path):
        is_module = _is_package(file) or (file.is_dir() and source in file.parents)
        is_odd = file.suffix == ".py" and os.path.lexists(file) and not file.is_dir()
        if file.is_file() or is_module or is_odd or (file.is_symlink() and not file.exists()):
            yield file
    if path.parent.is_dir():
        yield from sorted(path.parent.glob(f"{path.name}.*so"))[:1]


def _is_package(folder: Path) -> bool:
    """Whether a folder looks like a package, and not like a project that happens to have the name of one."""
    try:
        names = {entry.name for entry in os.scandir(folder)}
    except OSError:
        return False
    is_project = not names.isdisjoint({"setup.py", "pyproject.toml", ".git"})
    return "__init__.py" in names or (not is_project and any(name.endswith((".py", ".so")) for name in names))


def _file_hint(wanted: str, origin: Origin) -> str:
    path = Path(wanted)
    if path.is_absolute():
        return _in_copy_only(path, origin)
    for place in _places(origin.source):
        found = Path(os.path.normpath(place / path))
        if found.exists():
            return _words(f"“{wanted}”", found, origin)
    if ".." in path.parts:
        return ""
    relative = path.as_posix()
    return _written_otherwise(f"“{wanted}”", relative, origin) or _would_be_left_out(f"“{wanted}”", relative, origin)


def _written_otherwise(what: str, relative: str, origin: Origin) -> str:
    """Return a hint for what the copy has under a name with other capitals, or with hyphens, as other systems allow."""
    is_code = what.startswith(_MODULE)
    wanted = _folded(relative)
    for path in sorted(origin.copied):
        for place in ("", "src/") if is_code else ("",):
            known = path.removeprefix(place)
            if is_code:
                known = known.removesuffix("/__init__.py").removesuffix(".py")
            if path.startswith(place) and _folded(known) == wanted and known != relative:
                cure = "Import it by that name, or rename it" if is_code else "Write it so, or rename it"
                return f"{what} is called “{path}” in the run's copy, and here each letter and its case counts. {cure}."
    return ""


def _folded(path: str) -> str:
    return path.casefold().replace("-", "_").replace(" ", "_")


def _would_be_left_out(what: str, relative: str, origin: Origin) -> str:
    """Return by which rule something that lies nowhere now would not be copied; empty when there is none."""
    try:
        rules = SourceRules(origin.source)
    except DesktopAMLError:
        return ""
    parts = relative.split("/")
    tried = [*("/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)), relative]
    for one in tried:
        why = rules.left_out(one)
        if why is not None and why.origin != "environment":
            cure = _cure(one.rstrip("/"), why, what)
            return f"{what} is not in the run's copy, and would not be: {why.words()}. {cure}"
    return ""


def _in_copy_only(path: Path, origin: Origin) -> str:
    """Return a hint for a whole path that leads into the run's copy, where the source has the file."""
    marks = [number for number, part in enumerate(path.parts) if part == "snapshot"]
    if not marks:
        return ""
    relative = Path(*path.parts[marks[-1] + 1 :])
    return "" if relative == Path() else _file_hint(str(relative), origin)


def _words(what: str, found: Path, origin: Origin) -> str:
    """Return where something lies that the copy lacks, why, and the cure; empty when the copy has it."""
    if not found.is_relative_to(origin.source):
        shared = Path(os.path.commonpath([found, origin.source]))
        return (
            f"{what} lies outside the source folder, which alone is copied: {found}. Choose a source folder that holds "
            f"both (--source {shared}){_or_path(what)}."
        )
    relative = found.relative_to(origin.source).as_posix()
    if origin.holds(relative):
        return _not_on_path(what, relative)
    link = _link_on_the_way(origin.source, relative)
    if link:
        return (
            f"{what} was not copied: “{link}” is a link to a folder or to nothing. Put the folder itself in its place"
            f"{_or_path(what)}."
        )
    if not found.is_file() and not found.is_dir():
        return f"{what} was not copied: “{relative}” is a pipe or a device. Put a plain file in its place."
    try:
        left_out = SourceRules(origin.source).left_out_on_the_way(relative)
    except DesktopAMLError:
        left_out = None
    if left_out is None:
        return f"{what} lies in the source folder by now, and was not there when it was copied. Run the script anew."
    return f"{what} lies in the source folder and was not copied: {left_out[1].words()}. {_cure(*left_out, what)}"


def _not_on_path(what: str, relative: str) -> str:
    folder = relative.rpartition("/")[0]
    if not folder or not what.startswith(_MODULE):
        return ""
    return f"{what} is in the run's copy, in “{folder}”, where Python does not look. Add --env PYTHONPATH={folder}."


def _cure(path: str, why: OmittedBy, what: str) -> str:
    if why.origin == "environment":
        return "Give the folder another place or name than that of the module."
    if why.origin == ".gitignore":
        return f"Write an .amlignore file, which then counts in place of .gitignore, without that line{_or_path(what)}."
    if why.origin == ".amlignore":
        return f"Take that line out, or add !{path} below it{_or_path(what)}."
    if why.origin == "workspace":
        return "Keep the workspace in a folder of its own, or give this one another name."
    return f"To copy it all the same, write !{path} into an .amlignore file, or give it another name."


def _or_path(what: str) -> str:
    is_code = what.startswith(_MODULE)
    return "" if is_code else "; or give its full path as an argument, which is better for much data"


def _link_on_the_way(source: Path, relative: str) -> str:
    parts = relative.split("/")
    for depth in range(1, len(parts) + 1):
        path = source.joinpath(*parts[:depth])
        if path.is_symlink() and not path.is_file():
            return "/".join(parts[:depth])
    return ""


def _places(source: Path) -> Iterator[Path]:
    """Return where what a script means may lie: the source, its ``src``, the folders above and beside it."""
    yield source
    yield source / "src"
    above = list(folders_above(source))
    for parent in above:
        yield parent
        yield parent / "src"
    for folder in (source, *above[:1]):
        yield from _folders_in(folder)


def folders_above(source: Path) -> Iterator[Path]:
    """Return the folders above the source that can be of its project: below the home, up to the top of a clone."""
    never = {Path("/"), Path.home(), *Path.home().parents, Path(tempfile.gettempdir())}
    if (source / ".git").exists():
        return
    for parent in list(source.parents)[:_PARENTS]:
        if parent in never:
            return
        yield parent
        if (parent / ".git").exists():
            return


def _folders_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            named = [entry for entry in entries if not entry.name.startswith(".")][:_SIBLINGS]
            return sorted(Path(entry.path) for entry in named if entry.is_dir())
    except OSError:
        return []


def _elsewhere_in_copy(module: str, origin: Origin) -> str:
    ends = (f"/{module}.py", f"/{module}/__init__.py")
    found = min((path for path in origin.copied if path.endswith(ends)), key=len, default="")
    if not found:
        return ""
    return _not_on_path(f"{_MODULE} “{module}”", found.removesuffix("/__init__.py"))
