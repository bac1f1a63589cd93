"""Buttons that leave their words out while their page is narrow; the icon, the tooltip and the name stay."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_aml.ui.look import icons


class ButtonWords(QObject):
    """Watches a page and gives its buttons their words only where there is room.

    Parameters
    ----------
    page : QWidget
        Its width decides; it owns this object.
    buttons : iterable of QPushButton
        Each has an icon and its words.
    from_width : int
        Width of the page in pixels from which the words are shown. A button that was hidden when it was handed over
        adds what it takes while it is shown.
    """

    def __init__(self, page: QWidget, buttons: Iterable[QPushButton], from_width: int) -> None:
        super().__init__(page)
        self._page = page
        self._from_width = from_width
        buttons = tuple(buttons)
        self._words = [(button, button.text()) for button in buttons]
        self._whole = {button: button.sizeHint().width() for button in buttons}
        for button, words in self._words:
            button.setAccessibleName(words)
            button.setToolTip(button.toolTip() or words)
        self._extra = [button for button in buttons if button.isHidden()]
        for button in self._extra:
            button.installEventFilter(self)
        page.installEventFilter(self)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look again when the page gets another width."""
        if (watched is self._page and event.type() is QEvent.Type.Resize) or (
            event.type() in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent) and watched in self._extra
        ):
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        extra = sum(self._whole[button] for button in self._extra if not button.isHidden())
        has_room = self._page.width() >= self._from_width + extra
        for button, words in self._words:
            button.setText(words if has_room else "")
            icons.fit(button)
