"""Which parsers a script makes, and which arguments the one has that reads the command line.

A parser may take the arguments of others (``parents=``), be filled by helper functions, and have subcommands, each with
a form of its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from desktop_aml.domain.scripts.argument_call import ParserWays, UnclearArgument, argument_from_call
from desktop_aml.domain.scripts.arguments import ExclusiveGroup, ScriptArgument, ScriptArguments
from desktop_aml.domain.scripts.parser_items import Added, Defaults, Parser, keep, taken
from desktop_aml.domain.scripts.static_values import NotPlain, PlainValues, dotted_name

_READING = ("parse_args", "parse_known_args", "parse_intermixed_args", "parse_known_intermixed_args")


@dataclass(slots=True, eq=False)
class _Exclusive:
    required: bool = False
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """A parser with the group in which its next arguments stand."""

    parser: Parser
    group: str = ""
    exclusive: _Exclusive | None = None


@dataclass(frozen=True, slots=True)
class _Adder:
    """A variable that holds the bound method ``add_argument``."""

    place: _Place


@dataclass(frozen=True, slots=True)
class Form:
    """What belongs into a form."""

    arguments: tuple[ScriptArgument, ...]
    problems: tuple[str, ...]
    exclusive: tuple[ExclusiveGroup, ...]
    commands: tuple[tuple[str, ScriptArguments], ...] = ()
    needs_command: bool = False


class ParserBook:
    """Keeps the parsers of one script while its text is walked through."""

    def __init__(
        self,
        imports: Mapping[str, str],
        values: PlainValues,
        functions: Mapping[str, ast.FunctionDef],
    ) -> None:
        self._imports, self._values, self._functions = imports, values, functions
        self._classes = {"argparse.ArgumentParser"}
        self._scopes: list[dict[str, _Place | _Adder]] = [{}]
        self._inside: list[str] = []
        self._made: dict[int, _Place | None] = {}
        self._lists: dict[str, ast.expr] = {}
        self._slots: dict[tuple[str, str], Parser] = {}
        self._returns: dict[str, _Place] = {}
        self._all: list[Parser] = []
        self._exclusive: list[_Exclusive] = []
        self._subcommands: list[str] = []
        self.description = ""

    @property
    def has_parser(self) -> bool:
        """Whether a parser is made."""
        return any(parser.kind == "main" for parser in self._all)

    def subcommands(self) -> tuple[str, ...]:
        """Return the names of the subcommands."""
        return tuple(dict.fromkeys(self._subcommands))

    def take_class(self, node: ast.ClassDef) -> None:
        """Remember a class of parsers of the script's own."""
        if any(dotted_name(base, self._imports) in self._classes for base in node.bases):
            self._classes.add(node.name)

    # Names ----------------------------------------------------------------------------------------------------

    def enter(self, function: str, parameters: Sequence[str]) -> None:
        """Begin the body of a function: what its parameters are is known from its calls."""
        self._inside.append(function)
        self._scopes.append({name: _Place(self._slot(function, name)) for name in parameters})

    def leave(self) -> None:
        """End the body of a function."""
        self._inside.pop()
        self._scopes.pop()

    def returned(self, value: ast.expr | None) -> None:
        """Remember that the function returns a parser."""
        place = self._place(value) if value is not None and self._inside else None
        if place is not None and place.parser.kind != "slot":
            self._returns[self._inside[-1]] = place

    def bind(self, target: ast.expr, value: ast.expr) -> None:
        """Remember what `target` stands for after ``target = value``."""
        if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
            return
        name = ast.unparse(target)
        if isinstance(value, ast.List | ast.Tuple):
            self._lists[name] = value
        if isinstance(value, ast.Attribute) and value.attr == "add_argument":
            self._scope_of(target)[name] = _Adder(self._receiver(value.value))
        elif (place := self._place(value)) is not None:
            self._scope_of(target)[name] = place

    def bind_known(self, target: ast.expr, parser: object) -> None:
        """Let `target` stand for one of `parsers_in`."""
        assert isinstance(parser, _Place)
        self._scope_of(target)[ast.unparse(target)] = parser

    def _scope_of(self, target: ast.expr) -> dict[str, _Place | _Adder]:
        # An attribute such as self.parser is set in one method and used in another.
        return self._scopes[-1] if isinstance(target, ast.Name) else self._scopes[0]

    def parsers_in(self, node: ast.expr) -> tuple[object, ...] | None:
        """Return the parsers that a list holds; None when something else is in it."""
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.parsers_in(node.left), self.parsers_in(node.right)
            return (*left, *right) if left is not None and right is not None else None
        node = self._lists.get(ast.unparse(node), node)
        if not isinstance(node, ast.List | ast.Tuple) or not node.elts:
            return None
        found = tuple(self._place(item) for item in node.elts)
        return found if all(place is not None for place in found) else None

    def _slot(self, function: str, parameter: str) -> Parser:
        slot = self._slots.get((function, parameter))
        if slot is None:
            slot = self._slots[function, parameter] = Parser("slot")
            self._all.append(slot)
        return slot

    def _place(self, node: ast.expr) -> _Place | None:
        if isinstance(node, ast.Call):
            return self._made_by(node)
        if isinstance(node, ast.NamedExpr):
            return self._place(node.value)
        name = ast.unparse(node)
        for scope in reversed(self._scopes):
            if name in scope:
                found = scope[name]
                return found if isinstance(found, _Place) else None
        return None

    def _receiver(self, node: ast.expr) -> _Place:
        place = self._place(node)
        if place is None:
            name = ast.unparse(node)
            unknown = Parser("unknown")
            self._all.append(unknown)
            place = self._scopes[0].setdefault(name, _Place(unknown))  # type: ignore[assignment]
        assert isinstance(place, _Place)
        return place

    # Making ---------------------------------------------------------------------------------------------------

    def _made_by(self, call: ast.Call) -> _Place | None:
        if id(call) not in self._made:
            self._made[id(call)] = self._make(call)
        return self._made[id(call)]

    def _make(self, call: ast.Call) -> _Place | None:
        if dotted_name(call.func, self._imports) in self._classes:
            self.description = self.description or _first_paragraph(self._text(call, "description"))
            return _Place(self._new("main", call))
        if not isinstance(call.func, ast.Attribute):
            return self._returns.get(call.func.id) if isinstance(call.func, ast.Name) else None
        method, owner = call.func.attr, call.func.value
        if method == "add_argument_group":
            return replace(self._receiver(owner), group=self._text(call, "title", 0))
        if method == "add_mutually_exclusive_group":
            exclusive = _Exclusive(required=self._text(call, "required", 0) == "True")
            self._exclusive.append(exclusive)
            return replace(self._receiver(owner), exclusive=exclusive)
        if method == "add_subparsers":
            made = self._new("subparsers", call)
            made.owner, made.is_needed = self._receiver(owner).parser, self._text(call, "required") == "True"
            return _Place(made)
        if method == "add_parser":
            made = self._new("subparser", call)
            made.owner, made.name = self._receiver(owner).parser, self._text(call, "name", 0)
            self._subcommands.append(made.name or "…")
            return _Place(made)
        return self._returns.get(method)

    def _new(self, kind: str, call: ast.Call) -> Parser:
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        ways = ParserWays(
            prefixes=self._text(call, "prefix_chars") or "-",
            file_prefixes=self._text(call, "fromfile_prefix_chars"),
            default=given.get("argument_default"),
        )
        made = Parser(kind, ways, line=call.lineno, resolves=self._text(call, "conflict_handler") == "resolve")
        self._all.append(made)
        for place in self.parsers_in(given["parents"]) or () if "parents" in given else ():
            assert isinstance(place, _Place)
            place.parser.is_parent = True
            made.items.append((place.parser, ""))
        return made

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

    def called(self, call: ast.Call) -> None:
        """Take what a call does to a parser."""
        if isinstance(call.func, ast.Attribute):
            method, owner = call.func.attr, call.func.value
            if method == "add_argument":
                self._add(call, self._receiver(owner))
                return
            if method == "set_defaults":
                self._set_defaults(call, self._receiver(owner).parser)
                return
            if method in _READING:
                self._receiver(owner).parser.is_read = True
                return
            self._made_by(call)
            self._fill(call, method)
        elif isinstance(call.func, ast.Name):
            adder = next((s[call.func.id] for s in reversed(self._scopes) if call.func.id in s), None)
            if isinstance(adder, _Adder):
                self._add(call, adder.place)
            else:
                self._made_by(call)
                self._fill(call, call.func.id)

    def _fill(self, call: ast.Call, name: str) -> None:
        """Let a function of the script add its arguments to the parser that it is called with."""
        function = self._functions.get(name)
        if function is None:
            return
        names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
        if isinstance(call.func, ast.Attribute) and names[:1] in (["self"], ["cls"]):
            names = names[1:]
        pairs = [*zip(names, call.args, strict=False), *((k.arg, k.value) for k in call.keywords if k.arg)]
        for parameter, node in pairs:
            place = self._place(node) if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call) else None
            if place is not None:
                slot = self._slot(name, parameter)
                slot.is_used = True
                place.parser.items.append((slot, place.group))

    def _add(self, call: ast.Call, place: _Place) -> None:
        try:
            argument = argument_from_call(call, self._values, self._functions, place.parser.ways)
        except UnclearArgument as unclear:
            place.parser.items.append(Added(None, call, f"Line {call.lineno}: {unclear}"))
            return
        if argument is None:
            return
        place.parser.items.append(Added(replace(argument, group=place.group), call))
        if place.exclusive is not None:
            place.exclusive.keys.append(argument.key)

    def _set_defaults(self, call: ast.Call, parser: Parser) -> None:
        given: dict[str, ast.expr] = {}
        is_all = False
        for keyword in call.keywords:
            try:
                given |= self._values.spread(keyword.value) if keyword.arg is None else {}
            except NotPlain:
                is_all = True
            if keyword.arg is not None:
                given[keyword.arg] = self._values.now(keyword.value)
        parser.items.append(Defaults(given, is_all))

    # The form -------------------------------------------------------------------------------------------------

    def form(self) -> Form:
        """Return the arguments of the parsers that read the command line itself."""
        arguments: dict[str, ScriptArgument] = {}
        problems: list[str] = []
        for parser in self._all:
            if not self._is_root(parser):
                continue
            for added in taken(parser, (self._values, self._functions)):
                if added.argument is None:
                    problems.append(added.problem)
                elif parser.kind != "main" and self._subcommands:
                    problems.append(
                        f"Line {added.call.lineno}: which subcommand takes {added.argument.key} is known only when "
                        "the script runs. Type it as text."
                    )
                else:
                    prefixes = parser.ways.prefixes if parser.kind == "main" else added.argument.prefixes
                    keep(arguments, replace(added.argument, prefixes=prefixes))
        ordered = tuple(sorted(arguments.values(), key=lambda argument: argument.line))
        roots = [one for one in self._all if one.kind == "subparsers" and one.owner and self._is_root(one.owner)]
        return Form(
            ordered,
            tuple(dict.fromkeys(problems)),
            self._exclusive_among(arguments),
            tuple((one.name, self._command(one)) for one in self._all if one.name and one.owner in roots),
            any(one.is_needed for one in roots),
        )

    def _exclusive_among(self, keys: Container[str]) -> tuple[ExclusiveGroup, ...]:
        groups = (ExclusiveGroup(tuple(k for k in one.keys if k in keys), one.required) for one in self._exclusive)
        return tuple(group for group in groups if len(group.keys) > 1)

    def _command(self, parser: Parser) -> ScriptArguments:
        """Return what a subcommand takes."""
        found = taken(parser, (self._values, self._functions))
        arguments: dict[str, ScriptArgument] = {}
        for added in found:
            if added.argument is not None:
                keep(arguments, added.argument)
        return ScriptArguments(
            tuple(sorted(arguments.values(), key=lambda argument: argument.line)),
            problems=tuple(dict.fromkeys(added.problem for added in found if added.argument is None)),
            exclusive=self._exclusive_among(arguments),
            subcommands=tuple(one.name or "…" for one in self._all if one.owner and one.owner.owner is parser),
        )

    def _is_root(self, parser: Parser) -> bool:
        if parser.kind == "main":
            return parser.is_read or not parser.is_parent
        return parser.kind == "unknown" or (parser.kind == "slot" and not parser.is_used)


def _first_paragraph(text: str) -> str:
    return " ".join(re.split(r"\n\s*\n", text.strip(), maxsplit=1)[0].split())
