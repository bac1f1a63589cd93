"""Draws the cells of the runs table straight from its rows: one lookup a cell, not seven questions to the model."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPixmap, QStaticText
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.look.tokens import STATE_ROLES
from desktop_aml.ui.runs.columns import NAME, STATE
from desktop_aml.ui.runs.table import RunsTable

_MARGIN: Final = theme.SPACE_S
_ICON: Final = theme.ICON_SIZE + theme.SPACE_XS
_TEXTS_KEPT: Final = 8192
_SELECTED: Final = QStyle.StateFlag.State_Selected.value
_FOCUSED: Final = QStyle.StateFlag.State_HasFocus.value
_Index = QModelIndex | QPersistentModelIndex


class RunsDelegate(QStyledItemDelegate):
    """State as icon, word and colour; numbers to the right in the fixed font; long texts shortened in the middle."""

    def __init__(self, table: RunsTable, view: QTableView) -> None:
        super().__init__(view)
        self._table = table
        self._view = view
        self._texts: dict[tuple[str, int, bool], tuple[QStaticText, int, int]] = {}
        self._state_pixmaps: dict[RunState, QPixmap] = {}
        self.restyle()
        theme.changed.connect(self.restyle)

    def restyle(self) -> None:
        """Take colours and fonts from the theme again."""
        self._text, self._secondary = theme.color("text"), theme.color("secondary")
        self._selection, self._accent = theme.color("selection"), theme.color("accent")
        self._state_colors = {state: theme.state_color(state) for state in RunState}
        self._body, self._mono = theme.font("body"), theme.font("mono")
        self._body_metrics, self._mono_metrics = QFontMetrics(self._body), QFontMetrics(self._mono)
        self._texts.clear()
        self._state_pixmaps.clear()
        self._view.viewport().update()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw one cell. Called for each cell of each repaint, so it asks as little as possible."""
        rect, state = option.rect, option.state.value
        if state & _SELECTED:
            painter.fillRect(rect, self._selection)
        row = self._table.row(index.row())
        if row is None:
            return
        number = index.column()
        column = self._table.shown_columns[number]
        left, width = rect.left() + _MARGIN, rect.width() - 2 * _MARGIN
        color = self._text if column.right or column.kind or column.key == NAME else self._secondary
        if column.key == STATE and row.run is not None:
            top = rect.top() + (rect.height() - theme.ICON_SIZE) // 2
            painter.drawPixmap(left, top, self._state_pixmap(row.run.state))
            color = self._state_colors[row.run.state]
            left, width = left + _ICON, width - _ICON
        text, shift, drop = self._laid_out(row.text(number), width, right=column.right)
        painter.setFont(self._mono if column.right else self._body)
        painter.setPen(color)
        painter.drawStaticText(left + shift, rect.top() + drop, text)
        if state & _FOCUSED:
            painter.setPen(self._accent)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def _laid_out(self, text: str, width: int, *, right: bool) -> tuple[QStaticText, int, int]:
        """Return a text shortened and shaped for a width, with its shift from the left and the top of the cell."""
        key = (text, width, right)
        found = self._texts.get(key)
        if found is None:
            metrics = self._mono_metrics if right else self._body_metrics
            shaped = QStaticText(metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, width))
            shaped.setTextFormat(Qt.TextFormat.PlainText)
            shaped.prepare(font=self._mono if right else self._body)
            shift = width - round(shaped.size().width()) if right else 0
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            found = self._texts[key] = (shaped, shift, (theme.ROW_HEIGHT - metrics.height()) // 2)
        return found

    def _state_pixmap(self, state: RunState) -> QPixmap:
        pixmap = self._state_pixmaps.get(state)
        if pixmap is None or pixmap.devicePixelRatioF() != self._view.devicePixelRatioF():
            role = STATE_ROLES.get(state, "secondary")
            ratio = self._view.devicePixelRatioF()
            pixmap = icons.pixmap(icons.state_icon_name(state), theme.ICON_SIZE, role, ratio)
            self._state_pixmaps[state] = pixmap
        return pixmap

    def sizeHint(self, _option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        """As wide as the text; the height is the same for all."""
        row = self._table.row(index.row())
        column = self._table.shown_columns[index.column()]
        metrics = self._mono_metrics if column.right else self._body_metrics
        width = metrics.horizontalAdvance(row.text(index.column())) if row else 0
        return QSize(width + (_ICON if column.key == STATE else 0) + 2 * _MARGIN + 1, theme.ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:  # noqa: N802
        """Edit a name in place."""
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(self.tr("Name of the run"))
        return editor
