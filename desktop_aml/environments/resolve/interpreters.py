"""Python interpreters of this computer: which there are, and which one a specification gets.

Nothing is ever downloaded here: an interpreter that is missing is named, with what to install. Each one is started
once to say what it is; the answers are remembered with the time and size of its file.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from packaging.specifiers import SpecifierSet

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import MissingOnComputer
from desktop_aml.environments.spec.parse_result import PythonPin
from desktop_aml.environments.toolchain.files import write_whole
from desktop_aml.system.whole_paths import with_home

_NAME: Final = re.compile(r"python3(\.\d+)?")
_OLDEST: Final = (3, 6, 0)
_TIMEOUT_S: Final = 10.0
_MANAGED: Final = ("~/.local/share/uv/python", "~/.pyenv/versions", "~/.asdf/installs/python", "/opt/python")
# A preview release and the interpreter of a virtual environment are no base to build on.
_ASK: Final = (
    "import sys; print('%d.%d.%d' % sys.version_info[:3]); "
    "print(int(sys.version_info[3] == 'final' and sys.prefix == getattr(sys, 'base_prefix', sys.prefix)"
    " and sys.implementation.name == 'cpython'))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """One Python of this computer."""

    path: str
    version: tuple[int, int, int]

    @property
    def version_text(self) -> str:
        """``3.11.7``."""
        return ".".join(map(str, self.version))


def find_all(memory: Path | None = None) -> tuple[Interpreter, ...]:
    """Return the interpreters of this computer that can carry an environment, newest first, each version once.

    Parameters
    ----------
    memory : Path, optional
        File where the answers are remembered: starting nine interpreters takes most of a second.
    """
    known = _read(memory)
    answers: dict[str, list[Any]] = {}
    found: dict[tuple[int, int, int], Interpreter] = {}
    for candidate in _candidates():
        path = os.path.realpath(candidate)
        if path in answers:
            continue
        try:
            status = Path(path).stat()
        except OSError:
            continue
        stamp = f"{status.st_mtime_ns} {status.st_size}"
        answer = known.get(path)
        if answer is None or answer[0] != stamp:
            answer = [stamp, _ask(path)]
        answers[path] = answer
        version = _version(answer[1])
        if version is not None:
            found.setdefault(version, Interpreter(path, version))
    if memory is not None and answers != known:
        # Only a memory: where it cannot be written, the interpreters are asked again.
        with contextlib.suppress(OSError):
            write_whole(memory, json.dumps(answers))
    return tuple(sorted(found.values(), key=lambda one: one.version, reverse=True))


def _candidates() -> Iterator[Path]:
    # The base interpreter, not the one of our own virtual environment: what is built must not depend on ours.
    yield Path(getattr(sys, "_base_executable", sys.executable))
    pyenv, managed = os.environ.get("PYENV_ROOT"), os.environ.get("UV_PYTHON_INSTALL_DIR")
    for root in (*([f"{pyenv}/versions"] if pyenv else []), *([managed] if managed else []), *_MANAGED):
        yield from sorted(with_home(root).glob("*/bin/python3"))
    for folder in (*os.environ.get("PATH", os.defpath).split(os.pathsep), "/usr/bin", "/usr/local/bin"):
        # A shim of pyenv runs whichever Python the current folder asks for, so it is no interpreter of its own.
        if folder and not folder.endswith("shims") and Path(folder).is_dir():
            try:
                yield from sorted(path for path in Path(folder).iterdir() if _NAME.fullmatch(path.name))
            except PermissionError:
                continue


def _ask(path: str) -> str:
    """Return the version of the interpreter at `path`, or nothing when it can carry no environment."""
    try:
        done = subprocess.run(
            [path, "-I", "-S", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
            stdin=subprocess.DEVNULL,
            cwd="/",
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    lines = done.stdout.split()
    return lines[0] if len(lines) == 2 and lines[1] == "1" else ""


def _version(text: object) -> tuple[int, int, int] | None:
    if not isinstance(text, str) or not re.fullmatch(r"\d+\.\d+\.\d+", text):
        return None
    major, minor, patch = (int(part) for part in text.split("."))
    return (major, minor, patch) if (major, minor, patch) >= _OLDEST else None


def _read(memory: Path | None) -> dict[str, list[Any]]:
    if memory is None:
        return {}
    try:
        known = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(known, dict):
        return {}
    return {path: answer for path, answer in known.items() if isinstance(answer, list) and len(answer) == 2}


def choose(
    pin: PythonPin | None,
    found: tuple[Interpreter, ...] | None = None,
    policy: PythonPinPolicy = PythonPinPolicy.SAME_MINOR,
) -> tuple[Interpreter, str]:
    """Return the interpreter for a pin, and a note when it is not exactly what was asked for.

    Exactly the version asked for, else what `policy` allows. Among several that fit, the Python that Desktop AML
    itself uses comes first, then the newest.

    Raises
    ------
    MissingOnComputer
        When this computer has no such Python; the message says which there are.
    """
    interpreters = find_all() if found is None else found
    own = [one for one in interpreters if one.version == sys.version_info[:3]]
    in_order = [*own, *(one for one in interpreters if one not in own)]
    if pin is None:
        if in_order:
            note = f"No Python version is named: this computer's Python {in_order[0].version_text} is used."
            return in_order[0], note
        raise MissingOnComputer("No Python interpreter was found on this computer.", "Install python3.")
    wanted = SpecifierSet(pin.specifier)
    for one in in_order:
        if wanted.contains(one.version_text, prereleases=True):
            return one, ""
    stand_in = _stand_in(pin, in_order, policy)
    if stand_in is not None:
        used, why = stand_in
        note = f"“{pin.text}” was asked for; this computer has Python {used.version_text}, which is used ({why})."
        return used, note
    raise _no_python(pin, interpreters, policy)


def _stand_in(pin: PythonPin, in_order: list[Interpreter], policy: PythonPinPolicy) -> tuple[Interpreter, str] | None:
    """Return the Python that may be used in place of the one asked for, and the rule that allows it."""
    if policy is PythonPinPolicy.EXACT or not in_order:
        return None
    # Only a pin of one version says which minor version it means: `>=3.14` does not mean 3.14 nor `<3.6` 3.6.
    minor = re.fullmatch(r"(?:==|~=)(\d+)\.(\d+)\.[\d.*]+", pin.specifier)
    same = [one for one in in_order if minor and one.version[:2] == (int(minor[1]), int(minor[2]))]
    if same:
        return same[0], "same minor version"
    near = re.search(r"3\.(\d+)", pin.specifier)
    if policy is PythonPinPolicy.RELAXED and near is not None:
        wanted = int(near[1])
        # Of two that are equally far the newer one: packages drop old versions sooner than new ones break scripts.
        nearest = min(in_order, key=lambda one: (abs(one.version[1] - wanted), -one.version[1]))
        return nearest, "the nearest one, as the settings allow"
    return None


def _no_python(pin: PythonPin, there: tuple[Interpreter, ...], policy: PythonPinPolicy) -> MissingOnComputer:
    has = f"It has {', '.join(one.version_text for one in there) or 'none'}."
    line = f" (line {pin.line})" if pin.line else ""
    if policy is PythonPinPolicy.EXACT:
        return MissingOnComputer(
            f"This computer has no Python that is exactly “{pin.text}”{line}, and the settings allow no other.",
            f"{has} Install that Python (pyenv and uv can), change the pin, or allow the same minor version in the"
            " settings.",
        )
    return MissingOnComputer(
        f"This computer has no Python for “{pin.text}”{line}.",
        f"{has} Install that Python (pyenv and uv can), change the pin, or name a channel of conda that has it.",
    )
