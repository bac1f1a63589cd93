"""Recover what a script can be told on its command line from its source text.

The script is parsed, never imported or run: whatever it contains, reading it does nothing.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field, replace
from typing import Final

from desktop_aml.domain.argument_call import UnclearArgument, argument_from_call
from desktop_aml.domain.script_arguments import ExclusiveGroup, ScriptArgument, ScriptArguments
from desktop_aml.domain.static_values import NotPlain, PlainValues, dotted_name

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


@dataclass(slots=True)
class _Parser:
    """What a variable that takes arguments stands for."""

    kind: str = "main"
    """``"main"``, ``"subparsers"`` or ``"subparser"``."""
    group: str = ""
    exclusive: _Exclusive | None = None


@dataclass(slots=True)
class _Exclusive:
    required: bool = False
    keys: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Adder:
    """A variable that holds the bound method ``add_argument``."""

    parser: _Parser


def describe_arguments(source: str) -> ScriptArguments:
    """Return what the script says about its command line.

    Nothing is raised for a faulty script: what could not be read is in `problems`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
        return _Reader(tree).result()
    except SyntaxError as error:
        return ScriptArguments(problems=(f"Line {error.lineno or 1}: {error.msg}.",))
    except (ValueError, RecursionError, MemoryError):
        return ScriptArguments(problems=("This is not Python source text that can be read.",))


class _Reader(ast.NodeVisitor):
    def __init__(self, tree: ast.Module) -> None:
        self._imports = _imports(tree)
        self._values = PlainValues(self._imports)
        self._parsers: list[dict[str, _Parser | _Adder]] = [{}]
        self._made: dict[int, _Parser] = {}
        self._arguments: dict[str, ScriptArgument] = {}
        self._exclusive: list[_Exclusive] = []
        self._problems: list[str] = []
        self._subcommands: list[str] = []
        self._description = ""
        self._functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self._parser_classes = {"argparse.ArgumentParser"}
        self._tree = tree

    def result(self) -> ScriptArguments:
        self._values.scopes[0]["__doc__"] = ast.get_docstring(self._tree) or ""
        self._collect_constants()
        self.visit(self._tree)
        groups = tuple(
            ExclusiveGroup(tuple(k for k in group.keys if k in self._arguments), group.required)
            for group in self._exclusive
        )
        return ScriptArguments(
            arguments=tuple(self._arguments.values()),
            description=self._description,
            uses=_uses(self._tree, self._imports, bool(self._arguments)),
            problems=tuple(self._problems),
            subcommands=tuple(dict.fromkeys(self._subcommands)),
            exclusive=tuple(group for group in groups if len(group.keys) > 1),
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
        if any(dotted_name(base, self._imports) in self._parser_classes for base in node.bases):
            self._parser_classes.add(node.name)
        for statement in node.body:
            target = statement.targets[0] if isinstance(statement, ast.Assign) else None
            if isinstance(statement, ast.AnnAssign):
                target = statement.target
            if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(target, ast.Name) and statement.value:
                self._set(f"{node.name}.{target.id}", statement.value)

    def _set(self, name: str, value: ast.expr) -> None:
        try:
            self._values.scopes[-1][name] = self._values.of(value)
        except NotPlain:
            self._values.scopes[-1][name] = NotPlain

    def _bind(self, node: ast.Assign | ast.AnnAssign) -> None:
        if node.value is None:
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name | ast.Attribute):
                self._set(ast.unparse(target), node.value)
            elif isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                for name, value in zip(target.elts, node.value.elts, strict=False):
                    if isinstance(name, ast.Name):
                        self._set(name.id, value)

    # Statements -----------------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        parameters: dict[str, object] = {
            argument.arg: NotPlain for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        }
        self._values.scopes.append(parameters)
        self._parsers.append({})
        self.generic_visit(node)
        self._parsers.pop()
        self._values.scopes.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self._bind(node)
        for target in node.targets:
            self._bind_parser(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._bind(node)
            self._bind_parser(node.target, node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self._values.scopes[-1][ast.unparse(node.target)] = NotPlain

    def visit_For(self, node: ast.For) -> None:
        try:
            items = self._values.of(node.iter)
        except NotPlain:
            items = None
        if isinstance(items, list | tuple | dict) and len(items) <= _MAX_ROUNDS:
            for item in items:
                self._bind_item(node.target, item)
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

    # Parsers --------------------------------------------------------------------------------------------------

    def _bind_parser(self, target: ast.expr, value: ast.expr) -> None:
        if not isinstance(target, ast.Name | ast.Attribute):
            return
        # An attribute such as self.parser is set in one method and used in another.
        scope = self._parsers[0] if isinstance(target, ast.Attribute) else self._parsers[-1]
        name = ast.unparse(target)
        if isinstance(value, ast.Attribute) and value.attr == "add_argument":
            scope[name] = _Adder(self._parser(value.value))
        elif isinstance(value, ast.Call) and (parser := self._parser_made_by(value)) is not None:
            scope[name] = parser

    def _parser(self, node: ast.expr) -> _Parser:
        if isinstance(node, ast.Call) and (made := self._parser_made_by(node)) is not None:
            return made
        name = ast.unparse(node)
        for scope in reversed(self._parsers):
            if isinstance(found := scope.get(name), _Parser):
                return found
        return _Parser()

    def _parser_made_by(self, call: ast.Call) -> _Parser | None:
        if id(call) not in self._made:
            made = self._make_parser(call)
            if made is None:
                return None
            self._made[id(call)] = made
        return self._made[id(call)]

    def _make_parser(self, call: ast.Call) -> _Parser | None:
        if dotted_name(call.func, self._imports) in self._parser_classes:
            self._description = self._description or _first_paragraph(self._text(call, "description"))
            return _Parser()
        if not isinstance(call.func, ast.Attribute):
            return None
        method = call.func.attr
        if method == "add_argument_group":
            return replace(self._parser(call.func.value), group=self._text(call, "title", 0))
        if method == "add_mutually_exclusive_group":
            exclusive = _Exclusive(required=self._text(call, "required", 0) == "True")
            self._exclusive.append(exclusive)
            return replace(self._parser(call.func.value), exclusive=exclusive)
        if method == "add_subparsers":
            return _Parser("subparsers")
        if method == "add_parser":
            self._subcommands.append(self._text(call, "name", 0) or "…")
            return _Parser("subparser")
        return None

    def _text(self, call: ast.Call, keyword: str, position: int | None = None) -> str:
        node = next((k.value for k in call.keywords if k.arg == keyword), None)
        if node is None and position is not None and len(call.args) > position:
            node = call.args[position]
        try:
            value = self._values.of(node) if node is not None else None
        except NotPlain:
            return ""
        return "" if value is None else str(value)

    # Calls ----------------------------------------------------------------------------------------------------

    def visit_Call(self, node: ast.Call) -> None:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name):
            adder = next((s[node.func.id] for s in reversed(self._parsers) if node.func.id in s), None)
            if isinstance(adder, _Adder):
                self._add(node, adder.parser)
        elif isinstance(node.func, ast.Attribute):
            if node.func.attr == "add_argument":
                self._add(node, self._parser(node.func.value))
            elif node.func.attr == "set_defaults":
                self._set_defaults(node)
            elif node.func.attr in ("add_parser", "add_mutually_exclusive_group"):
                self._parser_made_by(node)

    def _add(self, call: ast.Call, parser: _Parser) -> None:
        if parser.kind != "main":
            return
        try:
            argument = argument_from_call(call, self._values, self._functions)
        except UnclearArgument as unclear:
            self._problems.append(f"Line {call.lineno}: {unclear}")
            return
        if argument is None:
            return
        self._arguments.setdefault(argument.key, replace(argument, group=parser.group))
        if parser.exclusive is not None:
            parser.exclusive.keys.append(argument.key)

    def _set_defaults(self, call: ast.Call) -> None:
        for keyword in call.keywords:
            for key, argument in self._arguments.items():
                if argument.dest == keyword.arg:
                    self._arguments[key] = _with_default(argument, keyword.value, self._values)


def _with_default(argument: ScriptArgument, node: ast.expr, values: PlainValues) -> ScriptArgument:
    call = ast.Call(
        func=ast.Name("add_argument"),
        args=[ast.Constant("--" + argument.dest)],
        keywords=[ast.keyword("default", node)],
        lineno=argument.line,
    )
    found = argument_from_call(call, values, {})
    assert found is not None
    return replace(argument, default=found.default, default_known=found.default_known, default_text=found.default_text)


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
                names |= {n: f"argparse.{n}" for n in ("ArgumentParser", "SUPPRESS", "REMAINDER", "FileType")}
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


def _first_paragraph(text: str) -> str:
    return " ".join(re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0].split())
