"""The text of a lock: requirements with exact versions and hashes, as uv prints them."""

from __future__ import annotations

import re
from typing import Final

from desktop_aml.domain.environments import LockedPackage
from desktop_aml.domain.errors import PreparationError
from desktop_aml.environments.spec.package_names import normalised
from desktop_aml.environments.spec.parsing import Specification

_PIN: Final = re.compile(r"^([A-Za-z0-9][\w.\-]*)==([^\s;\\]+)")
_HASH: Final = re.compile(r"--hash=(\S+)")
_ENTRY: Final = re.compile(r"\n(?=[A-Za-z0-9])")


def packages_of(text: str) -> tuple[LockedPackage, ...]:
    """Return the packages of a lock, in its order, their names as PyPI compares them."""
    packages = []
    for entry in _ENTRY.split(text):
        pin = _PIN.match(entry)
        if pin is not None:
            packages.append(LockedPackage(normalised(pin[1]), pin[2], tuple(_HASH.findall(entry))))
    return tuple(packages)


def with_allowed_hashes(text: str, spec: Specification) -> str:
    """Leave only the hashes that the user allows, for the packages whose hashes the specification names.

    Raises
    ------
    PreparationError
        When no published file has one of them.
    """
    limits = {wanted.name: set(wanted.hashes) for wanted in spec.requirements if wanted.hashes}
    if not limits:
        return text
    entries = []
    for entry in _ENTRY.split(text):
        pin = _PIN.match(entry)
        name = normalised(pin[1]) if pin else ""
        if pin is None or name not in limits:
            entries.append(entry.rstrip("\n"))
            continue
        kept = [found for found in _HASH.findall(entry) if found in limits[name]]
        if not kept:
            raise PreparationError(
                f"Line {spec.line_of(name)}: no published file of {name} {pin[2]} has one of the hashes given.",
                "Check the hashes.",
            )
        entries.append(" \\\n    ".join([f"{pin[1]}=={pin[2]}", *(f"--hash={found}" for found in kept)]))
    return "\n".join(entries) + "\n"
