"""Pythons for the corpus: the tests' own, and older and newer ones with the scikit-learn that each gets.

They are made once in the checkout's ``.cache`` and found again by later test runs.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inside_run.conftest import interpreters

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = (OWN, *(version for version in ("3.6", "3.8", "3.11", "3.13") if version != OWN))
PACKAGES = ("scikit-learn", "pandas", "matplotlib", "nbclient", "ipykernel")

_PLACE = Path(__file__).parents[2] / ".cache" / "corpus"
BUILDS = _PLACE / "builds"


@functools.cache
def python_of(version: str) -> str:
    """Return an interpreter with the packages that the cases import; skip the test where there can be none."""
    if version == OWN:
        return sys.executable
    base = interpreters().get(version)
    if base is None:
        pytest.skip(f"this computer has no Python {version}")
    place = _PLACE / version
    with alone():
        if not (place / "ready").exists() or (place / "ready").read_text() != " ".join(PACKAGES):
            _make(place, base)
    return str(place / "bin" / "python")


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Keep other processes of this test run from making the same interpreter."""
    _PLACE.mkdir(parents=True, exist_ok=True)
    with (_PLACE / "lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _make(place: Path, base: str) -> None:
    unfinished = place.with_name(f"{place.name}.{os.getpid()}")
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or "uv"
    try:
        # Relocatable: it is made beside its place and moved there whole.
        subprocess.run([uv, "venv", "-q", "--relocatable", "--python", base, unfinished], check=True)
        asked = [uv, "pip", "install", "-q", "--python", unfinished / "bin" / "python", *PACKAGES]
        if subprocess.run(asked, timeout=150).returncode:
            pytest.skip("no package index can be reached")
        (unfinished / "ready").write_text(" ".join(PACKAGES))
        shutil.rmtree(place, ignore_errors=True)
        unfinished.rename(place)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
