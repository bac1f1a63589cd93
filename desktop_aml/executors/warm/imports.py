"""What a script imports before it does anything else, read from its text.

What certainly comes first is told: up to the first statement that may change what an import does, such as one that sets
a variable. Where nothing in all that is read touches such things, what comes later is told, too, also within functions.
Modules of the source itself are read, and never imported here or anywhere ahead of the script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import lru_cache
from pathlib import Path
from typing import Final

from desktop_aml.domain.values import dataclass
from desktop_aml.system.files import read_regular

_MOST_BYTES: Final = 1 << 20
_MOST_FILES: Final = 60
_OURS: Final = frozenset({"azureml", "desktop_aml_run", "__future__", "__main__"})
_OF_RUNS: Final = frozenset({"azureml.core", "azureml.core.run"})
"""What of our own package scripts begin with. It holds nothing of a run until it is asked for the run."""

_MODULES: Final = (".py", ".so", ".pyc")
_BODIES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.With, ast.Try)
_TYPES_ONLY: Final = "TYPE_CHECKING"
_CHANGES_IMPORTS: Final = frozenset(
    [
        "environ",
        "environb",
        "putenv",
        "unsetenv",
        "setenv",
        "load_dotenv",
        "setlocale",
        "tzset",
        "chdir",
        "fchdir",
        "umask",
        "setrlimit",
        "sched_setaffinity",
        "meta_path",
        "path_hooks",
        "modules",
        "addsitedir",
        "reload",
        "import_module",
        "__import__",
        "exec",
        "eval",
        "run_path",
        "run_module",
        "patch",
        "simplefilter",
        "filterwarnings",
        "captureWarnings",
        "basicConfig",
        "dictConfig",
        "fileConfig",
        "setLevel",
        "disable",
        "signal",
        "settrace",
        "setprofile",
        "set_start_method",
    ]
)
"""Names whose use may change what a later import does."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A file of the source, as far as its letters alone tell."""

    tree: ast.Module
    may_change_imports: bool


@dataclass(slots=True)
class _Reading:
    """What was found so far; `names` are those of the modules in each folder of the source."""

    names: dict[Path, frozenset[str]]
    found: list[str] = field(default_factory=list)
    seen: set[Path] = field(default_factory=set)
    trees: list[_Text] = field(default_factory=list)


def imported(script: Path, folders: Sequence[Path]) -> tuple[tuple[str, ...], int]:
    """Return the import statements of a script, and how many of them certainly come before anything else it does.

    Those of the source's own modules are in their place.

    Parameters
    ----------
    folders : sequence of Path
        Where modules of the source are found, the script's own folder first.
    """
    reading = _Reading({folder: names_in([folder]) for folder in folders})
    is_whole = _read(script, reading)
    first = len(dict.fromkeys(reading.found))
    if not is_whole and reading.trees and not any(text.may_change_imports for text in reading.trees):
        _read_later(reading.trees[0].tree.body, reading)
    return tuple(dict.fromkeys(reading.found)), first


def of_runs(script: Path) -> tuple[str, ...]:
    """Return the statements at the top of a script by which it imports what our own package has for runs."""
    try:
        body = _parsed(read_regular(script, _MOST_BYTES)).tree.body
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    tried = [one for statement in body if isinstance(statement, ast.Try) for one in statement.body]
    return tuple(
        ast.unparse(one)
        for one in (*body, *tried)
        if isinstance(one, ast.ImportFrom) and one.module in _OF_RUNS and not one.level
    )


def names_in(folders: Sequence[Path]) -> frozenset[str]:
    """Return the names under which the source's own modules are imported: they go before installed ones."""
    return frozenset(name for folder in folders for name in _names_of(folder))


def _names_of(folder: Path) -> Iterator[str]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for entry in entries:
        if entry.suffix in _MODULES or (entry / "__init__.py").is_file():
            yield entry.name.partition(".")[0]


def _read(path: Path, reading: _Reading) -> bool:
    """Add what a file imports; return whether all that it does when it is imported is harmless."""
    if path in reading.seen:
        return True
    reading.seen.add(path)
    if len(reading.seen) > _MOST_FILES or path.suffix != ".py":
        return False
    try:
        text = _parsed(read_regular(path, _MOST_BYTES))
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    reading.trees.append(text)
    return _read_all(text.tree.body, path, reading)


@lru_cache(maxsize=32)
def _parsed(text: bytes) -> _Text:
    """Return what a file says: trials of a sweep have the same source, each in a folder of its own."""
    tree = ast.parse(text)
    return _Text(tree, _may_change_imports(tree))


def _may_change_imports(tree: ast.Module) -> bool:
    ignored = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _ignores_warnings(node)}
    for node in ast.walk(tree):
        if id(node) in ignored:
            continue
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name in _CHANGES_IMPORTS:
            return True
        owner = node.value if isinstance(node, ast.Attribute) else None
        if name == "path" and isinstance(owner, ast.Name) and owner.id == "sys":
            return True
    return False


def _read_later(body: Sequence[ast.stmt], reading: _Reading) -> None:
    """Add what is imported below, where no condition stands before it; of installed modules alone."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            names = [one.name for one in statement.names] if isinstance(statement, ast.Import) else [statement.module]
            tops = {(name or "").partition(".")[0] for name in names}
            own = frozenset({"", *_OURS}).union(*reading.names.values())
            if not tops & own and not (isinstance(statement, ast.ImportFrom) and statement.level):
                reading.found.append(ast.unparse(statement))
        elif isinstance(statement, _BODIES) or (isinstance(statement, ast.If) and _is_main(statement.test)):
            _read_later(statement.body, reading)


def _is_main(test: ast.expr) -> bool:
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _read_all(body: Sequence[ast.stmt], path: Path, reading: _Reading) -> bool:
    return all(_read_one(statement, path, reading) for statement in body)


def _read_one(statement: ast.stmt, path: Path, reading: _Reading) -> bool:
    if isinstance(statement, ast.Import):
        return all(_read_import(alias, reading) for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return _read_from(statement, path, reading)
    if isinstance(statement, ast.Try):
        # What follows an import that fails is found out by who carries it out, and it stops there.
        return not statement.finalbody and not statement.orelse and _read_all(statement.body, path, reading)
    if isinstance(statement, ast.If):
        test = statement.test
        named = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
        return named == _TYPES_ONLY and not statement.orelse
    return _is_harmless(statement)


def _read_import(alias: ast.alias, reading: _Reading) -> bool:
    files = _own_files(alias.name.split("."), reading.names)
    if files is None:
        if alias.name.partition(".")[0] not in _OURS:
            reading.found.append(f"import {alias.name}")
        return True
    return all(_read(file, reading) for file in files)


def _read_from(statement: ast.ImportFrom, path: Path, reading: _Reading) -> bool:
    parts = statement.module.split(".") if statement.module else []
    if statement.level:
        folder = path.parent
        for _ in range(statement.level - 1):
            folder = folder.parent
        files: list[Path] | None = _files_below(folder, parts)
        within = folder.joinpath(*parts)
    else:
        files = _own_files(parts, reading.names)
        if files is None:
            if parts[0] not in _OURS:
                reading.found.append(ast.unparse(statement))
            return True
        within = files[-1].parent if files and files[-1].name == "__init__.py" else Path("/nowhere")
    submodules = [within / f"{alias.name}.py" for alias in statement.names]
    wanted = [*(files or ()), *(one for one in submodules if one.is_file())]
    return bool(wanted) and all(_read(file, reading) for file in wanted)


def _own_files(parts: Sequence[str], names: Mapping[Path, frozenset[str]]) -> list[Path] | None:
    """Return the files of the source that an import loads; None for what is none of the source's."""
    for folder, known in names.items():
        if parts[0] in known or (folder / parts[0]).is_dir():
            return _files_below(folder, parts)
    return None


def _files_below(folder: Path, parts: Sequence[str]) -> list[Path]:
    files = []
    for part in parts:
        folder = folder / part
        if (folder / "__init__.py").is_file():
            files.append(folder / "__init__.py")
        elif not folder.is_dir():
            files.append(folder.with_name(f"{part}.py"))
    return files


def _is_harmless(statement: ast.stmt) -> bool:
    """Whether a statement can change nothing that an import after it looks at."""
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) or _ignores_warnings(statement.value)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        defaults = [*statement.args.defaults, *(one for one in statement.args.kw_defaults if one is not None)]
        return not statement.decorator_list and all(map(_is_literal, defaults)) and not _has_annotations(statement)
    if isinstance(statement, ast.ClassDef):
        plain = not (statement.decorator_list or statement.keywords or statement.bases)
        return plain and all(map(_is_harmless, statement.body))
    if isinstance(statement, ast.Assign):
        return all(isinstance(target, ast.Name) for target in statement.targets) and _is_literal(statement.value)
    return False


def _has_annotations(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether annotations are worked out when it is defined that are more than names and attributes of names."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [function.returns, *(one.annotation for one in every if one is not None)]
    return any(isinstance(node, ast.Call) for found in annotations if found is not None for node in ast.walk(found))


def _is_literal(node: ast.expr) -> bool:
    allowed = (ast.Constant, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(one, allowed) for one in ast.walk(node))


def _ignores_warnings(node: ast.expr) -> bool:
    """Whether this is ``warnings.filterwarnings("ignore")`` or the like: an import that warns is left to the script."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
        return False
    owner, first = node.func.value, node.args[0]
    names = {"filterwarnings", "simplefilter"}
    is_warnings = isinstance(owner, ast.Name) and owner.id == "warnings" and node.func.attr in names
    others = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    is_ignored = isinstance(first, ast.Constant) and first.value == "ignore"
    return is_warnings and is_ignored and all(isinstance(one, (ast.Constant, ast.Name)) for one in others)
