"""Pythons for the corpus: the tests' own, and older and newer ones with the scikit-learn that each gets."""

from __future__ import annotations

import functools
import os
import sys

import pytest

from tests.inside_run.conftest import interpreters
from tests.shared_builds import PLACE, python_with

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
OLDEST = "3.6"
LATER = (OWN, *(version for version in ("3.8", "3.11", "3.13") if version != OWN))
PACKAGES = ("scikit-learn", "pandas", "matplotlib", "nbclient", "ipykernel")

BUILDS = PLACE / "corpus-builds"


def asked(place: int, pin: str) -> list[str]:
    """Return the Pythons for the case at this place: the oldest, which bears least, and by turns one of the later.

    ``EVERY_PYTHON=1`` asks all of them, which takes twice as long.

    Parameters
    ----------
    place : int
        Place of the case among those of its kind.
    pin : str
        Python of the environment that the case builds, which is asked, too; empty when it builds none.
    """
    if os.environ.get("EVERY_PYTHON"):
        return [OLDEST, *LATER]
    return sorted({OLDEST, LATER[place % len(LATER)], pin or OLDEST})


@functools.cache
def python_of(version: str) -> str:
    """Return an interpreter with the packages that the cases import; skip the test where there can be none."""
    if version == OWN:
        return sys.executable
    base = interpreters().get(version)
    if base is None:
        pytest.skip(f"this computer has no Python {version}")
    return python_with(base, PACKAGES)
