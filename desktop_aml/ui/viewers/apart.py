"""Looks into files by a program apart, so that nothing in them can harm or hold up the window."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from desktop_aml.ui.viewers import file_facts, pdf_page

ENDINGS: Final = frozenset(
    {".joblib", ".pkl", ".pickle", ".sav", ".npy", ".npz", ".parquet", ".zip", ".whl"}
    | {".db", ".db3", ".sqlite", ".sqlite3"}
)
_SECONDS: Final = 20
_TOO_SLOW: Final = f"This file could not be read within {_SECONDS} seconds."
_UNREADABLE: Final = "This file cannot be read: it is damaged, or needs more memory than a look is worth."


@dataclass(frozen=True, slots=True)
class Facts:
    """What the program said: pairs of words, a table, or why there is neither."""

    facts: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """A page of a PDF as a picture of four bytes a pixel (blue, green, red, nothing), or why there is none."""

    pages: int = 0
    width: int = 0
    height: int = 0
    stride: int = 0
    picture: bytes = b""
    words: str = ""


def look_into(path: Path, name: str) -> Facts:
    """Return what is in a file. Slow; called off the GUI thread."""
    try:
        found = json.loads(_said(file_facts.__file__, str(path), name))
        return Facts(
            tuple((str(key), str(value)) for key, value in found.get("facts", ())),
            tuple(map(str, found.get("head", ()))),
            tuple(tuple(map(str, row)) for row in found.get("rows", ())),
            str(found.get("words", "")),
        )
    except subprocess.TimeoutExpired:
        return Facts(words=_TOO_SLOW)
    except (OSError, ValueError, TypeError, AttributeError):
        return Facts(words=_UNREADABLE)


def draw_page(path: Path, number: int) -> PaperPage:
    """Return a page of a PDF, the first being 0. Slow; called off the GUI thread."""
    try:
        head, _, picture = _said(pdf_page.__file__, str(path), str(number)).partition(b"\n")
        found = json.loads(head)
        if words := found.get("words"):
            return PaperPage(words=str(words))
        pages, width, height, stride = (int(found[key]) for key in ("pages", "width", "height", "stride"))
        is_whole = width > 0 < height and stride >= 4 * width and len(picture) == height * stride
        return PaperPage(pages, width, height, stride, picture) if is_whole else PaperPage(words=_UNREADABLE)
    except subprocess.TimeoutExpired:
        return PaperPage(words=_TOO_SLOW)
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return PaperPage(words=_UNREADABLE)


def _said(program: str, *words: str) -> bytes:
    """Return what a program of this package prints about a file."""
    command = [sys.executable, "-I", program, *words]
    done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL)
    return done.stdout
