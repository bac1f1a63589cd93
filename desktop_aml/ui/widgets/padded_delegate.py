"""Draws the cells of short lists with the same margins as their headings, and the selection as in the runs table."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QMargins, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QBrush, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.row_focus import RowFocusTable, RowFocusTree

_MARGIN: Final = theme.SPACE_S
_ICON: Final = QSize(theme.ICON_SIZE, theme.ICON_SIZE)
_PICTURE_FROM: Final = 2 * theme.ICON_SIZE


class PaddedDelegate(QStyledItemDelegate):
    """Icon, then text, shortened in the middle.

    The first column and numbers are in the text colour, the others secondary, unless a cell has a colour of its own.
    """

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return the room of the text and its margins."""
        return super().sizeHint(option, index).grownBy(QMargins(_MARGIN, 0, _MARGIN, 0))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one cell."""
        self.initStyleOption(option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.color("selection"))
        area = option.rect.adjusted(_MARGIN, 0, -_MARGIN, 0)
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        if isinstance(icon, QIcon):
            # A table of small pictures says how large they are; all others have icons.
            wanted = option.widget.iconSize() if isinstance(option.widget, QAbstractItemView) else _ICON
            size = wanted if wanted.width() > _PICTURE_FROM else _ICON
            top = area.top() + (area.height() - size.height()) // 2
            icon.paint(painter, QRect(area.left(), top, size.width(), size.height()))
            area.setLeft(area.left() + size.width() + theme.SPACE_XS)
        is_number = bool(option.displayAlignment & Qt.AlignmentFlag.AlignRight)
        painter.setFont(option.font)
        own = index.data(Qt.ItemDataRole.ForegroundRole)
        usual = theme.color("text" if index.column() == 0 or is_number else "secondary")
        painter.setPen(own.color() if isinstance(own, QBrush) else usual)
        shown = QFontMetrics(option.font).elidedText(option.text, Qt.TextElideMode.ElideMiddle, area.width())
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
        has_focus = option.state & QStyle.StateFlag.State_HasFocus and index.column() == 0
        if has_focus and not isinstance(option.widget, RowFocusTable | RowFocusTree):
            painter.setPen(theme.color("accent"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
