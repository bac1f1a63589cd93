"""Locks in the forms that other tools read. Pure text; nothing here asks a server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from desktop_aml.domain.environments import EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import InvalidInput


class LockFormat(StrEnum):
    """What a lock can be exported as."""

    REQUIREMENTS = "requirements"
    """A requirements file with a hash for every package: ``pip install --require-hashes -r FILE``."""
    CONDA_EXPLICIT = "conda-explicit"
    """conda's explicit list, with a hash for every package: ``conda create --file FILE``."""
    YAML = "yaml"
    """A conda YAML in which every package has its exact version."""


@dataclass(frozen=True, slots=True)
class CondaFile:
    """What the address of a conda package says."""

    channel: str
    build: str


def export(lock: EnvironmentLock, label: str, form: LockFormat) -> str:
    """Return a lock as text in a form that other tools read.

    Raises
    ------
    InvalidInput
        When the form cannot say what the lock holds.
    """
    if lock.builder == "existing":
        raise InvalidInput(
            f"“{label}” is an interpreter that is used as it is: nothing of it is locked.",
            "Ask its own pip: python -m pip freeze",
        )
    made = {
        LockFormat.REQUIREMENTS: _requirements,
        LockFormat.CONDA_EXPLICIT: _conda_explicit,
        LockFormat.YAML: _yaml,
    }[form](lock, label)
    return made if made.endswith("\n") else f"{made}\n"


def _heading(lock: EnvironmentLock, label: str) -> str:
    return f"# {label}: Python {lock.python_version}, {lock.platform}, locked by Desktop AML ({lock.builder})\n"


def _requirements(lock: EnvironmentLock, label: str) -> str:
    if any(one.url for one in lock.packages):
        raise InvalidInput(
            f"“{label}” holds packages of conda, which a requirements file cannot name.",
            f"Export it as {LockFormat.CONDA_EXPLICIT} or {LockFormat.YAML}.",
        )
    return _heading(lock, label) + lock.text


def _conda_explicit(lock: EnvironmentLock, label: str) -> str:
    if not lock.explicit:
        raise InvalidInput(
            f"“{label}” was built from PyPI, so conda has no files for it.",
            f"Export it as {LockFormat.REQUIREMENTS} or {LockFormat.YAML}.",
        )
    text = _heading(lock, label) + lock.explicit
    if lock.text:
        text += "# An explicit list cannot name packages of PyPI. These follow, with pip install --require-hashes:\n"
        text += "".join(f"# {line}\n" for line in lock.text.splitlines())
    return text


def _yaml(lock: EnvironmentLock, label: str) -> str:
    conda = [one for one in lock.packages if one.url]
    channels = list(dict.fromkeys(conda_file(one).channel for one in conda)) or ["conda-forge"]
    # conda itself makes no environment whose name has a blank.
    name = label.partition(":")[0].replace(" ", "-")
    lines = [f"name: {name}", "channels:", *(f"  - {channel}" for channel in channels)]
    lines.append("dependencies:")
    if not any(one.name == "python" for one in conda):
        lines.append(f"  - python={lock.python_version}")
    lines += [f"  - {one.name}={one.version}={conda_file(one).build}" for one in conda]
    pip = [one for one in lock.packages if not one.url]
    if pip:
        lines += [] if any(one.name == "pip" for one in conda) else ["  - pip"]
        lines += ["  - pip:", *(f"    - {one.name}=={one.version}" for one in pip)]
    return _heading(lock, label) + "\n".join(lines) + "\n"


def conda_file(package: LockedPackage) -> CondaFile:
    """Return channel and build of a conda package; its address ends with ``channel/subdir/name-version-build.conda``.

    Examples
    --------
    >>> conda_file(LockedPackage("a-b", "1.0", url="https://conda.anaconda.org/conda-forge/noarch/a-b-1.0-py_0.conda"))
    CondaFile(channel='conda-forge', build='py_0')
    """
    folder, _, file = package.url.rpartition("/")
    channel = folder.rpartition("/")[0]
    build = re.sub(r"\.(conda|tar\.bz2)$", "", file).removeprefix(f"{package.name}-{package.version}-")
    return CondaFile(channel.removeprefix("https://conda.anaconda.org/"), build)
