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

    known = Signal(bool)
    """Whether there is anything to tell."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._workspace, self._bridge, self._name = workspace, bridge, name
        self._is_serving = False
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)

    def set_serving(self, serving: bool) -> None:
        """Look again and again while the endpoint serves, and not any more."""
        self._is_serving = serving
        if serving:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()
            self._show(None)

    def look(self) -> None:
        """Read how it is used."""
        # Nobody looks at a page behind another one.
        parent = self.parentWidget()
        if self._is_serving and parent is not None and parent.isVisible():
            call_for(self, self._bridge, lambda: self._workspace.endpoints.use(self._name), self._show, self._on_failed)

    def _on_failed(self, _error: DesktopAMLError) -> None:
        # The page itself tells that the endpoint is gone.
        self._show(None)

    def _show(self, use: EndpointUse | None) -> None:
        if not self._is_serving:
            use = None
        self.setText("" if use is None else self._words(use))
        self.known.emit(use is not None)

    def _words(self, use: EndpointUse) -> str:
        if not use.total:
            return self.tr("None yet")
        parts = [self.tr("{0} answered").format(formats.count(use.answered))]
        parts += [self.tr("{0} refused").format(formats.count(use.refused))] if use.refused else []
        parts += [self.tr("{0} failed").format(formats.count(use.failed))] if use.failed else []
        words = self.tr("{0}; {1} in the last minute").format(", ".join(parts), formats.count(use.last_minute))
        if use.median_ms is not None and use.most_ms is not None:
            words += self.tr("; half within {0} ms, 95 % within {1} ms").format(
                formats.number4(use.median_ms), formats.number4(use.most_ms)
            )
        return words
