"""The tree of the workspace browser: lines are matched by kind and key when it is filled again."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidgetItem,
    QWidget,
)

from desktop_aml.ui.browser.contents import Entry
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.look.row_focus import RowFocusTree

_ENTRY: Final = Qt.ItemDataRole.UserRole


def entry_of(item: QTreeWidgetItem) -> Entry:
    """Return what a line stands for."""
    entry: Entry = item.data(0, _ENTRY)
    return entry


def children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """Return the lines below a line."""
    found = (item.child(number) for number in range(item.childCount()))
    return [child for child in found if child is not None]


class _NoteDelegate(QStyledItemDelegate):
    """Draws the name and, at the right edge of the same cell, the note of the hidden second column."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one line."""
        note = index.sibling(index.row(), 1)
        text = str(note.data(Qt.ItemDataRole.DisplayRole) or "")
        whole = QRect(option.rect)
        if text:
            font = note.data(Qt.ItemDataRole.FontRole)
            width = QFontMetrics(font).horizontalAdvance(text) + theme.SPACE_S
            if option.state & QStyle.StateFlag.State_Selected:
                painter.fillRect(whole, theme.color("selection"))
            option.rect.setWidth(max(0, whole.width() - width))
        super().paint(painter, option, index)
        if text:
            painter.setFont(font)
            painter.setPen(note.data(Qt.ItemDataRole.ForegroundRole).color())
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(whole.adjusted(0, 0, -theme.SPACE_XS, 0), side, text)


class WorkspaceTree(RowFocusTree):
    """Two columns: name and note, drawn in one cell."""

    item_entered = Signal(object)
    """A line on which Enter was pressed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("pane", True)
        self.setObjectName("workspace_tree")
        self.setAccessibleName(self.tr("Workspace"))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(theme.SPACE_M)
        self.setUniformRowHeights(True)
        self.setExpandsOnDoubleClick(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        self.setProperty("pane", True)
        # A line has one cell, in which the note takes what it needs and the name all the rest.
        self.setItemDelegate(_NoteDelegate(self))
        self.header().hideSection(1)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        # F6 comes here, not to the filter above: who walks through the panes wants what is in them.
        self.setProperty("first_of_pane", True)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open the current line with Enter, its menu with the menu key."""
        item = self.currentItem()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and item is not None:
            self.item_entered.emit(item)
        elif event.key() == Qt.Key.Key_Menu and item is not None:
            self.customContextMenuRequested.emit(self.visualItemRect(item).bottomLeft())
        else:
            super().keyPressEvent(event)

    def groups(self) -> list[QTreeWidgetItem]:
        """Return the lines at the top.

        Not through `invisibleRootItem`: PySide ties the lines to that short-lived wrapper and crashes when it goes.
        """
        found = (self.topLevelItem(number) for number in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def opened_experiments(self) -> frozenset[str]:
        """Return the names of the experiments that show their runs."""
        group = self.topLevelItem(0)
        if group is None:
            return frozenset()
        return frozenset(entry_of(item).key for item in children(group) if item.isExpanded())

    def sync(self, groups: tuple[Entry, ...]) -> None:
        """Become these groups, keeping the lines that stay."""
        for number, group in enumerate(groups):
            item = self.topLevelItem(number)
            is_new = item is None
            if item is None:
                item = QTreeWidgetItem()
                self.addTopLevelItem(item)
            self._fill(item, group)
            self._sync(item, group.children)
            if is_new:
                item.setExpanded(True)

    def _sync(self, parent: QTreeWidgetItem, entries: tuple[Entry, ...]) -> None:
        there = {_key(entry_of(item)): item for item in children(parent)}
        wanted = {_key(entry) for entry in entries}
        for key, item in there.items():
            if key not in wanted:
                parent.removeChild(item)
        for place, entry in enumerate(entries):
            item = there.get(_key(entry)) or QTreeWidgetItem()
            at = parent.indexOfChild(item)
            if at != place:
                was_open = item.isExpanded()
                if at >= 0:
                    parent.takeChild(at)
                parent.insertChild(place, item)
                item.setExpanded(was_open)
            self._fill(item, entry)
            self._sync(item, entry.children)

    def _fill(self, item: QTreeWidgetItem, entry: Entry) -> None:
        item.setData(0, _ENTRY, entry)
        item.setText(0, entry.text)
        item.setText(1, entry.note)
        item.setToolTip(0, entry.tip or entry.text)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setFont(1, theme.font("small"))
        item.setForeground(1, theme.color(entry.role))
        item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        if entry.icon:
            item.setIcon(0, icons.icon(entry.icon, entry.role))
        if entry.kind == "group":
            item.setFont(0, theme.font("strong"))
        if entry.kind == "hint":
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            item.setForeground(0, theme.color("secondary"))
            item.setFirstColumnSpanned(True)
        can_open = entry.may_open or bool(entry.children)
        policy = QTreeWidgetItem.ChildIndicatorPolicy
        item.setChildIndicatorPolicy(policy.ShowIndicator if can_open else policy.DontShowIndicator)


def _key(entry: Entry) -> tuple[str, str]:
    return entry.kind, entry.key
