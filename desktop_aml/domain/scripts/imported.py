"""Arguments that a script has from a module beside it, as in ``from options import get_args``.

Only what the script reaches of the module counts: a parser of the module's own ``main`` is none of the script's.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import PurePath
from typing import Final, TypeVar

from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.domain.scripts.reader import describe_arguments, describe_tree, parsed

_MOST_MODULES: Final = 30
_Path = TypeVar("_Path", bound=PurePath)


def describe_with_imports(source: str, text_of: Callable[[str], str]) -> ScriptArguments:
    """Return what a script says about its command line, itself or through a module that it imports.

    Parameters
    ----------
    text_of : callable
        Returns the text of a module of the script's own folders by its name (``package.options``); empty for others.
    """
    own = describe_arguments(source)
    if own.arguments or own.commands or own.problems or not own.is_source or set(own.uses) - {"argparse"}:
        return own
    for module, names in islice(_imported(parsed(source)), _MOST_MODULES):
        try:
            tree = parsed(text_of(module))
            tree.body = list(_reached(tree, names))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        found = describe_tree(tree)
        if found.arguments or found.commands:
            problems = tuple(f"{module}: {one}" for one in found.problems)
            return replace(found, description=found.description or own.description, problems=problems)
    return own


def places_of(module: str, folders: Iterable[_Path]) -> Iterator[_Path]:
    """Yield where a module may lie in folders, the nearest first: a file, or a package of its name."""
    for folder in dict.fromkeys(folders):
        place = folder.joinpath(*module.split("."))
        yield place.with_name(f"{place.name}.py")
        yield place / "__init__.py"


def _imported(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Yield modules with the names that the script has of each, or asks them for."""
    asked = _asked(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level <= 1:
            names = {alias.name for alias in node.names}
            if node.module:
                yield node.module, set(_named_in(tree)) if names == {"*"} else names
            # A name can be a module of the package, too.
            prefix = f"{node.module}." if node.module else ""
            for alias in node.names:
                yield prefix + alias.name, asked[alias.asname or alias.name]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, asked[alias.asname or alias.name]


def _asked(tree: ast.Module) -> dict[str, set[str]]:
    """Return what is asked of each dotted name."""
    found = defaultdict[str, set[str]](set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name | ast.Attribute):
            found[ast.unparse(node.value)].add(node.attr)
    return found


def _reached(tree: ast.Module, names: set[str]) -> Iterator[ast.stmt]:
    """Yield the statements of a module that an import of these names carries out, or that their calls reach."""
    defined = {one.name: one for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    rest = [one for one in tree.body if one not in defined.values() and not _is_main(one)]
    waiting = [*names, *(name for one in rest for name in _named_in(one))]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in defined and name not in reached:
            reached.add(name)
            waiting += _named_in(defined[name])
    yield from (one for one in tree.body if one in rest or getattr(one, "name", None) in reached)


def _named_in(node: ast.AST) -> Iterator[str]:
    return (one.id for one in ast.walk(node) if isinstance(one, ast.Name))


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
