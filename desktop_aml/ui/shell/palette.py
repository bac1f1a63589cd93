"""The command palette, and the list that goes to a run, model, environment or endpoint."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.runs import RunQuery
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.shell.actions import TABLE, ActionSet
from desktop_aml.ui.widgets.widgets import SecondaryLabel

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex

    from desktop_aml.workspace import Workspace

_WIDTH: Final = 560
_ROWS: Final = 12
_ENTRY: Final = Qt.ItemDataRole.UserRole
_OTHER: Final = "menu\n"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what it says, what stands at its right, and whether it can be taken."""

    id: str
    text: str
    note: str = ""
    icon: str = ""
    reason: str = ""
    rank: int = 0


def score(text: str, typed: str) -> int | None:
    """Return how well `typed` fits `text`: its letters in order; None when they are not. Less is better.

    Letters at the beginning of words and in a row count as better.
    """
    low, cost, at, last = text.lower(), 0, 0, -2
    for letter in typed.lower().replace(" ", ""):
        found = low.find(letter, at)
        if found < 0:
            return None
        if found != last + 1:
            cost += 1 if found == 0 or not low[found - 1].isalnum() else 4
        cost += min(found - at, 10)
        last, at = found, found + 1
    return cost


class _Delegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002, N802
        return QSize(option.rect.width(), theme.ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(_ENTRY)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.color("selection"))
        inside = option.rect.adjusted(theme.SPACE_M, 0, -theme.SPACE_M, 0)
        if entry.icon:
            icons.icon(entry.icon, "secondary").paint(painter, QRect(inside.left(), inside.top(), 16, inside.height()))
        inside.setLeft(inside.left() + 24)
        note = entry.reason or entry.note
        painter.setPen(theme.color("secondary"))
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), note)
        inside.setRight(inside.right() - option.fontMetrics.horizontalAdvance(note) - theme.SPACE_M)
        painter.setPen(theme.color("secondary" if entry.reason else "text"))
        text = option.fontMetrics.elidedText(entry.text, Qt.TextElideMode.ElideMiddle, inside.width())
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)


class Picker(QDialog):
    """A field and a list below it: type, arrow keys, Enter."""

    def __init__(self, placeholder: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(_WIDTH)
        self._entries: list[Entry] = []
        self._is_enter_due, self._entered = False, ""
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder)
        self.field.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName(self.tr("Choices"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.nothing = SecondaryLabel("", self.list)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.nothing.setGeometry(0, theme.SPACE_L, _WIDTH - theme.SPACE_L, theme.ROW_HEIGHT)
        self.list.setFixedHeight(_ROWS * theme.ROW_HEIGHT + 2)
        self.field.textChanged.connect(self.refresh)
        self.list.itemClicked.connect(lambda _: self.take())
        self.move(
            parent.mapToGlobal(parent.rect().topLeft()).x() + (parent.width() - _WIDTH) // 2,
            parent.mapToGlobal(parent.rect().topLeft()).y() + theme.TOOLBAR_HEIGHT + theme.SPACE_XL,
        )

    def show_entries(self, entries: list[Entry]) -> None:
        """Offer other entries."""
        self._entries = entries
        self.refresh()
        if self._is_enter_due and self.shown():
            self.take()

    def refresh(self) -> None:
        """List what fits the typed letters, best first."""
        typed = self.field.text().strip()
        self._is_enter_due = self._is_enter_due and typed == self._entered
        scored = [
            (cost, entry.rank, entry) for entry in self._entries if (cost := score(entry.text, typed)) is not None
        ]
        scored.sort(key=lambda triple: triple[:2])
        self.list.clear()
        for _, _, entry in scored[:200]:
            item = QListWidgetItem(entry.text)
            item.setData(_ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self.nothing.setText(self.tr("Nothing here is called “{0}”.").format(typed))
        self.nothing.setVisible(bool(typed) and not scored)

    def shown(self) -> list[str]:
        """Return the texts that are listed."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def take(self) -> None:
        """Take the selected entry, if it can be taken."""
        item = self.list.currentItem()
        entry: Entry | None = item.data(_ENTRY) if item is not None else None
        # Enter came before what was looked for: it counts when that arrives, unless something else is typed.
        self._is_enter_due, self._entered = entry is None, self.field.text().strip()
        if entry is not None and not entry.reason:
            self.close()
            self.taken(entry)

    def taken(self, entry: Entry) -> None:
        """Do what an entry stands for."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the arrow keys move in the list while the field keeps the keyboard."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 10, Qt.Key.Key_PageUp: -10}.get(
                Qt.Key(event.key())
            )
            if step is not None:
                row = max(0, min(self.list.count() - 1, self.list.currentRow() + step))
                self.list.setCurrentRow(row)
                return True
            if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                self.take()
                return True
        return super().eventFilter(watched, event)

    def open(self) -> None:
        """Show it with the keyboard in the field."""
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)


class CommandPalette(Picker):
    """Every action by name; disabled ones say why."""

    def __init__(self, action_set: ActionSet, recent: list[str], parent: QWidget) -> None:
        super().__init__(QObject().tr("Type a command"), parent)
        self.setObjectName("palette")
        self._actions = action_set
        self._others = menu_actions(parent, set(action_set))
        entries = []
        for number, spec in enumerate(TABLE):
            keys = spec.key_sequence().toString(QKeySequence.SequenceFormat.NativeText)
            rank = recent.index(spec.id) if spec.id in recent else 100 + number
            entries.append(Entry(spec.id, spec.translated(), keys, spec.icon, action_set.reason(spec.id), rank))
        for number, (words, action) in enumerate(self._others):
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            reason = "" if action.isEnabled() else action.toolTip()
            entries.append(Entry(f"{_OTHER}{number}", words, keys, "", reason, 100 + len(TABLE) + number))
        self.show_entries(entries)

    def taken(self, entry: Entry) -> None:
        """Carry the action out after the palette is gone."""
        if entry.id.startswith(_OTHER):
            QTimer.singleShot(0, self._others[int(entry.id.removeprefix(_OTHER))][1].trigger)
        else:
            QTimer.singleShot(0, self._actions[entry.id].trigger)


def menu_actions(window: QWidget, known: Collection[QAction]) -> list[tuple[str, QAction]]:
    """Return what the menus of a window hold beside `known`, such as its panes and recent workspaces, with its path."""
    bar = window.menuBar() if isinstance(window, QMainWindow) else None
    found: list[tuple[str, QAction]] = []

    def walk(menu: QMenu, path: str) -> None:
        # Some are made when they open.
        menu.aboutToShow.emit()
        for action in menu.actions():
            words = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
            inner = action.menu()
            if isinstance(inner, QMenu):
                walk(inner, f"{path}{words}: ")
            elif not action.isSeparator() and action not in known:
                found.append((f"{path}{words}", action))

    for action in bar.actions() if bar is not None else ():
        top = action.menu()
        if isinstance(top, QMenu):
            walk(top, "")
    return found


class QuickOpen(Picker):
    """Experiments, runs, models, datasets, environments and endpoints by name."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget) -> None:
        super().__init__(QObject().tr("Go to an experiment, run, model, environment or endpoint"), parent)
        self.setObjectName("quick_open")
        self._workspace = workspace
        self._bridge = bridge
        self._typing = QTimer(self, singleShot=True, interval=120)
        self._typing.timeout.connect(self._load)
        self.field.textChanged.connect(lambda _: self._typing.start())
        self._load()

    def _load(self) -> None:
        text = self.field.text().strip()
        call_for(self, self._bridge, lambda: self._find(text), self.show_entries)

    def _find(self, text: str) -> list[Entry]:
        space = self._workspace
        found = [Entry(f"endpoint\n{one.name}", one.name, "endpoint", "endpoint") for one in space.endpoints.list()]
        found += [Entry(f"model\n{one.name}", one.name, "model", "model", rank=1) for one in space.models.list()]
        found += [Entry(f"dataset\n{one.name}", one.name, "dataset", "table", rank=1) for one in space.datasets.list()]
        found += [
            Entry(f"environment\n{one.name}", one.name, "environment", "environment", rank=2)
            for one in space.environments.list()
            if one.in_use or text
        ]
        found += [
            Entry(f"runs\n{one.name}", one.name, "experiment", "experiment", rank=2) for one in space.experiments.list()
        ]
        for number, run in enumerate(space.runs.list(RunQuery(text=text), limit=50)):
            found.append(Entry(f"run\n{run.id}", run.display_name, run.experiment, "run", rank=3 + number))
        return found

    def taken(self, entry: Entry) -> None:
        """Go there."""
        kind, _, key = entry.id.partition("\n")
        self._bridge.go_to(kind, key)
