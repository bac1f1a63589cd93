"""Where a plot or its values are to be saved to, and that they were."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save

_UNFIT: Final = re.compile(r"[^\w.-]+")


def _tr(text: str) -> str:
    return QCoreApplication.translate("plot_saving", text)


def ask_for_file(owner: QWidget, name: str, kind: str, chosen: Callable[[Path], object]) -> QFileDialog:
    """Ask where to save, and call `chosen` with the answer.

    Parameters
    ----------
    name : str
        What is saved; becomes the name that is offered.
    kind : str
        ``"png"``, ``"svg"`` or ``"csv"``.
    """
    words = {"png": _tr("PNG picture (*.png)"), "svg": _tr("SVG picture (*.svg)"), "csv": _tr("CSV table (*.csv)")}
    return ask_where_to_save(
        owner,
        _tr("Save as {0}").format(kind.upper()),
        chosen,
        name=f"{_UNFIT.sub('-', name).strip('-.') or 'plot'}.{kind}",
        filters=[words[kind]],
        suffix=kind,
    )


def tell_saved(bridge: Bridge, path: Path) -> None:
    """Say that a file was written."""
    bridge.tell(_tr("Saved: {0}").format(path), "success")
