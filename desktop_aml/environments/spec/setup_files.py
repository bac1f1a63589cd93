"""``setup.py`` and ``setup.cfg``: what they say without being run. Text to text, no I/O."""

from __future__ import annotations

import ast
import configparser
from typing import Final

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.project_parts import Project

SETUP_PY: Final = "setup.py"
SETUP_CFG: Final = "setup.cfg"
_DEEPEST: Final = 40
_INSTEAD: Final = "Write what it needs into a requirements.txt and register that."


def read_code(text: str) -> Project:
    """Return what the call of ``setup`` in a ``setup.py`` asks for; the code is read, never run.

    Raises
    ------
    InvalidSpec
        When it is not Python, asks for nothing, or computes what it asks for.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidSpec(f"{SETUP_PY} cannot be read as Python: {error}.", _INSTEAD) from None
    values = _constants(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_setup(node.func)]
    given = {one.arg: one.value for call in calls for one in call.keywords}
    if None in given and "install_requires" not in given:
        raise InvalidSpec(f"{SETUP_PY} hands its words to setup() as **, which only running it would tell.", _INSTEAD)
    wanted = given.get("install_requires")
    if wanted is None:
        raise InvalidSpec(f"{SETUP_PY} has no install_requires.", _INSTEAD)
    python, name = (_literal(given.get(key), values) for key in ("python_requires", "name"))
    requirements = _literal(wanted, values)
    if isinstance(requirements, str):
        requirements = requirements.splitlines()
    if not isinstance(requirements, list | tuple) or not all(isinstance(one, str) for one in requirements):
        raise InvalidSpec(
            f"Line {wanted.lineno}: {SETUP_PY} computes its install_requires, which only running it would tell.",
            _INSTEAD,
            line=wanted.lineno,
        )
    return _project(SETUP_PY, name, python, list(requirements))


def read_settings(text: str) -> Project:
    """Return what ``[options]`` of a ``setup.cfg`` asks for.

    Raises
    ------
    InvalidSpec
        When it is no such file or asks for nothing.
    """
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise InvalidSpec(f"{SETUP_CFG} cannot be read: {str(error).splitlines()[0]}.", _INSTEAD) from None
    wanted = parser.get("options", "install_requires", fallback="").strip()
    if wanted.startswith("file:"):
        names = [one.strip() for one in wanted.removeprefix("file:").split(",")]
        requirements = [f"-r {name}" for name in names if name]
    else:
        requirements = wanted.splitlines()
    python = parser.get("options", "python_requires", fallback="")
    return _project(SETUP_CFG, parser.get("metadata", "name", fallback=""), python, requirements)


def _project(file: str, name: object, python: object, lines: list[str]) -> Project:
    requirements = tuple(line for one in lines if (line := one.split(" #")[0].strip()) and not line.startswith("#"))
    if not requirements:
        raise InvalidSpec(f"{file} has no install_requires.", _INSTEAD)
    asked = "".join(python.split()) if isinstance(python, str) else ""
    return Project(file, name if isinstance(name, str) else "", asked, requirements)


def _is_setup(called: ast.expr) -> bool:
    return (isinstance(called, ast.Name) and called.id == "setup") or (
        isinstance(called, ast.Attribute) and called.attr == "setup"
    )


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Return the names of the module that are given a value once, and nowhere changed."""
    found: dict[str, list[ast.expr]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            found.setdefault(node.target.id, []).append(node.value)
    touched = {one.id for node in ast.walk(tree) for one in _changeable(node) if isinstance(one, ast.Name)}
    stored: dict[str, int] = {}
    for one in ast.walk(tree):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store | ast.Del):
            stored[one.id] = stored.get(one.id, 0) + 1
    return {name: once[0] for name, once in found.items() if stored.get(name) == 1 and name not in touched}


def _changeable(node: ast.AST) -> list[ast.expr]:
    """Return what a statement may change in place: a value with a method or an item of its own, or one handed on."""
    if isinstance(node, ast.Attribute | ast.Subscript):
        return [node.value]
    return list(node.args) if isinstance(node, ast.Call) and not _is_setup(node.func) else []


def _literal(node: ast.expr | None, values: dict[str, ast.expr], depth: int = 0) -> object:
    """Return the value that an expression spells out, sums of lists and names of constants included; else None."""
    if node is None or depth > _DEEPEST:
        return None
    if isinstance(node, ast.Name):
        return _literal(values.get(node.id), values, depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = (_literal(one, values, depth + 1) for one in (node.left, node.right))
        return [*left, *right] if isinstance(left, list | tuple) and isinstance(right, list | tuple) else None
    if isinstance(node, ast.List | ast.Tuple):
        parts: list[object] = []
        for one in node.elts:
            inner = _literal(one.value if isinstance(one, ast.Starred) else one, values, depth + 1)
            parts += inner if isinstance(one, ast.Starred) and isinstance(inner, list | tuple) else [inner]
        return parts
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
