"""What a run was given: its arguments and what its code logged as parameters, as text and as the value it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from desktop_aml.domain.scripts.command_lines import TRUE, UNKNOWN, CommandLine
from desktop_aml.domain.scripts.guessing import guessed_words
from desktop_aml.domain.secret_words import MASK, is_secret_option, masked_arguments
from desktop_aml.domain.values import dataclass

_WHOLE: Final = re.compile(r"[+-]?\d{1,300}", re.ASCII)
_NUMBER: Final = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)", re.ASCII | re.IGNORECASE
)
_TRUTHS: Final = {"true": True, "false": False}

ParameterValue = bool | int | float | str


class ParameterSource(StrEnum):
    """Where a parameter comes from."""

    ARGUMENT = "argument"
    LOGGED = "logged"
    CAPTURED = "captured"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a run; `text` is as it was given."""

    name: str
    text: str
    source: ParameterSource = ParameterSource.LOGGED

    @property
    def value(self) -> ParameterValue:
        """What the text means, see `typed`."""
        return typed(self.text)


def typed(text: str) -> ParameterValue:
    """Return the truth value, whole number or number that a text means as a whole, else the text itself."""
    plain = text.strip()
    if plain.lower() in _TRUTHS:
        return _TRUTHS[plain.lower()]
    if _WHOLE.fullmatch(plain):
        return int(plain)
    return float(plain) if _NUMBER.fullmatch(plain) else text


def of_arguments(arguments: Sequence[str], line: CommandLine = UNKNOWN) -> tuple[Parameter, ...]:
    """Return the arguments of a script as parameters: ``--learning-rate 0.1`` is ``learning_rate``.

    What looks like a secret is masked.

    Parameters
    ----------
    line : CommandLine
        What the script takes; where that is not known, what follows an option belongs to it.
    """
    words = masked_arguments(arguments)
    named = _sorted(line, words) if words and line.is_known() else None
    if named is None:
        named = guessed_words(words, dict(line.options()))
    return tuple(
        Parameter(name, MASK if text != TRUE and is_secret_option(name) else text, ParameterSource.ARGUMENT)
        for name, text in named.items()
    )


def _sorted(line: CommandLine, words: Sequence[str]) -> dict[str, str] | None:
    # The standard library's parser takes a while to import, and most runs need none.
    from desktop_aml.domain.scripts.word_sorting import sorted_words

    return sorted_words(line, words)
