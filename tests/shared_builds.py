"""Pythons with packages that several tests, processes and checkouts share: each is made once and kept for two weeks.

They lie in the user's cache beside the tests' Docker engine. What names no version is made anew after that time, so
that new releases are met.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

PLACE = Path("~/.cache/desktop-aml-tests").expanduser()
KEPT_S = 14 * 86400
_NO_NETWORK = ("error sending request", "dns error", "Could not connect", "network is unreachable")
UV = str(Path(sys.executable).with_name("uv"))


def python_with(base: str, packages: Sequence[str], *options: str) -> str:
    """Return an interpreter made from `base` with these packages; skip the test where no index can be reached."""

    def make(folder: Path) -> None:
        # Relocatable: it is made beside its place and moved there whole.
        subprocess.run([UV, "venv", "-q", "--relocatable", "--python", base, folder], check=True)
        _install(str(folder / "bin" / "python"), folder, [*options, *packages])

    return str(_shared("python", (str(Path(base).resolve()), *options, *packages), make) / "bin" / "python")


def libraries(*packages: str) -> Path:
    """Return a folder for ``PYTHONPATH`` with exactly these packages for the tests' own Python."""

    def make(folder: Path) -> None:
        _install(sys.executable, folder, ["--no-deps", "--target", str(folder), *packages])

    return _shared("libraries", (str(Path(sys.executable).resolve()), *packages), make)


@contextlib.contextmanager
def alone(name: str) -> Iterator[None]:
    """Keep other processes that run tests from doing the same at once."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{name}.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _shared(kind: str, words: Sequence[str], make: Callable[[Path], None]) -> Path:
    name = f"{kind}-{hashlib.sha256(' '.join(words).encode()).hexdigest()[:16]}"
    folder, ready = PLACE / name, PLACE / f"{name}.ready"
    with alone(name):
        if not (folder.is_dir() and ready.exists() and time.time() - ready.stat().st_mtime < KEPT_S):
            ready.unlink(missing_ok=True)
            unfinished = PLACE / f"{name}.unfinished"
            for old in (unfinished, folder):
                shutil.rmtree(old, ignore_errors=True)
            make(unfinished)
            unfinished.rename(folder)
            ready.write_text(" ".join(words) + "\n")
    return folder


def _install(python: str, folder: Path, words: Sequence[str]) -> None:
    """Install packages for `python`, below `folder`, with byte code: who imports it is a test that waits."""
    asked = [UV, "pip", "install", "--quiet", "--python", python, *words]
    made = subprocess.run(asked, capture_output=True, text=True, timeout=170, check=False)
    if made.returncode and any(words in made.stderr for words in _NO_NETWORK):
        pytest.skip(f"no package index can be reached: {made.stderr[-300:]}")
    if made.returncode:
        pytest.fail(f"The packages of a test cannot be installed: {made.stderr[-600:]}")
    # uv's own compiling needs Python 3.7; some packages bring files of another version, which do not compile.
    subprocess.run([python, "-m", "compileall", "-q", folder], capture_output=True, check=False)
