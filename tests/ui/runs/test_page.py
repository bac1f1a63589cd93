"""A run's page over a real workspace: a real script runs, its page shows it live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunState
from desktop_aml.sdk import answers_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.header import FailureBox
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.engine_thread import EventFeed
from desktop_aml.ui.widgets.widgets import CopyLabel
from desktop_aml.workspace import Workspace

DEADLINE_MS = 60_000

LIVE_SCRIPT = """
import json, os, sys, time
from azureml.core.run import Run
run = Run.get_context()
run.log("kernel", "linear")
run.log("seed", 42)
for step in range(30):
    run.log("loss", 1 / (step + 1), step=step)
run.log_list("curve", [0.1, 0.5, 0.9])
run.log_row("best", depth=3, accuracy=0.97)
print("\\x1b[32mhalf way\\x1b[0m", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.02)
for step in range(30, 60):
    run.log("loss", 1 / (step + 1), step=step)
os.makedirs("outputs", exist_ok=True)
with open("outputs/report.json", "w") as file:
    json.dump({"accuracy": 0.97}, file)
with open("outputs/table.csv", "w") as file:
    file.write("name,value\\niris,1\\n")
with open("outputs/model.joblib", "wb") as file:
    file.write(bytes(100))
print("all done", flush=True)
"""

FAILING_SCRIPT = "raise ValueError('the data has no rows')\n"


WAITING_SCRIPT = """
import os, sys, time
from azureml.core.run import Run
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
Run.get_context().log("loss", 0.5)
"""


class Site:
    """A workspace with its engine and a bridge that carries its events."""

    def __init__(self, qtbot: QtBot, path: Path) -> None:
        self.qtbot = qtbot
        self.workspace = Workspace.create(path, "test")
        self.bridge = Bridge()
        self.feed = EventFeed()
        self.feed.event_happened.connect(self.bridge.event_happened)
        self.workspace.start_engine(self.feed.put, answer=answers_of(self.workspace))

    def page(self, run_id: str) -> RunPage:
        page = RunPage(self.workspace, self.bridge, run_id)
        self.qtbot.addWidget(page)
        page.resize(900, 700)
        page.show()
        self.until(lambda: page.detail is not None)
        return page

    def until(self, condition: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=DEADLINE_MS)

    def until_state(self, page: RunPage, state: RunState) -> None:
        self.until(lambda: page.detail is not None and page.detail.summary.state is state)

    def close(self) -> None:
        self.bridge.close()
        self.workspace.close()


def questions(page: RunPage) -> list[QMessageBox]:
    """Return the questions that are open over a page."""
    return [box for box in page.findChildren(QMessageBox) if box.isVisible()]


@pytest.fixture
def site(qtbot: QtBot, qapp: QApplication, tmp_path: Path, marked_processes: object) -> Iterator[Site]:
    theme.apply(qapp, "light")
    made = Site(qtbot, tmp_path / "workspace")
    yield made
    made.close()


def test_a_page_says_that_its_run_seems_stalled_though_nothing_tells_it(
    site: Site, write_script: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    page = site.page(site.workspace.runs.submit(write_script(WAITING_SCRIPT), arguments=[str(tmp_path / "go")]))
    words = "Seems stalled."
    monkeypatch.setattr("desktop_aml.workspace.run.queue.seems_stalled", lambda *_: words)
    monkeypatch.setattr("desktop_aml.ui.runs.page._LOOK_AGAIN_TICKS", 1)
    site.until(lambda: page.header.strip.note.text() == words)
    (tmp_path / "go").touch()
    site.until(lambda: page.header.strip.note.text() != words)


def test_a_run_is_watched_live_from_start_to_end(site: Site, write_script: Callable[..., Path], tmp_path: Path):
    go = tmp_path / "go"
    page = site.page(
        site.workspace.runs.submit(write_script(LIVE_SCRIPT), arguments=[str(go)], display_name="first try")
    )
    assert page.windowTitle() == "first try"
    curves = page.metrics.curves
    site.until(lambda: len(curves().get("loss", ())) == 30 and page.metrics.grid)
    site.until(lambda: page.header.badge.state() == "Running")
    assert page.header.cancel_button.isVisible()
    page.tabs.setCurrentWidget(page.log)
    site.until(lambda: page.log.text.toPlainText() == "half way\n")

    go.touch()
    site.until(lambda: "all done" in page.log.text.toPlainText())
    site.until_state(page, RunState.COMPLETED)
    assert not page.header.cancel_button.isVisible()
    assert page.header.again_button.isVisible()
    page.tabs.setCurrentWidget(page.metrics)
    site.until(lambda: len(curves()["loss"]) == 60 and "curve" in curves())
    assert curves()["loss"].numbers().tolist() == [1 / (step + 1) for step in range(60)]
    site.until(lambda: page.metrics.grid.plots["loss"].drawn_points() == 60)
    assert page.metrics.values.shown() == {"kernel": "linear", "seed": "42"}

    page.tabs.setCurrentWidget(page.outputs)
    site.until(page.header.register_button.isVisible)
    page.outputs.tree.selected.emit("outputs/report.json")
    site.until(lambda: '"accuracy": 0.97' in page.outputs.preview.code.toPlainText())


def test_the_page_shows_the_log_until_numbers_arrive_unless_a_person_chose(
    site: Site, write_script: Callable[..., Path], tmp_path: Path
):
    script = write_script(WAITING_SCRIPT)
    go = tmp_path / "go"
    followed = site.page(site.workspace.runs.submit(script, arguments=[str(go)]))
    chosen = site.page(followed.run_id)
    assert followed.tabs.currentWidget() is followed.log
    bar = chosen.tabs.tabBar()
    at = bar.tabRect(chosen.tabs.indexOf(chosen.code)).center()
    site.qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
    go.touch()
    site.until(lambda: followed.tabs.currentWidget() is followed.metrics)
    site.until_state(chosen, RunState.COMPLETED)
    assert chosen.tabs.currentWidget() is chosen.code


def test_metrics_of_an_ended_run_are_read_and_copied_with_all_digits(
    site: Site, write_script: Callable[..., Path], tmp_path: Path
):
    (tmp_path / "go").touch()
    run_id = site.workspace.runs.submit(write_script(LIVE_SCRIPT), arguments=[str(tmp_path / "go")])
    site.until(lambda: site.workspace.runs.get(run_id).summary.state is RunState.COMPLETED)
    page = site.page(run_id)
    site.until(lambda: "loss" in page.metrics.curves() and not page.metrics.reading.is_busy())
    page.metrics.bar.table_button.setChecked(True)
    table = page.metrics.table
    assert table.points.rowCount() == 62
    page.metrics.bar.copy_button.click()
    lines = QApplication.clipboard().text().split("\n")
    assert lines[0] == "Metric\tIndex\tStep\tTime\tValue"
    assert [lines[5].split("\t")[i] for i in (0, 1, 2, 4)] == ["loss", "2", "2", str(1 / 3)]
    assert table.points.index(4, 4).data() == "0.33333"


def test_cancel_ends_the_run(site: Site, write_script: Callable[..., Path], marked_processes: Callable[[], list]):
    page = site.page(site.workspace.runs.submit(write_script(LIVE_SCRIPT), arguments=["/nonexistent/go"]))
    site.until_state(page, RunState.RUNNING)
    page.header.cancel_button.click()
    site.until_state(page, RunState.CANCELED)
    assert page.header.badge.state() == "Canceled"
    site.until(lambda: not marked_processes())


def test_a_failed_run_says_why_and_leads_to_its_log(site: Site, write_script: Callable[..., Path]):
    page = site.page(site.workspace.runs.submit(write_script(FAILING_SCRIPT)))
    site.until_state(page, RunState.FAILED)
    assert page.header.failure.isVisible()
    assert page.header.failure.message.text()
    page.tabs.setCurrentWidget(page.info)
    page.header.log_wanted.emit()
    assert page.tabs.currentWidget() is page.log
    site.until(lambda: "the data has no rows" in page.log.text.toPlainText())


LONG_FAILURE = "raise ValueError('the column ' + 'of measured widths ' * 12 + 'has no values')\n"


def test_why_a_run_failed_is_not_cut_off_in_a_low_window(site: Site, write_script: Callable[..., Path]):
    page = site.page(site.workspace.runs.submit(write_script(LONG_FAILURE)))
    page.resize(500, 420)
    site.until_state(page, RunState.FAILED)
    message = page.header.failure.message
    site.until(lambda: message.height() >= message.heightForWidth(message.width()) > 2 * message.fontMetrics().height())


def test_a_place_for_failures_without_any_is_laid_out_silently(qtbot: QtBot) -> None:
    box = FailureBox()
    qtbot.addWidget(box)
    box.show()
    box.resize(300, 100)
    assert box.message.minimumHeight() == 0


def test_an_id_too_long_for_the_page_is_shortened_and_copied_by_a_click(
    site: Site, write_script: Callable[..., Path]
) -> None:
    run_id = site.workspace.runs.submit(write_script("pass"), tags={"image": "sha256:" + "4f" * 400})
    page = site.page(run_id)
    site.until_state(page, RunState.COMPLETED)
    page.tabs.setCurrentWidget(page.info)
    label = next(one for one in page.info.findChildren(CopyLabel) if one.text().startswith("sha256:"))
    assert "…" in label.shown_text()
    assert page.info.horizontalScrollBar().maximum() == 0
    site.qtbot.mouseClick(label, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "sha256:" + "4f" * 400


def test_the_datasets_of_a_run_are_named(site: Site, write_script: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x\n1\n")
    definition = '{"kind": "file", "format": "files", "paths": [], "options": {}, "steps": []}'
    known = site.workspace.datasets.register("file", definition, [tmp_path / "a.csv"], name="flowers")
    given = {
        "AZUREML_DATASET_ENVIRONMENT_VARS": "train:direct,shown:mount,lost:direct",
        "DESKTOP_AML_INPUT_IDS": f"shown:{known.id}",
        "train": known.id,
        "shown": str(tmp_path),
        "lost": "an id of old",
        "AZUREML_DATASET_FILE_OUTPUTS": "made,broken",
        "made": "/somewhere/made",
    }
    page = site.page(site.workspace.runs.submit(write_script("pass"), env_vars=given))
    site.until_state(page, RunState.COMPLETED)
    page.tabs.setCurrentWidget(page.info)

    def words() -> list[str]:
        return [label.text() for label in page.info.findChildren(QLabel)]

    site.until(lambda: "Datasets" in words())
    shown = words()[words().index("Datasets") :]
    assert shown[1:11] == [
        *("train", "flowers, version 1"),
        *("shown", "flowers, version 1  ·  its files in a folder"),
        *("lost", "no longer known"),
        *("made", "/somewhere/made"),
        *("broken", "no longer known"),
    ]


def test_a_click_on_the_tab_of_the_log_gives_it_the_keys(site: Site, write_script: Callable[..., Path]):
    page = site.page(site.workspace.runs.submit(write_script("print('one line')\n")))
    site.until_state(page, RunState.COMPLETED)
    site.until(lambda: "one line" in page.log.text.toPlainText())
    page.tabs.setCurrentWidget(page.info)
    place = page.tabs.tabBar().tabRect(page.tabs.indexOf(page.log)).center()
    site.qtbot.mouseClick(page.tabs.tabBar(), Qt.MouseButton.LeftButton, pos=place)
    assert page.log.text.hasFocus()
    site.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.log.search.isVisible()


def test_a_new_name_reaches_the_page(site: Site, write_script: Callable[..., Path]):
    page = site.page(site.workspace.runs.submit(write_script("pass"), display_name="old"))
    page.header.begin_rename()
    page.header.edit.setText("new name")
    page.header.edit.editingFinished.emit()
    site.until(lambda: page.windowTitle() == "new name")


def test_a_run_that_is_not_there_is_said(site: Site):
    page = RunPage(site.workspace, site.bridge, "no-such-run")
    site.qtbot.addWidget(page)
    site.until(lambda: page.layout().count() == 1)


PARENT_SCRIPT = """
from azureml.core.run import Run
run = Run.get_context()
for depth in (1, 2):
    child = run.child_run(name="depth %d" % depth)
    child.log("accuracy", depth / 10)
    child.complete()
"""


def test_children_are_listed_with_their_values_and_lead_to_their_pages_and_back(
    site: Site, write_script: Callable[..., Path]
) -> None:
    page = site.page(site.workspace.runs.submit(write_script(PARENT_SCRIPT)))
    table = lambda: page.children_tab.table  # noqa: E731
    site.until(lambda: table().topLevelItemCount() == 2 and table().topLevelItem(1).text(1) == "Completed")
    place = page.tabs.indexOf(page.children_tab)
    assert page.tabs.isTabVisible(place)
    assert page.tabs.tabText(place) == "Child runs (2)"
    site.until(lambda: table().columnCount() == 4)
    assert [table().topLevelItem(row).text(3) for row in range(2)] == ["0.1", "0.2"]
    wanted = []
    site.bridge.destination_wanted.connect(lambda to: wanted.append((to.kind, to.key)))
    child = table().keys()[0]
    table().open_wanted.emit(child)
    other = site.page(child)
    assert not other.tabs.isTabVisible(other.tabs.indexOf(other.children_tab))
    site.qtbot.mouseClick(other.header.parent_button, Qt.MouseButton.LeftButton)
    assert wanted == [("run", child), ("run", page.run_id)]


def test_damaged_records_are_counted_on_the_page(site: Site, write_script: Callable[..., Path]):
    text = "import os\nopen(os.environ['DESKTOP_AML_RUN_DIR'] + '/journal/x.jsonl', 'w').write('no record\\n' * 2)\n"
    page = site.page(site.workspace.runs.submit(write_script(text)))
    site.until_state(page, RunState.COMPLETED)
    words = "2 damaged in the journal and passed over"
    site.until(lambda: words in [label.text() for label in page.info.findChildren(QLabel)])


def test_running_again_with_changed_data_is_asked_first_and_both_pages_tell(
    site: Site, write_script: Callable[..., Path], tmp_path: Path
) -> None:
    data, went = tmp_path / "rows.csv", []
    data.write_text("1\n")
    site.bridge.destination_wanted.connect(lambda destination: went.append(destination.key))
    page = site.page(site.workspace.runs.submit(write_script(f"print(open({str(data)!r}).read())")))
    site.until_state(page, RunState.COMPLETED)
    data.write_text("1\n2\n")
    page.run_again()
    site.until(lambda: questions(page))
    (question,) = questions(page)
    assert f"{data} changed since: it was 2 bytes" in question.informativeText()
    question.reject()
    assert len(site.workspace.runs.list()) == 1
    page.run_again()
    site.until(lambda: questions(page))
    next(button for button in questions(page)[0].buttons() if button.text() == "Run again").click()
    site.until(lambda: went)
    again = site.page(went[0])
    site.until_state(again, RunState.COMPLETED)
    for shown in (page, again):
        shown.tabs.setCurrentWidget(shown.info)
        site.until(lambda shown=shown: any("; in " in label.text() for label in shown.info.findChildren(QLabel)))


def test_running_again_without_a_secret_is_asked_first_and_its_page_tells(
    site: Site, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    site.bridge.destination_wanted.connect(lambda destination: went.append(destination.key))
    monkeypatch.setenv("SHOP_API_TOKEN", "abc")
    page = site.page(site.workspace.runs.submit(write_script("pass")))
    site.until_state(page, RunState.COMPLETED)
    monkeypatch.delenv("SHOP_API_TOKEN")
    page.run_again()
    site.until(lambda: questions(page))
    (question,) = questions(page)
    assert question.text() == "Run again without secrets?"
    assert "SHOP_API_TOKEN" in question.informativeText()
    assert f"desktop-aml run rerun {page.run_id} --env SHOP_API_TOKEN=…" in question.informativeText()
    question.reject()
    assert len(site.workspace.runs.list()) == 1
    page.run_again()
    site.until(lambda: questions(page))
    next(button for button in questions(page)[0].buttons() if button.text() == "Run again").click()
    site.until(lambda: went)
    again = site.page(went[0])
    again.tabs.setCurrentWidget(again.info)
    words = "a secret of the run before, which was not kept; this run has none"
    site.until(lambda: words in [label.text() for label in again.info.findChildren(QLabel)])
    monkeypatch.setenv("SHOP_API_TOKEN", "abc")
    went.clear()
    page.run_again()
    site.until(lambda: went)
    assert questions(page) == []
