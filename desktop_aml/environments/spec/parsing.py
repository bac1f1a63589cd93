"""Specifications: tell their kind, check them as the user types, and turn them into requirements.

Nothing here resolves or installs; that is the builder's part.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from desktop_aml.domain.environments import EnvironmentKind, SpecProblem
from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec import (
    base_image,
    conda_channels,
    conda_entries,
    container_specs,
    kept_files,
    requirement_lines,
    yaml_tree,
)
from desktop_aml.environments.spec.package_names import normalised
from desktop_aml.environments.spec.parse_result import CondaMatch, Findings, PythonPin, SpecRequirement
from desktop_aml.system.whole_paths import with_home

_TOP_KEYS = ("name", "channels", "dependencies", "prefix", "variables", base_image.KEY)
_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.\- ]{0,253}[A-Za-z0-9_.\-])?")
_ERROR_LIMIT = 50
_ERRORS_SHOWN = 20
_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Specification:
    """What a specification asks for.

    Parameters
    ----------
    python : PythonPin or None
        None when it leaves the choice to Desktop AML.
    interpreter : str
        Path of the interpreter, for `EnvironmentKind.EXISTING` only.
    pypi_notes : tuple of str
        What holds only when the packages of conda are taken from PyPI instead.
    pypi_faults : tuple of SpecProblem
        Why PyPI cannot stand in for conda; with one of these only conda can build it.
    channels : tuple of str
        Where conda takes its packages from, in this order.
    matches : tuple of CondaMatch
        The packages of conda, its own words.
    brought : tuple of SpecRequirement
        Wished for, where it can be had: what packages of Azure ML that it names brought along, and conda's pip.
    constraints : tuple of str
        Bounds (PEP 508) of packages that need not be there.
    only_binary : tuple of str
        Packages that must not be built from source; ``:all:`` for every one.
    container : str
        Name of the image or text of the Dockerfile, for the kinds that need Docker only.
    base_image : str
        What its image is built on, with ``{version}`` for the Python version; empty for what the settings say.
    """

    kind: EnvironmentKind
    python: PythonPin | None = None
    requirements: tuple[SpecRequirement, ...] = ()
    notes: tuple[str, ...] = ()
    allow_prereleases: bool = False
    interpreter: str = ""
    container: str = ""
    brought: tuple[SpecRequirement, ...] = ()
    constraints: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    pypi_notes: tuple[str, ...] = ()
    pypi_faults: tuple[SpecProblem, ...] = ()
    channels: tuple[str, ...] = ()
    matches: tuple[CondaMatch, ...] = ()
    base_image: str = ""

    def line_of(self, package: str) -> int:
        """Return the line that names `package` (normalised), or 0."""
        named = [(one.name, one.line) for one in self.requirements] + [(one.name, one.line) for one in self.matches]
        return next((line for name, line in named if name == package), 0)


def detect_kind(text: str, file_name: str = "") -> EnvironmentKind:
    """Return the kind of specification that `text` most probably is."""
    suffix = Path(file_name).suffix.lower()
    stripped = text.strip()
    if "\n" not in stripped and (stripped.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", stripped)):
        return EnvironmentKind.EXISTING
    if suffix in {".yml", ".yaml"}:
        return EnvironmentKind.CONDA
    if suffix in {".txt", ".in"}:
        # A requirement has no tag and no host: "python:3.11-slim" can only be an image.
        return EnvironmentKind.IMAGE if container_specs.is_image_name(text) else EnvironmentKind.PIP
    if suffix in {".dockerfile", ".containerfile"} or Path(file_name).name in {"Dockerfile", "Containerfile"}:
        return EnvironmentKind.DOCKERFILE
    if re.search(r"^\s*[\"']?(dependencies|channels|name)[\"']?\s*:", text, re.MULTILINE):
        return EnvironmentKind.CONDA
    if container_specs.is_image_name(text):
        return EnvironmentKind.IMAGE
    return EnvironmentKind.DOCKERFILE if container_specs.is_dockerfile(text) else EnvironmentKind.PIP


def check(text: str, kind: EnvironmentKind) -> tuple[SpecProblem, ...]:
    """Return all problems of `text` in the order of its lines; errors keep it from being built, notes do not."""
    try:
        found = _read(text, kind)
    except InvalidSpec as error:
        return (SpecProblem(error.message, error.hint, error.line, error.column),)
    return tuple(sorted(found.problems, key=lambda problem: (problem.line, problem.column)))[:_ERROR_LIMIT]


def fault_of(problems: Iterable[SpecProblem]) -> InvalidSpec | None:
    """Return the first error among problems, whose hint names the others; None when none of them is an error."""
    errors = [problem for problem in problems if problem.severity == "error"]
    if not errors:
        return None
    first, *others = sorted(errors, key=lambda problem: (problem.line, problem.column))
    more = [f"Line {one.line}: {one.message}" for one in others[:_ERRORS_SHOWN]]
    more += [f"And {len(others) - _ERRORS_SHOWN} more."] if len(others) > _ERRORS_SHOWN else []
    return InvalidSpec(
        first.message,
        "\n".join(filter(None, [first.hint, *more])),
        line=first.line,
        column=first.column,
        details="\n".join(f"line {error.line}: {error.message}" for error in errors[:_ERROR_LIMIT]),
    )


def parse(text: str, kind: EnvironmentKind) -> Specification:
    """Return what `text` asks for.

    Raises
    ------
    InvalidSpec
        With line and column of the first error; `details` lists all of them.
    """
    found = _read(text, kind)
    fault = fault_of(found.problems)
    if fault is not None:
        if fault.line:
            fault.message = f"Line {fault.line}: {fault.message}"
        raise fault
    interpreter = str(interpreter_path(text)) if kind is EnvironmentKind.EXISTING else ""
    container = text.removeprefix("\ufeff").strip() if kind.needs_docker else ""
    return Specification(
        kind,
        found.python,
        tuple(found.requirements),
        tuple(found.notes),
        found.prereleases,
        interpreter,
        container,
        tuple(found.brought),
        tuple(found.constraints),
        tuple(found.only_binary),
        pypi_notes=tuple(problem.message for problem in found.pypi_problems if problem.severity == "note"),
        pypi_faults=tuple(problem for problem in found.pypi_problems if problem.severity == "error"),
        channels=tuple(found.channels),
        matches=tuple(found.matches),
        base_image=found.base_image,
    )


def interpreter_path(text: str) -> Path:
    """Return the interpreter that an existing-Python specification names: a file, or a folder with ``bin/python``."""
    path = with_home(text.strip())
    if path.is_dir():
        return path / ("python.exe" if os.name == "nt" else "bin/python")
    return path


def _read(text: str, kind: EnvironmentKind) -> Findings:
    if kind is EnvironmentKind.DOCKERFILE:
        yaml_tree.check_size(text, kept_files.MOST_LETTERS)
    else:
        yaml_tree.check_size(text)
    found = Findings()
    if kind is EnvironmentKind.EXISTING:
        _read_existing(text, found)
    elif kind is EnvironmentKind.CONDA:
        _read_conda(text, found)
        base_image.read_definition(text, found)
    elif kind is EnvironmentKind.IMAGE:
        container_specs.read_image(text, found)
    elif kind is EnvironmentKind.DOCKERFILE:
        container_specs.read_dockerfile(text, found)
    else:
        for line, column, content in requirement_lines.logical_lines(text.removeprefix("\ufeff")):
            requirement_lines.read_line(content, found, at=(line, column))
        base_image.read_comment(text, found)
    _tell_provided(found)
    if found.from_conda:
        words = f"Installed from PyPI instead of conda: {', '.join(found.from_conda)}."
        found.pypi_problems.append(SpecProblem(words, severity="note"))
    if not found.channels:
        # Without a channel the packages come from PyPI, so what only conda has is a fault.
        found.problems += [problem for problem in found.pypi_problems if problem.line]
    return found


def _tell_provided(found: Findings) -> None:
    if not found.provided:
        return
    # Imported here: few texts that are checked while they are typed name packages of Azure ML.
    from desktop_aml.environments.spec.azureml_brings import brought_by

    asked_for = {one.name for one in found.requirements} | {normalised(one.name) for one in found.matches}
    lines: dict[str, int] = {}
    for text, line in found.provided:
        names = [normalised(Requirement(one).name) for one in brought_by([text])]
        lines = dict.fromkeys(names, line) | lines
        shown = [*names[:_NAMES_SHOWN], *([f"{len(names) - _NAMES_SHOWN} more"] if len(names) > _NAMES_SHOWN else [])]
        along = f" What it brought comes along: {', '.join(shown)}." if names else ""
        name = Requirement(text).name
        found.note(f"{name} is not installed: Desktop AML itself provides the azureml package.{along}", at=(line, 1))
    for text in brought_by(text for text, _ in found.provided):
        name = normalised(Requirement(text).name)
        if name not in asked_for:
            found.brought.append(SpecRequirement(text, name, lines[name]))


def _read_existing(text: str, found: Findings) -> None:
    stripped = text.strip()
    if not stripped or "\n" in stripped or "\0" in stripped:
        found.error("An existing Python is one line: the path of its interpreter.", at=(1, 1))
        return
    path = interpreter_path(stripped)
    if not path.is_absolute():
        found.error(f"{stripped[:200]!r} is not a full path.", "Write it from the root: /usr/bin/python3.", at=(1, 1))
    elif not path.is_file():
        found.error(f"There is no Python at {path}.", "Choose a Python that is on this computer.", at=(1, 1))
    elif not os.access(path, os.X_OK):
        found.error(f"{path} cannot be run.", "Choose the interpreter itself, not a script.", at=(1, 1))


def _read_conda(text: str, found: Findings) -> None:
    root = yaml_tree.read(text.removeprefix("\ufeff"))
    if not isinstance(root, yaml_tree.Mapping):
        found.error(
            "A conda specification is a list of keys: name, channels, dependencies.",
            "Start with `dependencies:` and one `- package` per line.",
            at=(root.line, root.column),
        )
        return
    entries = {key.text: (key, value) for key, value in root.entries}
    for key, _ in entries.values():
        if key.text not in _TOP_KEYS:
            meant = difflib.get_close_matches(key.text[:80], _TOP_KEYS, n=1, cutoff=0.7)
            found.error(
                f"{key.text[:80]!r} is not a key of a conda specification.",
                f"Did you mean {meant[0]}?" if meant else f"The keys are {', '.join(_TOP_KEYS)}.",
                at=(key.line, key.column),
            )
    if "name" in entries:
        _read_name(entries["name"][1], found)
    if base_image.KEY in entries:
        base_image.read_key(entries[base_image.KEY][1], found)
    if "variables" in entries:
        key = entries["variables"][0]
        found.note("`variables` are not set for runs: give them to the run.", at=(key.line, key.column))
    if "channels" in entries:
        conda_channels.read(*entries["channels"], found)
    if "dependencies" in entries:
        _read_dependencies(*entries["dependencies"], found)
    elif not any(problem.severity == "error" for problem in found.problems):
        found.error("There are no `dependencies`.", "Add `dependencies:` and one `- package` per line.", at=(1, 1))


def _read_name(node: yaml_tree.Node, found: Findings) -> None:
    is_name = isinstance(node, yaml_tree.Scalar) and (node.is_empty or _NAME.fullmatch(node.text) is not None)
    if not is_name:
        found.error(
            "This cannot be the `name` of an environment.",
            "Write letters, digits, blanks, dots, dashes and underscores only, on one line.",
            at=(node.line, node.column),
        )


def _read_dependencies(key: yaml_tree.Scalar, node: yaml_tree.Node, found: Findings) -> None:
    if isinstance(node, yaml_tree.Scalar) and node.is_empty:
        return
    if not isinstance(node, yaml_tree.Sequence):
        found.error("`dependencies` must be a list.", "Write one `- package` per line.", at=(key.line, key.column))
        return
    for item in node.items:
        if isinstance(item, yaml_tree.Scalar):
            _read_word(item, found, conda=True)
        elif isinstance(item, yaml_tree.Mapping):
            _read_pip(item, found)
        else:
            found.error("A list inside the list of packages.", "Remove a dash.", at=(item.line, item.column))


def _read_word(item: yaml_tree.Scalar, found: Findings, *, conda: bool) -> None:
    content = item.text.strip()
    if item.is_empty or not content:
        found.error("There is no package behind the dash.", "Write a name or remove it.", at=(item.line, item.column))
    elif conda:
        conda_entries.read_entry(content, found, at=(item.line, item.column))
    else:
        requirement_lines.read_line(content, found, at=(item.line, item.column))


def _read_pip(mapping: yaml_tree.Mapping, found: Findings) -> None:
    for key, node in mapping.entries:
        if key.text != "pip":
            value = node.text if isinstance(node, yaml_tree.Scalar) else ""
            found.error(
                f"{key.text[:80]!r} is not a package: a colon follows it.",
                f"Write {key.text[:80]}={value[:40]}." if value else "Only `pip:` can have a list of its own.",
                at=(key.line, key.column),
            )
        elif isinstance(node, yaml_tree.Sequence):
            for item in node.items:
                if isinstance(item, yaml_tree.Scalar):
                    _read_word(item, found, conda=False)
                else:
                    found.error("A pip requirement is one word.", at=(item.line, item.column))
        elif not (isinstance(node, yaml_tree.Scalar) and node.is_empty):
            found.error("`pip:` must be a list.", "Write one `- package` per line.", at=(key.line, key.column))
