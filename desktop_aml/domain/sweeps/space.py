"""The space that a sweep searches, and the order in which it is searched: the same seed gives the same trials."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from random import Random, SystemRandom
from typing import Final

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import Expression, Value
from desktop_aml.domain.sweeps.halton import Halton
from desktop_aml.domain.values import dataclass

Values = tuple[tuple[str, Value], ...]
"""What a trial gives its arguments: pairs of name and value, in the order of the space."""

COMMAND: Final = "command"
"""What the values of a trial call the subcommand that it is given."""

_COMMAND: Final = re.compile(r"[^\W_][\w.\-]*")
_NAME: Final = re.compile(r"-{0,2}[^\W\d_][\w.\-]*")
_MOST_COUNTED: Final = 10**12
_SEEDS: Final = 1 << 31
TPE_KINDS: Final = ("choice", "seeds", "integers", "randint", "uniform", "loguniform", "quniform")
"""Kinds of expressions that Optuna's search can draw."""
_NUMBER: Final = re.compile(r"-\.?\d")


class Search(StrEnum):
    """How trials are chosen."""

    RANDOM = "random"
    GRID = "grid"
    QUASI = "quasi-random"
    """At random, but spread evenly: points of Halton's sequence, whose digits are exchanged as the seed says."""
    TPE = "tpe"
    """By what earlier trials came to: a tree of Parzen estimators."""
    GP = "gp"
    """By what earlier trials came to: a Gaussian process, for few trials that cost much."""

    @property
    def learns(self) -> bool:
        """Whether what is tried next follows from what came of earlier trials."""
        return self in {Search.TPE, Search.GP}


@dataclass(frozen=True, slots=True)
class Variation:
    """One argument that varies. `name` is as the script is given it, with its dashes.

    Parameters
    ----------
    command : str
        The subcommand that takes it; empty for an argument that all trials have.
    """

    name: str
    expression: Expression
    command: str = ""

    @property
    def key(self) -> str:
        """What it is called where it is told from all others: ``svm --C``."""
        return f"{self.command} {self.name}".strip()


def space_of(varied: Mapping[str, Expression]) -> tuple[Variation, ...]:
    """Return the space of named expressions; a name without dashes gets two, ``svm --C`` is of the subcommand ``svm``.

    Raises
    ------
    InvalidInput
        When there is none, a name is none, or two mean the same argument.
    """
    space = []
    for words, expression in varied.items():
        command, _, name = words.rpartition(" ")
        space.append(Variation(dashed(name), expression, command.strip()))
    check(space)
    return tuple(space)


def check(space: Sequence[Variation]) -> None:
    """Raise `InvalidInput` for a space without arguments, or with one of them twice."""
    if not space:
        raise InvalidInput("Nothing varies.", "Vary an argument: --vary '--C=loguniform(0.01, 100)'")
    seen: set[tuple[str, str]] = set()
    for one in space:
        if not _NAME.fullmatch(one.name) or not one.name.startswith("-"):
            raise InvalidInput(
                f"“{one.name}” cannot be an argument that varies.", "Name an option of the script, such as --C."
            )
        if one.command and not _COMMAND.fullmatch(one.command):
            raise InvalidInput(f"“{one.command}” cannot be a subcommand.", "Write --vary 'svm --C=uniform(0, 1)'")
        if one.command and one.expression.kind == "seeds":
            raise InvalidInput("Seeds belong to all trials, not to a subcommand.", "Name an argument of the script.")
        if (one.command, _bare(one.name)) in seen:
            raise InvalidInput(f"The argument “{one.name}” varies twice.", "Name each argument once.")
        seen.add((one.command, _bare(one.name)))
    if any(command and ("", name) in seen for command, name in seen):
        raise InvalidInput("An argument varies for all trials and for a subcommand.", "Name it once.")


def check_values(values: Values) -> None:
    """Raise `InvalidInput` unless `values` can be given to a script."""
    if not values:
        raise InvalidInput("A trial is given nothing.", "Name each argument with its value.")
    # The rules are those of a space in which each argument has one value.
    check([Variation(name, Expression("choice", (value,))) for name, value in values if name != COMMAND])


def dashed(name: str) -> str:
    """Return the name of an argument with its dashes; a bare one gets two."""
    return name if name.startswith("-") else f"--{name}"


def _bare(name: str) -> str:
    return name.lstrip("-")


def size_of(space: Sequence[Variation]) -> int | None:
    """Return how many different trials there are; None where they cannot be counted."""
    total = 0
    for branch in branches(space):
        sizes = [one.expression.size for one in branch]
        if None in sizes:
            return None
        total += math.prod(size or 1 for size in sizes)
    return total


def branches(space: Sequence[Variation]) -> list[tuple[Variation, ...]]:
    """Return what a trial of each subcommand is given; one of all where there is none.

    The first of a branch with a subcommand is the choice of that.
    """
    common = tuple(one for one in space if not one.command)
    commands = dict.fromkeys(one.command for one in space if one.command)
    found = []
    for command in commands:
        own = (one for one in space if one.command == command)
        found.append((*common, Variation(COMMAND, Expression("choice", (command,))), *own))
    return found or [common]


def columns_of(space: Sequence[Variation]) -> tuple[str, ...]:
    """Return the names that the values of trials have, each once."""
    return tuple(dict.fromkeys(one.name for branch in branches(space) for one in branch))


def at(space: Sequence[Variation], index: int) -> Values:
    """Return one trial of a space that can be counted; the last argument changes fastest."""
    found: list[tuple[str, Value]] = []
    branch: tuple[Variation, ...] = ()
    for branch in branches(space):
        size = math.prod(one.expression.size or 1 for one in branch)
        if index < size:
            break
        index -= size
    for one in reversed(branch):
        index, place = divmod(index, one.expression.size or 1)
        found.append((one.name, one.expression.value_at(place)))
    return tuple(reversed(found))


def check_search(search: Search, space: Sequence[Variation]) -> None:
    """Raise `InvalidInput` when `space` cannot be searched so."""
    if search in {Search.QUASI, Search.GP} and any(one.command for one in space):
        raise InvalidInput(f"The search {search} knows no subcommands.", "Search at random, with grid or with tpe.")
    if search.learns and not settings_of(space):
        raise InvalidInput("Nothing but seeds varies, so there is nothing to choose.", "Search with: grid")
    if search is Search.TPE:
        for one in space:
            if one.expression.kind not in TPE_KINDS:
                raise InvalidInput(
                    f"The search tpe cannot draw {one.name}={one.expression}.", f"Use one of: {', '.join(TPE_KINDS)}"
                )
    if search is Search.GRID:
        for one in space:
            if one.expression.size is None:
                raise InvalidInput(
                    f"A grid cannot hold {one.name}={one.expression}: its values cannot be counted.",
                    "Use choice(…), integers(…) or randint(…), or search at random.",
                )


def proposals(search: Search, space: Sequence[Variation], seed: int, *, start: int = 0) -> Iterator[Values]:
    """Yield the trials of a sweep in their order, from the place `start` on.

    Not for a search that learns: its trials follow from what came of the earlier ones.
    What can be counted is drawn without replacement, and ends once all is tried; other spaces never end.
    """
    settings, seeds = settings_of(space), seeds_of(space)
    if not seeds:
        yield from _settings(search, space, seed, start)
        return
    times = size_of(seeds) or 1
    first = start % times
    for setting in _settings(search, settings, seed, start // times):
        for repeat in range(first, times):
            yield in_order(space, (*setting, *at(seeds, repeat)))
        first = 0


def seeds_of(space: Sequence[Variation]) -> tuple[Variation, ...]:
    """Return what only repeats a setting: each setting is tried with all of them."""
    return tuple(one for one in space if one.expression.kind == "seeds")


def settings_of(space: Sequence[Variation]) -> tuple[Variation, ...]:
    """Return what makes a setting, see `seeds_of`."""
    return tuple(one for one in space if one.expression.kind != "seeds")


def next_repeat(space: Sequence[Variation], tried: Sequence[Values]) -> Values | None:
    """Return the setting of the last trial with the first seed that it was not tried with; None where it had all."""
    seeds, names = seeds_of(space), {one.name for one in settings_of(space)}
    if not seeds or not tried:
        return None
    setting = {name: value for name, value in tried[-1] if name in names}
    same = [dict(one) for one in tried if {name: value for name, value in one if name in names} == setting]
    for index in range(size_of(seeds) or 1):
        given = at(seeds, index)
        if len(setting) == len(names) and not any(all(one.get(k) == v for k, v in given) for one in same):
            return in_order(space, (*setting.items(), *given))
    return None


def in_order(space: Sequence[Variation], values: Values) -> Values:
    """Return the values of a trial in the order of the space."""
    known = dict(values)
    of_command = [branch for branch in branches(space) if branch_of(branch) == known.get(COMMAND, "")]
    return tuple((one.name, known[one.name]) for branch in of_command for one in branch if one.name in known)


def branch_of(branch: Sequence[Variation]) -> Value:
    """Return the subcommand of a branch; empty for none."""
    return next((one.expression.args[0] for one in branch if one.name == COMMAND), "")


def _settings(search: Search, space: Sequence[Variation], seed: int, start: int) -> Iterator[Values]:
    size = size_of(space)
    if search is Search.GRID:
        check_search(search, space)
        yield from (at(space, index) for index in range(start, size or 0))
    elif search is Search.QUASI:
        sequence = Halton(len(space), seed)
        while True:
            shares = sequence.point(start)
            yield tuple((one.name, one.expression.at_share(part)) for one, part in zip(space, shares, strict=True))
            start += 1
    elif size is not None and size <= _MOST_COUNTED:
        for place, index in enumerate(_shuffled(size, Random(f"{seed}"))):  # noqa: S311 - no secret depends on it
            if place >= start:
                yield at(space, index)
    else:
        ways = branches(space)
        while True:
            way = ways[_source(seed, start, COMMAND).randrange(len(ways))] if len(ways) > 1 else ways[0]
            yield tuple((one.name, one.expression.draw(_source(seed, start, one.name))) for one in way)
            start += 1


def _source(seed: int, place: int, name: str) -> Random:
    # One of its own for each value: an argument more or less does not change what the others get.
    return Random(f"{seed}:{place}:{_bare(name)}")  # noqa: S311 - no secret depends on it


def _shuffled(size: int, random: Random) -> Iterator[int]:
    """Yield 0 … size - 1 in random order, with memory for those already given only."""
    moved: dict[int, int] = {}
    for place in range(size):
        other = random.randrange(place, size)
        found, here = moved.get(other, other), moved.pop(place, place)
        if other != place:
            moved[other] = here
        yield found


def new_seed() -> int:
    """Return a seed for a sweep that names none."""
    return SystemRandom().randrange(_SEEDS)


def describe(search: Search, space: Sequence[Variation]) -> str:
    """Say in words how a space is searched."""
    size, seeds = size_of(settings_of(space)), size_of(seeds_of(space)) or 1
    if seeds > 1:
        return f"{describe(search, settings_of(space))} Each of them is tried with {seeds} seeds."
    if search is Search.GRID:
        return f"Every one of the {size:,} combinations, in order."
    if search is Search.QUASI:
        return "Spread evenly (Halton's sequence); values may come again."
    if search is Search.TPE:
        return "By what earlier trials came to (TPE of Optuna); values may come again."
    if search is Search.GP:
        return "By what earlier trials came to (a Gaussian process), for few trials that take long."
    if size is not None:
        return f"At random without repeating one, among {size:,} combinations."
    return "At random with replacement: each value is drawn for itself."


def arguments_of(fixed: Sequence[str], values: Values) -> tuple[str, ...]:
    """Return the arguments of a trial: those that all trials have, then ``name value`` for each that varies.

    What varies is left out of `fixed`, whatever dashes it has there: the sweep's word counts.
    """
    names = {_bare(name) for name, _ in values if name != COMMAND}
    kept = [word for words in _options(fixed) if not (words[1] and words[1] in names) for word in words[0]]
    # A subcommand stands alone; what is its own follows it, as it is given last.
    given = ((spelled(value),) if name == COMMAND else (name, spelled(value)) for name, value in values)
    return (*kept, *(word for words in given for word in words))


def overridden(fixed: Sequence[str], space: Sequence[Variation]) -> tuple[str, ...]:
    """Return the names of varied arguments that `fixed` gives a value, too."""
    names = {_bare(one.name) for one in space}
    return tuple(words[0][0].partition("=")[0] for words in _options(fixed) if words[1] and words[1] in names)


def _options(fixed: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield options with their value, and other words alone; with the bare name of an option."""
    place = 0
    while place < len(fixed):
        word = fixed[place]
        place += 1
        if word == "--":
            yield from (((one,), "") for one in fixed[place - 1 :])
            return
        if not _is_option(word):
            yield (word,), ""
            continue
        name, has_value, _ = word.partition("=")
        takes_next = not has_value and place < len(fixed) and not _is_option(fixed[place])
        end = place + takes_next
        yield (word, *fixed[place:end]), _bare(name)
        place = end


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-") and not _NUMBER.match(word)


def spelled(value: Value) -> str:
    """Return a value as an argument."""
    return repr(value) if isinstance(value, float) and math.isfinite(value) else str(value)
