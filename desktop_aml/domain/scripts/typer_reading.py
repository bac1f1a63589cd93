"""What scripts that use typer take: the parameters of the functions that are their commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.scripts.declared_options import called_name, calls, declared, functions, given, texts_of

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_SEVERAL: Final = re.compile(r"(?:typing\.)?(?:list|List|Sequence)\[")


def of_typer(tree: ast.Module) -> CommandLine:
    """Return what a script takes whose functions are typer's commands."""
    by_name = {node.name: node for node in functions(tree)}
    for call in calls(tree):
        if ast.unparse(call.func) in ("typer.run", "run") and call.args and isinstance(call.args[0], ast.Name):
            node = by_name.get(call.args[0].id)
            return _line(node) if node is not None else CommandLine()
    commands: dict[str, CommandLine] = {}
    callback = CommandLine()
    has_callback = False
    for node in by_name.values():
        for decorator in node.decorator_list:
            if called_name(decorator) == "command":
                commands[_given_name(decorator) or node.name.lower().replace("_", "-")] = _line(node)
            elif called_name(decorator) == "callback":
                callback, has_callback = _line(node), True
    if len(commands) == 1 and not has_callback:
        return next(iter(commands.values()))
    return CommandLine(callback.arguments, tuple(commands.items()))


def _given_name(decorator: ast.expr) -> str:
    return next(iter(texts_of(decorator)), "") if isinstance(decorator, ast.Call) else ""


def _line(node: _Function) -> CommandLine:
    own = node.args
    places = [*own.posonlyargs, *own.args]
    defaults = [*[None] * (len(places) - len(own.defaults)), *own.defaults]
    pairs = [*zip(places, defaults, strict=True), *zip(own.kwonlyargs, own.kw_defaults, strict=True)]
    return CommandLine(tuple(taken for place, default in pairs for taken in _taken(place, default)))


def _taken(place: ast.arg, default: ast.expr | None) -> Iterator[TakenArgument]:
    kind, said = _annotated(place.annotation)
    if isinstance(default, ast.Call) and called_name(default) in ("Option", "Argument"):
        said = default
        # Its first value is the default; an ellipsis there is none.
        first = default.args[0] if default.args else ast.Constant(None)
        has_default = not (isinstance(first, ast.Constant) and first.value is ...)
    else:
        has_default = default is not None
    several, is_context = _SEVERAL.search(kind) is not None, kind.rpartition(".")[2] == "Context"
    if is_context:
        return
    if called_name(said) == "Argument" if said is not None else not has_default:
        nargs = "*" if several else "?" if has_default else None
        yield TakenArgument(name=place.arg, nargs=nargs)
        return
    words = [word for word in texts_of(said) if word.startswith("-")] if said is not None else []
    counted, is_switch = said is not None and bool(given(said, "count")), kind.startswith("bool")
    like = TakenArgument(name=place.arg, nargs=0 if counted or is_switch else None, repeats=counted or several)
    flag = place.arg.lower().replace("_", "-")
    yield from declared(words or [f"--{flag}/--no-{flag}" if is_switch else f"--{flag}"], like)


def _annotated(annotation: ast.expr | None) -> tuple[str, ast.Call | None]:
    """Return the type of a parameter as text, and what ``Annotated`` says beside it."""
    if not isinstance(annotation, ast.Subscript) or not ast.unparse(annotation.value).endswith("Annotated"):
        return _plain(annotation), None
    parts = annotation.slice.elts if isinstance(annotation.slice, ast.Tuple) else [annotation.slice]
    said = next((one for one in parts[1:] if called_name(one) in ("Option", "Argument")), None)
    return _plain(parts[0]), said if isinstance(said, ast.Call) else None


def _plain(annotation: ast.expr | None) -> str:
    text = ast.unparse(annotation).strip("'\"") if annotation is not None else ""
    return re.sub(r"(?:typing\.)?Optional\[(.*)\]", r"\1", text).replace(" | None", "")
