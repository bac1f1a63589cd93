"""Files of projects (``pyproject.toml``, ``Pipfile``): what they depend on, as a conda file. Text to text, no I/O."""

from __future__ import annotations

import json
import tomllib
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from desktop_aml.domain.errors import InvalidSpec

PYPROJECT: Final = "pyproject.toml"
PIPFILE: Final = "Pipfile"

_NOT_TAKEN: Final = {
    "Pipfile.lock": "Register the Pipfile beside it, or the output of: pipenv requirements",
    "poetry.lock": "Register the output of: poetry export -f requirements.txt",
    "uv.lock": "Register the pyproject.toml beside it, or the output of: uv export",
    "pdm.lock": "Register the output of: pdm export",
    "setup.py": "Write what it needs into a requirements.txt.",
    "setup.cfg": "Write what it needs into a requirements.txt.",
    "conda-lock.yml": "Register the environment.yml that it was made from.",
    "package.json": "Choose a conda file or a requirements file.",
}


def is_project(file_name: str) -> bool:
    """Whether a file of this name describes a project rather than an environment."""
    return file_name in {PYPROJECT, PIPFILE}


def as_specification(file_name: str, text: str) -> str:
    """Return what the project in a file depends on, as a conda file; any other file's text stays as it is.

    Raises
    ------
    InvalidSpec
        When the file cannot be read, names nothing to install, or is of a kind that is not taken.
    """
    if file_name in _NOT_TAKEN:
        raise InvalidSpec(f"{file_name} is not taken for an environment.", _NOT_TAKEN[file_name])
    if not is_project(file_name):
        return text
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSpec(f"{file_name} is not TOML: {error}.", "Fix the line that it names.") from None
    name, python, requirements = _pyproject(tree) if file_name == PYPROJECT else _pipfile(tree)
    lines = [f"# What {file_name} depends on.", f"name: {name}" if name else "", "dependencies:"]
    lines += [f"  - python{python}"] if python else []
    lines += ["  - pip:", *(f"    - {json.dumps(one, ensure_ascii=False)}" for one in requirements)]
    return "".join(f"{line}\n" for line in lines if line)


def _pyproject(tree: dict[str, Any]) -> tuple[str, str, list[str]]:
    project = tree.get("project")
    requirements = project.get("dependencies") if isinstance(project, dict) else None
    if not isinstance(project, dict) or not isinstance(requirements, list) or not requirements:
        tool = tree.get("tool")
        if isinstance(tool, dict) and "poetry" in tool:
            raise InvalidSpec(f"{PYPROJECT} names its packages in Poetry's own way.", _NOT_TAKEN["poetry.lock"])
        raise InvalidSpec(
            f"{PYPROJECT} has no dependencies under [project].", "Write them there, or register a requirements file."
        )
    return str(project.get("name", "")), _python(project.get("requires-python")), [str(one) for one in requirements]


def _python(wanted: object) -> str:
    return "".join(wanted.split()) if isinstance(wanted, str) else ""


def _pipfile(tree: dict[str, Any]) -> tuple[str, str, list[str]]:
    packages = tree.get("packages")
    if not isinstance(packages, dict) or not packages:
        raise InvalidSpec(f"{PIPFILE} has no [packages].", "Write them there, or register a requirements file.")
    requires = tree.get("requires")
    named = requires if isinstance(requires, dict) else {}
    minor = named.get("python_version") or named.get("python_full_version")
    return "", f"={minor}" if minor else "", [_pipfile_requirement(name, one) for name, one in packages.items()]


def _pipfile_requirement(name: str, wanted: object) -> str:
    parts: dict[str, Any] = wanted if isinstance(wanted, dict) else {"version": wanted}
    elsewhere = sorted({"git", "path", "file", "url", "hg", "svn", "bzr"} & parts.keys())
    if elsewhere:
        raise InvalidSpec(
            f"{PIPFILE} takes {name} from a {elsewhere[0]}, which is refused: only the package index is used.",
            f'Write {name} = "==<version>".',
        )
    extras = f"[{','.join(map(str, parts['extras']))}]" if isinstance(parts.get("extras"), list) else ""
    version = str(parts.get("version") or "*")
    marker = f"; {parts['markers']}" if parts.get("markers") else ""
    text = f"{name}{extras}{'' if version == '*' else version}{marker}"
    try:
        # Without an operator a version would read as a part of the name.
        return str(Requirement(text if version[0] in "*=<>!~" else ""))
    except InvalidRequirement:
        raise InvalidSpec(
            f"{PIPFILE}: {name} = {json.dumps(wanted)} is not a version.", f'Write {name} = "==1.0".'
        ) from None
