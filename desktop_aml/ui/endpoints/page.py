"""The page of one endpoint: how it stands, where it answers, a form to try it, calls to copy, its log."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError, StorageError
from desktop_aml.domain.events import EndpointChanged
from desktop_aml.domain.registry import Endpoint, EndpointKeys, EndpointState
from desktop_aml.ui.endpoints.call_samples import CallSamples
from desktop_aml.ui.endpoints.endpoint_tabs import EndpointTabs
from desktop_aml.ui.endpoints.requests_view import RequestsView
from desktop_aml.ui.endpoints.score_form import ScoreForm
from desktop_aml.ui.endpoints.use_label import UseLabel
from desktop_aml.ui.logs.view import LogView
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.labels import target_text
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import LatestReading, call_for
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.facts import Facts
from desktop_aml.ui.widgets.key_field import KeyField
from desktop_aml.ui.widgets.link_label import LinkLabel
from desktop_aml.ui.widgets.widgets import CopyField, EmptyState, SecondaryLabel, StateBadge, Title

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.endpoints import BodyExample

_REFRESH_MS: Final = 100
_CLOCK_MS: Final = 1000
_SERVING: Final = (EndpointState.HEALTHY, EndpointState.UNHEALTHY)
_STARTED: Final = (*_SERVING, EndpointState.TRANSITIONING)


class EndpointPage(QWidget):
    """Watches and tries one endpoint."""

    def __init__(self, workspace: Workspace, bridge: Bridge, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("endpoint_page")
        self.setWindowTitle(name)
        self._workspace = workspace
        self._bridge = bridge
        self._name = name
        self._endpoint: Endpoint | None = None
        self._inputs: object = None
        self._build()
        self._timer = QTimer(self, singleShot=True, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._starting = QElapsedTimer()
        self._clock = QTimer(self, interval=_CLOCK_MS)
        self._clock.timeout.connect(self._tell_waiting)
        self._reading = LatestReading(self, bridge)
        bridge.listen(self._on_event_happened, EndpointChanged, of=self._name)
        self.refresh()

    def _build(self) -> None:
        head = self._lay_out()
        self._fill_head(head)
        self._fill_tabs()
        self._fill_facts(auth_enabled=False)
        # Where the keyboard begins, instead of on Stop, the first button of the page; the form takes it over.
        self.setFocusProxy(self.tabs.tabBar())

    def _lay_out(self) -> QVBoxLayout:
        """Make what holds the parts, and return the place of the head.

        From the outside in: to put what is full into something else has each widget in it styled once more.
        """
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.stack = QStackedWidget(self)
        outer.addWidget(self.stack)
        # In a low window the page scrolls: else what is known of the endpoint would lie over itself.
        area = self.area = QScrollArea(self.stack)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setAccessibleName(self.tr("The endpoint"))
        self.stack.addWidget(area)
        self.body = QWidget(area)
        area.setWidget(self.body)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        head = QVBoxLayout()
        head.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_XS)
        head.setSpacing(theme.SPACE_S)
        layout.addLayout(head)
        self.tabs = EndpointTabs(self.body)
        layout.addWidget(self.tabs, 1)
        self.missing = EmptyState(
            "endpoint", self.tr("This endpoint is gone."), self.tr("Show models"), parent=self.stack
        )
        self.missing.pressed.connect(lambda: self._bridge.go_to("models"))
        self.stack.addWidget(self.missing)
        return head

    def _fill_head(self, head: QVBoxLayout) -> None:
        self.badge = StateBadge("", self.body)
        self.start_button = self._button("start", self.tr("Start"), self.start)
        self.stop_button = self._button("stop", self.tr("Stop"), self.stop)
        # Which of them can be pressed is known when the endpoint was read.
        self.start_button.hide()
        self.stop_button.setEnabled(False)
        self.delete_button = self._button("trash", self.tr("Delete"), self.delete)
        self.error = ErrorLine(self.body)
        self.facts = Facts(self.body)
        self.uri = CopyField("", self.tr("Scoring URI"), self.facts)
        self.model_link = LinkLabel("", self.facts)
        self.model_link.setEnabled(False)
        self.model_link.clicked.connect(self._on_model_link_clicked)
        self.script, self.environment, self.target, self.network = (SecondaryLabel("", self.facts) for _ in range(4))
        self.use = UseLabel(self._workspace, self._bridge, self._name, self.facts)
        self.keys = (KeyField(self.tr("Primary key"), self.facts), KeyField(self.tr("Secondary key"), self.facts))
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_S)
        title.addWidget(Title(self._name, self.body))
        title.addSpacing(theme.SPACE_XS)
        title.addWidget(self.badge)
        title.addStretch(1)
        for button in (self.start_button, self.stop_button, self.delete_button):
            title.addWidget(button)
        head.addLayout(title)
        head.addWidget(self.error)
        head.addWidget(self.facts)

    def _fill_tabs(self) -> None:
        self.attempt = QStackedWidget(self.tabs)
        self.tabs.addTab(self.attempt, self.tr("Try it"))
        self.waiting = EmptyState(
            "endpoint", self.tr("The form appears here when the model is loaded."), parent=self.attempt
        )
        self.attempt.addWidget(self.waiting)
        self.form = ScoreForm(self._workspace, self._bridge, self._name, self.attempt)
        self.attempt.addWidget(self.form)
        # In a low window what came of a request lies below what is seen.
        self.form.answered.connect(self._show_answer)
        self.samples = CallSamples(self.tabs)
        self.form.request_changed.connect(self.samples.set_body)
        self.tabs.addTab(self.samples, self.tr("Call it"))
        self.requests = RequestsView(self.tabs)
        self.use.told.connect(self.requests.show_use)
        self.use.memory_told.connect(self._show_memory)
        self.tabs.addTab(self.requests, self.tr("Requests"))
        read = self._workspace.endpoints.log
        self.log = LogView(self._bridge, lambda offset, limit: read(self._name, offset, limit), self.tabs)
        self.tabs.addTab(self.log, self.tr("Log"))

    def _button(self, icon: str, text: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(text, self.body)
        icons.set_icon(button, icon, "text")
        button.clicked.connect(lambda: act())
        return button

    def _show_answer(self, place: QWidget) -> None:
        QTimer.singleShot(0, self.area, lambda: self.area.ensureWidgetVisible(place))

    def _fill_facts(self, *, auth_enabled: bool) -> None:
        for name, widget in (
            (self.tr("Scoring URI"), self.uri),
            (self.tr("Model"), self.model_link),
            (self.tr("Scoring script"), self.script),
            (self.tr("Environment"), self.environment),
            (self.tr("Target"), self.target),
            (self.tr("Network"), self.network),
            (self.tr("Requests"), self.use),
            (self.tr("Primary key"), self.keys[0]),
            (self.tr("Secondary key"), self.keys[1]),
        ):
            self.facts.add(name, widget)
        self._show_keys(auth_enabled)
        self.facts.show_row(self.use, shown=False)

    def _show_keys(self, shown: bool) -> None:
        for key in self.keys:
            self.facts.show_row(key, shown=shown)

    def refresh(self) -> None:
        """Read the endpoint again."""

        def work() -> tuple[Endpoint, EndpointKeys | None, object, BodyExample | None]:
            endpoint = self._workspace.endpoints.get(self._name)
            # The keys are written when the endpoint is first started, a moment after it was asked for.
            keys = None
            if endpoint.auth_enabled:
                with contextlib.suppress(StorageError):
                    keys = self._workspace.endpoints.keys(self._name)
            example = self._workspace.endpoints.example(self._name) if endpoint.entry_script else None
            return endpoint, keys, self._workspace.endpoints.schema(self._name), example

        self._reading.ask(work, self._on_read, self._on_read_failed)

    def start(self) -> None:
        """Serve again."""
        self._ask(lambda: self._workspace.endpoints.start(self._name))

    def stop(self) -> None:
        """Stop serving; the endpoint stays."""
        self._ask(lambda: self._workspace.endpoints.stop(self._name))

    def delete(self) -> None:
        """Ask, then stop serving and forget the endpoint."""
        confirm(
            self,
            self.tr("Delete the endpoint “{0}”?").format(self._name),
            self.tr("It stops answering, and its keys and log are removed. The model stays."),
            self.tr("Delete"),
            lambda: self._ask(lambda: self._workspace.endpoints.delete(self._name)),
        )

    def _ask(self, work: Callable[[], None]) -> None:
        for button in (self.start_button, self.stop_button):
            button.setEnabled(False)
        call_for(self, self._bridge, work, lambda _: self.refresh(), self._on_ask_failed)

    def _on_ask_failed(self, error: DesktopAMLError) -> None:
        self._bridge.tell_error(error)
        self.refresh()

    def _on_read(self, found: tuple[Endpoint, EndpointKeys | None, object, BodyExample | None]) -> None:
        endpoint, keys, schema, example = found
        self._endpoint = endpoint
        self.stack.setCurrentIndex(0)
        self._show_state(endpoint)
        self.uri.set_text(endpoint.scoring_uri)
        self.facts.show_row(self.uri, shown=bool(endpoint.scoring_uri))
        self.model_link.setText(endpoint.model_label)
        self.model_link.setEnabled(bool(endpoint.model_name))
        self._show_keys(keys is not None)
        if keys is not None:
            self.keys[0].set_text(keys.primary)
            self.keys[1].set_text(keys.secondary)
        self.samples.set_endpoint(endpoint.scoring_uri, auth_enabled=endpoint.auth_enabled)
        self.target.setText(target_text(endpoint.target))
        self.network.setText(self._network_text(endpoint))
        for label, text in ((self.script, endpoint.entry_script), (self.environment, endpoint.environment)):
            label.setText(text)
            self.facts.show_row(label, shown=bool(text))
        self._show_example(example) if endpoint.entry_script else self._show_inputs(schema)

    def _show_memory(self, memory_bytes: int | None) -> None:
        """Say beside where it serves what it takes there."""
        place = self.target.text().partition("  ·  ")[0]
        words = self.tr("{0}  ·  {1} of memory").format(place, formats.size(memory_bytes)) if memory_bytes else place
        self.target.setText(words)

    def _network_text(self, endpoint: Endpoint) -> str:
        if endpoint.network:
            return self.tr("Allowed")
        if endpoint.open_network:
            return self.tr("Not shut off, the system does not let it: {0}").format(endpoint.open_network)
        return self.tr("None")

    def _show_state(self, endpoint: Endpoint) -> None:
        self.badge.set_state(endpoint.state)
        started = endpoint.state in _STARTED
        self.start_button.setVisible(not started)
        self.stop_button.setVisible(started)
        self.start_button.setEnabled(True)
        self.stop_button.setEnabled(True)
        is_serving = bool(endpoint.scoring_uri) and endpoint.state in _SERVING
        self.form.set_serving(is_serving)
        self.use.set_serving(is_serving)
        self.facts.show_row(self.use, shown=is_serving)
        hint = self.tr("See the log below, then start it again.") if endpoint.error else ""
        self._count_start(is_starting=endpoint.state is EndpointState.TRANSITIONING)
        self.error.show_text(endpoint.error, hint)
        self.error.setToolTip(endpoint.details)
        self.log.set_active(started, self.tr("Nothing was logged yet."))

    def _count_start(self, *, is_starting: bool) -> None:
        if is_starting and not self._clock.isActive():
            self._starting.start()
            self._clock.start()
        elif not is_starting:
            self._clock.stop()
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        state = self._endpoint.state if self._endpoint is not None else None
        if state is EndpointState.TRANSITIONING:
            words = self.tr("The model is being loaded, for {0} now. The form appears here when it is.")
            self.waiting.set_text(words.format(formats.duration(self._starting.elapsed() / 1000)))
        elif state in (EndpointState.STOPPED, EndpointState.FAILED):
            self.waiting.set_text(self.tr("Start the endpoint: the form appears here when the model is loaded."))
        else:
            self.waiting.set_text(self.tr("The form appears here when the model is loaded."))

    def _show_inputs(self, schema: Any) -> None:  # the struct of a layer that the window does not import
        # What is typed into the form stays as long as the inputs are the same.
        if schema is not None and schema != self._inputs:
            self._inputs = schema
            if schema.columns or schema.model.takes == "texts":
                self.form.set_inputs(schema.columns, schema.model.methods, schema.default_method, schema.sample)
            else:
                # How wide a row is, or that it is an object, no table can show.
                self.form.set_raw(schema.example)
            self.form.tell(self._words_about(schema))
            self._show_form()

    def _words_about(self, schema: Any) -> str:
        """Return what to say of the rows that the form begins with."""
        if schema.sample_from:
            words = self.tr("This row is from {0}, which the run of the model had.")
            if not schema.columns:
                words += " " + self.tr("The model does not say what it takes: take out what it is not to know.")
            return words.format(schema.sample_from)
        if schema.is_guessed:
            return self.tr(
                "The model does not say what a row holds, so nothing is filled in. A sample_input.json beside the model"
                " would say it."
            )
        return ""

    def _show_form(self) -> None:
        had_focus = self.tabs.tabBar().hasFocus()
        self.attempt.setCurrentWidget(self.form)
        # Who went elsewhere meanwhile, to Stop for one, stays there.
        if had_focus and self.tabs.currentWidget() is self.attempt:
            self.form.focus_rows()

    def _show_example(self, example: BodyExample | None) -> None:
        if example is None or example == self._inputs:
            return
        self._inputs = example
        words = ""
        if example.is_models:
            words = self.tr("The script does not say what it takes. This is the sample of its model.")
        elif example.body is None:
            words = self.tr("The script does not say what it takes. Write the JSON that its run() reads.")
        self.form.set_raw(example.body, words)
        self._show_form()

    def _on_read_failed(self, error: DesktopAMLError) -> None:
        self.missing.set_text(error.message)
        self.stack.setCurrentWidget(self.missing)

    def _on_model_link_clicked(self) -> None:
        if self._endpoint is not None and self._endpoint.model_name:
            self._bridge.go_to("model", f"{self._endpoint.model_name}:{self._endpoint.model_version}")

    def _on_event_happened(self, _event: EndpointChanged) -> None:
        self._timer.start()
