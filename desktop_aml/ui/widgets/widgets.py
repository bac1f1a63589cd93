"""Small widgets that every pane uses. They know colours and texts, nothing of workspaces."""

from __future__ import annotations

from enum import Enum
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.look.tokens import STATE_ROLES

_ICON_FROM: Final = 160
_LEAST_LINES: Final = 2
"""Height of an empty pane that has room for its icon."""
_TEXT_INDENT: Final = 6
"""As the style sheet has it for other fields."""


class ElidedLabel(QLabel):
    """One line of plain text that shortens itself in the middle and shows all of it in the tooltip."""

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle,
    ) -> None:
        super().__init__(parent)
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show `text`, shortened to the width there is."""
        super().setText(text)
        self.setAccessibleName(text)
        self._explain()

    def shown_text(self) -> str:
        """Return what is painted now."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Any width will do."""
        return QSize(self.fontMetrics().horizontalAdvance("…") * 2, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the text."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self.text()) + 2, metrics.height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the tooltip only when something is hidden."""
        super().resizeEvent(event)
        self._explain()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the shortened text."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), int(self.alignment()) | Qt.TextFlag.TextSingleLine, self.shown_text())

    def _explain(self) -> None:
        self.setToolTip(self.text() if self.shown_text() != self.text() else "")


class Heading(QLabel):
    """A title: level 1 for the page, level 2 for a section."""

    def __init__(self, text: str = "", level: int = 2, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(theme.font("title" if level == 1 else "heading"))


class Title(ElidedLabel):
    """The name of what a page shows: as wide as it is where there is room, else shortened."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(theme.font("title"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)


class SecondaryLabel(QLabel):
    """Plain text of lesser weight; wraps."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, small: bool = False) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "secondary")
        self.setWordWrap(True)
        if small:
            self.setFont(theme.font("small"))


class PrimaryButton(QPushButton):
    """The one filled button of a page."""

    def __init__(self, text: str = "", parent: QWidget | None = None, *, icon: str = "") -> None:
        super().__init__(text, parent)
        self.setProperty("primary", True)
        self._icon_name = icon
        if icon:
            icons.set_icon(self, icon, "accent_text")

    def set_primary(self, primary: bool) -> None:
        """Fill it, or leave that to another button of the page while that one is what comes next; its size stays."""
        if self.property("primary") == primary:
            return
        self.setProperty("primary", primary)
        self.style().unpolish(self)
        self.style().polish(self)
        if self._icon_name:
            icons.set_icon(self, self._icon_name, "accent_text" if primary else "secondary")


class IconButton(QToolButton):
    """A flat square button with an icon; `text` becomes its tooltip and accessible name."""

    def __init__(self, icon: str, text: str, parent: QWidget | None = None, *, role: str = "secondary") -> None:
        super().__init__(parent)
        icons.set_icon(self, icon, role)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.setAutoRaise(True)
        self.setFixedSize(theme.FIELD_HEIGHT, theme.FIELD_HEIGHT)


class Hairline(QFrame):
    """A line of one pixel, horizontal unless told otherwise."""

    def __init__(self, parent: QWidget | None = None, *, vertical: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("hairline", True)
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)


class IconLabel(QLabel):
    """An icon that follows the theme and the screen's scale. Decoration: screen readers skip it."""

    def __init__(self, name: str, size: int = 16, role: str = "text", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = (name, size, role)
        self.setFixedSize(size, size)
        theme.changed.connect(self._draw)
        self._draw()

    def set_icon(self, name: str, role: str = "text") -> None:
        """Show another icon of the same size."""
        self._shown = (name, self._shown[1], role)
        self._draw()

    def _draw(self) -> None:
        name, size, role = self._shown
        self.setPixmap(icons.pixmap(name, size, role, self.devicePixelRatioF()))

    def event(self, event: QEvent) -> bool:
        """Draw again for another screen."""
        if event.type() is QEvent.Type.DevicePixelRatioChange:
            self._draw()
        return super().event(event)


class StateBadge(QWidget):
    """A state as icon, word and colour. Empty until `set_state`."""

    def __init__(self, state: str | Enum = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = IconLabel("info", 16, "secondary", self)
        self._word = QLabel(self)
        self._word.setTextFormat(Qt.TextFormat.PlainText)
        self._state = ""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._icon)
        layout.addWidget(self._word)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)
        self.set_state(state)

    def state(self) -> str:
        """Return the state shown, as it was given."""
        return self._state

    def set_state(self, state: str | Enum) -> None:
        """Show a state, spelled as in `desktop_aml.domain`."""
        self._state = str(state)
        self._word.setText(state_word(self._state))
        self.setAccessibleName(self._word.text())
        self._restyle()

    def _restyle(self) -> None:
        role = STATE_ROLES.get(self._state, "secondary")
        self._icon.set_icon(icons.state_icon_name(self._state), role)
        self._icon.setVisible(bool(self._state))
        palette = self._word.palette()
        palette.setColor(self._word.foregroundRole(), theme.state_color(self._state))
        self._word.setPalette(palette)


def state_word(state: str | Enum) -> str:
    """Return a state in words for people: ``CancelRequested`` is "Canceling"."""
    known = {
        "CancelRequested": QCoreApplication.translate("states", "Canceling"),
        "Transitioning": QCoreApplication.translate("states", "Starting"),
    }
    return known.get(str(state)) or QCoreApplication.translate("states", str(state))


def indent_text(inner: QLineEdit) -> None:
    """Keep the text of a spin box as far from its border as that of other fields."""
    # Qt ignores the padding that a style sheet gives to the field inside a spin box.
    inner.setTextMargins(_TEXT_INDENT, 0, 0, 0)


class EmptyState(QWidget):
    """What an empty pane shows: an icon, one sentence, one button. Nothing is a dead end."""

    pressed = Signal()

    def __init__(self, icon: str, text: str, button_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel(icon, 32, "secondary", self)
        self.label = SecondaryLabel(text, self)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setMaximumWidth(360)
        self.button = QPushButton(button_text, self)
        self.button.setVisible(bool(button_text))
        self.button.clicked.connect(self.pressed)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL)
        layout.setSpacing(theme.SPACE_M)
        layout.addStretch(2)
        layout.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignHCenter)
        # Not aligned: an aligned label that wraps gets the height of its narrowest form.
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.label, 6)
        row.addStretch(1)
        layout.addLayout(row)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Give the sentence what room there is: in a low pane the icon would lie on it."""
        super().resizeEvent(event)
        is_low = event.size().height() < _ICON_FROM
        self.icon.setVisible(not is_low)
        room = theme.SPACE_XS if is_low else theme.SPACE_XL
        self._layout.setContentsMargins(theme.SPACE_L, room, theme.SPACE_L, room)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Need the sentence and the button: who would have the icon needs no more room for it."""
        height = 2 * theme.SPACE_XS + _LEAST_LINES * self.label.fontMetrics().lineSpacing()
        if not self.button.isHidden():
            height += theme.SPACE_M + self.button.sizeHint().height()
        return QSize(super().minimumSizeHint().width(), height)

    def set_text(self, text: str) -> None:
        """Say something else."""
        self.label.setText(text)


class CopyField(QWidget):
    """Text to take along: a read-only field in the fixed font with a copy button, which says so when pressed."""

    copied = Signal(str)

    def __init__(self, text: str = "", name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._field = QLineEdit(text, self)
        self._field.setReadOnly(True)
        self._field.setFont(theme.font("mono"))
        self._field.setCursorPosition(0)
        self._field.setAccessibleName(name or self.tr("Text to copy"))
        self._button = IconButton("copy", self.tr("Copy"), self)
        self._button.setEnabled(bool(text))
        self._button.clicked.connect(self.copy)
        self._calm = QTimer(self, singleShot=True, interval=1500)
        self._calm.timeout.connect(self._show_ready)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(self._field)
        layout.addWidget(self._button)

    def text(self) -> str:
        """Return the text."""
        return self._field.text()

    def set_text(self, text: str) -> None:
        """Show another text, from its beginning."""
        self._field.setText(text)
        self._field.setCursorPosition(0)
        self._button.setEnabled(bool(text))

    def copy(self) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())
        icons.set_icon(self._button, "check", "completed")
        self._button.setToolTip(self.tr("Copied"))
        self._calm.start()
        self.copied.emit(self.text())

    def _show_ready(self) -> None:
        icons.set_icon(self._button, "copy", "secondary")
        self._button.setToolTip(self.tr("Copy"))


class CopyLabel(ElidedLabel):
    """An id or a path in the fixed font that is copied by a click."""

    copied = Signal(str)

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(theme.font("mono"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Copy on a left click."""
        if event.button() is Qt.MouseButton.LeftButton:
            QGuiApplication.clipboard().setText(self.text())
            self.copied.emit(self.text())
        super().mouseReleaseEvent(event)


class PageStack(QStackedWidget):
    """Hands the keyboard to the page that is shown, also from a page that had it itself.

    Qt does so only for what lies within a page: from a table that is a page it went on to whatever came next in the
    window, where keys that were meant for the table changed something.
    """

    def setCurrentWidget(self, page: QWidget) -> None:  # noqa: N802
        """Show a page."""
        before = self.currentWidget()
        had_keyboard = before is not None and before is not page and before.hasFocus()
        if had_keyboard:
            within = (one for one in page.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
            taking = page if page.focusPolicy() != Qt.FocusPolicy.NoFocus else next(within, page)
        super().setCurrentWidget(page)
        if had_keyboard:
            taking.setFocus(Qt.FocusReason.OtherFocusReason)
