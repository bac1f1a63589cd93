"""Poetry's own tables in a ``pyproject.toml``: what they depend on, in the words of pip. Tree to text, no I/O.

A caret or a tilde becomes the range that Poetry means by it. What pip has no words for is refused, never guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from desktop_aml.domain.errors import InvalidSpec
from desktop_aml.environments.spec.project_parts import ELSEWHERE, Project, refuse_elsewhere, table

_FILE: Final = "pyproject.toml"
_PART: Final = re.compile(r"(?P<sign>\^|~=|~|===|==|!=|<=|>=|<|>|=)?\s*v?(?P<version>[0-9][\w.+!-]*(?:\.\*)?|\*)")
_JOINT: Final = re.compile(r"\s*,\s*|\s+(?=[\^~=!<>])|(?<=[\w*])\s+(?=[\w*])")
_SYSTEMS: Final = ("linux", "darwin", "win32", "cygwin")


def read(poetry: dict[str, Any]) -> Project:
    """Return what ``[tool.poetry]`` depends on, without groups and without what only extras ask for.

    Raises
    ------
    InvalidSpec
        When it names nothing, or something that a package index has no words for.
    """
    wanted = dict(table(poetry, "dependencies"))
    python = wanted.pop("python", None)
    requirements, optional = [], []
    for name, one in wanted.items():
        for parts in _alternatives(name, one):
            if parts.get("optional") is True:
                optional.append(name)
            else:
                requirements.append(_requirement(name, parts))
    groups = [*table(poetry, "group"), *(["dev"] if table(poetry, "dev-dependencies") else [])]
    left = [f"Groups that are not taken: {', '.join(groups)}."] if groups else []
    left += [f"Only extras ask for: {', '.join(dict.fromkeys(optional))}."] if optional else []
    if not requirements:
        raise InvalidSpec(
            f"{_FILE} has nothing to install under [tool.poetry.dependencies].",
            "Write the packages there, or register a requirements file.",
        )
    named = _specifier("python", python) if isinstance(python, str) else ""
    return Project(_FILE, str(poetry.get("name", "")), named, tuple(requirements), remarks=tuple(left))


def _alternatives(name: str, wanted: object) -> Iterator[dict[str, Any]]:
    """Yield the tables of a package: a list has one for each Python or system."""
    for one in wanted if isinstance(wanted, list) else [wanted]:
        if isinstance(one, str):
            yield {"version": one}
        elif isinstance(one, dict):
            yield one
        else:
            raise _no_version(name, one)


def _requirement(name: str, parts: dict[str, Any]) -> str:
    refuse_elsewhere(_FILE, name, parts.keys() & ELSEWHERE, 'name = "<version>"')
    source = parts.get("source")
    if source is not None and str(source).lower() != "pypi":
        refuse_elsewhere(_FILE, name, {f"source of its own ({source})"}, 'name = "<version>"')
    version = parts.get("version", "*")
    if not isinstance(version, str):
        raise _no_version(name, version)
    extras = f"[{','.join(map(str, parts['extras']))}]" if isinstance(parts.get("extras"), list) else ""
    markers = [f"({parts['markers']})"] if parts.get("markers") else []
    markers += [_python_marker(name, parts["python"])] if isinstance(parts.get("python"), str) else []
    markers += [_system_marker(name, parts["platform"])] if isinstance(parts.get("platform"), str) else []
    text = f"{name}{extras}{_specifier(name, version)}"
    try:
        return str(Requirement(text + ("; " + " and ".join(filter(None, markers)) if any(markers) else "")))
    except InvalidRequirement:
        raise _no_version(name, parts) from None


def _python_marker(name: str, wanted: str) -> str:
    parts = _specifier(name, wanted).split(",")
    marks = [re.fullmatch(r"(\W+)(.+)", part) for part in parts if part]
    # A marker of a minor version compares two numbers; three need the full one.
    found = [(one[1], one[2]) for one in marks if one is not None]
    names = ("python_version", "python_full_version")
    return " and ".join(
        f'{names[version.count(".") > 1 and "*" not in version]} {sign} "{version}"' for sign, version in found
    )


def _system_marker(name: str, wanted: str) -> str:
    if wanted not in _SYSTEMS:
        raise InvalidSpec(f"{_FILE}: {name} is for the platform {json.dumps(wanted)}.", "Write linux, darwin or win32.")
    return f'sys_platform == "{wanted}"'


def _specifier(name: str, wanted: str) -> str:
    """Return a constraint of Poetry as one of PEP 440."""
    alternatives = [one.strip() for one in wanted.split("||" if "||" in wanted else "|")]
    if len(alternatives) == 1:
        return ",".join(one for part in _parts(name, wanted) for one in part)
    # Ranges that follow on one another are one range; PEP 440 has no word for others.
    ranges = sorted((_range(name, one, wanted) for one in alternatives), key=lambda one: one[0])
    first, reached = ranges[0]
    for start, end in ranges[1:]:
        if start > reached:
            raise _union(name, wanted)
        reached = max(reached, end)
    return f">={first},<{reached}"


def _range(name: str, alternative: str, wanted: str) -> tuple[Version, Version]:
    texts = [one for part in _parts(name, alternative) for one in part]
    low = [Version(one[2:]) for one in texts if one.startswith(">=")]
    high = [Version(one[1:]) for one in texts if re.match(r"<\d", one)]
    if len(texts) == 2 and low and high:
        return low[0], high[0]
    wild = re.fullmatch(r"==([\d.]+)\.\*", texts[0]) if len(texts) == 1 else None
    if wild is None:
        raise _union(name, wanted)
    start = Version(wild[1])
    return start, _after(start, len(start.release))


def _parts(name: str, wanted: str) -> Iterator[tuple[str, ...]]:
    for text in _JOINT.split(wanted.strip()):
        part = _PART.fullmatch(text.strip())
        if part is None:
            raise _no_version(name, wanted)
        try:
            yield _part(part["sign"] or "", part["version"])
        except InvalidVersion:
            raise _no_version(name, wanted) from None


def _part(sign: str, version: str) -> tuple[str, ...]:
    if version == "*":
        return ()
    if version.endswith(".*"):
        Version(version[:-2])
        if sign == "^" or sign == "~":
            return _part(sign, version[:-2])
        return (f"{'!=' if sign == '!=' else '=='}{version}",)
    number = Version(version)
    if sign == "^":
        # Up to where the first number that is not zero changes; of zeros alone the last counts.
        release = number.release
        kept = next((at for at, one in enumerate(release) if one), len(release) - 1) + 1
        return f">={version}", f"<{_after(number, kept)}"
    if sign == "~":
        return f">={version}", f"<{_after(number, min(2, len(number.release)))}"
    return (f"{'==' if sign in ('', '=') else sign}{version}",)


def _after(version: Version, kept: int) -> Version:
    """Return the first version behind all that begin with `kept` numbers of `version`."""
    release = [*version.release[: kept - 1], version.release[kept - 1] + 1]
    release += [0] * (min(2, len(version.release)) - len(release))
    epoch = f"{version.epoch}!" if version.epoch else ""
    return Version(epoch + ".".join(map(str, release)))


def _union(name: str, wanted: str) -> InvalidSpec:
    return InvalidSpec(
        f"{_FILE}: {name} = {json.dumps(wanted)} names versions with a gap between, which pip has no words for.",
        "Write one range, such as >=1.0,<3.0, or register the output of: poetry export -f requirements.txt",
    )


def _no_version(name: str, wanted: object) -> InvalidSpec:
    shown = json.dumps(wanted, default=str)[:80]
    return InvalidSpec(f"{_FILE}: {name} = {shown} is not a version.", 'Write it like "^1.2", ">=1.2,<2" or "1.2.3".')
