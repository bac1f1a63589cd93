"""What files of projects have in common: the parts that were read of one, and what is refused in all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from desktop_aml.domain.errors import InvalidSpec

ELSEWHERE: Final = frozenset(
    {"git", "path", "file", "url", "hg", "svn", "bzr", "directory", "workspace", "vcs", "archive"}
)
"""Words with which a project takes a package from somewhere else than a package index."""


@dataclass(frozen=True, slots=True)
class Project:
    """What a project depends on.

    Parameters
    ----------
    file : str
        Name of the file that says so.
    name : str
        Its own name; empty where it has none.
    python : str
        What it asks of Python, as conda writes it: ``>=3.8,<4``; empty when it asks nothing.
    requirements : tuple of str
        Lines of a requirements file.
    bounds : tuple of str
        Exact versions (PEP 508) that hold for what comes along, without asking for it.
    remarks : tuple of str
        What was left out, in sentences.
    """

    file: str
    name: str
    python: str
    requirements: tuple[str, ...]
    bounds: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def table(tree: object, *keys: str) -> dict[str, Any]:
    """Return the table under `keys`; an empty one when there is none."""
    for key in keys:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def refuse_elsewhere(file: str, name: str, found: Collection[str], instead: str) -> None:
    """Refuse a package that is taken from somewhere else than the package index.

    Raises
    ------
    InvalidSpec
        When `found` names where from.
    """
    if found:
        where = min(found)
        article = "an" if where[0] in "aeiou" else "a"
        raise InvalidSpec(
            f"{file} takes {name} from {article} {where}, which is refused: only the package index is used.",
            f"Write {instead.replace('name', name)}.",
        )
