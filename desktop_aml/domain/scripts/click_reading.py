"""What scripts that use click take: their commands are functions with an option or argument in each decorator."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.scripts.declared_options import called_name, declared, functions, given, texts_of


def of_click(tree: ast.Module) -> CommandLine:
    """Return what a script takes that is made of click's commands."""
    commands: dict[str, CommandLine] = {}
    groups: list[CommandLine] = []
    for node in functions(tree):
        for decorator in node.decorator_list:
            kind = called_name(decorator)
            own = CommandLine(tuple(_arguments(node)))
            if kind == "group":
                groups.append(own)
            elif kind == "command":
                commands[_given_name(decorator) or node.name.lower().replace("_", "-")] = own
    if len(groups) == 1:
        return CommandLine(groups[0].arguments, tuple(commands.items()))
    return next(iter(commands.values())) if len(commands) == 1 and not groups else CommandLine()


def _given_name(decorator: ast.expr) -> str:
    if not isinstance(decorator, ast.Call):
        return ""
    named = given(decorator, "name")
    return named if isinstance(named, str) else next(iter(texts_of(decorator)), "")


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[TakenArgument]:
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        words, count = texts_of(decorator), given(decorator, "nargs")
        nargs = None if not isinstance(count, int) or count == 1 else "*" if count < 0 else count
        if called_name(decorator) == "option":
            yield from declared(words, _option(decorator, nargs))
        elif called_name(decorator) == "argument" and words:
            may_lack = given(decorator, "required") is False or any(one.arg == "default" for one in decorator.keywords)
            yield TakenArgument(name=words[0].lower(), nargs="?" if may_lack and nargs is None else nargs)


def _option(decorator: ast.Call, nargs: int | str | None) -> TakenArgument:
    name = next((word for word in texts_of(decorator) if word.isidentifier()), "")
    counted, flag_value = bool(given(decorator, "count")), given(decorator, "flag_value")
    if counted or given(decorator, "is_flag") or (flag_value is not None and given(decorator, "is_flag") is None):
        text = "True" if flag_value is None else str(flag_value)
        return TakenArgument(name=name, nargs=0, repeats=counted, text=text)
    return TakenArgument(name=name, nargs=nargs, repeats=bool(given(decorator, "multiple")))
