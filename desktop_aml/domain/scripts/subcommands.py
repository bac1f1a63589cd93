"""The words of a command line with a subcommand: those of the script itself, then the subcommand and its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from desktop_aml.domain.scripts.arguments import ScriptArguments, Value


def command_of(described: ScriptArguments, name: str) -> ScriptArguments:
    """Return what the subcommand `name` takes: nothing that is known for one that the script does not have."""
    return dict(described.commands).get(name, ScriptArguments())


def words_with(
    described: ScriptArguments,
    values: Mapping[str, Value],
    name: str,
    given: Mapping[str, Value],
    extra: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the words of a script that is given `values`, the subcommand `name` with `given`, and `extra`."""
    if not name:
        return described.to_argv(values, extra)
    return (*described.to_argv(values), name, *command_of(described, name).to_argv(given, extra))


def split_words(described: ScriptArguments, words: Iterable[str]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return the words of the script itself, the subcommand, and what follows it; all, and none, without one."""
    given, names = tuple(words), {name for name, _ in described.commands}
    needed = [a.key for a in described.arguments if a.is_positional and a.nargs not in ("?", "*", "...")]
    for number, word in enumerate(given):
        if word not in names:
            continue
        own = given[:number]
        values, rest = described.from_argv(own)
        # What looks like a subcommand may be the value of an option, or of an argument before it.
        if not rest and all(key in values for key in needed):
            return own, word, given[number + 1 :]
    return given, "", ()
