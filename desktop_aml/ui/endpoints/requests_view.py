"""What an endpoint was asked: curves of the last minutes, and a line for each of the last requests."""

from __future__ import annotations

import time

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.summaries.endpoint_use import REQUESTS, SPAN_S, SPANS, AnsweredRequest, EndpointUse, UseSpan
from desktop_aml.ui.endpoints.use_curve import UseCurve
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel


class RequestsView(QWidget):
    """The tab of an endpoint's requests."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use: EndpointUse | None = None
        self._shown: tuple[AnsweredRequest, ...] = ()
        self.rate = UseCurve(self.tr("Requests"), self.tr("/s"), ("accent", "failed"), self)
        self.took = UseCurve(self.tr("Time to answer"), " ms", ("secondary", "accent"), self)
        titles = (self.tr("Time"), self.tr("Status"), self.tr("Rows"), self.tr("Milliseconds"))
        self.table = ListTable(titles, self.tr("Last requests"), self, numbers=(1, 2, 3), spare=(2,))
        for column, width in ((1, 96), (2, 96), (3, 120)):
            self.table.setColumnWidth(column, width)
        words = self.tr("The last {0} requests. What they held is not kept.").format(REQUESTS)
        self.note = SecondaryLabel(words, self, small=True)
        self.nothing = EmptyState("endpoint", self.tr("Nobody has asked yet. Send a request under “Try it”."))
        self._lay_out()

    def _lay_out(self) -> None:
        curves = QHBoxLayout()
        curves.setSpacing(theme.SPACE_XL)
        curves.addWidget(self.rate)
        curves.addWidget(self.took)
        filled = QWidget(self)
        layout = QVBoxLayout(filled)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(curves)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(filled)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def show_use(self, use: EndpointUse | None) -> None:
        """Show how the endpoint is used; nothing for None."""
        self._use = use
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show what came in while another tab was in front."""
        super().showEvent(event)
        self._fill()

    def _fill(self) -> None:
        use = self._use
        self.stack.setCurrentIndex(int(use is not None and use.total > 0))
        if use is None or not use.total:
            return
        spans = _by_place(use, time.time())
        rates = [span.count / SPAN_S if span else 0.0 for span in spans]
        errors = [(span.refused + span.failed) / SPAN_S if span else 0.0 for span in spans]
        bad = sum(span.refused + span.failed for span in spans if span)
        asked = sum(span.count for span in spans if span)
        said = self.tr("{0}, 1 error") if bad == 1 else self.tr("{0}, {1} errors")
        self.rate.show_values(said.format(formats.count(asked), formats.count(bad)), (tuple(rates), tuple(errors)))
        slowest = [span.most_ms if span else None for span in spans]
        means = [span.mean_ms if span else None for span in spans]
        self.took.show_values(self.tr("mean, max in grey"), (tuple(slowest), tuple(means)))
        if use.requests != self._shown:
            self._shown = use.requests
            self.table.fill((str(number), _cells(one)) for number, one in enumerate(reversed(use.requests)))


def _by_place(use: EndpointUse, now: float) -> list[UseSpan | None]:
    """Return the spans of the last minutes, the present one last; None where nothing was answered."""
    held = {round(span.begun / SPAN_S): span for span in use.spans}
    last = int(now // SPAN_S)
    return [held.get(number) for number in range(last - SPANS + 1, last + 1)]


def _cells(one: AnsweredRequest) -> tuple[Cell, ...]:
    moment = formats.exact_time(one.at)
    return (
        Cell(moment, one.at),
        Cell(str(one.status), one.status),
        Cell(formats.NOTHING if one.rows is None else formats.count(one.rows), one.rows),
        Cell(f"{one.took_ms:.1f}", one.took_ms),
    )
