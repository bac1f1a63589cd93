"""Every public name of the SDK's tables is there, with the same parameters in the same order and the same defaults."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from tests.azureml.signatures import TABLE

ANY = "..."


def lines() -> Iterator[tuple[str, str]]:
    """Return the full name and the parameters (with brackets, or empty) of each line of the table."""
    owner = ""
    for line in TABLE.strip().splitlines():
        name, bracket, rest = line.strip().partition("(")
        if line.startswith(" "):
            name = f"{owner}.{name}"
        else:
            owner = name
        yield name, bracket + rest


def find(name: str) -> Any:
    """Return what a dotted name means: a module as far as there is one, then attributes."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


def known_parameters(text: str) -> list[tuple[str, str]]:
    """Return name and default (as text; ``-`` for none) of the parameters that the table names."""
    made = ast.parse(f"def known{text}: pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    arguments = made.args
    without = len(arguments.args) - len(arguments.defaults)
    defaults = ["-"] * without + [ast.unparse(default) for default in arguments.defaults]
    return list(zip((argument.arg for argument in arguments.args), defaults, strict=True))


def own_parameters(found: Any) -> list[tuple[str, str]]:
    """Return name and default of the parameters of what is there; those of the object itself are left out."""
    parameters = list(inspect.signature(found.__init__ if inspect.isclass(found) else found).parameters.values())
    if parameters and parameters[0].name in {"self", "cls"}:
        parameters = parameters[1:]
    positional = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
    return [
        (one.name, "-" if one.default is one.empty else repr(one.default))
        for one in parameters
        if one.kind in positional
    ]


@pytest.mark.parametrize(("name", "parameters"), list(lines()), ids=[name for name, _ in lines()])
def test_a_name_has_the_parameters_that_scripts_give_it(name: str, parameters: str) -> None:
    found = find(name)
    if not parameters:
        return
    known = known_parameters(parameters)
    own = own_parameters(found)
    expected = [
        (word, own[place][1] if place < len(own) and default == ANY else default)
        for place, (word, default) in enumerate(known)
    ]
    assert own[: len(known)] == expected
    assert [one for one in own[len(known) :] if one[1] == "-"] == [], "what follows must have defaults"
