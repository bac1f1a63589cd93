"""Pythons for the corpus: the tests' own, and older and newer ones with the scikit-learn that each gets."""

from __future__ import annotations

import functools
import sys

import pytest

from tests.inside_run.conftest import interpreters
from tests.shared_builds import PLACE, python_with

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
VERSIONS = (OWN, *(version for version in ("3.6", "3.8", "3.11", "3.13") if version != OWN))
BETWEEN = "3.8"
"""What the oldest and the newest bear this one bears: it is asked now and then."""
PACKAGES = ("scikit-learn", "pandas", "matplotlib", "nbclient", "ipykernel")

BUILDS = PLACE / "corpus-builds"


@functools.cache
def python_of(version: str) -> str:
    """Return an interpreter with the packages that the cases import; skip the test where there can be none."""
    if version == OWN:
        return sys.executable
    base = interpreters().get(version)
    if base is None:
        pytest.skip(f"this computer has no Python {version}")
    return python_with(base, PACKAGES)
