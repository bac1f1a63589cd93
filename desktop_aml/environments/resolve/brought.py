"""Adding to a resolution what is only wished for: as it was asked for where that works here, else by name.

What the specification itself resolved to stays exactly as it is; what has no ready-made file here is left out.
"""

from __future__ import annotations

from packaging.requirements import Requirement

from desktop_aml.domain.environments import LEFT_OUT
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.resolve.compiling import Compiler, note, versions_of
from desktop_aml.environments.toolchain import failures


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
            text = compiler.compile([*own, *(one for texts in wanted.values() for one in texts)], fixed, words)
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


def _name_only(requirement: str) -> str:
    plain = Requirement(requirement)
    marker = f"; {plain.marker}" if plain.marker else ""
    extras = f"[{','.join(sorted(plain.extras))}]" if plain.extras else ""
    return f"{plain.name}{extras}{marker}"
