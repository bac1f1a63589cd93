"""The records of a run as cards in one or two columns. Cards stay as they are while others come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.record_groups import RecordGroup
from desktop_aml.ui.runs.record_card import RecordCard
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_TWO_COLUMNS_FROM: Final = 640
_CARDS: Final = 100


class RecordGrid(QWidget):
    """Lays cards out; makes a card once and tells it what was added."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._source = workspace, bridge, run_id
        self.cards: dict[tuple[str, str], RecordCard] = {}
        self._columns = 0
        self._filter = ""
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_XL)
        self._layout.setVerticalSpacing(theme.SPACE_L)
        self.more = SecondaryLabel("", self)
        self.more.hide()

    def show_groups(self, groups: Sequence[RecordGroup]) -> None:
        """Have one card for each of `groups`, a hundred at most."""
        shown = {(group.name, group.kind): group for group in groups[:_CARDS]}
        for key in set(self.cards) - set(shown):
            self.cards.pop(key).deleteLater()
        for key, group in shown.items():
            card = self.cards.get(key)
            if card is None:
                self.cards[key] = RecordCard(*self._source, group, self)
            elif card.group != group:
                card.show_group(group)
        hidden = len(groups) - len(shown)
        self.more.setText(self.tr("{0} more are not shown here.").format(formats.count(hidden)))
        self.more.setVisible(hidden > 0)
        self._place()

    def set_filter(self, words: str) -> None:
        """Show only cards with `words`, in lower case, in their names."""
        if words != self._filter:
            self._filter = words
            self._place()

    def _place(self) -> None:
        self._columns = columns = self._fitting()
        row = column = 0
        for (name, _), card in self.cards.items():
            card.setVisible(self._filter in name.casefold())
            if card.isHidden():
                continue
            wide = card.is_wide() and columns > 1
            if wide and column:
                row, column = row + 1, 0
            self._layout.addWidget(card, row, column, 1, columns if wide else 1, Qt.AlignmentFlag.AlignTop)
            column += columns if wide else 1
            if column >= columns:
                row, column = row + 1, 0
        self._layout.addWidget(self.more, row + 1, 0, 1, columns)
        for number in range(2):
            self._layout.setColumnStretch(number, 1 if number < columns else 0)

    def _fitting(self) -> int:
        return 2 if self.width() >= _TWO_COLUMNS_FROM else 1

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Change between one and two columns."""
        super().resizeEvent(event)
        if self._columns and self._columns != self._fitting():
            self._place()
