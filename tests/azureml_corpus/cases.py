"""The cases: what each folder of ``cases/`` says that its code does."""

from __future__ import annotations

import runpy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Case:
    """One folder with code in the idiom of a public sample, and what must come of it.

    Parameters
    ----------
    kind : str
        ``"submit"``: the script is submitted; ``"client"``: it is started, and submits what it wants itself;
        ``"notebook"``: both.
    metrics : dict
        Name to what is expected: a value, a pair of bounds, a number of values (when it is a list), or ``...`` for any.
    says : list of str
        Parts of what it prints.
    runs : dict of str to list of str
        Experiment to the states of its runs, for a client.
    builds : bool
        Whether it builds an environment from a package index.
    pin : str
        Python of an environment that it builds, when that is an old one: no other stands in for it.
    shows : list of str
        Parts of what a notebook shows as HTML.
    """

    name: str
    kind: str
    script: str
    arguments: list[str] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    runs: dict[str, list[str]] = field(default_factory=dict)
    children: int = 0
    builds: bool = False
    pin: str = ""
    downloads: str = ""
    docker: bool = False
    shows: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where its code lies."""
        return FOLDER / self.name


def load(folder: Path) -> Case:
    """Read one case."""
    values = runpy.run_path(str(folder / "expected.py"))
    return Case(name=folder.name, **{key.lower(): value for key, value in values.items() if key.isupper()})


CASES = [load(path.parent) for path in sorted(FOLDER.glob("*/expected.py"))]


def fits(expected: Any, found: Any) -> bool:
    """Whether what was found is what a case expects of a metric."""
    if expected is ...:
        return True
    if isinstance(expected, tuple):
        return bool(expected[0] <= found <= expected[1])
    if isinstance(found, list) and isinstance(expected, int):
        return len(found) == expected
    return bool(found == expected)
