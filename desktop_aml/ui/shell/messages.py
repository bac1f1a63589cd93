"""Messages inside the window: cards in the corner that do not block, and the bell that keeps them."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from desktop_aml.domain.values import dataclass
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.widgets.widgets import IconButton, IconLabel, SecondaryLabel

CARD_WIDTH: Final = 360
SHOWN_AT_ONCE: Final = 3
KEPT: Final = 100
_LASTS_MS: Final = {"info": 5000, "success": 5000, "warning": 10000}
_LOOKS: Final = {
    "info": ("info", "accent"),
    "success": ("check-circle", "completed"),
    "warning": ("warning", "warning"),
    "error": ("cross-circle", "failed"),
}


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message and when it was raised, Unix time in seconds."""

    message: Message
    at: float


def _show_details(message: Message, window: QWidget) -> None:
    from desktop_aml.ui.widgets.error_dialog import ErrorDialog

    ErrorDialog.of_message(message, window).open()


class MessageCard(QFrame):
    """One message: icon, text, hint, Details, Help, close. An error stays until it is closed."""

    closed = Signal(object)
    help_wanted = Signal(str)
    """The code of an error, see `DesktopAMLError.code`."""

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        self.setProperty("card", True)
        self.setObjectName("message_card")
        self.setFixedWidth(CARD_WIDTH)
        self.setAccessibleName(message.text)
        icon, role = _LOOKS.get(message.severity, _LOOKS["info"])
        text = QLabel(message.text)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        close = IconButton("close", self.tr("Close message"))
        close.clicked.connect(self.close_card)
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        grid.setHorizontalSpacing(theme.SPACE_S)
        grid.setVerticalSpacing(theme.SPACE_XS)
        # The first line stands at the height of the close button, however many follow.
        text.setContentsMargins(0, theme.SPACE_XS, 0, 0)
        picture = QVBoxLayout()
        picture.setContentsMargins(0, theme.SPACE_XS, 0, 0)
        picture.addWidget(IconLabel(icon, 16, role))
        picture.addStretch(1)
        grid.addLayout(picture, 0, 0)
        grid.addWidget(text, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(close, 0, 2, Qt.AlignmentFlag.AlignTop)
        if message.hint:
            grid.addWidget(SecondaryLabel(message.hint), 1, 1)
        if message.severity == "error" or message.details or message.action:
            grid.addLayout(self._buttons(), 2, 1)
        grid.setColumnStretch(1, 1)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.close_card)
        self._start_timer()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        if self.message.action is not None:
            words, act = self.message.action
            button = QPushButton(words)
            button.setProperty("quiet", True)
            button.clicked.connect(self.close_card)
            button.clicked.connect(lambda: act())
            row.addWidget(button)
        if self.message.severity == "error" or self.message.details:
            details = QPushButton(self.tr("Details"))
            details.setProperty("quiet", True)
            details.clicked.connect(self._show_details)
            row.addWidget(details)
        if self.message.code:
            more = QPushButton(self.tr("Help"))
            more.setProperty("quiet", True)
            more.clicked.connect(lambda: self.help_wanted.emit(self.message.code))
            row.addWidget(more)
        row.addStretch(1)
        return row

    def _start_timer(self) -> None:
        lasts_ms = _LASTS_MS.get(self.message.severity)
        if lasts_ms is not None:
            self._timer.start(lasts_ms)

    def _show_details(self) -> None:
        _show_details(self.message, self.window())

    def close_card(self) -> None:
        """Take the card away; the history keeps the message."""
        self._timer.stop()
        self.closed.emit(self)

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        """Stay while the pointer is on it."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Count again."""
        self._start_timer()
        super().leaveEvent(event)


class MessageCenter(QObject):
    """Shows messages at the foot of a column of `host`, at first of all of it, and remembers them."""

    history_changed = Signal()
    help_wanted = Signal(str)
    """The code of an error of which more is to be read."""

    def __init__(self, host: QWidget) -> None:
        super().__init__(host)
        self._host = host
        self._column = host
        self._cards: list[MessageCard] = []
        self.close_all_button = QPushButton(self.tr("Close all"), host)
        self.close_all_button.hide()
        self.close_all_button.clicked.connect(self.close_all)
        self.history: list[KeptMessage] = []
        self.unread = 0
        host.installEventFilter(self)

    def stand_in(self, column: QWidget) -> None:
        """Keep to the width of a child of the host, so that the buttons of its neighbours stay in reach."""
        self._column = column
        column.installEventFilter(self)
        self._arrange()

    def show_message(self, message: Message) -> None:
        """Show one message; an equal one that is still shown is not repeated."""
        if any(card.message == message for card in self._cards):
            return
        self.history = [*self.history, KeptMessage(message, time.time())][-KEPT:]
        self.unread += 1
        card = MessageCard(message, self._host)
        card.closed.connect(self._on_card_closed)
        card.help_wanted.connect(self.help_wanted)
        self._cards.append(card)
        while len(self._cards) > SHOWN_AT_ONCE:
            self._cards[0].close_card()
        card.show()
        self._arrange()
        self.history_changed.emit()

    def cards(self) -> tuple[MessageCard, ...]:
        """Return the cards shown, oldest first."""
        return tuple(self._cards)

    def close_newest(self) -> bool:
        """Close the newest card; False when there is none."""
        if not self._cards:
            return False
        self._cards[-1].close_card()
        return True

    def undo_newest(self) -> bool:
        """Take back what the newest card tells of that can be; False when no card offers it."""
        for card in reversed(self._cards):
            if card.message.undoes and card.message.action is not None:
                card.close_card()
                card.message.action[1]()
                return True
        return False

    def close_all(self) -> None:
        """Close every card; the bell keeps what they said."""
        for card in list(self._cards):
            card.close_card()

    def mark_read(self) -> None:
        """Say that the history was seen."""
        self.unread = 0
        self.history_changed.emit()

    def clear(self) -> None:
        """Forget everything."""
        self.close_all()
        self.history = []
        self.mark_read()

    def _on_card_closed(self, card: MessageCard) -> None:
        if card in self._cards:
            self._cards.remove(card)
            card.hide()
            card.deleteLater()
            self._arrange()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Keep to the corner."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest):
            self._arrange()
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        bottom = self._host.height() - theme.SPACE_XXL - theme.SPACE_S
        # A column that is too narrow for a card gives way: the card then begins left of it.
        end = self._column.mapTo(self._host, QPoint(self._column.width(), 0)).x()
        end = max(end - theme.SPACE_L, min(CARD_WIDTH + theme.SPACE_L, self._host.width() - theme.SPACE_L))
        for card in reversed(self._cards):
            card.resize(CARD_WIDTH, card.heightForWidth(CARD_WIDTH) if card.hasHeightForWidth() else card.height())
            bottom -= card.height()
            card.move(QPoint(end - CARD_WIDTH, bottom))
            card.raise_()
            bottom -= theme.SPACE_S
        self.close_all_button.setVisible(len(self._cards) > 1)
        if len(self._cards) > 1:
            self.close_all_button.adjustSize()
            self.close_all_button.move(
                QPoint(end - self.close_all_button.width(), bottom - self.close_all_button.height())
            )
            self.close_all_button.raise_()


class MessageBell(IconButton):
    """The button in the status bar: says whether something is unread, opens the history."""

    def __init__(self, center: MessageCenter, parent: QWidget | None = None) -> None:
        super().__init__("bell", "", parent)
        self._center = center
        self.setObjectName("message_bell")
        self.clicked.connect(self.show_history)
        center.history_changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        unread = self._center.unread
        icons.set_icon(self, "bell-dot" if unread else "bell", "accent" if unread else "secondary")
        many = self.tr("{0} new messages").format(unread) if unread else self.tr("Messages")
        words = self.tr("1 new message") if unread == 1 else many
        self.setToolTip(words)
        self.setAccessibleName(words)

    def show_history(self) -> None:
        """Open the list of messages, newest first."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kept in reversed(self._center.history[-20:]):
            menu.addAction(self._row(menu, kept))
        if not self._center.history:
            menu.addAction(self.tr("No messages yet")).setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction(self.tr("Clear messages")).triggered.connect(self._center.clear)
        self._center.mark_read()
        menu.popup(self.mapToGlobal(QPoint(self.width() - CARD_WIDTH, -menu.sizeHint().height())))

    def _row(self, menu: QMenu, kept: KeptMessage) -> QWidgetAction:
        row = QWidget()
        row.setFixedWidth(CARD_WIDTH)
        icon, role = _LOOKS.get(kept.message.severity, _LOOKS["info"])
        words = QVBoxLayout()
        words.setSpacing(0)
        text = QLabel(kept.message.text)
        text.setTextFormat(Qt.TextFormat.PlainText)
        text.setWordWrap(True)
        words.addWidget(text)
        when = formats.relative_time(kept.at)
        words.addWidget(SecondaryLabel(f"{when} · {kept.message.hint}" if kept.message.hint else when, small=True))
        line = QHBoxLayout(row)
        line.setContentsMargins(theme.SPACE_S, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        line.addWidget(IconLabel(icon, 16, role), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        if kept.message.severity == "error" or kept.message.details:
            details = QPushButton(self.tr("Details"))
            details.setProperty("quiet", True)
            details.clicked.connect(lambda: _show_details(kept.message, self.window()))
            line.addWidget(details, 0, Qt.AlignmentFlag.AlignTop)
        action = QWidgetAction(menu)
        action.setDefaultWidget(row)
        return action
