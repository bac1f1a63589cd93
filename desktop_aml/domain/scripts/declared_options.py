"""Options as several libraries declare them: ``-s``, ``--shout/--no-shout``; and what a call in a text is given."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from desktop_aml.domain.scripts.command_lines import TakenArgument, plain_name


def declared(words: Iterable[str], like: TakenArgument) -> Iterator[TakenArgument]:
    """Yield an option with its declarations, where what is not said there is as in `like`.

    The name is that of the longest flag; for a letter alone it is that of `like`, which may be empty.
    """
    pairs = [[part.strip() for part in word.split("/", 1)] for word in words if word.lstrip().startswith("-")]
    flags = tuple(pair[0] for pair in pairs)
    noes = tuple(pair[1] for pair in pairs if len(pair) > 1 and pair[1].startswith("-"))
    if not flags:
        return
    name = plain_name(max(flags, key=len))
    name = like.name if len(name) == 1 and like.name else name
    yield replace(like, name=name, flags=flags, nargs=0 if noes else like.nargs)
    if noes:
        yield replace(like, name=name, flags=noes, nargs=0, text="False")


def called_name(node: ast.expr) -> str:
    """Return the last word of what is called, or stands as a decorator: ``option`` of ``click.option(…)``."""
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def texts_of(call: ast.Call) -> list[str]:
    """Return the texts among the values that a call is given by their place."""
    return [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def given(call: ast.Call, keyword: str) -> object:
    """Return the plain value that a call is given by a keyword; None for another, or for none."""
    node = next((one.value for one in call.keywords if one.arg == keyword), None)
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, RecursionError):
        return None


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a text, in their order."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    yield from sorted(found, key=lambda call: (call.lineno, call.col_offset))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a text, in their order."""
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    yield from sorted(found, key=lambda node: node.lineno)
