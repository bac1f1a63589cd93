"""The tree of the workspace: what it lists, what a click opens, and that news does not disturb it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QTreeWidgetItem

from desktop_aml.domain.environments import BuildState, EnvironmentKind, EnvironmentSummary
from desktop_aml.domain.events import RunSubmitted
from desktop_aml.domain.registry import Endpoint, EndpointState, ModelVersion
from desktop_aml.domain.runs import RunQuery, RunState, RunSummary
from desktop_aml.ui.browser.contents import read_contents
from desktop_aml.ui.browser.pane import WorkspaceBrowser
from desktop_aml.ui.browser.tree import children, entry_of
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.workspace import ExperimentSummary


def run(number: int, state: RunState = RunState.COMPLETED, experiment: str = "iris") -> RunSummary:
    name = f"swift-otter-{number}"
    return RunSummary(f"run-{number}", number, experiment, name, state, "train.py", "local", "e:1", number, None, None)


class Contents:
    """A workspace of values."""

    def __init__(self) -> None:
        self.all_runs = [run(number) for number in range(1, 9)]
        self.all_endpoints = [Endpoint("iris-svc", "iris", 2, EndpointState.HEALTHY, 1.0, scoring_uri="http://x/score")]
        self.asked: list[tuple[str, str]] = []
        self.experiments = SimpleNamespace(
            list=self._experiments,
            delete=lambda name: self.asked.append(("delete", name)),
            undo=lambda undo: self.asked.append(("undo", str(undo))),
            rename=lambda name, new: self.asked.append((name, new)),
        )
        self.runs = SimpleNamespace(list=self._runs)
        self.environments = SimpleNamespace(list=self._environments)
        self.models = SimpleNamespace(list=self._models)
        self.computes = SimpleNamespace(list=dict)
        self.datasets = SimpleNamespace(list=lambda: ())
        self.endpoints = SimpleNamespace(
            list=lambda: tuple(self.all_endpoints), stop=lambda name: self.asked.append(("stop", name))
        )

    def _experiments(self) -> tuple[ExperimentSummary, ...]:
        count = len(self.all_runs)
        return (ExperimentSummary("iris", count, 1.0), ExperimentSummary("wine", 0, None)) if count else ()

    def _runs(self, query: RunQuery, limit: int) -> tuple[RunSummary, ...]:
        found = [run for run in self.all_runs if run.experiment == query.experiment]
        return tuple(reversed(found))[:limit]

    def _environments(self) -> tuple[EnvironmentSummary, ...]:
        return (EnvironmentSummary("sklearn-env", 3, EnvironmentKind.CONDA, BuildState.READY),) if self.all_runs else ()

    def _models(self) -> tuple[ModelVersion, ...]:
        return (ModelVersion("iris-model", 2, 1.0),) if self.all_runs else ()


@pytest.fixture
def contents() -> Contents:
    return Contents()


@pytest.fixture
def open_browser(qtbot, bridge: Bridge, contents: Contents) -> Callable[[], WorkspaceBrowser]:
    def open_browser() -> WorkspaceBrowser:
        browser = WorkspaceBrowser(contents, bridge)
        qtbot.addWidget(browser)
        browser.resize(260, 600)
        browser.show()
        qtbot.waitUntil(lambda: browser.tree.topLevelItemCount() == 6)
        return browser

    return open_browser


@pytest.fixture
def destinations(bridge: Bridge) -> list[Destination]:
    seen: list[Destination] = []
    bridge.destination_wanted.connect(seen.append)
    return seen


def item(browser: WorkspaceBrowser, *keys: str) -> QTreeWidgetItem:
    lines = browser.tree.groups()
    for key in keys:
        found = next(line for line in lines if entry_of(line).key == key)
        lines = children(found)
    return found


def keys(parent: QTreeWidgetItem) -> list[str]:
    return [entry_of(child).key for child in children(parent)]


def open_experiment(qtbot, browser: WorkspaceBrowser) -> None:
    item(browser, "experiments", "iris").setExpanded(True)
    qtbot.waitUntil(lambda: keys(item(browser, "experiments", "iris")) != [])


def test_everything_is_listed_with_its_state_in_words(open_browser):
    browser = open_browser()
    notes = {key: item(browser, group, key).text(1) for group, key in (
        ("experiments", "iris"), ("environments", "sklearn-env"), ("models", "iris-model"), ("endpoints", "iris-svc"),
    )}  # fmt: skip
    assert notes == {"iris": "8", "sklearn-env": "Ready", "iris-model": "v2", "iris-svc": "Healthy"}


def test_a_short_note_leaves_its_room_to_the_name(open_browser):
    browser = open_browser()
    assert browser.tree.isColumnHidden(1), "a column of its own would be as wide as the longest note"
    rect = browser.tree.visualItemRect(item(browser, "experiments", "iris"))
    assert rect.right() >= browser.tree.viewport().width() - 2


def test_the_experiment_that_was_used_last_comes_first(qtbot, open_browser, contents: Contents):
    used = (("apple", None), ("beta", 5.0), ("iris", 1.0), ("zebra", 9.0))
    contents.experiments.list = lambda: tuple(ExperimentSummary(name, 1, at) for name, at in used)
    browser = open_browser()
    qtbot.waitUntil(lambda: keys(item(browser, "experiments")) == ["zebra", "beta", "iris", "apple"])


def test_an_opened_experiment_shows_its_latest_runs(qtbot, open_browser):
    browser = open_browser()
    open_experiment(qtbot, browser)
    assert keys(item(browser, "experiments", "iris")) == ["run-8", "run-7", "run-6", "run-5", "run-4"]


def test_news_keeps_what_is_open_and_chosen(qtbot, open_browser, contents, bridge):
    browser = open_browser()
    open_experiment(qtbot, browser)
    browser.tree.setCurrentItem(item(browser, "experiments", "iris", "run-7"))
    contents.all_runs.append(run(9, RunState.RUNNING))
    contents.all_endpoints.clear()
    bridge.event_happened.emit(RunSubmitted("run-9", "iris"))
    qtbot.waitUntil(lambda: keys(item(browser, "experiments", "iris"))[0] == "run-9")
    assert item(browser, "experiments", "iris", "run-9").text(1) == "Running"
    assert item(browser, "experiments", "iris").isExpanded()
    assert entry_of(browser.tree.currentItem()).key == "run-7"
    assert entry_of(children(item(browser, "endpoints"))[0]).kind == "hint"


def test_a_click_previews_and_a_double_click_stays(qtbot, open_browser, destinations):
    browser = open_browser()
    at = browser.tree.visualItemRect(item(browser, "models", "iris-model")).center()
    qtbot.mouseClick(browser.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseDClick(browser.tree.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert destinations[0] == Destination("model", "iris-model", preview=True)
    assert destinations[-1] == Destination("model", "iris-model")


@pytest.mark.parametrize(
    ("keys", "destination"),
    [
        (("experiments",), Destination("runs", "")),
        (("experiments", "iris"), Destination("runs", "iris")),
        (("models",), Destination("models", "")),
        (("datasets",), Destination("datasets", "")),
        (("endpoints",), Destination("endpoints", "")),
        (("environments",), Destination("environments", "")),
        (("environments", "sklearn-env"), Destination("environment", "sklearn-env")),
        (("endpoints", "iris-svc"), Destination("endpoint", "iris-svc")),
    ],
)
def test_enter_opens_every_kind_of_line(qtbot, open_browser, destinations, keys, destination):
    browser = open_browser()
    browser.tree.setCurrentItem(item(browser, *keys))
    qtbot.keyClick(browser.tree, Qt.Key.Key_Return)
    assert destinations == [destination]


def test_the_filter_hides_what_does_not_match(qtbot, open_browser):
    browser = open_browser()
    open_experiment(qtbot, browser)
    browser.filter.setText("otter-7")
    assert not item(browser, "experiments", "iris", "run-7").isHidden()
    assert item(browser, "experiments", "iris", "run-8").isHidden()
    assert item(browser, "models").isHidden()
    browser.filter.clear()
    assert not item(browser, "models").isHidden()


def test_an_empty_workspace_says_how_to_begin(open_browser, contents):
    contents.all_runs.clear()
    contents.all_endpoints.clear()
    browser = open_browser()
    hints = [children(group)[0] for group in browser.tree.groups()]
    assert [entry_of(hint).kind for hint in hints] == ["hint"] * 6


def test_the_menu_of_an_endpoint_stops_it(qtbot, open_browser, contents):
    browser = open_browser()
    menu = browser.menu(entry_of(item(browser, "endpoints", "iris-svc")))
    next(action for action in menu.actions() if action.text() == "Stop").trigger()
    qtbot.waitUntil(lambda: contents.asked == [("stop", "iris-svc")])


def test_a_run_that_goes_on_can_be_cancelled_but_not_registered(open_browser, contents):
    browser = open_browser()
    contents.all_runs[-1] = run(8, RunState.RUNNING)

    experiment = read_contents(contents, {"iris"})[0].children[0]
    enabled = {action.text(): action.isEnabled() for action in browser.menu(experiment.children[0]).actions()}
    assert enabled["Cancel"]
    assert not enabled["Register model…"]


def test_an_experiment_is_deleted_by_its_menu_and_comes_back(qtbot, open_browser, contents, bridge):
    told: list[object] = []
    bridge.message_raised.connect(told.append)
    browser = open_browser()
    menu = browser.menu(entry_of(item(browser, "experiments", "wine")))
    next(action for action in menu.actions() if action.text() == "Delete").trigger()
    qtbot.waitUntil(lambda: bool(told))
    assert contents.asked == [("delete", "wine")]
    told[0].action[1]()
    qtbot.waitUntil(lambda: contents.asked[-1] == ("undo", "None"))


def test_an_experiment_is_asked_for_its_new_name(qtbot, open_browser, contents):
    browser = open_browser()
    menu = browser.menu(entry_of(item(browser, "experiments", "wine")))
    next(action for action in menu.actions() if action.text() == "Rename…").trigger()
    box = browser.findChild(QInputDialog, "text_question")
    assert box.textValue() == "wine"
    box.setTextValue(" reds ")
    box.accept()
    qtbot.waitUntil(lambda: contents.asked == [("wine", "reds")])


def test_a_heading_offers_what_is_added_to_its_group_by_mouse_and_by_its_menu(open_browser, bridge, qtbot) -> None:
    seen: list[Destination] = []
    bridge.destination_wanted.connect(seen.append)
    browser = open_browser()
    viewport, button = browser.tree.viewport(), browser.add_button
    offered = {}
    for heading in browser.tree.groups():
        qtbot.mouseMove(viewport, browser.tree.visualItemRect(heading).center())
        offered[entry_of(heading).key] = button.toolTip() if button.isVisible() else ""
        words = [action.text().partition("\t")[0] for action in browser.menu(entry_of(heading)).actions()]
        assert words == ["Open", *filter(None, [offered[entry_of(heading).key]])]
    assert offered == {
        "experiments": "Choose a script to run…",
        "environments": "New environment…",
        "models": "Import model file…",
        "datasets": "Register data…",
        "endpoints": "",
        "computes": "Add a compute…",
    }
    heading = browser.tree.groups()[1]
    qtbot.mouseMove(viewport, browser.tree.visualItemRect(heading).center())
    assert browser.tree.visualItemRect(heading).contains(button.geometry())
    assert button.accessibleName() == "New environment…"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert seen == [Destination("environment")]
    qtbot.mouseMove(viewport, browser.tree.visualItemRect(children(heading)[0]).center())
    assert not button.isVisible()
