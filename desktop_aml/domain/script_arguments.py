"""What a script can be told on its command line, and the words that tell it.

Pure values: `desktop_aml.domain.script_reader` recovers them from source text, a form shows them, and `to_argv`
turns what was filled in back into words. Nothing here imports, runs or opens a script.
"""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NoReturn

Scalar = int | float | str | bool
Value = Scalar | tuple[Scalar, ...] | None
"""What a form holds for one argument; None leaves the argument out."""


class ArgumentType(StrEnum):
    """What the script turns a word into."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    PATH = "path"


class Action(StrEnum):
    """What the script does when it meets the argument."""

    STORE = "store"
    APPEND = "append"
    """The flag may be given again and again."""
    EXTEND = "extend"
    COUNT = "count"
    """``-vvv``: the value is how often the flag is given."""
    SWITCH = "switch"
    """The flag stands alone: ``store_true``, ``store_false``, ``store_const``."""
    YES_NO = "yes_no"
    """``argparse.BooleanOptionalAction``: ``--shuffle`` or ``--no-shuffle``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptArgument:
    """One argument of a script, as far as it can be known without running it.

    Parameters
    ----------
    flags : tuple of str
        As written; empty for a positional.
    default : Value
        What the script uses when the argument is left out. Meaningful only when `default_known`.
    default_text : str
        The default for people; the source text of the expression when its value is not known.
    nargs : int or str or None
        As `argparse` spells it; ``"..."`` is the remainder of the line.
    words_for : tuple of str
        For `ArgumentType.BOOLEAN`: the words for true and for false. ``type=bool`` takes any word for true and
        only the empty one for false.
    """

    flags: tuple[str, ...] = ()
    dest: str
    type: ArgumentType = ArgumentType.TEXT
    action: Action = Action.STORE
    choices: tuple[Scalar, ...] = ()
    default: Value = None
    default_known: bool = True
    default_text: str = ""
    required: bool = False
    help: str = ""
    nargs: int | str | None = None
    metavar: str = ""
    group: str = ""
    words_for: tuple[str, str] = ("True", "False")
    line: int = 0

    @property
    def key(self) -> str:
        """Name that tells the argument from the others: its longest flag as written, else its `dest`."""
        return max(self.flags, key=len) if self.flags else self.dest

    @property
    def is_positional(self) -> bool:
        """Whether the argument is told by its place alone."""
        return not self.flags

    @property
    def is_list(self) -> bool:
        """Whether its value is a tuple."""
        return self.action in (Action.APPEND, Action.EXTEND) or (self.nargs is not None and self.nargs != "?")

    @property
    def starting_value(self) -> Value:
        """What a form shows before anybody touched it."""
        if self.action is Action.SWITCH:
            return False
        if self.action is Action.COUNT:
            return 0
        if self.action in (Action.APPEND, Action.EXTEND) or not self.default_known:
            return None
        return self.default

    def words(self, value: Scalar) -> str:
        """Return the one word that stands for `value`."""
        if self.type is ArgumentType.BOOLEAN and isinstance(value, bool):
            return self.words_for[0] if value else self.words_for[1]
        return repr(value) if isinstance(value, float) else str(value)

    def value_of(self, word: str) -> Scalar:
        """Return what `word` stands for.

        Raises
        ------
        ValueError
            When the script would refuse the word.
        """
        if self.type is ArgumentType.INTEGER:
            return int(word)
        if self.type is ArgumentType.NUMBER:
            return float(word)
        if self.type is ArgumentType.BOOLEAN:
            return word != "" if self.words_for[1] == "" else word.lower() not in ("false", "no", "f", "n", "0", "off")
        return word

    def is_given(self, value: Value) -> bool:
        """Whether `value` needs words on the command line: it differs from what the script does anyway."""
        if value is None or (value == () and self.nargs != "*"):
            return False
        if self.action in (Action.SWITCH, Action.COUNT):
            return bool(value)
        if self.required or self.action in (Action.APPEND, Action.EXTEND) or not self.default_known:
            return True
        return not _same(self, value, self.default)


@dataclass(frozen=True, slots=True)
class ExclusiveGroup:
    """Arguments of which at most one may be given; exactly one when `required`."""

    keys: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class ScriptArguments:
    """Everything a script says about its command line.

    Parameters
    ----------
    uses : tuple of str
        How the script reads its words: ``"argparse"``, ``"click"``, ``"sys.argv"`` ...
    problems : tuple of str
        What could not be read, with the line.
    subcommands : tuple of str
        Names of subcommands; their own arguments are not described.
    """

    arguments: tuple[ScriptArgument, ...] = ()
    description: str = ""
    uses: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    subcommands: tuple[str, ...] = ()
    exclusive: tuple[ExclusiveGroup, ...] = field(default=())

    def to_argv(self, values: Mapping[str, Value], extra: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the words that give the script `values` (by `ScriptArgument.key`) and the words `extra`.

        Only what differs from the script's own default is said, and what is required.
        """
        options: list[str] = []
        greedy = False
        for argument in self.arguments:
            value = values.get(argument.key)
            if not argument.is_positional and argument.is_given(value):
                options += _option_words(argument, value)
                greedy = argument.nargs in ("?", "*", "+", "...")
        positionals, needs_fence = self._positional_words(values)
        if positionals and (needs_fence or greedy):
            return (*options, *extra, "--", *positionals)
        return (*options, *positionals, *extra)

    def _positional_words(self, values: Mapping[str, Value]) -> tuple[list[str], bool]:
        words: list[str] = []
        last = None
        for argument in reversed([a for a in self.arguments if a.is_positional]):
            value = values.get(argument.key)
            if value is None and words and argument.default_known:
                value = argument.default
            if value is not None and (words or argument.is_given(value)):
                words[:0] = _list_words(argument, value)
                last = last or argument
        fence = any(word.startswith("-") for word in words) and not (last is not None and last.nargs == "...")
        return words, fence

    def from_argv(self, words: Iterable[str]) -> tuple[dict[str, Value], tuple[str, ...]]:
        """Return the values that `words` give, and the words that belong to no described argument.

        Words that the description cannot make sense of come back as they are.
        """
        given = tuple(words)
        # Several parsers of one script may use a flag twice: the last one has it, as in argparse.
        parser = _QuietParser(add_help=False, argument_default=argparse.SUPPRESS, conflict_handler="resolve")
        try:
            for number, argument in enumerate(self.arguments):
                _add_to(parser, argument, f"a{number}")
            space, rest = parser.parse_known_args(list(given))
            values = {
                argument.key: _value_from(argument, getattr(space, f"a{number}"))
                for number, argument in enumerate(self.arguments)
                if hasattr(space, f"a{number}")
            }
        except (ValueError, TypeError, argparse.ArgumentError):
            return {}, given
        return values, tuple(rest)

    def faults(self, values: Mapping[str, Value]) -> dict[str, str]:
        """Return what keeps the script from taking `values`, in words, by `ScriptArgument.key`."""
        found = {a.key: fault for a in self.arguments if (fault := _fault(a, values.get(a.key)))}
        by_key = {argument.key: argument for argument in self.arguments}
        for group in self.exclusive:
            given = [key for key in group.keys if by_key[key].is_given(values.get(key))]
            if len(given) > 1:
                found.setdefault(given[-1], f"{given[-1]} cannot be given together with {given[0]}.")
            elif group.required and not given:
                found.setdefault(group.keys[0], f"One of {', '.join(group.keys)} is needed.")
        return found


def parse_words(text: str) -> tuple[str, ...]:
    """Split `text` into words as a shell does, without a shell.

    Raises
    ------
    ValueError
        When a quotation is not closed.
    """
    return tuple(shlex.split(text))


def join_words(words: Iterable[str]) -> str:
    """Return one line that `parse_words` splits into `words` again."""
    return shlex.join(words)


def _same(argument: ScriptArgument, value: Value, default: Value) -> bool:
    if default is None:
        return value is None
    if isinstance(value, tuple) or isinstance(default, tuple):
        ours = value if isinstance(value, tuple) else (value,)
        theirs = default if isinstance(default, tuple) else (default,)
        return len(ours) == len(theirs) and all(_same(argument, a, b) for a, b in zip(ours, theirs, strict=True))
    numbers = [x for x in (value, default) if isinstance(x, int | float) and not isinstance(x, bool)]
    if argument.type in (ArgumentType.INTEGER, ArgumentType.NUMBER) and len(numbers) == 2:
        return numbers[0] == numbers[1]
    return value is not None and argument.words(value) == argument.words(default)


def _option_words(argument: ScriptArgument, value: Value) -> list[str]:
    flag = argument.key
    if argument.action is Action.SWITCH:
        return [flag]
    if argument.action is Action.COUNT:
        return [flag] * int(value if isinstance(value, int) else 0)
    if argument.action is Action.YES_NO:
        return [flag if value else "--no-" + flag.removeprefix("--")]
    if argument.action is Action.APPEND and isinstance(value, tuple):
        return [word for item in value for word in _pair(flag, argument.words(item))]
    if isinstance(value, tuple):
        words = _list_words(argument, value)
        return [f"{flag}={words[0]}"] if len(words) == 1 and words[0].startswith("-") else [flag, *words]
    return _pair(flag, argument.words(value)) if value is not None else []


def _pair(flag: str, word: str) -> list[str]:
    # A word that begins with a dash would be taken for a flag, unless it is tied to its own.
    return [f"{flag}={word}"] if word.startswith("-") else [flag, word]


def _list_words(argument: ScriptArgument, value: Value) -> list[str]:
    items = value if isinstance(value, tuple) else () if value is None else (value,)
    return [_list_word(argument, item) for item in items]


def _list_word(argument: ScriptArgument, value: Scalar) -> str:
    # argparse knows -0.00001 for a number but takes -1e-05 for a flag.
    if isinstance(value, float) and value < 0 and math.isfinite(value):
        return format(Decimal(repr(value)), "f")
    return argument.words(value)


def _fault(argument: ScriptArgument, value: Value) -> str:
    if value is None or value == ():
        return f"{argument.key} is needed." if argument.required else ""
    if isinstance(value, tuple):
        if isinstance(argument.nargs, int) and argument.action is Action.STORE and len(value) != argument.nargs:
            return f"{argument.key} takes {argument.nargs} values."
        loose = next((w for w in value if isinstance(w, str) and w.startswith("-") and len(value) > 1), None)
        if loose is not None and argument.flags and argument.action is not Action.APPEND:
            return f"{argument.key} cannot take “{loose}” among other words: it would be read as a flag."
    items = value if isinstance(value, tuple) else (value,)
    if argument.choices and argument.action is not Action.YES_NO:
        wrong = next((item for item in items if item not in argument.choices), None)
        if wrong is not None:
            return f"{argument.key} cannot be “{wrong}”. It takes {', '.join(map(str, argument.choices[:12]))}."
    return ""


class _QuietParser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


def _add_to(parser: argparse.ArgumentParser, argument: ScriptArgument, dest: str) -> None:
    flags = argument.flags
    if argument.action is Action.SWITCH:
        parser.add_argument(*flags, dest=dest, action="store_true", default=argparse.SUPPRESS)
    elif argument.action is Action.COUNT:
        parser.add_argument(*flags, dest=dest, action="count", default=argparse.SUPPRESS)
    elif argument.action is Action.YES_NO:
        parser.add_argument(*flags, dest=dest, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS)
    elif argument.is_positional:
        parser.add_argument(dest, nargs="?" if argument.nargs is None else argument.nargs)
    else:
        action = "store" if argument.action is Action.STORE else argument.action.value
        parser.add_argument(*flags, dest=dest, nargs=argument.nargs, action=action)


def _value_from(argument: ScriptArgument, found: object) -> Value:
    if isinstance(found, list):
        return tuple(argument.value_of(word) for word in found)
    if isinstance(found, str):
        return argument.value_of(found)
    return found if isinstance(found, int) else None
