"""Files of projects and of their locks: what they depend on, as a conda file. Text to text, no I/O."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement

from desktop_aml.domain.environments import is_project_file
from desktop_aml.domain.errors import InvalidSpec, NotFound
from desktop_aml.environments.spec import poetry_tables, project_locks, setup_files, yaml_tree
from desktop_aml.environments.spec.package_names import normalised
from desktop_aml.environments.spec.project_parts import ELSEWHERE, Project, refuse_elsewhere, table

PYPROJECT: Final = "pyproject.toml"
PIPFILE: Final = "Pipfile"

_NOT_TAKEN: Final = {
    "pdm.lock": "Register the output of: pdm export",
    "conda-lock.yml": "Register the environment.yml that it was made from.",
    "pixi.lock": "Register the output of: pixi project export conda-environment",
    "pixi.toml": "Register the output of: pixi project export conda-environment",
    "package.json": "Choose a conda file or a requirements file.",
}
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HASHES: Final = re.compile(r" --hash=\S+")


def as_specification(file_name: str, text: str, beside: Callable[[str], str]) -> str:
    """Return what the project in a file depends on, as a conda file; any other file's text stays as it is.

    Parameters
    ----------
    beside : callable
        Reads the text of another file in the same folder.

    Raises
    ------
    InvalidSpec
        When the file cannot be read, names nothing to install, or is of a kind that is not taken.
    """
    if file_name in _NOT_TAKEN:
        raise InvalidSpec(f"{file_name} is not taken for an environment.", _NOT_TAKEN[file_name])
    if not is_project_file(file_name):
        return text
    project = _read(file_name, text, beside)
    written = _written(project)
    if len(written) > yaml_tree.MAX_SIZE_BYTES:
        bare = tuple(_HASHES.sub("", one) for one in project.requirements)
        written = _written(replace(project, requirements=bare, remarks=(*project.remarks, "Its hashes are too many.")))
    return written


def _read(file_name: str, text: str, beside: Callable[[str], str]) -> Project:
    if file_name == setup_files.SETUP_PY:
        return setup_files.read_code(text)
    if file_name == setup_files.SETUP_CFG:
        return setup_files.read_settings(text)
    if file_name == project_locks.PIPFILE_LOCK:
        return project_locks.read_pipfile_lock(_tree(file_name, text, json.loads, "JSON"))
    tree = _tree(file_name, text, tomllib.loads, "TOML")
    if file_name == project_locks.UV_LOCK:
        return project_locks.read_uv_lock(tree)
    if file_name == project_locks.POETRY_LOCK:
        return project_locks.read_poetry_lock(tree, lambda: _pyproject_beside(beside))
    if file_name == PYPROJECT:
        return _pyproject(tree)
    return _pipfile(tree) if file_name == PIPFILE else project_locks.read_pylock(file_name, tree)


def _pyproject_beside(beside: Callable[[str], str]) -> Project:
    try:
        text = beside(PYPROJECT)
    except NotFound:
        raise InvalidSpec(
            f"{project_locks.POETRY_LOCK} does not say what is asked for, and there is no {PYPROJECT} beside it.",
            "Put it there, or register the output of: poetry export -f requirements.txt",
        ) from None
    return _pyproject(_tree(PYPROJECT, text, tomllib.loads, "TOML"))


def _tree(file_name: str, text: str, load: Callable[[str], Any], kind: str) -> dict[str, Any]:
    try:
        tree = load(text)
    except (ValueError, RecursionError) as error:
        raise InvalidSpec(f"{file_name} is not {kind}: {error}.", "Fix the line that it names.") from None
    if not isinstance(tree, dict):
        raise InvalidSpec(f"{file_name} is not what its name says.", "Check that this is the right file.")
    return tree


def _written(project: Project) -> str:
    lines = [f"# What {project.file} depends on.", *(f"# {' '.join(one.split())}" for one in project.remarks)]
    lines += [f"name: {project.name}" if _NAME.fullmatch(project.name) else "", "dependencies:"]
    lines += [f"  - python{project.python}"] if project.python else []
    wanted = [*project.requirements, *(f"--constraint {one}" for one in project.bounds)]
    lines += ["  - pip:", *(f"    - {json.dumps(one, ensure_ascii=False)}" for one in wanted)]
    return "".join(f"{line}\n" for line in lines if line)


def _pyproject(tree: dict[str, Any]) -> Project:
    project, poetry = table(tree, "project"), table(tree, "tool", "poetry")
    python = project.get("requires-python")
    asked = "".join(python.split()) if isinstance(python, str) else ""
    name = str(project.get("name", ""))
    requirements = project.get("dependencies")
    if not isinstance(requirements, list) or not requirements:
        requirements = _lines_of_setuptools(tree)
    if not requirements and table(poetry, "dependencies"):
        found = poetry_tables.read(poetry)
        return replace(found, name=name or found.name, python=asked or found.python)
    if not requirements:
        raise InvalidSpec(
            f"{PYPROJECT} has no dependencies under [project].", "Write them there, or register a requirements file."
        )
    lines = [str(one) for one in requirements]
    _refuse_sources(tree, lines)
    left = [*table(project, "optional-dependencies"), *table(tree, "dependency-groups")]
    remarks = (f"Extras and groups that are not taken: {', '.join(left)}.",) if left else ()
    return Project(PYPROJECT, name, asked, tuple(lines), remarks=remarks)


def _lines_of_setuptools(tree: dict[str, Any]) -> list[str]:
    """Return the files that setuptools reads the dependencies from, as lines that include them."""
    files = table(tree, "tool", "setuptools", "dynamic", "dependencies").get("file")
    return [f"-r {one}" for one in ([files] if isinstance(files, str) else files or [])]


def _refuse_sources(tree: dict[str, Any], lines: list[str]) -> None:
    """Refuse packages that uv or Poetry takes from somewhere else: under their name the index may have another's."""
    poetry = {name: one for name, one in table(tree, "tool", "poetry", "dependencies").items() if isinstance(one, dict)}
    elsewhere = {normalised(name): one for name, one in (poetry | table(tree, "tool", "uv", "sources")).items()}
    for line in lines:
        try:
            name = Requirement(line).name
        except InvalidRequirement:
            # Whoever checks the specification says what is wrong with the line.
            continue
        source = elsewhere.get(normalised(name))
        for one in source if isinstance(source, list) else [source]:
            words = {"index of its own"} if {"index", "source"} & set(one or ()) else set(one or ()) & ELSEWHERE
            refuse_elsewhere(PYPROJECT, name, words, "name==<version> and name no other place for it")


def _pipfile(tree: dict[str, Any]) -> Project:
    packages = table(tree, "packages")
    if not packages:
        raise InvalidSpec(f"{PIPFILE} has no [packages].", "Write them there, or register a requirements file.")
    named = table(tree, "requires")
    minor = named.get("python_version") or named.get("python_full_version")
    requirements = tuple(_pipfile_requirement(name, one) for name, one in packages.items())
    left = ("What is for development only is not taken.",) if table(tree, "dev-packages") else ()
    return Project(PIPFILE, "", f"={minor}" if minor else "", requirements, remarks=left)


def _pipfile_requirement(name: str, wanted: object) -> str:
    parts: dict[str, Any] = wanted if isinstance(wanted, dict) else {"version": wanted}
    refuse_elsewhere(PIPFILE, name, parts.keys() & ELSEWHERE, 'name = "==<version>"')
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
