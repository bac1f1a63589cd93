"""What scripts take that use the standard library's older parser, or the flags of absl."""

from __future__ import annotations

import ast

from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.scripts.declared_options import called_name, calls, declared, given, texts_of


def of_optparse(tree: ast.Module) -> CommandLine:
    """Return the options of a script that uses `optparse`; words between them are its places."""
    found: list[TakenArgument] = []
    for call in calls(tree):
        if called_name(call) != "add_option":
            continue
        action, dest, count = given(call, "action"), given(call, "dest"), given(call, "nargs")
        takes_none = isinstance(action, str) and action not in ("store", "append")
        like = TakenArgument(
            name=dest if isinstance(dest, str) else "",
            nargs=0 if takes_none else count if isinstance(count, int) and count > 1 else None,
            repeats=action in ("append", "count"),
        )
        found += declared(texts_of(call), like)
    return CommandLine(tuple(found))


def of_absl(tree: ast.Module) -> CommandLine:
    """Return the flags of a script that uses absl: each can be told by one dash or two."""
    found: list[TakenArgument] = []
    for call in calls(tree):
        kind, names = called_name(call), texts_of(call)
        if not kind.startswith("DEFINE_") or not names:
            continue
        name, several = names[0], kind.startswith("DEFINE_multi_")
        flags = (f"--{name}", f"-{name}")
        if kind in ("DEFINE_bool", "DEFINE_boolean"):
            found.append(TakenArgument(name=name, flags=flags, nargs=0))
            found.append(TakenArgument(name=name, flags=(f"--no{name}", f"-no{name}"), nargs=0, text="False"))
        else:
            found.append(TakenArgument(name=name, flags=flags, repeats=several))
    return CommandLine(tuple(found))
