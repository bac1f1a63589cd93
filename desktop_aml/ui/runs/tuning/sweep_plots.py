"""What a sweep shows beyond its table: arguments against the metric, curves, two arguments, importance.

Imports pyqtgraph: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QTabWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.sweeps.records import Sweep, Trial
from desktop_aml.domain.sweeps.sheet import sheet_of
from desktop_aml.ui.plots.across.axes import Axis, axes_of
from desktop_aml.ui.plots.across.panel import RunPlots
from desktop_aml.ui.runs.tuning.contour import ContourPlot
from desktop_aml.ui.runs.tuning.importances import ImportanceBars
from desktop_aml.ui.runs.tuning.learning_curves import MOST_CURVES, LearningCurves
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_LEAST_TRIALS: Final = 4


class SweepPlots:
    """Adds its pages to the tabs of a sweep, and draws the one that is looked at.

    Parameters
    ----------
    tabs : QTabWidget
        Whose pages they are; what is there already stays.
    """

    def __init__(self, workspace: Workspace, bridge: Bridge, metric: str, tabs: QTabWidget) -> None:
        self._workspace = workspace
        self._bridge = bridge
        self._tabs = tabs
        self._sweep: Sweep | None = None
        self._best: Trial | None = None
        self._known: tuple[int, ...] = ()
        self._metric = metric

    def parts(self) -> list[Callable[[], object]]:
        """Return what makes the pages, in their order; they can be shown when all of it was done."""
        return [self._add_across, self._add_curves, self._add_contour, self._add_importances]

    def _add_across(self) -> None:
        self.across = RunPlots(self._bridge, self._tabs, inset=0)
        self.across.open_wanted.connect(lambda run_id: self._bridge.go_to("run", run_id))
        self._tabs.addTab(self.across, self._tabs.tr("Arguments"))

    def _add_curves(self) -> None:
        self.curves = LearningCurves(self._metric, self._tabs)
        self._tabs.addTab(self.curves, self._tabs.tr("Learning curves"))

    def _add_contour(self) -> None:
        self.contour = ContourPlot(self._tabs)
        self._tabs.addTab(self.contour, self._tabs.tr("Two arguments"))

    def _add_importances(self) -> None:
        self.importances = ImportanceBars(self._tabs)
        self._tabs.addTab(self.importances, self._tabs.tr("Importance"))
        self._tabs.currentChanged.connect(lambda _index: self._draw())

    def show_sweep(self, sweep: Sweep, best: Trial | None) -> None:
        """Draw a sweep as it is now, on the page that is in front."""
        self._sweep, self._best = sweep, best
        self._draw()

    def _draw(self) -> None:
        sweep, page = self._sweep, self._tabs.currentWidget()
        if sweep is None:
            return
        if page is self.across:
            call_for(page, self._bridge, lambda: (sheet := sheet_of(sweep), axes_of(sheet)), self._show_across)
        elif page is self.curves:
            ranked = sweep.ranked()
            numbers = [trial.number for trial in ranked[:MOST_CURVES]]
            best = self._best.number if self._best is not None else None

            def read() -> dict[int, tuple[float, ...]]:
                return self._workspace.sweeps.curves(sweep.run_id, numbers)

            call_for(page, self._bridge, read, lambda found: self.curves.show_curves(ranked, found, best))
        elif page is self.contour:
            self.contour.show_sweep(sweep)
        elif page is self.importances:
            self._ask_importances(sweep)

    def _show_across(self, found: tuple[object, tuple[Axis, ...]]) -> None:
        sheet, axes = found
        self.across.show_sheet(sheet, axes)  # type: ignore[arg-type]

    def _ask_importances(self, sweep: Sweep) -> None:
        """Have them worked out, once for the same trials: it takes a process of its own, and a second or two."""
        known = tuple(trial.number for trial in sweep.trials if trial.best is not None)
        if known == self._known:
            return
        self._known = known
        if len(known) < _LEAST_TRIALS:
            self.importances.show_shares((), self._tabs.tr("This needs at least four trials with a value."))
            return
        if not self.importances.shares:
            self.importances.show_shares((), self._tabs.tr("Working it out…"))
        call_for(
            self.importances,
            self._bridge,
            lambda: self._workspace.sweeps.importances(sweep.run_id),
            self._show_importances,
            self._tell,
        )

    def _show_importances(self, found: tuple[tuple[str, float], ...]) -> None:
        words = self._tabs.tr("All trials came to the same, so no argument matters.")
        self.importances.show_shares(found, words if not found else "")

    def _tell(self, error: DesktopAMLError) -> None:
        self.importances.show_shares((), f"{error.message} {error.hint}".strip())
