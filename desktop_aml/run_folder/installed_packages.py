"""What the script of a run installed for itself: told at the end, and removed with all else that it worked in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from desktop_aml.domain.names import storable
from desktop_aml.inside_run.site.desktop_aml_run import run_packages
from desktop_aml.run_folder.script_env import PACKAGES

INSTALLED: Final = "desktop_aml.installed_packages"
"""Property of a run: what its script installed for this run alone, as ``name==version``, with blanks in between."""

_MOST: Final = 200


def installed(run_directory: Path) -> dict[str, str]:
    """Return the packages that a script installed beside its environment, names with versions."""
    found: dict[str, str] = {}
    for place in sorted((run_directory / PACKAGES).glob("lib/python*/site-packages")):
        found |= run_packages.installed(str(place))
    return {storable(name): storable(found[name]) for name in sorted(found)[:_MOST]}


def words_about(packages: dict[str, str]) -> str:
    """Return what to say of them on the run's page; nothing when there are none."""
    return str(run_packages.words_about(packages)) if packages else ""


def as_property(packages: dict[str, str]) -> dict[str, str]:
    """Return the property that names them; nothing when there are none."""
    return {INSTALLED: " ".join(f"{name}=={version}" for name, version in packages.items())} if packages else {}


def clear(run_directory: Path) -> None:
    """Remove them: no other run looks there."""
    if not (run_directory / PACKAGES).is_symlink():
        shutil.rmtree(run_directory / PACKAGES, ignore_errors=True)
