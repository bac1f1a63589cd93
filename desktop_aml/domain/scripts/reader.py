"""Recover what a script can be told on its command line from its source text.

The script is parsed, never imported or run: whatever it contains, reading it does nothing.
"""

from __future__ import annotations

import argparse
import ast
import warnings
from typing import Final

from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.domain.scripts.parsers import ParserBook
from desktop_aml.domain.scripts.static_values import NotPlain, PlainValues, dotted_name

_READERS: Final = {
    "argparse": "argparse",
    "click": "click",
    "typer": "typer",
    "absl.flags": "absl",
    "absl.app": "absl",
    "absl": "absl",
    "fire": "fire",
    "hydra": "hydra",
    "optparse": "optparse",
    "docopt": "docopt",
    "tap": "tap",
    "jsonargparse": "jsonargparse",
    "configargparse": "configargparse",
    "simple_parsing": "simple_parsing",
    "tyro": "tyro",
    "transformers.HfArgumentParser": "HfArgumentParser",
}
_MAX_ROUNDS: Final = 100
"""How often a loop over plain values is followed."""


_UNREADABLE: Final = ScriptArguments(problems=("This is not Python source text that can be read.",), is_source=False)


def describe_arguments(source: str) -> ScriptArguments:
    """Return what the script says about its command line.

    Nothing is raised for a faulty script: what could not be read is in `problems`.
    """
    try:
        tree = parsed(source)
    except SyntaxError as error:
        return ScriptArguments(problems=(f"Line {error.lineno or 1}: {error.msg}.",), is_source=False)
    except (ValueError, RecursionError, MemoryError):
        return _UNREADABLE
    return describe_tree(tree)


def parsed(source: str) -> ast.Module:
    """Return the syntax tree of a text, without a word on what it may be warned of.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
        When it is no source text that can be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def describe_tree(tree: ast.Module) -> ScriptArguments:
    """Return what a script says about its command line, from its syntax tree; nothing is raised."""
    try:
        return _Reader(tree).result()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _UNREADABLE


class _Reader(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self._imports = _imports(tree)
        self._values = PlainValues(self._imports)
        self._functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._book = ParserBook(self._imports, self._values, self._functions)
        self._tree = tree

    def result(self) -> ScriptArguments:
        self._values.scopes[0]["__doc__"] = ast.get_docstring(self._tree) or ""
        self._collect_constants()
        self.visit(self._tree)
        form = self._book.form()
        return ScriptArguments(
            arguments=form.arguments,
            description=self._book.description,
            uses=_uses(self._tree, self._imports, bool(form.arguments) or self._book.has_parser),
            problems=form.problems,
            subcommands=self._book.subcommands(),
            commands=form.commands,
            needs_command=form.needs_command,
            exclusive=form.exclusive,
        )

    def _collect_constants(self) -> None:
        # Functions run after the module did: they see every module constant, wherever it stands.
        for node in self._tree.body:
            for statement in ast.walk(node) if isinstance(node, ast.If | ast.Try) else (node,):
                if isinstance(statement, ast.Assign | ast.AnnAssign):
                    self._bind(statement)
        for node in self._tree.body:
            if isinstance(node, ast.ClassDef):
                self._collect_class(node)

    def _collect_class(self, node: ast.ClassDef) -> None:
        self._book.take_class(node)
        for statement in node.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if isinstance(statement, ast.AnnAssign):
                target = statement.target
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and statement.value:
                self._values.remember(f"{node.name}.{target.id}", statement.value)

    def _bind(self, node: ast.Assign | ast.AnnAssign) -> None:
        if node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name | ast.Attribute):
                self._values.remember(ast.unparse(target), node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for name, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(name, ast.Name):
                        self._values.remember(name.id, value)

    # Statements -----------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        self._values.scopes.append(dict.fromkeys(names, NotPlain))
        self._book.enter(node.name, names)
        self.generic_visit(node)
        self._book.leave()
        self._values.scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Return(self, node: ast.Return) -> None:
        self.generic_visit(node)
        self._book.returned(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self._bind(node)
        for target in node.targets:
            self._book.bind(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._bind(node)
            self._book.bind(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._book.bind(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._values.scopes[-1][ast.unparse(node.target)] = NotPlain

    def visit_For(self, node: ast.For) -> None:
        try:
            items = self._values.of(node.iter)
        except NotPlain:
            items = None
        parsers = self._book.parsers_in(node.iter)
        if isinstance(items, list | tuple | dict) and len(items) <= _MAX_ROUNDS:
            for item in items:
                self._bind_item(node.target, item)
                for statement in node.body:
                    self.visit(statement)
        elif parsers is not None:
            for parser in parsers:
                self._book.bind_known(node.target, parser)
                for statement in node.body:
                    self.visit(statement)
        else:
            self.generic_visit(node)

    def _bind_item(self, target: ast.expr, item: object) -> None:
        if isinstance(target, ast.Name):
            self._values.scopes[-1][target.id] = item
        elif isinstance(target, ast.Tuple) and isinstance(item, list | tuple):
            for name, part in zip(target.elts, item, strict=False):
                self._bind_item(name, part)

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        self._book.called(node)


def _imports(tree: ast.Module) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            if node.module == "argparse" and any(alias.name == "*" for alias in node.names):
                names |= {name: f"argparse.{name}" for name in argparse.__all__}
    return names


def _uses(tree: ast.Module, imports: dict[str, str], adds_arguments: bool) -> tuple[str, ...]:
    found = ["argparse"] if adds_arguments else []
    for full in imports.values():
        module = full.partition(".")[0]
        reader = _READERS.get(full) or _READERS.get(module)
        if reader is not None:
            found.append(reader)
    touches = (n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and dotted_name(n, imports) == "sys.argv")
    if next(touches, None) is not None or imports.get("argv") == "sys.argv":
        found.append("sys.argv")
    return tuple(dict.fromkeys(found))
