"""Pythons for the corpus: the tests' own, and older and newer ones with the scikit-learn that each gets.

They are made once in the checkout's ``.cache`` and found again by later test runs.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.inside_run.conftest import interpreters

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = ("3.6", "3.8", "3.13")
PACKAGES = ("scikit-learn", "pandas", "matplotlib")

_PLACE = Path(__file__).parents[2] / ".cache" / "corpus"


@functools.cache
def python_of(version: str) -> str:
    """Return an interpreter with the packages that the cases import; skip the test where there can be none."""
    if version == OWN:
        return sys.executable
    base = interpreters().get(version)
    if base is None:
        pytest.skip(f"this computer has no Python {version}")
    place = _PLACE / version
    if not (place / "ready").exists():
        _make(place, base)
    return str(place / "bin" / "python")


def _make(place: Path, base: str) -> None:
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    try:
        # Relocatable: it is made beside its place and moved there whole.
        subprocess.run([uv, "venv", "-q", "--relocatable", "--python", base, unfinished], check=True)
        asked = [uv, "pip", "install", "-q", "--python", unfinished / "bin" / "python", *PACKAGES]
        if subprocess.run(asked, timeout=150).returncode:
            pytest.skip("no package index can be reached")
        (unfinished / "ready").touch()
        shutil.rmtree(place, ignore_errors=True)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
