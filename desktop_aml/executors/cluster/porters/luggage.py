"""What a run needs on a machine whose files are its own, and where it finds it there.

Each path of this computer that the run is told of becomes one over there: in its variables, its arguments and the
scripts of its environment.
"""

from __future__ import annotations

import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from desktop_aml.executors.cluster.porters.porter import PorterFacts
from desktop_aml.executors.cluster.porters.trees import Tree
from desktop_aml.executors.local_process import LAUNCHER
from desktop_aml.system.files import read_regular

_READY: Final = "ready.json"
_TRAVELS: Final = "uv"
_OURS: Final = Path("/usr")
_NOT_DATA: Final = ("/dev", "/proc", "/sys", "/run")
_THIS_COMPUTERS: Final = re.compile(
    r"HOME|USER|LOGNAME|SHELL|MAIL|TMPDIR|TEMP|TMP|DISPLAY|WAYLAND_.*|XDG_.*|XAUTHORITY|DBUS_.*|SSH_.*|GPG_.*"
    r"|LD_LIBRARY_PATH|HOSTNAME|TERM.*|VIRTUAL_ENV_PROMPT"
)
"""Variables that mean something on this computer only."""

_NOT_AT_RUNTIME: Final = re.compile(r"(?:^|/)(?:test|tests|idle_test|config-[^/]*|include|share|pkgconfig)$|\.a$")
"""What a travelling interpreter is not asked for: its own tests, what compilers need, and its manual."""


class Unfit(Exception):
    """A machine cannot carry out a run; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """A built environment that can be made anew elsewhere.

    Parameters
    ----------
    prefix : Path
        Folder of its packages.
    base : Path
        The interpreter that it was built on.
    version : str
        Of that.
    made : int
        Another number when it was built again.
    """

    made: int
    prefix: Path
    base: Path
    version: str

    @property
    def minor(self) -> str:
        """``3.11``."""
        return ".".join(self.version.split(".")[:2])

    def base_prefix(self) -> Path | None:
        """Return the folder of the interpreter when all of it lies there; None for one that its system spread."""
        found = self.base.parents[1]
        is_apart = found != _OURS and _OURS not in found.parents and found != Path("/")
        return found if is_apart and (found / "lib" / f"python{self.minor}" / "os.py").is_file() else None


def library_path(prefix: Path, there: str) -> dict[str, str]:
    """Return the variable without which an interpreter that is moved does not find its own library; mostly none."""
    libraries = list((prefix / "lib").glob("libpython3.*.so*"))
    finds_it = any(b"$ORIGIN" in read_regular(path) for path in (prefix / "bin").glob("python3.*[0-9]"))
    return {"LD_LIBRARY_PATH": f"{there}/lib"} if libraries and not finds_it else {}


def environment_of(python: str) -> Environment | None:
    """Return the environment of an interpreter; None where it is none of packages alone, and stays where it is."""
    for folder in Path(python).parents:
        try:
            said = json.loads(read_regular(folder / _READY))
            if said["builder"] != _TRAVELS or str(folder / said["python"]) != python:
                return None
            prefix = Path(python).parents[1]
            made = (folder / _READY).stat().st_ino
            return Environment(made, prefix, Path(python).resolve(strict=True), str(said["python_version"]))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, KeyError, TypeError):
            return None
    return None


@dataclass(slots=True)
class Paths:
    """What becomes of this computer's paths over there."""

    pairs: dict[str, str] = field(default_factory=dict)
    _pattern: re.Pattern[str] | None = None

    def add(self, here: Path | str, there: str) -> None:
        """Note a file or folder, and all that is in it."""
        for name in (str(here), os.path.normpath(here), os.path.realpath(here)):
            self.pairs.setdefault(name, there)
            self.pairs.setdefault(quote(name), quote(there))
        self._pattern = None

    def moved(self, text: str) -> str:
        """Return a text with the paths of the machine."""
        if not self.pairs:
            return text
        if self._pattern is None:
            # The longest first: one may lie in another. What goes on after it is another name.
            names = sorted(map(re.escape, self.pairs), key=len, reverse=True)
            self._pattern = re.compile(rf"(?<![\w.\-])({'|'.join(names)})(?![\w.\-])")
        return self._pattern.sub(lambda found: self.pairs[found[1]], text)


def variables(given: Mapping[str, str], paths: Paths, facts: PorterFacts) -> dict[str, str]:
    """Return the variables of a script over there: what was given for the run, and what belongs to the machine."""
    moved = {name: paths.moved(text) for name, text in given.items() if not _THIS_COMPUTERS.fullmatch(name)}
    search = [paths.moved(one) for one in given.get("PATH", "").split(os.pathsep)]
    known = tuple(paths.pairs.values())
    ours = [one for one in search if any(one == place or one.startswith(f"{place}/") for place in known)]
    theirs = facts.env_vars.get("PATH", os.defpath)
    return {**facts.env_vars, **moved, "PATH": os.pathsep.join([*ours, theirs])}


@cache
def program_tree() -> Tree:
    """Return our own code that a run needs."""
    tree = Tree()
    tree.add_folder(LAUNCHER.parent, LAUNCHER.parent.name)
    return tree


def check(environment: Environment, facts: PorterFacts) -> None:
    """Refuse a machine on which what was made here would not run.

    Raises
    ------
    Unfit
        With the reason.
    """
    here = platform.machine()
    if facts.machine != here:
        raise Unfit(f"it is a {facts.machine}, and packages for this computer are for {here}")
    if not facts.libc:
        raise Unfit("it has no GNU C library, for which the packages are made")
    needed = max((_glibc_of(path) for path in environment.prefix.glob("lib/python*/site-packages/*/WHEEL")), default=())
    if needed > tuple(int(one) for one in facts.libc.split(".")[:2]):
        raise Unfit(f"its C library is {facts.libc}, and the packages need {'.'.join(map(str, needed))}")


def _glibc_of(wheel: Path) -> tuple[int, ...]:
    """Return which C library a package was made for; one that was compiled here needs that of this computer."""
    tags = re.findall(r"^Tag: \S+-(\S+)$", read_regular(wheel).decode("utf-8", "replace"), re.MULTILINE)
    asked: list[tuple[int, ...]] = []
    for tag in tags:
        found = re.match(r"manylinux_(\d+)_(\d+)_", tag)
        old = {"manylinux1_": (2, 5), "manylinux2010_": (2, 12), "manylinux2014_": (2, 17)}
        if found:
            asked.append((int(found[1]), int(found[2])))
        elif tag.startswith("linux_"):
            asked.append(tuple(int(one) for one in platform.libc_ver()[1].split(".")[:2]))
        else:
            asked += [number for name, number in old.items() if tag.startswith(name)]
    # Any of its tags is enough.
    return min(asked, default=())


def interpreter_there(environment: Environment, facts: PorterFacts) -> str:
    """Return the path of a Python of the machine on which the environment can be made; empty where one must travel.

    Raises
    ------
    Unfit
        When there is none, and this computer's is spread over its system.
    """
    if environment.version in facts.pythons:
        return facts.pythons[environment.version]
    if environment.base_prefix() is not None:
        return ""
    same = [path for version, path in facts.pythons.items() if version.startswith(f"{environment.minor}.")]
    if not same:
        raise Unfit(
            f"it has no Python {environment.minor}, and this computer's belongs to its system and cannot travel;"
            f" install python{environment.minor} there"
        )
    return same[0]


@lru_cache(maxsize=4)
def interpreter_tree(prefix: Path) -> Tree:
    """Return an interpreter that lies in a folder of its own."""
    tree = Tree()
    site = re.compile(r"/site-packages/")
    tree.add_folder(
        prefix,
        "",
        skip=lambda path: (
            bool(_NOT_AT_RUNTIME.search(path.relative_to(prefix).as_posix())) and not site.search(path.as_posix())
        ),
    )
    return tree


@lru_cache(maxsize=16)
def environment_tree(environment: Environment, base: str, root: str) -> tuple[Tree, str]:
    """Return an environment as it is made over there, and what names it.

    Parameters
    ----------
    base : str
        The interpreter there.
    root : str
        Folder of ours there.
    """
    tree = Tree()
    tree.add_folder(environment.prefix, "")
    key = Tree([{"p": base, "k": root}, *tree.entries]).key
    paths = Paths()
    paths.add(environment.prefix, f"{root}/trees/{key}")
    for entry in tree.entries:
        source = environment.prefix / entry["p"]
        if entry["k"] == "l" and entry["h"].startswith("/"):
            is_base = Path(entry["h"]).resolve() == environment.base
            entry["h"] = base if is_base else paths.moved(entry["h"])
        elif entry["k"] != "f":
            continue
        elif entry["p"] == "pyvenv.cfg":
            lines = read_regular(source).decode().splitlines()
            home = f"home = {Path(base).parent}"
            lines = [home if line.partition("=")[0].strip() == "home" else line for line in lines]
            entry |= {"k": "t", "h": "\n".join([*lines, ""])}
        elif source.parent == environment.prefix / "bin" and _is_text(source):
            # Scripts say in their first line where their interpreter is.
            entry |= {"k": "r", "with": [list(pair) for pair in paths.pairs.items()]}
    return tree, key


def _is_text(path: Path) -> bool:
    return b"\0" not in read_regular(path, 1 << 16)


def places_in(job: Mapping[str, Any], declared: Iterable[str], left_out: Iterable[Path]) -> dict[str, bool]:
    """Return what a script is given beside its own folder, by path, and whether it only reads it.

    Those are its declared inputs, and what its arguments name: a file or folder, or where one is to be made.
    """
    found = dict.fromkeys(declared, True)
    apart = [*left_out, *map(Path, _NOT_DATA)]
    for word in job["arguments"]:
        for text in {word, word.partition("=")[2]}:
            path = Path(os.path.normpath(text)) if text.startswith("/") and "\0" not in text else None
            if path is None or len(path.parts) < 3 or any(path == one or one in path.parents for one in apart):
                continue
            if any(path in one.parents for one in apart) or not os.path.lexists(path.parent):
                continue
            found.setdefault(str(path), False)
    return found
