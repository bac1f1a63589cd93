"""Curated environments: specifications that ship with the program, and Azure's names for them.

They are used like registered ones without being registered; the first use saves the text as a version of its own, so
that a run names what it used even after a newer program ships another text. Nothing here writes.
"""

from __future__ import annotations

import json
import re
from functools import cache
from types import MappingProxyType

from desktop_aml import resources
from desktop_aml.domain.environments import (
    BuildState,
    EnvironmentKind,
    EnvironmentSummary,
    EnvironmentVersion,
)
from desktop_aml.domain.errors import Conflict, NotFound


@cache
def catalogue() -> MappingProxyType[str, EnvironmentVersion]:
    """Return the curated environments by name, our own first; each is its version 1."""
    folder = resources.path("environments")
    found = {}
    for path in sorted(folder.glob("*.yml"), key=lambda one: (one.stem.startswith("AzureML"), one.stem)):
        text = path.read_text("utf-8")
        description = text.partition("\n")[0].removeprefix("#").strip()
        found[path.stem] = EnvironmentVersion(path.stem, 1, EnvironmentKind.CONDA, text, 0.0, description)
    azure: dict[str, str] = json.loads((folder / "azure-names.json").read_text("utf-8"))
    for name, recipe in azure.items():
        own = found[recipe]
        words = f"Azure's name for {recipe}: {own.description}"
        found[name] = EnvironmentVersion(name, 1, own.kind, with_name(own.text, name), 0.0, words)
    return MappingProxyType(found)


_AZURE_SKLEARN = re.compile(r"azureml-(?:sklearn|scikit-learn)-?(\d+\.\d+)(?![\d])", re.IGNORECASE)
"""Azure named an environment after the scikit-learn in it, often with more behind: its system, Python, processor."""


def is_curated(name: str) -> bool:
    """Whether `name` is that of a curated environment."""
    return _named(name) is not None


def get(name: str, version: int = 0) -> EnvironmentVersion | None:
    """Return a curated environment that was not used yet; None when there is none of that name and version.

    Azure's names are found in any case, and by the version of scikit-learn that they tell: Azure published the same
    environment under several names. It is called as it was asked for.
    """
    found = _named(name)
    return found if found is not None and version in {0, 1} else None


@cache
def _named(name: str) -> EnvironmentVersion | None:
    found = catalogue().get(name)
    if found is not None or not name.lower().startswith("azureml-"):
        return found
    recipe = next((one for known, one in catalogue().items() if known.lower() == name.lower()), None)
    version = _AZURE_SKLEARN.match(name)
    if recipe is None and version is not None:
        recipe = catalogue().get(f"sklearn-{version.group(1)}")
    if recipe is None:
        return None
    text = with_name(recipe.text, name)
    return EnvironmentVersion(name, 1, recipe.kind, text, 0.0, f"Azure's name for {recipe.name}: {recipe.description}")


def summary(one: EnvironmentVersion) -> EnvironmentSummary:
    """Return the line of a curated environment that was not used yet."""
    return EnvironmentSummary(one.name, one.version, one.kind, BuildState.NOT_BUILT, curated=True)


def check_registration(name: str, text: str) -> None:
    """Keep the names of curated environments for what ships under them.

    Raises
    ------
    Conflict
        When `name` is curated and `text` is another one.
    """
    own = _named(name)
    if own is not None and own.text != text:
        raise Conflict(
            f"“{name}” is a curated environment and cannot be changed.",
            f"Clone it and change the copy: desktop-aml environment clone {name} NEW-NAME",
        )


def explain_missing(error: NotFound, name: str) -> NotFound:
    """Return `error` with a better hint when `name` is one of Azure's that has no counterpart here."""
    if not name.lower().startswith("azureml-"):
        return error
    return NotFound(
        f"Azure's curated environment “{name}” has no counterpart here.",
        "List those that have with: desktop-aml environment list. Or register your own from a conda YAML.",
    )


def with_name(text: str, name: str) -> str:
    """Return a conda specification that calls itself `name`; one without a name stays as it is."""
    return re.sub(r"^name[ \t]*:[^\n#]*", f"name: {name}", text, count=1, flags=re.MULTILINE)
