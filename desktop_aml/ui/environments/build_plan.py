"""What a build would do: which builder it uses and why, what it would change; the builder can be chosen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.compare.locks import EnvironmentPreview
from desktop_aml.domain.environments import AUTOMATIC, EnvironmentKind
from desktop_aml.domain.errors import BuildCanceled, DesktopAMLError
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_CHECK_MS: Final = 300
_WIDTHS: Final = (180, 112, 112)


class BuildPlanView(QWidget):
    """Shows the plan of a specification that is being edited.

    Parameters
    ----------
    text : QPlainTextEdit
        Where it is edited.
    kind : callable
        Returns its kind; None where the text itself tells it.
    name : callable
        Returns the name of the environment; empty for a new one.
    """

    told = Signal(str)
    """Which builder a build would use, and why."""

    def __init__(
        self,
        workspace: Workspace,
        bridge: Bridge,
        text: QPlainTextEdit,
        kind: Callable[[], EnvironmentKind | None],
        name: Callable[[], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._workspace, self._bridge = workspace, bridge
        self._text, self._kind, self._name = text, kind, name
        self._seen = ""
        self._cancel: threading.Event | None = None
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._timer.timeout.connect(self.look)
        text.textChanged.connect(self._on_text_changed)
        self._on_text_changed()

    def _build(self) -> None:
        self.choice = ChoiceField(self)
        self.choice.setMinimumContentsLength(20)
        self.choice.set_choices(
            [
                (self.tr("Chosen for you"), AUTOMATIC),
                (self.tr("PyPI, with uv"), "uv"),
                (self.tr("Channels of conda"), "conda"),
            ]
        )
        self.choice.setCurrentIndex(0)
        self.choice.setAccessibleName(self.tr("Builder"))
        self.choice.currentIndexChanged.connect(lambda _: self._show_nothing())
        label = QLabel(self.tr("Builder"), self)
        label.setBuddy(self.choice)
        self.button = QPushButton(self.tr("Preview"), self)
        self.button.setToolTip(self.tr("Resolve it and show what would change; nothing is installed"))
        self.button.clicked.connect(self._on_button_clicked)
        self.reason = SecondaryLabel("", self)
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        for widget in (label, self.choice, self.button):
            bar.addWidget(widget)
        bar.addStretch(1)
        # Below the field, as long as the page is wide: beside it, a narrow page cuts the reason off.
        head = QVBoxLayout()
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        head.setSpacing(theme.SPACE_XS)
        head.addLayout(bar)
        head.addWidget(self.reason)
        titles = (self.tr("Package"), self.tr("Before"), self.tr("After"), self.tr("Change"))
        self.table = ListTable(titles, self.tr("Packages that a build would change"), self)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        self.table.header().setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            self.table.setColumnWidth(column, width)
        self.note = EmptyState("compare", "", parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.note)
        self.stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        self._show_nothing()

    def builder(self) -> str:
        """Return the builder to give to a build: what the user chose here, or nothing to leave it as it is."""
        chosen = str(self.choice.value())
        return "" if chosen == self._usual() else chosen

    def _usual(self) -> str:
        return str(self.choice.property("usual") or AUTOMATIC)

    # The builder, without asking anybody.

    def look(self) -> None:
        """Find out which builder a build would use."""
        text, kind = self._text.toPlainText(), self._kind()
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environments.expected_builder(text, kind),
            self._show,
            self._on_faulty,
        )

    def _show(self, found: tuple[str, str]) -> None:
        builder, why = found
        is_chosen = builder if why == "You chose it." else AUTOMATIC
        if is_chosen != self._usual():
            self.choice.setProperty("usual", is_chosen)
            self.choice.set_value(is_chosen)
        self.choice.setEnabled(builder in {"uv", "conda"})
        self._tell(builder, why)

    def _tell(self, builder: str, why: str) -> None:
        words = self.tr("{0}: {1}").format(builder, why)
        self.reason.setText(words)
        self.told.emit(words)

    def _on_faulty(self, _error: DesktopAMLError) -> None:
        # The list of problems says it.
        self.reason.setText("")
        self.told.emit("")

    def _on_text_changed(self) -> None:
        # New colors of the text are announced like a change, too.
        if self._text.toPlainText() == self._seen:
            return
        self._seen = self._text.toPlainText()
        self._show_nothing()
        self._timer.start()

    def _show_nothing(self) -> None:
        self.note.set_text(self.tr("Press Preview to see what a build would change. Nothing is installed."))
        self.stack.setCurrentWidget(self.note)

    # The preview.

    def _on_button_clicked(self) -> None:
        if self._cancel is not None:
            self._cancel.set()
        else:
            self.preview()

    def preview(self) -> None:
        """Resolve what is typed, off the GUI thread, and show how it differs from what is built."""
        text, kind, name = self._text.toPlainText(), self._kind(), self._name()
        chosen = str(self.choice.value())
        cancel = self._cancel = threading.Event()
        self.destroyed.connect(cancel.set)
        self.button.setText(self.tr("Cancel"))
        self.note.set_text(self.tr("Resolving…"))
        self.stack.setCurrentWidget(self.note)

        def work() -> EnvironmentPreview:
            return self._workspace.environments.preview(
                text,
                kind,
                against=self._built_version(name),
                builder="" if chosen == AUTOMATIC else chosen,
                cancel=cancel,
            )

        call_for(self, self._bridge, work, lambda found: self._on_resolved(found, text), self._on_refused)

    def _built_version(self, name: str) -> str:
        versions = self._workspace.environments.versions(name) if name else ()
        built = (one.label for one in versions if self._workspace.environments.lock(one.name, one.version) is not None)
        return next(built, "")

    def _on_resolved(self, found: EnvironmentPreview, text: str) -> None:
        self._end()
        if text != self._text.toPlainText():
            self._show_nothing()
            return
        changes = (*found.diff.base, *found.diff.packages)
        self._tell(found.lock.builder, found.lock.chosen_because)
        before = found.diff.before or self.tr("nothing")
        self.table.setHeaderLabels(
            [self.tr("Package"), before, self.tr("After"), self.tr("Change ({0})").format(formats.count(len(changes)))]
        )
        self.table.fill(
            (
                one.name,
                (
                    Cell(one.name),
                    Cell(one.before or formats.NOTHING),
                    Cell(one.after or formats.NOTHING),
                    Cell(str(one.kind), icon=icons.icon("refresh", "secondary")),
                ),
            )
            for one in changes
        )
        self.note.set_text(self.tr("A build would change nothing."))
        self.stack.setCurrentWidget(self.table if changes else self.note)

    def _on_refused(self, error: DesktopAMLError) -> None:
        self._end()
        if isinstance(error, BuildCanceled):
            self._show_nothing()
            return
        self.note.set_text(f"{error.message} {error.hint}".strip())
        self.stack.setCurrentWidget(self.note)

    def _end(self) -> None:
        self._cancel = None
        self.button.setText(self.tr("Preview"))
