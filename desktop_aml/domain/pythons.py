"""Which Python is meant, apart from what environments are: every command names one, few look into an environment."""

from __future__ import annotations

from enum import StrEnum

THIS_PYTHON = "this-python"
"""Name of the environment that is simply the Python that Desktop AML itself uses: instant, not reproducible."""

OWN_PYTHON = "own-python"
"""Name of the environment of a run that a process records by itself: the Python of that process."""


class PythonPinPolicy(StrEnum):
    """What to do when a specification names a Python version that this computer lacks."""

    EXACT = "exact"
    """Refuse to build."""
    SAME_MINOR = "same-minor"
    """Use another patch release of the same minor version, and say so."""
    RELAXED = "relaxed"
    """Use the nearest minor version, and say so."""
