"""Asks for a file and writes a plot or a table of values to it, without holding up the window."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from desktop_aml.ui.plots.asking import ask_for_file, tell_saved
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.ui.plots.metric_plot import MetricPlot


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
