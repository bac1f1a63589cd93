"""Where the tests find Pythons older than their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PYENV: Final = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"


def pythons_of(version: str) -> list[Path]:
    """Return pyenv's interpreters of a version, which may be a pattern such as ``3.[6-9]``, sorted by path."""
    return sorted(PYENV.glob(f"{version}.*/bin/python"))
