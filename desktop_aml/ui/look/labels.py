"""What environments and targets are called for people. No widgets."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.environments import OWN_PYTHON, THIS_PYTHON


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunsTable", text)


def environment_text(name: str) -> str:
    """Return the name of an environment for people."""
    known = {THIS_PYTHON: _tr("This computer's Python"), OWN_PYTHON: _tr("The process's own Python")}
    return known.get(name, name)


def target_text(name: str) -> str:
    """Return the name of a target for people."""
    known = {
        "local": _tr("This computer"),
        "docker": _tr("Docker"),
        "external": _tr("Its own process"),
        "sweep": _tr("Sweep"),
    }
    return known.get(name, name)
