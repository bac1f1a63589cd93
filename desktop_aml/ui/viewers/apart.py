"""Looks into files by a program apart, so that nothing in them can harm or hold up the window."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.ui.viewers import file_facts

ENDINGS: Final = frozenset({".joblib", ".pkl", ".pickle", ".sav", ".npy", ".npz", ".parquet", ".zip", ".whl"})
_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What the program said: pairs of words, a table, or why there is neither."""

    facts: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: str = ""


def look_into(path: Path, name: str) -> Facts:
    """Return what is in a file. Slow; called off the GUI thread."""
    command = [sys.executable, "-I", str(Path(file_facts.__file__)), str(path), name]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
        found = json.loads(done.stdout)
        return Facts(
            tuple((str(key), str(value)) for key, value in found.get("facts", ())),
            tuple(map(str, found.get("head", ()))),
            tuple(tuple(map(str, row)) for row in found.get("rows", ())),
            str(found.get("words", "")),
        )
    except subprocess.TimeoutExpired:
        return Facts(words=f"This file could not be read within {_SECONDS} seconds.")
    except (OSError, ValueError, TypeError, AttributeError):
        return Facts(words="This file cannot be read: it is damaged, or needs more memory than a look is worth.")
