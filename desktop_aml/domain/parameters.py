"""What a run was given: its arguments and what its code logged as parameters, as text and as the value it means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from desktop_aml.domain.compare.argument_names import arguments_by_name
from desktop_aml.domain.secret_words import masked_arguments
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


def of_arguments(arguments: Sequence[str]) -> tuple[Parameter, ...]:
    """Return the arguments of a script as parameters: ``--learning-rate 0.1`` is ``learning_rate``.

    What follows an option belongs to it, as its parser is not known here; what looks like a secret is masked.
    """
    named = arguments_by_name(masked_arguments(arguments), when_set="True")
    taken = {_plain(name): text for name, text in named.items()}
    return tuple(Parameter(name, text, ParameterSource.ARGUMENT) for name, text in taken.items())


def _plain(option: str) -> str:
    return option.lstrip("-").replace("-", "_") if option.startswith("-") else option
