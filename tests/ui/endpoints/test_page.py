"""From a real run to a real answer, through the dialogs and pages that a person uses."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import joblib
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.domain.registry import Endpoint, EndpointState
from desktop_aml.domain.runs import RunState
from desktop_aml.serving.schema import ColumnKind, ModelDescription, build_schema, showing
from desktop_aml.ui.browser.pane import WorkspaceBrowser
from desktop_aml.ui.browser.tree import children, entry_of
from desktop_aml.ui.endpoints.endpoint_tabs import EndpointTabs
from desktop_aml.ui.endpoints.list_page import EndpointsPage
from desktop_aml.ui.endpoints.page import EndpointPage
from desktop_aml.ui.models.page import ModelPage
from desktop_aml.ui.models.register_dialog import RegisterDialog
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.shell.pages import PageTabs
from desktop_aml.workspace import Workspace
from desktop_aml.workspace.endpoints import BodyExample

TRAIN = """
import os, joblib
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
X, y = load_iris(return_X_y=True)
os.makedirs("outputs", exist_ok=True)
joblib.dump(LogisticRegression(max_iter=500).fit(X, y), "outputs/model.joblib")
"""
LONG_MS = 60_000


@pytest.fixture
def living(tmp_path: Path, bridge: Bridge, marked_processes: object) -> Iterator[Workspace]:
    """Return a workspace whose engine tells the bridge what happens."""
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(bridge.event_happened.emit)
    yield made
    for endpoint in made.endpoints.list():
        made.endpoints.delete(endpoint.name)
    made.close()


@pytest.fixture
def destinations(bridge: Bridge) -> list[Destination]:
    seen: list[Destination] = []
    bridge.destination_wanted.connect(seen.append)
    return seen


@pytest.fixture
def shown(qtbot) -> Callable[[QWidget], QWidget]:
    def shown(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.resize(800, 640)
        widget.show()
        return widget

    return shown


def press(box_owner: QWidget, verb: str) -> None:
    box = box_owner.findChild(QMessageBox, "confirm")
    next(button for button in box.buttons() if button.text() == verb).click()


def test_the_list_of_endpoints_leads_to_the_registry_to_deploy_a_model(qtbot, living, bridge, destinations, shown):
    page = shown(EndpointsPage(living, bridge))
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.empty)
    assert page.empty.button.text() == page.deploy_button.text() == "Deploy a model…"
    page.empty.button.click()
    page.deploy_button.click()
    assert [one.kind for one in destinations] == ["models", "models"]


def test_a_run_becomes_a_model_that_answers_as_it_would_itself(
    qtbot, living, bridge, destinations, shown, write_script
):
    script = write_script(TRAIN)
    browser = shown(WorkspaceBrowser(living, bridge))
    run_id = living.runs.submit(script, experiment="iris")
    qtbot.waitUntil(lambda: living.runs.get(run_id).summary.state is RunState.COMPLETED, timeout=LONG_MS)

    dialog = RegisterDialog(living, bridge, run_id, parent=browser)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.register_button.isEnabled(), timeout=LONG_MS)
    assert (dialog.name.text(), dialog.path.value()) == ("iris", "outputs/model.joblib")
    assert dialog.framework_version.text() != ""
    dialog.tags.setText("stage=test")
    with qtbot.waitSignal(dialog.registered, timeout=LONG_MS) as registered:
        dialog.register_button.click()
    assert registered.args[0].tags == {"stage": "test"}
    assert destinations[-1] == Destination("model", "iris:1")

    model_page = shown(ModelPage(living, bridge, "iris:1"))
    qtbot.waitUntil(lambda: model_page.deploy_button.isEnabled() and model_page.current() is not None)
    model_page.deploy_button.click()
    qtbot.waitUntil(lambda: destinations[-1] == Destination("endpoint", "iris"), timeout=LONG_MS)

    tabs = shown(PageTabs())
    tabs.add_page(model_page, Destination("model", "iris:1"))
    qtbot.waitUntil(tabs.isActiveWindow)
    model_page.delete_button.setFocus()
    page = EndpointPage(living, bridge, "iris")
    tabs.add_page(page, Destination("endpoint", "iris"))
    qtbot.waitUntil(lambda: page.badge.state() == EndpointState.HEALTHY, timeout=LONG_MS)
    qtbot.waitUntil(lambda: page.attempt.currentWidget() is page.form)
    assert page.form.table.hasFocus(), "the keyboard begins at the rows, not at Stop"
    rows = [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]]
    page.form.table.setCurrentCell(0, 0)
    page.form.table.paste("\n".join("\t".join(map(str, row)) for row in rows))
    page.form.send_button.click()
    qtbot.waitUntil(lambda: page.form.answer.toPlainText() != "", timeout=LONG_MS)
    own = joblib.load(living.runs.files.path(run_id, "outputs/model.joblib")).predict_proba(rows)
    answer = json.loads(page.form.answer.toPlainText())
    assert (answer.get("predictions", answer.get("result")) if isinstance(answer, dict) else answer) == own.tolist()

    page.form.table.item(0, 2).setText("long")
    page.form.send_button.click()
    qtbot.waitUntil(lambda: page.form.error.isVisible(), timeout=LONG_MS)
    assert "long" in page.form.error.message.text() or "2" in page.form.error.message.text()

    model_page.delete_button.click()
    assert model_page.findChild(QMessageBox, "confirm") is None
    qtbot.waitUntil(lambda: "1 answered, 1 refused; 2/min; median " in page.use.text(), timeout=LONG_MS)
    assert re.fullmatch(r"This computer  ·  [\d.]+ [MG]B of memory", page.target.text())
    assert page.use.isVisible()
    page.tabs.setCurrentWidget(page.requests)
    lines = page.requests.table
    qtbot.waitUntil(lambda: lines.topLevelItemCount() == 2)
    assert [[lines.topLevelItem(row).text(column) for column in (1, 2)] for row in range(2)] == [
        ["400", "–"],
        ["200", "2"],
    ]
    assert page.requests.rate.words == "2, 1 error"
    assert page.requests.took.highest() > 0
    page.tabs.setCurrentIndex(0)

    # In a low window what comes of a request lies below what is seen: the page goes there.
    tabs.resize(560, 320)
    bar = page.findChild(QScrollArea).verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and page.form.answer.visibleRegion().isEmpty())
    page.form.table.item(0, 2).setText("1.4")
    page.form.send_button.click()
    qtbot.waitUntil(lambda: not page.form.answer.visibleRegion().isEmpty(), timeout=LONG_MS)

    page.stop_button.click()
    qtbot.waitUntil(lambda: page.badge.state() == EndpointState.STOPPED, timeout=LONG_MS)
    assert not page.form.send_button.isEnabled()
    assert not page.use.isVisible()
    page.start_button.click()
    qtbot.waitUntil(lambda: page.badge.state() == EndpointState.HEALTHY, timeout=LONG_MS)

    def words() -> dict[str, list[tuple[str, str]]]:
        return {
            entry_of(group).key: [(entry_of(item).text, entry_of(item).note) for item in children(group)]
            for group in browser.tree.groups()
        }

    qtbot.waitUntil(lambda: words().get("endpoints") == [("iris", "Healthy")], timeout=LONG_MS)
    assert words()["experiments"] == [("iris", "1")]
    assert words()["models"] == [("iris", "v1")]

    page.delete_button.click()
    press(page, "Delete")
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.missing, timeout=LONG_MS)


def test_a_failing_endpoint_says_why_at_the_top(qtbot, living, bridge, shown, tmp_path):
    (tmp_path / "notes.joblib").write_text("hello")
    living.models.register("notes", file=tmp_path / "notes.joblib")
    living.endpoints.deploy("notes", name="notes")
    page = shown(EndpointPage(living, bridge, "notes"))
    qtbot.waitUntil(lambda: page.error.isVisible(), timeout=LONG_MS)
    assert "not a model file" in page.error.message.text()
    assert page.badge.state() == EndpointState.FAILED
    assert page.start_button.isVisible()
    assert page.attempt.currentWidget() is page.waiting
    assert "Start the endpoint" in page.waiting.label.text()
    page._show_state(replace(page._endpoint, state=EndpointState.TRANSITIONING, error=""))
    page._endpoint = replace(page._endpoint, state=EndpointState.TRANSITIONING)
    qtbot.waitUntil(lambda: re.search(r"for [1-9]", page.waiting.label.text()) is not None, timeout=LONG_MS)
    page.refresh()
    qtbot.waitUntil(lambda: page.error.isVisible() and not page._clock.isActive(), timeout=LONG_MS)
    # In an ordinary window the page does not scroll; in a low one it does, and nothing lies over anything.
    assert page.findChild(QScrollArea).verticalScrollBar().maximum() == 0
    page.resize(480, 200)
    rows = (page.error, page.model_link, page.target, page.network, page.tabs)
    qtbot.waitUntil(lambda: all(one.height() >= one.minimumSizeHint().height() for one in rows))


def test_keys_are_hidden_until_asked_for_and_never_in_the_copied_call(qtbot, living, bridge, shown, tmp_path):
    (tmp_path / "notes.joblib").write_text("hello")
    living.models.register("notes", file=tmp_path / "notes.joblib")
    living.endpoints.deploy("notes", name="notes", auth_enabled=True)
    page = shown(EndpointPage(living, bridge, "notes"))
    qtbot.waitUntil(lambda: page.keys[0].shown_text() != "", timeout=LONG_MS)
    key = living.endpoints.keys("notes").primary
    assert key not in page.keys[0].shown_text()
    page.keys[0].copy_button.click()
    assert QGuiApplication.clipboard().text() == key
    page.keys[0].reveal_button.click()
    assert page.keys[0].shown_text() == key
    assert key not in page.samples.text()
    assert page.target.text() == "This computer"


def test_an_endpoint_that_is_gone_leads_on(qtbot, living, bridge, destinations, shown):
    page = shown(EndpointPage(living, bridge, "never-was"))
    qtbot.waitUntil(lambda: page.stack.currentWidget() is page.missing)
    page.missing.button.click()
    assert destinations == [Destination("models")]


SCORE_SCRIPT = """
import json

def init():
    print("ready to score")

def run(data):
    return {"twice": [2 * value for value in json.loads(data)["numbers"]]}
"""


def test_a_scoring_script_is_asked_with_a_whole_body(qtbot, living, bridge, shown, write_script):
    script = write_script(SCORE_SCRIPT, "score.py")
    living.endpoints.deploy(name="scripted", entry_script=script)
    page = shown(EndpointPage(living, bridge, "scripted"))
    qtbot.waitUntil(page.form.send_button.isEnabled, timeout=LONG_MS)
    qtbot.waitUntil(page.form.isVisible, timeout=LONG_MS)
    assert page.script.text() == "score.py"
    assert page.script.isVisible()
    assert not page.form.views.isVisible()
    assert not page.form.method.isVisible()
    # The script does not say what it takes, so nothing is invented.
    assert page.form.body() == ""
    assert "does not say what it takes" in page.form.hint.text()
    assert "--data @request.json" in page.samples.text()
    qtbot.waitUntil(lambda: "request.json" in page.samples.note.text())

    def is_refused() -> bool:
        # The button is off while the page is read again.
        page.form.send()
        return page.form.error.message.text() == "The request is empty."

    qtbot.waitUntil(is_refused, timeout=LONG_MS)
    page.form.json.setPlainText('{"numbers": [1, 2]}')
    qtbot.waitUntil(lambda: '"numbers": [1, 2]' in page.samples.code.toPlainText())
    qtbot.waitUntil(page.form.send_button.isEnabled, timeout=LONG_MS)
    qtbot.mouseClick(page.form.send_button, Qt.MouseButton.LeftButton)
    answer = page.form.answer
    qtbot.waitUntil(lambda: bool(answer.toPlainText()) or page.form.error.isVisible(), timeout=LONG_MS)
    assert page.form.error.message.text() == ""
    assert json.loads(answer.toPlainText()) == {"twice": [2, 4]}


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        (Endpoint("e", "m", 1, EndpointState.HEALTHY, 0.0), "None"),
        (Endpoint("e", "m", 1, EndpointState.HEALTHY, 0.0, network=True), "Allowed"),
        (Endpoint("e", "m", 1, EndpointState.HEALTHY, 0.0, open_network="Operation not permitted"), "Not shut off"),
    ],
)
def test_the_page_of_an_endpoint_tells_whether_its_model_has_the_network(
    qtbot, living: Workspace, bridge: Bridge, endpoint: Endpoint, words: str
) -> None:
    page = EndpointPage(living, bridge, "e")
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: not bridge.is_busy())
    page._on_read((endpoint, None, None, None))
    assert page.network.text().startswith(words)
    assert endpoint.open_network in page.network.text()
    qtbot.waitUntil(lambda: not bridge.is_busy())


def test_a_request_to_a_script_begins_with_the_sample_of_its_model(living: Workspace, write_script, tmp_path: Path):
    model = tmp_path / "flowers"
    model.mkdir()
    (model / "model.txt").write_text("weights")
    (model / "sample_input.json").write_text('{"columns": ["length"], "data": [[5.1], [6.2]]}')
    living.models.register("flowers", file=model)
    script = write_script(SCORE_SCRIPT, "score.py")
    living.endpoints.deploy("flowers", name="sampled", entry_script=script)
    living.endpoints.wait("sampled")
    assert living.endpoints.example("sampled") == BodyExample({"columns": ["length"], "data": [(5.1,)]}, is_models=True)


def test_a_row_of_the_runs_data_is_said_to_be_one(living, bridge, shown):
    page = shown(EndpointPage(living, bridge, "never-was"))
    own = {"class_name": "Own", "methods": ("predict",)}
    described = ModelDescription(**own, feature_count=2, feature_names=("a", "b"), columns=(ColumnKind(),) * 2)
    page._show_inputs(build_schema(described))
    assert "nothing is filled in" in page.form.hint.text()
    assert json.loads(page.form.body())["data"] == [[None, None]]
    page._show_inputs(showing(build_schema(described), ("x", 2.5), "towns.csv"))
    assert "from towns.csv" in page.form.hint.text()
    assert json.loads(page.form.body())["data"] == [["x", 2.5]]
    page._show_inputs(
        showing(build_schema(ModelDescription(class_name="Own", methods=("predict",))), {"a": 1}, "t.csv")
    )
    assert "take out what it is not to know" in page.form.hint.text()
    assert json.loads(page.form.body()) == {"data": [{"a": 1}]}


def test_a_model_whose_rows_nobody_knows_is_asked_in_json(living, bridge, shown):
    page = shown(EndpointPage(living, bridge, "never-was"))
    described = ModelDescription(class_name="Own", methods=("predict",))
    page._show_inputs(build_schema(described))
    assert page.form.body() == ""
    assert "does not say what a row holds" in page.form.hint.text()
    assert not page.form.views.isVisibleTo(page)
    texts = shown(EndpointPage(living, bridge, "never-was"))
    texts._show_inputs(build_schema(ModelDescription(class_name="Pipeline", methods=("predict",), takes="texts")))
    assert texts.form.table.columnCount() == 1
    assert texts.form.views.isVisibleTo(texts)


def test_the_tabs_of_an_endpoint_are_as_high_as_the_one_in_front_needs(qtbot) -> None:
    tabs, low, high = EndpointTabs(), QWidget(), QWidget()
    within, text = QVBoxLayout(high), QWidget()
    within.addWidget(text)
    for widget, title in ((low, "low"), (high, "high")):
        tabs.addTab(widget, title)
    qtbot.addWidget(tabs)
    tabs.show()
    least = tabs.minimumHeight()
    text.setMinimumHeight(2 * least)
    assert tabs.minimumHeight() == least
    tabs.setCurrentWidget(high)
    qtbot.waitUntil(lambda: tabs.minimumHeight() > 2 * least)
    text.setMinimumHeight(3 * least)
    qtbot.waitUntil(lambda: tabs.minimumHeight() > 3 * least)
    tabs.setCurrentWidget(low)
    qtbot.waitUntil(lambda: tabs.minimumHeight() == least)
