"""Adding to a resolution what is only wished for: as it was asked for where that works here, else by name.

What the specification itself resolved to stays exactly as it is, but for what MLflow asks of packages that nobody
named; what has no ready-made file here is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from packaging.requirements import Requirement
from packaging.version import Version

from desktop_aml.domain.environments import LEFT_OUT
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.resolve.compiling import Compiler, note, versions_of
from desktop_aml.environments.toolchain import failures

# It says which newer versions it cannot bear, of packages that everything asks for: packaging, protobuf. A release from
# before it said so would fit whatever is there, and fail when it is imported.
_HELD_BACK: Final = ("mlflow", "mlflow-skinny")


def with_brought(compiler: Compiler, text: str) -> str:
    """Return the lock `text` of a specification with what comes along.

    Raises
    ------
    PreparationError
        When the package index cannot be reached.
    BuildCanceled
        When the watcher cancelled.
    """
    there = versions_of(text)
    wanted: dict[str, list[str]] = {}
    for one in compiler.spec.brought:
        if one.name not in there:
            wanted.setdefault(one.name, []).append(one.text)
    own = [one.text for one in compiler.spec.requirements]
    fixed = [f"{name}=={version}" for name, version in there.items()]
    left: list[str] = []
    while wanted:
        words = [word for name in wanted for word in ("--only-binary", name)]
        try:
            asked = [*own, *(one for texts in wanted.values() for one in texts)]
            text = compiler.compile(asked, fixed, words)
            if not wanted.keys().isdisjoint(_HELD_BACK):
                text = _not_held_back(compiler, asked, there, words, text)
            break
        except PreparationError as error:
            if failures.is_network(error.details) or failures.is_no_space(error.details):
                raise
            # One at a time loses its bounds, then its place: the one that the reason names first.
            name = failures.first_named(error.details, wanted) or next(iter(wanted))
            plain = [_name_only(one) for one in wanted[name]]
            if wanted[name] == plain:
                left.append(name)
                del wanted[name]
            else:
                wanted[name] = plain
    if not left:
        return text
    told = f"{LEFT_OUT}: {', '.join(left)}."
    compiler.watch.say("Resolving", told)
    return note(told) + text


def _not_held_back(
    compiler: Compiler, asked: Sequence[str], there: dict[str, str], words: Sequence[str], text: str
) -> str:
    """Return the lock `text`, or one with a newer MLflow, where only packages that nobody named held it back."""
    named = {one.name for one in compiler.spec.requirements}
    try:
        other = compiler.compile(asked, [f"{one}=={there[one]}" for one in named & there.keys()], words)
    except PreparationError:
        return text
    before, after = versions_of(text), versions_of(other)
    for name in _HELD_BACK:
        if name in before and name in after and Version(before[name]) < Version(after[name]):
            moved = [f"{one} {after[one]}" for one in there if one in after and after[one] != there[one]]
            return note(f"{name} {after[name]} comes along, with which goes {', '.join(moved)}.") + other
    return text


def _name_only(requirement: str) -> str:
    plain = Requirement(requirement)
    marker = f"; {plain.marker}" if plain.marker else ""
    extras = f"[{','.join(sorted(plain.extras))}]" if plain.extras else ""
    return f"{plain.name}{extras}{marker}"
