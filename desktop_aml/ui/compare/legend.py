"""The runs of a comparison beside their lines: pressing one hides or shows it in every plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop_aml.ui.compare.swatch import SWATCH_WIDTH, swatch_icon
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate

_ID: Final = Qt.ItemDataRole.UserRole


class Lined(Protocol):
    """What has lines: a run, or a group of them."""

    @property
    def id(self) -> str:
        """What it is known by."""

    @property
    def display_name(self) -> str:
        """What it is called."""


class RunLegend(QListWidget):
    """Names with the lines that stand for them. Space or a click hides one; Enter or Ctrl and a click show it alone."""

    hidden_changed = Signal(object)
    """The ids of the runs that are hidden, a frozenset."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hidden: frozenset[str] = frozenset()
        self.setAccessibleName(self.tr("Runs: press one to hide or show it"))
        self.setItemDelegate(PaddedDelegate(self))
        self.setIconSize(QSize(SWATCH_WIDTH, theme.ICON_SIZE))
        self.setUniformItemSizes(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._on_item_clicked)
        theme.changed.connect(self._restyle)

    def show_runs(self, runs: Sequence[Lined]) -> None:
        """Name `runs`, in the order of their colours."""
        if [run.id for run in runs] == self._ids() and [run.display_name for run in runs] == self._names():
            return
        self.clear()
        for run in runs:
            item = QListWidgetItem(run.display_name, self)
            item.setData(_ID, run.id)
            item.setSizeHint(QSize(0, theme.ROW_HEIGHT))
            item.setToolTip(
                self.tr("{0}\nClick: hide or show. Ctrl and click: show it alone, or all again.").format(
                    run.display_name
                )
            )
        self._restyle()

    def toggle(self, run_id: str) -> None:
        """Hide a run, or show it again."""
        self._set(self._hidden ^ {run_id})

    def show_only(self, run_id: str) -> None:
        """Hide all other runs, or show all when they are hidden already."""
        others = frozenset(self._ids()) - {run_id}
        self._set(frozenset() if self._hidden >= others else others)

    def hidden(self) -> frozenset[str]:
        """Return the ids of the runs that are hidden."""
        return self._hidden

    def _on_item_clicked(self, item: QListWidgetItem) -> None:
        has_ctrl = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
        (self.show_only if has_ctrl else self.toggle)(str(item.data(_ID)))

    def _set(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self._restyle()
        self.hidden_changed.emit(hidden)

    def _ids(self) -> list[str]:
        return [str(self.item(row).data(_ID)) for row in range(self.count())]

    def _names(self) -> list[str]:
        return [self.item(row).text() for row in range(self.count())]

    def _restyle(self) -> None:
        for row, run_id in enumerate(self._ids()):
            item, is_hidden = self.item(row), run_id in self._hidden
            item.setIcon(swatch_icon(row))
            font = item.font()
            font.setStrikeOut(is_hidden)
            item.setFont(font)
            item.setForeground(theme.color("secondary" if is_hidden else "text"))
            words = self.tr("{0}, hidden") if is_hidden else "{0}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words.format(item.text()))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Hide or show with the space bar; Enter shows one alone, or all again."""
        item = self.currentItem()
        if item is not None and event.key() == Qt.Key.Key_Space:
            self.toggle(str(item.data(_ID)))
        elif item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_only(str(item.data(_ID)))
        else:
            super().keyPressEvent(event)
