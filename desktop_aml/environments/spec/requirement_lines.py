"""Read the lines of a requirements file or of a conda file's ``pip:`` list.

Only what a requirement grammar (PEP 508) can say is accepted. Options that would fetch code from elsewhere are
refused, because a specification may come from a stranger.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet

from desktop_aml.environments.spec.package_names import is_part_of_python, is_provided, normalised
from desktop_aml.environments.spec.parse_result import Findings

_HASH = re.compile(r"\s--hash[=\s]\s*([A-Za-z0-9]+:[0-9A-Fa-f]+)")
_HARMLESS = {
    "--no-binary": "ready-made files are taken where there are any",
    "--upgrade": "the newest version that fits is taken",
    "-U": "the newest version that fits is taken",
    "--use-feature": "it is meant for pip itself",
    "--use-deprecated": "it is meant for pip itself",
    "--no-build-isolation": "what is built is built by itself",
    "--disable-pip-version-check": "it is meant for pip itself",
    "--prefer-binary": "it is the rule here anyway",
    "--require-hashes": "every package is locked with its hashes anyway",
    "--no-cache-dir": "the cache is shared and safe",
}
_OF_BUILDING = re.compile(r"""\s--(?:(?:global|build|install)-option|config-settings?)[=\s]\s*("[^"]*"|'[^']*'|\S+)""")
_CONFIGURED_ELSEWHERE = ("--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--trusted-host", "--no-index")
_AZURE_DEFAULT_LINKS = "pypi.python.org"
_UNSEEN = {0xA0: " ", 0x202F: " ", 0x200B: None, 0x200C: None, 0x200D: None, 0x2060: None, 0xFEFF: None}
"""What comes along when a line is copied from a page."""
# Older tools took it for the bound itself; pip and uv read it no more.
_BOUND_WITH_STAR = re.compile(r"((?:>=|<=|(?<![~=])>|<)\s*[\w.]+?)\.\*")


def logical_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield line number, column and content of every requirement, with continued lines joined and comments cut."""
    buffer, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw
        if not buffer:
            start = number
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            buffer += line.rstrip()[:-1] + " "
            continue
        joined, buffer = buffer + line, ""
        content = re.sub(r"(^|\s)#.*$", "", joined.translate(_UNSEEN)).rstrip()
        if content.strip():
            yield start, len(content) - len(content.lstrip()) + 1, content.strip()
    if buffer.strip():
        yield start, 1, buffer.strip()


def read_line(content: str, found: Findings, *, at: tuple[int, int]) -> None:
    """Read one requirement or option into `found`."""
    if any(ord(character) < 32 and character != "\t" for character in content):
        found.error("A requirement must be on one line.", at=at)
    elif content.startswith("-"):
        _read_option(content, found, *at)
    else:
        _read_requirement(content, found, *at)


def _read_option(content: str, found: Findings, line: int, column: int) -> None:
    option, _, value = re.sub(r"[=\s]+", " ", content, count=1).partition(" ")
    where = (line, column)
    if option == "--pre":
        found.prereleases = True
    elif option in _HARMLESS:
        found.note(f"{option} is not needed: {_HARMLESS[option]}.", at=where)
    elif option in _CONFIGURED_ELSEWHERE and _AZURE_DEFAULT_LINKS in value:
        found.note(f"{option} {value} is ignored: the Azure ML SDK writes it by itself.", at=where)
    elif option in _CONFIGURED_ELSEWHERE:
        found.error(
            f"{option} is refused: a specification cannot choose where packages come from.",
            "Set the package index for this computer instead, with UV_DEFAULT_INDEX or in uv.toml or pip.conf.",
            at=where,
        )
    elif option == "--only-binary":
        found.only_binary += [name for name in re.split(r"[\s,]+", value) if name and name != ":none:"]
    elif option in {"-c", "--constraint"} and _is_bound(value):
        found.constraints.append(value)
    elif option in {"-r", "--requirement", "-c", "--constraint"} and re.match(r"https?://", value):
        found.error(
            f"{option} {value} is an address, which is refused: a specification is whole by itself.",
            "Write its lines here.",
            at=where,
        )
    elif option in {"-r", "--requirement", "-c", "--constraint"}:
        found.error(
            f"{option} {value} names another file, which is not part of this specification.",
            "Register the environment from its file to have the lines copied in, or write them here.",
            at=where,
        )
    elif option in {"-e", "--editable"}:
        found.error(
            f"{option} is refused: an environment cannot be repeated from a folder that changes.",
            "Put the code into the source directory of the run.",
            at=where,
        )
    else:
        found.error(f"{option[:80]} is not an option that an environment can have.", "Remove it.", at=where)


def _is_bound(value: str) -> bool:
    """Whether what follows ``-c`` is a bound, as it is once the lines of its file were copied in."""
    try:
        return bool(Requirement(value).specifier)
    except InvalidRequirement:
        return False


def _read_requirement(content: str, found: Findings, line: int, column: int) -> None:
    hashes = tuple(value.lower() for value in _HASH.findall(content))
    text = _HASH.sub("", content).strip()
    if _OF_BUILDING.search(text):
        found.note("Options for building a package are not needed: ready-made files are taken.", at=(line, column))
        text = _OF_BUILDING.sub("", text).strip()
    if _BOUND_WITH_STAR.search(text):
        old, text = text, _BOUND_WITH_STAR.sub(r"\1", text)
        found.note(f"{old!r} is read as {text!r}: pip takes a star after == and != alone.", at=(line, column))
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        message, hint, offset = _explain(text, error)
        found.error(message, hint, at=(line, column + offset))
        return
    name = normalised(requirement.name)
    if requirement.url is not None:
        found.error(
            f"{requirement.name} is taken from an address, which is refused: only the package index is used.",
            f"Write {requirement.name}==<version>.",
            at=(line, column),
        )
    elif name == "python":
        found.error(
            "Python is not a package of PyPI.",
            "Write python=3.11 under `dependencies` of a conda specification.",
            at=(line, column),
        )
    elif is_provided(name):
        requirement.marker = None
        found.provided.append((str(requirement), line))
    elif name == "pkg-resources":
        message = f"{requirement.name} is no package: Debian's pip writes the line by mistake. It is left out."
        found.note(message, "Remove the line.", at=(line, column))
    elif is_part_of_python(name):
        message = f"{requirement.name} is part of Python: there is nothing to install."
        found.note(message, "Remove the line.", at=(line, column))
    elif name == "sklearn":
        requirement.name = "scikit-learn"
        found.note("sklearn is the old name: scikit-learn is installed.", "Write scikit-learn.", at=(line, column))
        found.require(str(requirement), "scikit-learn", line=line, hashes=hashes)
    else:
        found.suspect(requirement.name, at=(line, column))
        _drop_labels(requirement, found, (line, column))
        found.require(str(requirement), requirement.name, line=line, hashes=hashes)


def _drop_labels(requirement: Requirement, found: Findings, at: tuple[int, int]) -> None:
    """Take the label of a build, such as ``+cu117``, off a version: a package index has only versions without one."""
    labelled = [one for one in requirement.specifier if "+" in one.version]
    if labelled:
        plain = re.sub(r"\+[\w.]+", "", str(requirement.specifier))
        found.note(f"{requirement.name}: {labelled[0].version} names one build; {plain} is taken.", at=at)
        requirement.specifier = SpecifierSet(plain)


def _explain(text: str, error: InvalidRequirement) -> tuple[str, str, int]:
    shown = text if len(text) <= 80 else text[:77] + "…"
    if text == "@EXPLICIT" or re.fullmatch(r"[\w.\-]+=[\w.!+*]+=[\w.]+", text):
        return (
            f"{shown!r} is a line of a list that conda wrote, of packages for one kind of computer.",
            "Write the environment with `conda env export > environment.yml`, and use that file.",
            0,
        )
    if re.match(r"(git|hg|svn|bzr)\+|https?://|file:|\.{0,2}/|\.{1,2}(\[[^\]]*\])?$", text):
        return (
            f"{shown!r} is taken from an address or a folder, which is refused: only the package index is used.",
            "Put its code into the source directory of the run, and write here what it needs."
            if text.startswith(".")
            else "Write the name of the package, and ==<version> if it matters.",
            0,
        )
    single = re.fullmatch(r"([A-Za-z0-9._-]+)\s*=\s*([0-9][\w.*]*)", text)
    if single:
        return f"{shown!r}: pip wants two equals signs.", f"Write {single[1]}=={single[2]}.", len(single[1])
    lines = str(error).splitlines()
    caret = next((part.index("^") for part in lines if "^" in part and not part.strip("^~ ")), 4)
    return (
        f"{shown!r} is not a requirement: {lines[0].rstrip('.').lower() if lines else 'unreadable'}.",
        "Write a name, and a version if it matters: numpy, numpy==1.26.4, numpy>=1.26,<2.",
        max(0, caret - 4),
    )
