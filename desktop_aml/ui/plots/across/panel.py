"""Parallel coordinates and a scatter plot over one sheet of runs, with what chooses axes above them.

Imports numpy: load it after the first paint only.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.compare.sheet import RunSheet
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.plots.across.axes import Axis, Marks, axes_of
from desktop_aml.ui.plots.across.layers import Colors, accent
from desktop_aml.ui.plots.across.parallel import ParallelCoordinates
from desktop_aml.ui.plots.across.saving import save_sheet
from desktop_aml.ui.plots.across.scatter import ScatterPlot
from desktop_aml.ui.plots.asking import ask_for_file, tell_saved
from desktop_aml.ui.plots.plot_menu import add_saving
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.by_keys.splitter import KeyedSplitter
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import ElidedLabel, EmptyState

_AXES_AT_MOST: Final = 16


class RunPlots(QWidget):
    """Shows a sheet in both plots; what is brushed in one stands out in the other."""

    open_wanted = Signal(str)
    """Id of the run that was double-clicked."""
    brushed = Signal(object)
    """Ids of the runs that are chosen, a tuple of str; empty while all are."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None, *, inset: int = theme.SPACE_L) -> None:
        super().__init__(parent)
        self._inset = inset
        self._bridge = bridge
        self.sheet = RunSheet()
        self._axes: dict[str, Axis] = {}
        self._shown: tuple[str, ...] = ()
        self._was_chosen = False
        self._color_of: Colors = accent
        self.parallel = ParallelCoordinates(self)
        self.scatter = ScatterPlot(self)
        self._build()
        self.parallel.brushed.connect(self._on_brushed)
        self.parallel.order_changed.connect(self._on_order_changed)
        self.parallel.hovered.connect(self._on_hovered)
        self.scatter.hovered.connect(self._on_hovered)
        for plot in (self.parallel, self.scatter):
            plot.open_wanted.connect(lambda number: self.open_wanted.emit(self.sheet.ids[number]))
            plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            plot.customContextMenuRequested.connect(lambda at, plot=plot: self._open_menu(plot, plot.mapToGlobal(at)))

    def _build(self) -> None:
        self.axes_button = QPushButton(self.tr("Axes"), self)
        self.axes_button.setToolTip(self.tr("Choose which arguments and metrics are axes"))
        self.axes_button.clicked.connect(self._open_axes_menu)
        icons.set_icon(self.axes_button, "filter", "secondary")
        self.count = QLabel(self)
        self.clear_button = QPushButton(self.tr("Show all"), self)
        self.clear_button.setToolTip(self.tr("Let go of what is chosen on the axes (Esc)"))
        self.clear_button.clicked.connect(self.parallel.clear)
        self.words = ElidedLabel("", self)
        self.words.setProperty("role", "secondary")
        self.x_field, self.y_field = ChoiceField(self), ChoiceField(self)
        for field, words in ((self.x_field, self.tr("Across")), (self.y_field, self.tr("Upwards"))):
            field.setAccessibleName(words)
            field.setToolTip(words)
            field.setMaximumWidth(176)
            field.currentIndexChanged.connect(lambda _: self._show_scatter())
        bar = QHBoxLayout()
        bar.setContentsMargins(self._inset, theme.SPACE_XS, self._inset, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self.axes_button)
        bar.addWidget(self.count)
        bar.addWidget(self.clear_button)
        bar.addWidget(self.words, 1)
        fields = QHBoxLayout()
        fields.setContentsMargins(self._inset, theme.SPACE_XS, self._inset, theme.SPACE_XS)
        fields.setSpacing(theme.SPACE_S)
        fields.addWidget(self.y_field)
        fields.addWidget(QLabel(self.tr("against"), self))
        fields.addWidget(self.x_field)
        fields.addStretch(1)
        lower = QWidget(self)
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(fields)
        column.addWidget(self.scatter, 1)
        self.splitter = KeyedSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(self.parallel)
        self.splitter.addWidget(lower)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 1)
        self.empty = EmptyState("plot", self.tr("These runs differ in no argument and no metric."), parent=self)
        self.stack = QStackedWidget(self)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.splitter)
        self.stack.addWidget(area)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(bar)
        layout.addWidget(self.stack, 1)
        self.setFocusProxy(self.parallel)

    def show_sheet(self, sheet: RunSheet, axes: tuple[Axis, ...] | None = None, color_of: Colors = accent) -> None:
        """Show runs; what was chosen before stays chosen where it is still there.

        Parameters
        ----------
        axes : tuple of Axis, optional
            Those of the sheet, see `axes_of`; laid out here if they were not by a worker.
        """
        self.sheet, self._color_of = sheet, color_of
        self._axes = {axis.key: axis for axis in (axes_of(sheet) if axes is None else axes)}
        kept = tuple(key for key in self._shown if key in self._axes)
        self._shown = kept if kept and self._was_chosen else sheet.first_keys()
        self._offer_axes()
        self._show_parallel()
        self.stack.setCurrentIndex(0 if self._shown else 1)

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Let these columns be the axes, from the left."""
        self._shown = tuple(key for key in keys if key in self._axes)
        self._was_chosen = True
        self._show_parallel()

    def _offer_axes(self) -> None:
        choices = [(axis.title, key) for key, axis in self._axes.items()]
        firsts = self.sheet.first_keys()
        kinds = {column.key: column.kind for column in self.sheet.columns}
        given = [key for key in firsts if not kinds[key].is_of_metric()]
        logged = [key for key in firsts if kinds[key].is_of_metric()]
        for field, key in (
            (self.x_field, next(iter(given or firsts), "")),
            (self.y_field, next(iter(logged or firsts), "")),
        ):
            before = field.value()
            field.set_choices(choices)
            if before is None:
                field.blockSignals(True)
                field.set_value(key)
                field.blockSignals(False)

    def _show_parallel(self) -> None:
        axes = [self._axes[key] for key in self._shown]
        self._show_scatter()
        self.parallel.show_axes(axes, self.sheet.names, self._color_of)

    def _show_scatter(self) -> None:
        x, y = (self._axes.get(str(field.value())) for field in (self.x_field, self.y_field))
        self.scatter.show_axes(x, y, self.sheet.names, self._color_of)

    def axes_menu(self) -> QMenu:
        """Return the menu that chooses the axes."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setAccessibleName(self.tr("Axes"))
        before: FieldKind | None = None
        for column in self.sheet.columns:
            if before is not None and column.kind is not before:
                menu.addSeparator()
            before = column.kind
            entry = menu.addAction(column.name.replace("&", "&&"))
            entry.setCheckable(True)
            entry.setChecked(column.key in self._shown)
            entry.setEnabled(column.key in self._shown or len(self._shown) < _AXES_AT_MOST)
            entry.toggled.connect(lambda on, key=column.key: self._on_axis_toggled(key, on=on))
        return menu

    def _open_axes_menu(self) -> None:
        self.axes_menu().popup(self.axes_button.mapToGlobal(self.axes_button.rect().bottomLeft()))

    def _on_axis_toggled(self, key: str, *, on: bool) -> None:
        others = tuple(one for one in self._shown if one != key)
        self.show_keys((*others, key) if on else others)

    def _on_order_changed(self, keys: tuple[str, ...]) -> None:
        self._shown, self._was_chosen = keys, True

    def _on_brushed(self, chosen: Marks) -> None:
        self.scatter.choose(chosen)
        count, total = int(chosen.sum()), len(chosen)
        words = self.tr("{0} of {1} runs") if count < total else self.tr("{1} runs")
        self.count.setText(words.format(formats.count(count), formats.count(total)))
        self.clear_button.setEnabled(bool(self.parallel.brushing.spans))
        self.brushed.emit(self.chosen_ids())

    def chosen_ids(self) -> tuple[str, ...]:
        """Return the ids of the runs that are chosen; none while nothing was brushed."""
        if not self.parallel.brushing.spans:
            return ()
        return tuple(self.sheet.ids[number] for number in np.flatnonzero(self.parallel.chosen).tolist())

    def _on_hovered(self, number: int | None) -> None:
        for plot in (self.parallel, self.scatter):
            plot.mark(number)
        self.words.setText("" if number is None else self._describe(number))

    def _describe(self, number: int) -> str:
        by_key = {column.key: column for column in self.sheet.columns}
        shown = (by_key[key] for key in self._shown)
        values = (f"{column.name} {formats.number4(column.values[number])}" for column in shown)
        return f"{self.sheet.names[number]}  ·  {', '.join(values)}"

    # Files.

    def _open_menu(self, plot: ParallelCoordinates | ScatterPlot, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Show all"), self.parallel.clear).setEnabled(bool(self.parallel.brushing.spans))
        menu.addSeparator()
        add_saving(menu, plot.image, lambda kind: self._ask_where_to_save(plot, kind))
        menu.popup(at)

    def _ask_where_to_save(self, plot: ParallelCoordinates | ScatterPlot, kind: str) -> None:
        name = self.tr("parallel") if plot is self.parallel else self.tr("scatter")
        ask_for_file(self, name, kind, lambda path: self.save(plot, kind, path))

    def save(self, plot: ParallelCoordinates | ScatterPlot, kind: str, path: Path) -> None:
        """Write a plot as ``"png"`` or ``"svg"``, or the chosen runs with all columns as ``"csv"``."""
        from desktop_aml.ui.plots import export

        work: Callable[[], None]
        if kind == "csv":
            sheet, chosen = self.sheet, self.parallel.chosen.tolist()
            work = lambda: save_sheet(sheet, chosen, path)  # noqa: E731
        elif kind == "svg":
            # Only the window's own thread may draw widgets; what takes long is done by another.
            svg = export.svg_of(plot)
            work = lambda: export.save_bytes(svg, path)  # noqa: E731
        else:
            image = plot.image()
            work = lambda: export.save_bytes(export.png_of(image), path)  # noqa: E731
        call_for(self, self._bridge, work, lambda _: tell_saved(self._bridge, path))
