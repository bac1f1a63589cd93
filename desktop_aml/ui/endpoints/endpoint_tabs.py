"""The tabs of an endpoint's page: as high as what is in front needs, so that the page scrolls and squeezes nothing."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QSizePolicy, QTabWidget, QWidget

_LEAST: Final = 280


class EndpointTabs(QTabWidget):
    """What the tab in front needs is a reason to scroll; what it would like, or what another needs, is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self.setMinimumHeight(_LEAST)
        self.currentChanged.connect(self._on_current_changed)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need what the tab in front needs."""
        return QSize(super().minimumSizeHint().width(), self.minimumHeight())

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """Say no: with the height that wraps best comes all that every tab would like to have."""
        return False

    def event(self, event: QEvent) -> bool:
        """Look again when something inside needs another height."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _on_current_changed(self, _index: int) -> None:
        self._fit()

    def _fit(self) -> None:
        shown = self.currentWidget()
        needed = self.tabBar().sizeHint().height() + shown.minimumSizeHint().height() if shown is not None else 0
        self.setMinimumHeight(max(_LEAST, needed))
