"""Files in which other tools wrote down exact versions, as what a project depends on. Text to text, no I/O.

``uv.lock`` and ``poetry.lock`` say what may come along, not what is asked for: their versions become bounds of what the
project asks for. ``Pipfile.lock`` and ``pylock.toml`` list what is installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.project_parts import ELSEWHERE, Project, refuse_elsewhere, table

PIPFILE_LOCK: Final = "Pipfile.lock"
POETRY_LOCK: Final = "poetry.lock"
UV_LOCK: Final = "uv.lock"
PYLOCK: Final = "pylock.toml"

_NO_HASHES: Final = "Its hashes are not taken along, its versions are."


def read_pipfile_lock(tree: dict[str, Any]) -> Project:
    """Return what ``default`` of a ``Pipfile.lock`` lists; what is for development only is left out.

    Raises
    ------
    InvalidSpec
        When it lists nothing, or takes something from elsewhere.
    """
    lines = []
    for name, one in table(tree, "default").items():
        parts: dict[str, Any] = one if isinstance(one, dict) else {}
        refuse_elsewhere(PIPFILE_LOCK, name, parts.keys() & ELSEWHERE, 'name = "==<version>" in the Pipfile')
        extras = f"[{','.join(map(str, parts['extras']))}]" if isinstance(parts.get("extras"), list) else ""
        version, marker = str(parts.get("version", "")), str(parts.get("markers", ""))
        lines.append(_line(PIPFILE_LOCK, f"{name}{extras}{version}", marker, parts.get("hashes")))
    requires = table(tree, "_meta", "requires")
    minor = requires.get("python_version") or requires.get("python_full_version")
    left = ["What is for development only is not taken."] if table(tree, "develop") else []
    return Project(PIPFILE_LOCK, "", f"={minor}" if minor else "", _some(PIPFILE_LOCK, lines), remarks=tuple(left))


def read_pylock(file: str, tree: dict[str, Any]) -> Project:
    """Return what a ``pylock.toml`` (PEP 751) lists, as it is installed when no extra or group is asked for.

    Raises
    ------
    InvalidSpec
        When it lists nothing, or takes something from elsewhere.
    """
    groups = frozenset(map(str, tree.get("default-groups") or ()))
    lines, left = [], []
    for one in _tables(tree.get("packages")):
        name, marker = str(one.get("name", "")), str(one.get("marker", ""))
        if "extras" in marker or "dependency_groups" in marker:
            try:
                is_default = Marker(marker).evaluate({"extras": frozenset(), "dependency_groups": groups}, "lock_file")
            except InvalidMarker:
                raise _unreadable(file, marker) from None
            if not is_default:
                left.append(name)
                continue
            marker = ""
        refuse_elsewhere(file, name, one.keys() & ELSEWHERE, "name==<version> into a requirements file")
        files = [*_tables(one.get("wheels")), *_tables([one["sdist"]] if "sdist" in one else [])]
        digests = [f"{kind}:{value}" for each in files for kind, value in table(each, "hashes").items()]
        version = f"=={one['version']}" if "version" in one else ""
        lines.append(_line(file, f"{name}{version}", marker, digests))
    remarks = (f"Only extras and groups ask for: {', '.join(dict.fromkeys(left))}.",) if left else ()
    return Project(file, "", _joined(tree.get("requires-python")), _some(file, lines), remarks=remarks)


def read_uv_lock(tree: dict[str, Any]) -> Project:
    """Return what the project of a ``uv.lock`` asks for, bound to the versions in it.

    Raises
    ------
    InvalidSpec
        When it is the lock of several projects, or asks for nothing.
    """
    packages = _tables(tree.get("package"))
    roots = [one for one in packages if {"virtual", "editable"} & table(one, "source").keys()]
    own = [one for one in roots if "." in table(one, "source").values()] or roots
    if len(own) != 1:
        raise InvalidSpec(
            f"{UV_LOCK} does not say which of {len(own)} projects is meant.", "Register the output of: uv export"
        )
    (root,) = own
    inside = {str(one.get("name")) for one in roots}
    lines = []
    for one in _tables(root.get("dependencies")):
        name = str(one.get("name", ""))
        neighbour = {"workspace"} if name in inside else set[str]()
        refuse_elsewhere(UV_LOCK, name, neighbour, "name==<version> into a requirements file")
        extras = f"[{','.join(map(str, one['extra']))}]" if isinstance(one.get("extra"), list) else ""
        lines.append(_line(UV_LOCK, f"{name}{extras}", str(one.get("marker", "")), None))
    bounds = _bounds(UV_LOCK, [one for one in packages if one not in roots], "resolution-markers")
    name, python = str(root.get("name", "")), _joined(tree.get("requires-python"))
    # A package is named once for each part of the markers under which it has another version.
    return Project(UV_LOCK, name, python, tuple(dict.fromkeys(_some(UV_LOCK, lines))), bounds, (_NO_HASHES,))


def read_poetry_lock(tree: dict[str, Any], project: Callable[[], Project]) -> Project:
    """Return what the ``pyproject.toml`` beside a ``poetry.lock`` asks for, bound to the versions in the lock.

    Raises
    ------
    InvalidSpec
        When a package of the lock comes from elsewhere, or the project cannot be read.
    """
    bounds = _bounds(POETRY_LOCK, _tables(tree.get("package")), "markers")
    asked = project()
    return Project(POETRY_LOCK, asked.name, asked.python, asked.requirements, bounds, (*asked.remarks, _NO_HASHES))


def _bounds(file: str, packages: list[dict[str, Any]], marker_key: str) -> tuple[str, ...]:
    """Return a bound for each package; of several versions only those that say for which systems they are."""
    names = [str(one.get("name", "")) for one in packages]
    found = []
    for name, one in zip(names, packages, strict=True):
        source = table(one, "source")
        where = {str(source["type"])} if source.get("type") in ELSEWHERE else source.keys() & ELSEWHERE
        refuse_elsewhere(file, name, where, "name==<version> into a requirements file")
        markers = one.get(marker_key) or ()
        marker = " or ".join(f"({each})" for each in ([markers] if isinstance(markers, str) else list(markers)))
        is_alone = names.count(name) == 1
        if "version" in one and (is_alone or marker):
            found.append(_line(file, f"{name}=={one['version']}", "" if is_alone else marker, None))
    return tuple(found)


def _line(file: str, text: str, marker: str, hashes: object) -> str:
    try:
        line = str(Requirement(f"{text}; {marker}" if marker else text))
    except InvalidRequirement:
        raise _unreadable(file, f"{text}; {marker}" if marker else text) from None
    digests = [one for one in hashes if isinstance(one, str)] if isinstance(hashes, list) else []
    return line + "".join(f" --hash={one}" for one in digests)


def _unreadable(file: str, text: str) -> InvalidSpec:
    return InvalidSpec(f"{file}: {json.dumps(text[:120])} is not a requirement.", "Lock the project again.")


def _some(file: str, lines: list[str]) -> tuple[str, ...]:
    if not lines:
        raise InvalidSpec(f"{file} lists nothing to install.", "Lock the project again, or register another file.")
    return tuple(lines)


def _tables(found: object) -> list[dict[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _joined(wanted: object) -> str:
    return "".join(wanted.split()) if isinstance(wanted, str) else ""
