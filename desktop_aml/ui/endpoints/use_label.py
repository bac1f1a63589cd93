"""How an endpoint is used: a line that is read again while somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.summaries.endpoint_use import EndpointUse
from desktop_aml.ui.look import formats
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_LOOK_MS: Final = 2000


class UseLabel(SecondaryLabel):
    """Tells requests, failures and times of an endpoint that serves."""

    told = Signal(object)
    """The `EndpointUse` that was read, or None."""
    memory_told = Signal(object)
    """What it holds of the memory, in bytes, or None."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._workspace, self._bridge, self._name = workspace, bridge, name
        self._is_serving = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def set_serving(self, serving: bool) -> None:
        """Look again and again while the endpoint serves, and not any more."""
        if serving == self._is_serving:
            return
        self._is_serving = serving
        self.setText(self.tr("None yet"))
        if serving:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    def look(self) -> None:
        """Read how it is used."""
        # Nobody looks at a page behind another one.
        parent = self.parentWidget()
        if self._is_serving and parent is not None and parent.isVisible():
            endpoints, name = self._workspace.endpoints, self._name
            call_for(
                self,
                self._bridge,
                lambda: (endpoints.use(name), endpoints.memory(name)),
                lambda found: self._show(*found),
                self._on_failed,
            )

    def _on_failed(self, _error: DesktopAMLError) -> None:
        """Leave it as it is: the page itself tells that the endpoint is gone."""

    def _show(self, use: EndpointUse | None, memory_bytes: int | None) -> None:
        if self._is_serving:
            self.memory_told.emit(memory_bytes)
            self.told.emit(use)
            self.setText(self.tr("Not counted") if use is None else self._words(use))

    def _words(self, use: EndpointUse) -> str:
        if use.median_ms is None or use.most_ms is None:
            return self.tr("None yet")
        parts = [self.tr("{0} answered").format(formats.count(use.answered))]
        parts += [self.tr("{0} refused").format(formats.count(use.refused))] if use.refused else []
        parts += [self.tr("{0} failed").format(formats.count(use.failed))] if use.failed else []
        times = self.tr("median {0} ms, 95 % in {1} ms").format(f"{use.median_ms:.3g}", f"{use.most_ms:.3g}")
        return f"{', '.join(parts)}; {self.tr('{0}/min').format(formats.count(use.last_minute))}; {times}"
