"""Read the entries of a conda file's ``dependencies`` and turn conda's pins into PyPI requirements.

Source for the grammar: conda's package match specification. What only conda can do is refused with its line.
"""

from __future__ import annotations

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from desktop_aml.environments.spec.package_names import (
    CONDA_LIBRARIES,
    CONDA_PROGRAMS,
    CONDA_TO_PYPI,
    is_part_of_python,
    is_provided,
    normalised,
)
from desktop_aml.environments.spec.parse_result import CondaMatch, Findings, PythonPin, SpecRequirement

_ENTRY = re.compile(r"(?:(?P<channel>[^\s:]+)::)?(?P<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)(?P<rest>.*)")
_FUZZY = re.compile(r"=(?!=)\s*(?P<version>[^=<>!~,|\s]+)(?:\s*=\s*(?P<build>\S+)|\s+(?P<other>\S+))?")
_EXACT = re.compile(r"==\s*(?P<version>[^=<>!~,|\s]+)(?:\s*=\s*(?P<build>\S+)|\s+(?P<other>\S+))?")
_SPACED = re.compile(r"(?P<version>[0-9*][^=<>!~,|\s]*)(?:\s+(?P<build>\S+))?")
_CLAUSE = re.compile(r"(?P<op>==|>=|<=|!=|~=|=|<|>|)\s*(?P<version>[0-9*][\w.*+!-]*)")
_OLDEST_PYTHON = (3, 6)


class UnreadablePin(ValueError):
    """A conda pin that has no equal on PyPI. The text says why; `is_conda` tells whether conda understands it."""

    def __init__(self, why: str, *, is_conda: bool = False) -> None:
        super().__init__(why)
        self.is_conda = is_conda


def read_entry(content: str, found: Findings, *, at: tuple[int, int]) -> None:
    """Read one conda dependency such as ``numpy=1.19`` into `found`."""
    entry = _ENTRY.fullmatch(content.strip())
    if entry is None:
        found.error(
            f"{content[:80]!r} is not a conda package.",
            "Write a name, and a version if it matters: numpy, numpy=1.26, numpy>=1.26,<2.",
            at=at,
        )
        return
    name, rest = entry["name"], entry["rest"].strip()
    try:
        specifier, build = pin_to_specifier(rest)
    except UnreadablePin as error:
        say = found.pypi_error if error.is_conda else found.error
        say(f"{content[:80]!r}: {error}", "Write name=version or name>=version.", at=(at[0], at[1] + len(name)))
        if error.is_conda:
            found.matches.append(CondaMatch(content.strip(), name.lower(), at[0]))
        return
    if not is_provided(name):
        found.matches.append(CondaMatch(content.strip(), name.lower(), at[0]))
    if normalised(name) == "python":
        _pin_python(content, specifier, found, *at)
        return
    if entry["channel"]:
        found.pypi_note(
            f"{name}: the conda channel {entry['channel']} is not used; the package comes from PyPI.",
            at=at,
        )
    if build:
        found.pypi_note(f"{name}: the conda build {build} is not used; PyPI's wheel is taken.", at=at)
    _require(name, specifier, found, *at)


def pin_to_specifier(pin: str) -> tuple[str, str]:
    """Return a conda pin as a PEP 440 specifier set, and the conda build string that it named.

    Examples
    --------
    >>> pin_to_specifier("=1.19")
    ('==1.19.*', '')
    >>> pin_to_specifier("=1.0=py36_0")
    ('==1.0.*', 'py36_0')

    Raises
    ------
    UnreadablePin
        When PyPI has no way to say it.
    """
    if not pin:
        return "", ""
    if pin.startswith("["):
        raise UnreadablePin("settings in brackets are conda's own.", is_conda=True)
    if "|" in pin:
        raise UnreadablePin("alternatives (|) cannot be said on PyPI.", is_conda=True)
    for pattern, op in ((_FUZZY, "="), (_EXACT, "=="), (_SPACED, "==")):
        match = pattern.fullmatch(pin)
        if match:
            parts = match.groupdict()
            return _clause(op, parts["version"]), parts.get("build") or parts.get("other") or ""
    clauses = []
    for part in pin.split(","):
        match = _CLAUSE.fullmatch(part.strip())
        if match is None:
            raise UnreadablePin(f"{part.strip()[:40]!r} is not a version.")
        clauses.append(_clause(match["op"] or "==", match["version"]))
    return ",".join(clause for clause in clauses if clause), ""


def _clause(op: str, version: str) -> str:
    if version == "*":
        return ""
    # conda writes 1.19* for what PEP 440 calls 1.19.*
    version = re.sub(r"(?<=[0-9])\*$", ".*", version)
    if op in {">=", ">", "<=", "<", "~="}:
        version = version.removesuffix(".*")
    candidates = [f"=={version}.*", f"=={version}"] if op == "=" and not version.endswith("*") else []
    candidates.append(f"{'==' if op == '=' else op}{version}")
    for candidate in candidates:
        try:
            SpecifierSet(candidate)
        except InvalidSpecifier:
            continue
        return candidate
    raise UnreadablePin(f"{version[:40]!r} is not a version that PyPI knows.")


def _pin_python(content: str, specifier: str, found: Findings, line: int, column: int) -> None:
    where = (line, column)
    # Nobody who writes python==3.8 means 3.8.0 and nothing else.
    specifier = re.sub(r"(?<![<>!~])==(\d+(?:\.\d+)?)(?=,|$)", r"==\1.*", specifier)
    if found.python is not None:
        found.error(f"Python is there twice: also on line {found.python.line}.", "Keep one.", at=where)
        return
    newest_named = [tuple(int(part) for part in match.split(".")) for match in re.findall(r"==(\d+\.\d+)", specifier)]
    if specifier.startswith("==2") or any(version < _OLDEST_PYTHON for version in newest_named):
        found.error(
            f"{content}: Python 3.6 is the oldest that can be used here.", "Write python=3.6 or newer.", at=where
        )
        return
    found.python = PythonPin(content.strip(), specifier, line)


def _require(name: str, specifier: str, found: Findings, line: int, column: int) -> None:
    lower = name.lower()
    where = (line, column)
    if is_provided(name):
        found.provided.append((f"{name}{specifier}", line))
    elif lower == "pip":
        # uv installs the packages; a script may want it all the same, in the version that can be had.
        found.brought.append(SpecRequirement(f"pip{specifier}", "pip", line))
    elif CONDA_TO_PYPI.get(lower):
        mapped = CONDA_TO_PYPI[lower]
        found.pypi_note(f"{name} is conda's name for {mapped} on PyPI.", at=where)
        _add(mapped, specifier, found, line)
    elif is_part_of_python(lower):
        found.pypi_note(f"{name} is part of Python: there is nothing to install.", at=where)
    elif lower in CONDA_PROGRAMS:
        found.pypi_note(
            f"{name} is a program, not a Python package: the one on this computer is used, if any.", at=where
        )
    elif lower in CONDA_LIBRARIES or lower in CONDA_TO_PYPI or re.match(r"lib(?!rosa|tpu|cst|sass|torrent)", lower):
        found.pypi_note(f"{name} exists only in conda and is left out: PyPI's wheels carry what they need.", at=where)
    elif re.match(r"(r-|m2w64-|msys2-|perl-|bioconductor-)", lower) or lower in {
        "conda",
        "mamba",
        "conda-build",
        "_r-mutex",
    }:
        found.pypi_error(
            f"{name} exists only in conda, and nothing on PyPI replaces it.",
            "Remove the line, or name a channel that has it under `channels:`.",
            at=where,
        )
    else:
        found.suspect(name, at=where)
        _add(name, specifier, found, line)


def _add(name: str, specifier: str, found: Findings, line: int) -> None:
    text = f"{name}{specifier}"
    found.from_conda.append(text)
    found.require(text, name, line=line, is_pip=False)
