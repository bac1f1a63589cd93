"""Asks for a file and writes a plot or a table of values to it, without holding up the window."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save

if TYPE_CHECKING:
    from desktop_aml.ui.plots.metric_plot import MetricPlot

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


def save_plot(owner: QWidget, bridge: Bridge, plot: MetricPlot, kind: str) -> QFileDialog:
    """Ask where to save `plot` as `kind`, and save it there."""
    return ask_for_file(owner, plot.curve.name, kind, lambda path: _write(owner, bridge, plot, kind, path))


def _write(owner: QWidget, bridge: Bridge, plot: MetricPlot, kind: str, path: Path) -> None:
    from desktop_aml.ui.plots import export

    curve, weight = plot.curve, plot.smoothing()
    # Only the window's own thread may draw widgets; what takes long is done by another.
    image, svg = (
        (export.picture(plot, plot.set_sharpness) if kind == "png" else None),
        (export.svg_of(plot) if kind == "svg" else b""),
    )

    def work() -> None:
        if kind == "csv":
            export.save_csv(curve, path, weight)
        else:
            export.save_bytes(svg if image is None else export.png_of(image), path)

    call_for(owner, bridge, work, lambda _: tell_saved(bridge, path))


def tell_saved(bridge: Bridge, path: Path) -> None:
    """Say that a file was written."""
    bridge.tell(_tr("Saved: {0}").format(path), "success")
