"""Which scripts a folder offers: looked at by their names alone, quickly enough for a drag."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final

_FIRST: Final = ("train.py", "main.py", "run.py")
_OF_THE_PROJECT: Final = ("__init__.py", "conftest.py", "noxfile.py", "setup.py", "tasks.py", "versioneer.py")
_ENDINGS: Final = (".py", ".ipynb")
NEAR: Final = 2
"""How many names lie on the way to what is near the top of a folder."""
_DEEPEST: Final = 5
_MOST_ENTRIES: Final = 5_000
"""How many names are looked at: a drag must not wait for a huge folder."""


def scripts_of(folder: Path) -> list[Path]:
    """Return the scripts of a folder, the likeliest first; its notebooks when it has no script.

    Those nearest to its top are meant. What installs or configures a project is none of them where there are others.
    """
    levels, spare = _levels(folder), list[Path]()
    # A notebook near the top comes before a script far below, which is a module as a rule.
    for depths in (NEAR, _DEEPEST - NEAR):
        files = list(islice(levels, depths))
        for of_kind in ([path for path in level if path.suffix == suffix] for suffix in _ENDINGS for level in files):
            found = [path for path in of_kind if path.name not in _OF_THE_PROJECT]
            if found:
                return sorted(found, key=lambda one: _FIRST.index(one.name) if one.name in _FIRST else len(_FIRST))
            spare = spare or of_kind
    return spare


def _levels(folder: Path) -> Iterator[list[Path]]:
    """Yield the files of a folder by how deep they lie, without those of hidden folders and of environments."""
    folders, left = [folder], _MOST_ENTRIES
    while folders and left > 0:
        files, below = list[Path](), list[Path]()
        for one in folders:
            with suppress(OSError), os.scandir(one) as entries:
                for entry in islice(entries, max(left, 0)):
                    left -= 1
                    if entry.is_dir():
                        below.append(Path(entry.path))
                    else:
                        files.append(Path(entry.path))
        yield sorted(files)
        folders = [one for one in sorted(below) if one.name[0] not in "._" and not (one / "pyvenv.cfg").exists()]
