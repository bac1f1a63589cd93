"""What every report says of the computer: versions of the program, Python, Qt and the system."""

from __future__ import annotations

import platform

import PySide6
from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication


def version() -> str:
    """Return the version of the program, without importing the packages' metadata before it is asked for."""
    from importlib import metadata

    try:
        return metadata.version("desktop-aml")
    except metadata.PackageNotFoundError:
        return "from source"


def description_of_computer() -> str:
    """Return versions of the program, Python, Qt and the system, one a line."""
    return "\n".join(
        (
            f"Desktop AML {version()}",
            f"Python {platform.python_version()}, PySide6 {PySide6.__version__}, Qt {qVersion()}",
            f"{platform.platform()}, {QGuiApplication.platformName()}",
        )
    )
