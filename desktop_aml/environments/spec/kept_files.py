"""Files that a Dockerfile copies, kept in its own text as comments: an environment says everything by itself.

So versions, comparisons and exports hold them, too, and a text file among them can be read where it stands::

    #: 644 requirements.txt
    #| scikit-learn==1.5.2

A file that is no plain text is written in base64 (``#: 644 base64 logo.png``), and an odd name as JSON has it.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

HEAD: Final = "# Files of the folder that this Dockerfile copies, kept with it by Desktop AML:"

MOST_LETTERS: Final = 1 << 20
"""How long the text of a Dockerfile may be with all that it keeps."""

_FILE: Final = re.compile(r"#: (?P<mode>644|755) (?P<coded>base64 )?(?P<name>.+)")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.@+-][A-Za-z0-9_.@+/ -]*(?<! )")
_LONGEST_LINE: Final = 2000
_COLUMNS: Final = 96


@dataclass(frozen=True, slots=True)
class KeptFile:
    """One file.

    Parameters
    ----------
    name : str
        Path relative to the Dockerfile's folder, with ``/``.
    is_executable : bool
        Whether it keeps the mode 755; else it has 644.
    """

    name: str
    data: bytes
    is_executable: bool = False


def written(text: str, files: Iterable[KeptFile]) -> str:
    """Return a Dockerfile with files kept in it, in place of those that it kept before."""
    lines = [line for file in sorted(files, key=lambda one: one.name) for line in _lines(file)]
    body, _ = read(text)
    if not lines:
        return body
    return "\n".join([body.rstrip("\n"), "", HEAD, *lines, ""])


def read(text: str) -> tuple[str, tuple[KeptFile, ...]]:
    """Return a Dockerfile without the files that are kept in it, and these.

    A file whose name leads out of the folder or is another one's folder, or whose text cannot be read, is left out:
    what copies it is refused.
    """
    body, head, kept = text.partition(f"\n{HEAD}\n")
    if not head:
        return text, ()
    found: list[tuple[re.Match[str], list[str]]] = []
    for line in kept.split("\n"):
        begin = _FILE.fullmatch(line.rstrip())
        if begin is not None:
            found.append((begin, []))
        elif found and line.startswith("#|"):
            found[-1][1].append(line[2:].removeprefix(" "))
    files = {file.name: file for begin, lines in found if (file := _file(begin, lines)) is not None}
    folders = {str(parent) for name in files for parent in PurePosixPath(name).parents}
    return body.rstrip("\n") + "\n", tuple(file for name, file in files.items() if name not in folders)


def is_inside(name: str) -> bool:
    """Whether a name is that of a file in the folder, written in one way."""
    path = PurePosixPath(name)
    return str(path) == name and not path.is_absolute() and ".." not in path.parts and name != "." and "\0" not in name


def _lines(file: KeptFile) -> list[str]:
    text = _as_text(file.data)
    coded = ""
    if text is None:
        coded = "base64 "
        letters = base64.b64encode(file.data).decode()
        text = "\n".join(letters[at : at + _COLUMNS] for at in range(0, len(letters), _COLUMNS))
    name = file.name if _PLAIN_NAME.fullmatch(file.name) else json.dumps(file.name)
    mode = "755" if file.is_executable else "644"
    return [f"#: {mode} {coded}{name}", *(f"#| {line}".rstrip() for line in text.split("\n"))]


def _as_text(data: bytes) -> str | None:
    """Return bytes as text that comes back as the same bytes out of any editor; None where that is not sure."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    is_plain = all(line == line.rstrip() and len(line) < _LONGEST_LINE and len(line.splitlines()) < 2 for line in lines)
    return text if is_plain and text.replace("\n", "").replace("\t", "").isprintable() else None


def _file(begin: re.Match[str], lines: list[str]) -> KeptFile | None:
    try:
        name = json.loads(begin["name"]) if begin["name"].startswith('"') else begin["name"]
        text = "\n".join(lines)
        data = base64.b64decode(text.replace("\n", ""), validate=True) if begin["coded"] else text.encode()
    except (binascii.Error, ValueError):
        return None
    if not isinstance(name, str) or not is_inside(name):
        return None
    return KeptFile(name, data, begin["mode"] == "755")
