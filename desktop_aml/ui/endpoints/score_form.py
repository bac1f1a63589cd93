"""Try an endpoint: a form made from the model's inputs, the answer, and the same request as calls to copy."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError, ScoringError
from desktop_aml.ui.endpoints.csv_view import CsvView
from desktop_aml.ui.endpoints.score_call import pretty_answer, request_text
from desktop_aml.ui.endpoints.score_table import ScoreTable
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop_aml.workspace import Workspace

_FORM, _JSON, _CSV = range(3)
_EXAMPLES: Final = 2
_ANSWER_LINES: Final = 3


class _Input(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def example(self) -> object: ...


class ScoreForm(QWidget):
    """Asks for rows, sends them, shows what came back."""

    answered = Signal(QWidget)
    """Where it stands what came of a request: the answer, or what is wrong."""
    request_changed = Signal(str)
    """The JSON body that would be sent now."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("score_form")
        self._workspace = workspace
        self._bridge = bridge
        self._name = name
        self._default_method = ""
        self._column_names: tuple[str, ...] = ()
        self._takes_texts = False
        self._build()
        self._connect()

    def _build(self) -> None:
        self.views = QTabBar(self)
        self.views.addTab(self.tr("Form"))
        self.views.addTab(self.tr("JSON"))
        self.views.addTab(self.tr("CSV file"))
        self.views.setAccessibleName(self.tr("Ways to write the request"))
        self.method = ChoiceField(self)
        self.method.setAccessibleName(self.tr("Method of the model"))
        asked = lambda: str(self.method.value() or "")  # noqa: E731
        self.csv = CsvView(self._workspace, self._bridge, self._name, asked, self)
        self.csv.hide()
        self.hint = SecondaryLabel("", self, small=True)
        self.hint.hide()
        self.table = ScoreTable(self)
        self.json = QPlainTextEdit(self)
        self.json.setFont(theme.font("mono"))
        self.json.setAccessibleName(self.tr("Request as JSON"))
        self.json.setTabChangesFocus(True)
        self.json.document().setDocumentMargin(theme.SPACE_S)
        self.json.setFixedHeight(theme.ROW_HEIGHT * 6)
        self.add_button = self._button("plus", self.tr("Add row"))
        self.remove_button = self._button("minus", self.tr("Remove row"))
        self.send_button = PrimaryButton(self.tr("Send"), self, icon="start")
        self.send_button.setAccessibleName(self.tr("Send"))
        self.send_button.setToolTip(self.tr("Send the request (Ctrl+Enter)"))
        self.error = ErrorLine(self)
        self.answer_heading = Heading(self.tr("Response"), 2, self)
        self.took = SecondaryLabel("", self)
        self.answer = QPlainTextEdit(self)
        self.answer.setReadOnly(True)
        self.answer.document().setDocumentMargin(theme.SPACE_S)
        self.answer.setFont(theme.font("mono"))
        self.answer.setAccessibleName(self.tr("Response"))
        self.answer.setPlaceholderText(self.tr("Send the rows to see the model's answer."))
        lines = QFontMetrics(self.answer.font()).lineSpacing() * _ANSWER_LINES
        self.answer.setMinimumHeight(lines + 2 * theme.SPACE_S)
        self._lay_out()

    def _button(self, icon: str, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("quiet", True)
        icons.set_icon(button, icon, "secondary")
        return button

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        top.addWidget(self.views)
        top.addStretch(1)
        self.method_label = QLabel(self.tr("&Method"), self)
        self.method_label.setBuddy(self.method)
        self.method_label.setProperty("role", "secondary")
        top.addWidget(self.method_label)
        top.addWidget(self.method)
        # Here it stays where it is, whatever is written below, and however many rows.
        top.addWidget(self.send_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_XS)
        buttons.addWidget(self.add_button)
        buttons.addWidget(self.remove_button)
        buttons.addStretch(1)
        title = QHBoxLayout()
        title.addWidget(self.answer_heading)
        title.addStretch(1)
        title.addWidget(self.took)
        self.took.setWordWrap(False)
        self.json.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_M)
        layout.setSpacing(theme.SPACE_S)
        layout.addLayout(top)
        layout.addWidget(self.hint)
        layout.addWidget(self.table)
        layout.addWidget(self.json)
        layout.addLayout(buttons)
        layout.addWidget(self.error)
        layout.addLayout(title)
        layout.addWidget(self.answer, 1)
        layout.addWidget(self.csv, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave out words beside the ways to write the request where those would go out of sight."""
        super().resizeEvent(event)
        if self.views.isHidden():
            return
        metrics, words = self.fontMetrics(), self.tr("Send")
        spared = 0 if self.send_button.text() else metrics.horizontalAdvance(words)
        shown = (self.views, self.method_label, self.method, self.send_button)
        needed = spared + sum(widget.sizeHint().width() + theme.SPACE_S for widget in shown)
        is_narrow = needed + 2 * theme.SPACE_L > self.width()
        self.method_label.setHidden(is_narrow)
        self.send_button.setText("" if is_narrow else words)

    def _connect(self) -> None:
        self.views.currentChanged.connect(self._on_views_current_changed)
        self.method.currentIndexChanged.connect(self._announce)
        self.table.edited.connect(self._announce)
        self.json.textChanged.connect(self._announce)
        self.add_button.clicked.connect(self.table.add_row)
        self.remove_button.clicked.connect(self.table.remove_row)
        self.send_button.clicked.connect(self.send)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)

    def set_inputs(
        self,
        inputs: Sequence[_Input],
        methods: Sequence[str],
        default_method: str,
        sample: Sequence[Sequence[object]] = (),
    ) -> None:
        """Make the form: one column for each input; a model without known columns gets one for text."""
        self._default_method = default_method
        self._takes_texts = not inputs
        self.method.set_choices([(method, method) for method in methods])
        self.method.set_value(default_method)
        known = [column.name for column in inputs]
        # Where a name is missing or met twice, only the order of the columns tells them apart.
        self._column_names = tuple(known) if all(known) and len(set(known)) == len(known) else ()
        self.csv.set_columns(self._column_names)
        names = [column.name or self.tr("column {0}").format(n) for n, column in enumerate(inputs)]
        examples = list(sample[:_EXAMPLES]) or [[_example(column) for column in inputs]]
        if self._takes_texts:
            texts = [[row] if isinstance(row, str) else list(row) for row in sample[:_EXAMPLES]]
            self.table.set_columns([self.tr("Text")], ["string"], texts)
        else:
            self.table.set_columns(names, [column.type for column in inputs], examples)

    def tell(self, words: str) -> None:
        """Say something of what is asked for; nothing for no words."""
        self.hint.setText(words)
        self.hint.setVisible(bool(words))

    def set_raw(self, example: object, words: str = "") -> None:
        """Ask for the whole body as JSON: only a scoring script knows what it takes.

        Parameters
        ----------
        example : object
            What to begin with; None where nobody knows.
        words : str
            What to say of it.
        """
        self.tell(words)
        self.views.setCurrentIndex(_JSON)
        for widget in (self.views, self.method, self.method_label):
            widget.hide()
        self.json.setPlainText("" if example is None else json.dumps(example, ensure_ascii=False, indent=2))
        self._announce()

    def focus_rows(self) -> None:
        """Let the keyboard begin where the request is written."""
        asked = (self.table, self.json, self.csv.choose_button)[self.views.currentIndex()]
        asked.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_serving(self, serving: bool) -> None:
        """Say whether the endpoint can answer now."""
        self.send_button.setEnabled(serving)

    def body(self) -> str:
        """Return the JSON body that would be sent now."""
        return self.json.toPlainText() if self.views.currentIndex() == _JSON else self._form_body()

    def send(self) -> None:
        """Send the request; the answer or what is wrong appears below."""
        if not self.send_button.isEnabled() or self.views.currentIndex() == _CSV:
            return
        if not self.body().strip():
            self._on_failed(ScoringError(self.tr("The request is empty."), self.tr("Write its JSON first.")))
            return
        try:
            payload = json.loads(self.body())
        except ValueError as error:
            self._on_failed(ScoringError(self.tr("This is not JSON: {0}.").format(str(error))))
            return
        self.send_button.setEnabled(False)
        self.error.show_text("")
        self.table.clear_fault()

        def work() -> tuple[object, float]:
            begun = time.perf_counter()
            return self._workspace.endpoints.score(self._name, payload), time.perf_counter() - begun

        call_for(self, self._bridge, work, self._on_answered, self._on_failed)

    def _form_body(self, *, pretty: bool = False) -> str:
        rows = self.table.values()
        method = str(self.method.value() or "")
        if self._takes_texts:
            body: dict[str, object] = {"data": [row[0] or "" for row in rows]}
            if method and method != self._default_method:
                body["method"] = method
            return json.dumps(body, ensure_ascii=False, indent=2 if pretty else None)
        # A person who reads and changes the JSON has the names; the form has them above its columns.
        names = self._column_names if pretty else ()
        return request_text(rows, method, self._default_method, pretty=pretty, names=names)

    def _on_answered(self, answered: tuple[object, float]) -> None:
        answer, took_s = answered
        self.send_button.setEnabled(True)
        self.answer.setPlainText(pretty_answer(answer))
        self.took.setText(self.tr("answered in {0} ms").format(f"{took_s * 1000:.1f}"))
        self.answered.emit(self.answer)

    def _on_failed(self, error: DesktopAMLError) -> None:
        self.send_button.setEnabled(True)
        # The answer before stays, to compare with; whose it is, is said.
        self.took.setText(self.tr("of an earlier request") if self.answer.toPlainText() else "")
        self.error.show_error(error)
        self.table.mark_fault(error.message)
        self.answered.emit(self.error)

    def _on_views_current_changed(self, view: int) -> None:
        if view == _JSON:
            self.json.setPlainText(self._form_body(pretty=True))
        self.json.setVisible(view == _JSON)
        self.csv.setVisible(view == _CSV)
        for widget in (self.table, self.add_button, self.remove_button):
            widget.setVisible(view == _FORM)
        for shown in (self.send_button, self.answer_heading, self.took, self.answer):
            shown.setVisible(view != _CSV)
        if view == _CSV:
            self.error.show_text("")
        self.method.setEnabled(view != _JSON)
        self._announce()

    def _announce(self) -> None:
        self.remove_button.setEnabled(self.table.rowCount() > 1)
        self.request_changed.emit(self.body())


def _example(column: _Input) -> object:
    if column.example is not None:
        return column.example
    return 0 if column.type in {"number", "integer"} else False if column.type == "boolean" else None
