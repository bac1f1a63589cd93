"""What a script can be told on its command line, and the words that tell it.

Pure values: `reader` recovers them from source text, a form shows them, `to_argv` turns what was filled in into words.
"""

from __future__ import annotations

import argparse
import math
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from desktop_aml.domain.scripts.quiet_parser import QuietParser
from desktop_aml.domain.scripts.spelling import PLAIN, Spelling

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
    spelling : Spelling
        For `ArgumentType.BOOLEAN`: the words for true and for false.
    is_own_type : bool
        The script makes of a word what the form cannot know: what is filled in is always said.
    prefixes, file_prefixes : str
        Characters that begin a flag of the parser, and the name of a file that holds words.
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
    spelling: Spelling = PLAIN
    is_own_type: bool = False
    prefixes: str = "-"
    file_prefixes: str = ""
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
            return self.count_start
        if self.action in (Action.APPEND, Action.EXTEND) or not self.default_known:
            return None
        return self.default

    @property
    def count_start(self) -> int:
        """Where a flag that is counted begins: each one adds to the default."""
        return self.default if self.default_known and isinstance(self.default, int) else 0

    def words(self, value: Scalar) -> str:
        """Return the one word that stands for `value`."""
        if self.type is ArgumentType.BOOLEAN and isinstance(value, bool):
            return self.spelling.word(value)
        return repr(value) if isinstance(value, float) else str(value)

    def value_of(self, word: str) -> Scalar:
        """Return what `word` stands for.

        Raises
        ------
        ValueError
            When the script would refuse the word.
        """
        if self.type in (ArgumentType.INTEGER, ArgumentType.NUMBER):
            number = int(word) if self.type is ArgumentType.INTEGER else float(word)
            # The choice 2 of a decimal number is written without a point.
            return next((c for c in self.choices if c == number and not isinstance(c, bool | str)), number)
        if self.type is ArgumentType.BOOLEAN:
            return self.spelling.value_of(word)
        return word

    def is_given(self, value: Value) -> bool:
        """Whether `value` needs words on the command line: it differs from what the script does anyway."""
        if value is None or (value == () and self.nargs != "*"):
            return False
        if self.action is Action.SWITCH:
            return bool(value)
        if self.action is Action.COUNT:
            return value != self.count_start
        if self.required or not self.default_known or self.action in (Action.APPEND, Action.EXTEND):
            return True
        if self.action is Action.YES_NO and self.default is not None:
            return bool(value) is not bool(self.default)
        # What only reads alike is not the same: the default 5 of a text is a number, the word "5" is not.
        return self.is_typed_anew or repr(value) != repr(self.default)

    @property
    def is_typed_anew(self) -> bool:
        """Whether a word that reads like the default may become something else than the default."""
        return self.is_own_type and not self.choices and self.type is not ArgumentType.BOOLEAN


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
        Names of subcommands, those of subcommands too.
    commands : tuple of (str, ScriptArguments)
        The script's own subcommands whose names are known, with what each takes; `needs_command`: one must be given.
    is_source : bool
        Whether the text can be Python's.
    """

    arguments: tuple[ScriptArgument, ...] = ()
    description: str = ""
    uses: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    subcommands: tuple[str, ...] = ()
    commands: tuple[tuple[str, ScriptArguments], ...] = ()
    needs_command: bool = False
    is_source: bool = True
    exclusive: tuple[ExclusiveGroup, ...] = field(default=())

    def to_argv(self, values: Mapping[str, Value], extra: Iterable[str] = ()) -> tuple[str, ...]:
        """Return the words that give the script `values` (by `ScriptArgument.key`) and the words `extra`.

        Only what differs from the script's own default is said, and what is required.
        """
        given = [(a, v) for a in self.arguments if not a.is_positional and a.is_given(v := values.get(a.key))]
        given.sort(key=lambda pair: pair[0].nargs == "...")
        # Behind an option that takes any number of words nothing may follow that is none of them.
        last = next((pair for pair in reversed(given) if not _is_greedy(*pair)), None)
        if last is not None and _is_greedy(*given[-1]) and given[-1][0].nargs != "...":
            given = [*(pair for pair in given if pair is not last), last]
        options = [word for argument, value in given for word in _option_words(argument, value)]
        greedy = bool(given) and _is_greedy(*given[-1])
        positionals, needs_fence = self._positional_words(values)
        if positionals and (needs_fence or greedy):
            return (*options, *extra, "--", *positionals)
        return (*options, *positionals, *extra)

    def swallowing(self, values: Mapping[str, Value], extra: Iterable[str]) -> str:
        """Return the argument that would take the first of the words `extra` for one of its own; else empty."""
        first = next(iter(extra), "")
        given = [(a, v) for a in self.arguments if not a.is_positional and a.is_given(v := values.get(a.key))]
        only_greedy = bool(given) and all(_is_greedy(*pair) for pair in given)
        is_free = bool(first) and first[0] not in given[-1][0].prefixes if given else False
        return given[-1][0].key if only_greedy and is_free and not self._positional_words(values)[0] else ""

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
        fence = last is not None and any(word[:1] in tuple(last.prefixes) for word in words) and last.nargs != "..."
        return words, fence

    def from_argv(self, words: Iterable[str]) -> tuple[dict[str, Value], tuple[str, ...]]:
        """Return the values that `words` give, and the words that belong to no described argument.

        Words that the description cannot make sense of come back as they are.
        """
        given = tuple(words)
        # Several parsers of one script may use a flag twice: the last one has it, as in argparse.
        parser = QuietParser(
            add_help=False,
            argument_default=argparse.SUPPRESS,
            conflict_handler="resolve",
            prefix_chars="".join(dict.fromkeys("".join(a.prefixes for a in self.arguments))) or "-",
        )
        try:
            for number, argument in enumerate(self.arguments):
                _add_to(parser, argument, f"a{number}")
            space, rest = parser.parse_known_args(list(given))
            read = [(a, getattr(space, f"a{n}")) for n, a in enumerate(self.arguments) if hasattr(space, f"a{n}")]
            if len({argument.dest for argument, _ in read}) < len(read):
                raise ValueError("of those that share a name, their order tells what becomes of it")  # noqa: TRY301
            values = {argument.key: _value_from(argument, found) for argument, found in read if found is not _ALONE}
        except (ValueError, TypeError, argparse.ArgumentError):
            return {}, given
        # What the script takes for an option that stands alone is its own: no field holds that.
        return values, (*rest, *(argument.key for argument, found in read if found is _ALONE))

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
    """Split `text` into words as a shell does, without a shell; `ValueError` when a quotation is not closed."""
    return tuple(shlex.split(text))


def join_words(words: Iterable[str]) -> str:
    """Return one line that `parse_words` splits into `words` again."""
    return shlex.join(words)


def _is_greedy(argument: ScriptArgument, value: Value) -> bool:
    """Whether the words of an option go on until the next flag."""
    is_open = argument.nargs in ("*", "+", "...") or argument.action is Action.EXTEND
    return is_open and not (isinstance(value, tuple) and len(_option_words(argument, value)) == 1)


def _option_words(argument: ScriptArgument, value: Value) -> list[str]:
    flag = argument.key
    if argument.action is Action.SWITCH:
        return [flag]
    if argument.action is Action.COUNT:
        return [flag] * (int(value) - argument.count_start if isinstance(value, int) else 0)
    if argument.action is Action.YES_NO:
        long = next(name for name in argument.flags if name.startswith("--"))
        return [long if value else "--no-" + long.removeprefix("--")]
    if isinstance(value, tuple) and (argument.action is Action.APPEND or argument.nargs is None):
        return [word for item in value for word in _pair(argument, argument.words(item))]
    if isinstance(value, tuple):
        words = _list_words(argument, value)
        return [f"{flag}={words[0]}"] if len(words) == 1 and _needs_tie(argument, words[0]) else [flag, *words]
    return _pair(argument, argument.words(value)) if value is not None else []


def _needs_tie(argument: ScriptArgument, word: str) -> bool:
    return argument.nargs in ("?", "*", "+") or _is_marked(argument, word)


def _is_marked(argument: ScriptArgument, word: str) -> bool:
    return bool(word) and word[0] in argument.prefixes + argument.file_prefixes


def _pair(argument: ScriptArgument, word: str) -> list[str]:
    # A word that begins with a dash would be taken for a flag, unless it is tied to its own; so would nothing at all
    # be for a value that may be left out.
    flag = argument.key
    return [f"{flag}={word}"] if _is_marked(argument, word) or argument.nargs == "?" else [flag, word]


def _list_words(argument: ScriptArgument, value: Value) -> list[str]:
    items = value if isinstance(value, tuple) else () if value is None else (value,)
    return [_list_word(argument, item) for item in items]


def _list_word(argument: ScriptArgument, value: Scalar) -> str:
    # argparse knows -0.00001 for a number but takes -1e-05 for a flag.
    if isinstance(value, float) and value < 0 and math.isfinite(value):
        return format(Decimal(repr(value)), "f")
    return argument.words(value)


_NEGATIVE_NUMBER: Final = re.compile(r"-\d+$|-\d*\.\d+$")


def _fault(argument: ScriptArgument, value: Value) -> str:
    if value is None or value == ():
        return f"{argument.key} is needed." if argument.required else ""
    if isinstance(value, tuple):
        if isinstance(argument.nargs, int) and argument.action is Action.STORE and len(value) != argument.nargs:
            return f"{argument.key} takes {argument.nargs} values."
        is_loose = len(value) > 1 and argument.nargs is not None and argument.flags
        loose = next((w for w in _list_words(argument, value) if is_loose and _is_flag_like(argument, w)), None)
        if loose is not None:
            return f"{argument.key} cannot take “{loose}” among other words: it would be read as a flag."
    if argument.is_positional or isinstance(value, tuple):
        file = next((w for w in _list_words(argument, value) if w[:1] and w[0] in argument.file_prefixes), None)
        if file is not None and not (argument.flags and isinstance(value, tuple) and len(value) == 1):
            return f"{argument.key} cannot take “{file}”: the script would read it as a file of words."
    items = value if isinstance(value, tuple) else (value,)
    if argument.choices and argument.action is not Action.YES_NO:
        wrong = next((item for item in items if item not in argument.choices), None)
        if wrong is not None:
            return f"{argument.key} cannot be “{wrong}”. It takes {', '.join(map(str, argument.choices[:12]))}."
    return ""


def _is_flag_like(argument: ScriptArgument, word: str) -> bool:
    return _is_marked(argument, word) and len(word) > 1 and not _NEGATIVE_NUMBER.match(word)


_ALONE: Final = object()


def _add_to(parser: argparse.ArgumentParser, argument: ScriptArgument, dest: str) -> None:
    flags = argument.flags
    if argument.action in (Action.SWITCH, Action.COUNT):
        parser.add_argument(*flags, dest=dest, action="count", default=argparse.SUPPRESS)
    elif argument.action is Action.YES_NO:
        parser.add_argument(*flags, dest=dest, action=argparse.BooleanOptionalAction, default=argparse.SUPPRESS)
    elif argument.is_positional:
        parser.add_argument(dest, nargs="?" if argument.nargs is None else argument.nargs)
    else:
        action = "store" if argument.action is Action.STORE else argument.action.value
        option = parser.add_argument(*flags, dest=dest, nargs=argument.nargs, action=action)
        option.const = _ALONE if argument.nargs == "?" and argument.action is Action.STORE else option.const


def _value_from(argument: ScriptArgument, found: object) -> Value:
    if argument.action is Action.SWITCH and found != 1:
        raise ValueError("given twice it may mean two of a list, which no field holds")
    if argument.action is Action.COUNT and isinstance(found, int):
        return argument.count_start + found
    if isinstance(found, list):
        return tuple(argument.value_of(word) for word in found)
    if isinstance(found, str):
        return argument.value_of(found)
    return bool(found) if isinstance(found, int) else None
