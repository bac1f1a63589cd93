"""Drop a script, see its form, run it: with a real workspace and a real engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QScrollArea

from desktop_aml.domain.events import RunSubmitted
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.submit.presets import presets_menu
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace

SCRIPT = dedent(
    """
    import argparse, json
    p = argparse.ArgumentParser()
    p.add_argument("--kernel", choices=["linear", "rbf"], default="linear")
    p.add_argument("--penalty", type=float, default=1.0)
    p.add_argument("--note", default="")
    print(json.dumps(vars(p.parse_args())))
    """
)
DEADLINE_MS = 30_000


def settle(bridge: Bridge, qtbot) -> None:
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)


def run_it(runner: ScriptRunner, bridge: Bridge, qtbot) -> str:
    """Press Run and return the id of the run whose page is wanted."""
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    qtbot.mouseClick(runner.run_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: any(one.kind == "run" for one in wanted), timeout=DEADLINE_MS)
    return wanted[-1].key


def drop(target, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, no = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QDragEnterEvent(QPoint(5, 5), copy, data, left, no))
    QApplication.sendEvent(target, QDropEvent(QPointF(5, 5), copy, data, left, no))


def test_a_dropped_script_fills_the_form_and_runs_with_what_was_filled_in(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    drop(runner.zone, script)
    settle(bridge, qtbot)
    assert runner.head.title.text() == "train.py"
    assert set(runner.form.fields) == {"--kernel", "--penalty", "--note"}
    assert runner.settings.experiment.text() == "source"
    assert "1 file" in runner.snapshot.label.text()
    runner.form.fields["--kernel"].editor.setFocus()
    qtbot.keyClick(runner.form.fields["--kernel"].editor, Qt.Key.Key_Down)
    qtbot.keyClicks(runner.form.fields["--penalty"].editor, "0.5")
    runner.form.fields["--note"].editor.insert("two words é🙂")
    run_id = run_it(runner, bridge, qtbot)
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), timeout=DEADLINE_MS)
    detail = workspace.runs.get(run_id)
    assert detail.summary.state is RunState.COMPLETED
    assert detail.arguments == ("--kernel", "rbf", "--penalty", "0.5", "--note", "two words é🙂")
    assert b'"penalty": 0.5' in workspace.runs.files.read_log(run_id).data


def test_a_dropped_notebook_runs(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, tmp_path: Path
) -> None:
    cell = {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": ["print(6 * 7)"]}
    folder = tmp_path / "notebooks"
    folder.mkdir()
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "train.ipynb").write_text(json.dumps(content), encoding="utf-8")
    drop(runner.zone, folder)
    settle(bridge, qtbot)
    assert runner.head.title.text() == "train.ipynb"
    run_id = run_it(runner, bridge, qtbot)
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), timeout=DEADLINE_MS)
    assert workspace.runs.get(run_id).summary.state is RunState.COMPLETED
    assert b"42" in workspace.runs.files.read_log(run_id).data


def test_nothing_can_run_before_a_script_is_chosen_and_the_reason_is_stated(runner: ScriptRunner) -> None:
    assert not runner.run_button.isEnabled()
    assert runner.reason.text() == "Choose a script first."
    assert not runner.can_run()


def test_experiments_that_exist_are_offered_and_a_new_one_can_be_typed(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script("")
    workspace.runs.submit(script, experiment="older")
    bridge.event_happened.emit(RunSubmitted("r", "older"))
    runner.load_script(script)
    settle(bridge, qtbot)
    settings = runner.settings
    assert settings.experiments.findText("older") >= 0
    assert settings.experiment.text() == "source"
    settings.experiment.setText("a-new-one")
    settings.list_experiments(workspace.experiments.list())
    assert settings.experiment.text() == "a-new-one"


def test_a_bad_experiment_name_is_said_at_once(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    runner.load_script(write_script(SCRIPT))
    settle(bridge, qtbot)
    runner.settings.experiment.setText("no blanks please")
    assert not runner.run_button.isEnabled()
    assert runner.reason.text().startswith("Experiment: ")


def test_another_script_starts_with_a_clean_form_and_coming_back_brings_the_old_one(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    first, second = write_script(SCRIPT), write_script(SCRIPT, "other.py")
    runner.load_script(first)
    settle(bridge, qtbot)
    runner.form.set_argv(("--kernel", "rbf", "--extra"))
    runner.load_script(second)
    settle(bridge, qtbot)
    assert runner.form.argv() == ()
    runner.load_script(first)
    settle(bridge, qtbot)
    assert runner.form.argv() == ("--kernel", "rbf", "--extra")


def test_the_arguments_of_the_last_run_come_back_in_a_new_window(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    workspace.runs.submit(script, arguments=("--penalty", "3.0"))
    runner.load_script(script)
    settle(bridge, qtbot)
    assert runner.form.argv() == ("--penalty", "3.0")


def test_a_change_of_the_script_on_disk_changes_the_form_and_keeps_what_was_typed(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    runner.load_script(script)
    settle(bridge, qtbot)
    runner.form.set_argv(("--kernel", "rbf"))
    replacement = script.with_suffix(".new")
    replacement.write_text(SCRIPT.replace('p.add_argument("--note"', 'p.add_argument("--fresh"'))
    replacement.replace(script)
    qtbot.waitUntil(lambda: "--fresh" in runner.form.fields, timeout=DEADLINE_MS)
    assert runner.form.argv() == ("--kernel", "rbf")
    # The watch goes on after the file was replaced.
    replacement.write_text(SCRIPT)
    replacement.replace(script)
    qtbot.waitUntil(lambda: "--note" in runner.form.fields, timeout=DEADLINE_MS)


def test_a_folder_offers_its_scripts_and_prefers_the_training_one(
    runner: ScriptRunner, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    write_script("print(1)", "a_helper.py")
    folder = write_script(SCRIPT).parent
    runner.load_script(folder)
    settle(bridge, qtbot)
    assert runner.head.title.text() == "train.py"
    assert runner.scripts.isVisible()
    assert [runner.scripts.itemText(i) for i in range(runner.scripts.count())] == ["train.py", "a_helper.py"]
    runner.scripts.setCurrentIndex(1)
    runner.scripts.activated.emit(1)
    settle(bridge, qtbot)
    assert runner.head.title.text() == "a_helper.py"
    assert runner.form.fields == {}


def test_running_again_with_changes_uses_the_old_code_and_environment(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script(SCRIPT)
    first = workspace.runs.submit(script, experiment="exp", arguments=("--kernel", "rbf", "--penalty", "2.0"))
    qtbot.waitUntil(lambda: workspace.runs.get(first).summary.state.is_terminal(), timeout=DEADLINE_MS)
    script.write_text("raise SystemExit('the new code')")
    runner.load_run(first)
    qtbot.waitUntil(lambda: bool(runner.form.fields), timeout=DEADLINE_MS)
    assert runner.form.argv() == ("--kernel", "rbf", "--penalty", "2.0")
    assert not runner.settings.experiment.isEnabled()
    runner.form.fields["--penalty"].reset()
    second = run_it(runner, bridge, qtbot)
    qtbot.waitUntil(lambda: workspace.runs.get(second).summary.state.is_terminal(), timeout=DEADLINE_MS)
    detail = workspace.runs.get(second)
    assert detail.summary.state is RunState.COMPLETED
    assert detail.arguments == ("--kernel", "rbf")
    assert detail.summary.experiment == "exp"


def test_the_version_of_an_environment_that_a_run_used_stays_chosen_when_the_list_is_read_again(
    runner: ScriptRunner,
) -> None:
    runner.settings.choose_environment("iris:3")
    runner.settings.list_environments(("iris", "other"))
    assert runner.settings.chosen_environment() == "iris:3"


def test_a_script_that_cannot_be_read_is_said(runner: ScriptRunner, bridge: Bridge, qtbot, tmp_path: Path) -> None:
    runner.load_script(tmp_path / "gone.py")
    settle(bridge, qtbot)
    assert "cannot be read" in runner.form._notes.text()


def test_every_field_has_an_accessible_name(runner: ScriptRunner) -> None:
    settings = runner.settings
    fields = (settings.environment, settings.target, settings.experiment, settings.name, settings.limit)
    assert all(field.accessibleName() for field in fields)


def test_docker_that_is_off_keeps_run_from_being_pressed_and_says_why(
    runner: ScriptRunner, bridge: Bridge, qtbot, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    (tmp_path / "train.py").write_text("print(1)\n")
    runner.load_script(tmp_path / "train.py")
    settle(bridge, qtbot)
    assert runner.can_run()
    runner.settings.target.set_value("docker")
    qtbot.waitUntil(lambda: not runner.can_run(), timeout=DEADLINE_MS)
    assert runner.reason.text() == "No Docker engine answers on this computer."
    assert "sudo" in runner.settings.target.reason.text()
    runner.settings.target.set_value("local")
    assert runner.can_run()


def test_an_environment_that_is_made_for_docker_keeps_run_off_on_this_computer_and_says_why(
    runner: ScriptRunner, bridge: Bridge, qtbot, tmp_path: Path, workspace: Workspace
) -> None:
    workspace.environments.register("drawn", "FROM python:3.11-slim\n")
    (tmp_path / "train.py").write_text("print(1)\n")
    runner.load_script(tmp_path / "train.py")
    runner.lists.list_environments()
    settle(bridge, qtbot)
    runner.settings.choose_environment("drawn")
    assert not runner.run_button.isEnabled()
    assert "made for Docker" in runner.reason.text()
    assert "Choose Docker as the target" in runner.reason.text()
    runner.settings.environment.set_value("this-python")
    assert runner.run_button.isEnabled()


def test_whether_a_script_is_recorded_is_chosen_for_each_run(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script: Callable[..., Path]
) -> None:
    drop(runner.zone, write_script('print("accuracy: 0.5")'))
    settle(bridge, qtbot)
    names = []
    for wanted in (True, False):
        runner.settings.capture.setChecked(wanted)
        run_id = run_it(runner, bridge, qtbot)
        workspace.runs.wait(run_id, timeout_s=60)
        names.append([curve.name for curve in workspace.runs.metrics(run_id).curves])
    assert names == [["accuracy"], []]


def test_nothing_in_it_is_wider_than_the_pane(runner: ScriptRunner, bridge: Bridge, qtbot, tmp_path: Path) -> None:
    # A pane that scrolls down only would cut off what is wider.
    runner.resize(300, 640)
    script = tmp_path / "wide/train.py"
    script.parent.mkdir()
    script.write_text(
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--rate', type=float, default=1.0)\n"
    )
    runner.load_script(script)
    settle(bridge, qtbot)
    scroll = runner.findChild(QScrollArea)
    assert scroll is not None
    qtbot.waitUntil(lambda: scroll.widget().width() > 0)
    assert scroll.widget().minimumSizeHint().width() <= scroll.viewport().width()


def test_what_will_run_is_in_sight_and_can_be_copied(
    runner: ScriptRunner, bridge: Bridge, qtbot, tmp_path: Path
) -> None:
    many = "".join(f"p.add_argument('--option-{number}', help='about {number}')\n" for number in range(12))
    (tmp_path / "train.py").write_text(
        "import argparse\np = argparse.ArgumentParser(description='Trains the thing.')\n"
        f"{many}p.add_argument('--api-token', default='')\np.parse_args()\n"
    )
    runner.load_script(tmp_path / "train.py")
    settle(bridge, qtbot)
    assert runner.form.description.text() == "Trains the thing."
    runner.form.fields["--option-3"].set_value("two words")
    runner.form.fields["--api-token"].set_value("s3cr3t")
    command = runner.what_runs.command.text()
    assert command.startswith("python train.py --option-3 'two words' --api-token ")
    assert "s3cr3t" not in command
    assert "This computer's Python" in runner.what_runs.where.accessibleName()
    shown = runner.what_runs.where.mapTo(runner, runner.what_runs.where.rect().bottomLeft()).y()
    assert 0 < shown < runner.height()
    runner.form.filter.setText("about 7")
    assert [key for key, field in runner.form.fields.items() if not field.isHidden()] == ["--option-7"]
    runner.form.filter.clear()
    assert not runner.form.fields["--option-3"].isHidden()


def test_script_and_values_come_back_with_the_workspace_and_presets_keep_sets_of_them(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "train.py").write_text(SCRIPT)
    runner.load_script(tmp_path / "one" / "train.py")
    settle(bridge, qtbot)
    runner.form.fields["--note"].set_value("first")
    script = str(tmp_path / "one" / "train.py")
    assert runner._memory.keep_preset(script, "noted", runner.form.argv())
    runner.load_script(tmp_path / "two" / "train.py")
    settle(bridge, qtbot)
    runner.form.fields["--penalty"].set_value(0.25)
    runner.keep()

    again = ScriptRunner(workspace, bridge)
    qtbot.addWidget(again)
    again.restore()
    settle(bridge, qtbot)
    assert again.head.place.text() == str(tmp_path / "two")
    assert again.form.argv() == ("--penalty", "0.25")
    choices = [action.text() for action in again.head.choices().actions() if "train.py" in action.text()]
    assert choices == ["train.py  –  two", "train.py  –  one"]
    again.head.recent_wanted.emit(again._memory.recent()[1])
    settle(bridge, qtbot)
    assert again.form.argv() == ("--note", "first")
    again.form.reset()
    menu = presets_menu(again, again._memory, script, again.form, bridge)
    menu.actions()[0].trigger()
    assert (menu.actions()[0].text(), again.form.argv()) == ("noted", ("--note", "first"))
    again._memory.forget_preset(script, "noted")
    assert again._memory.presets(script) == {}


@pytest.mark.parametrize(
    ("script", "imported", "is_folder"),
    [
        ("pkg/train.py", "from .data", False),
        ("scripts/train.py", "from lib.data", True),
        ("src/tool/train.py", "from tool.data", True),
    ],
)
def test_a_script_of_a_package_starts_as_its_authors_start_it(
    runner: ScriptRunner, bridge: Bridge, workspace: Workspace, qtbot, write_script, script, imported, is_folder
) -> None:
    package = "lib" if script.startswith("scripts") else script.rpartition("/")[0]
    write_script("", f"{package}/__init__.py")
    write_script("def rows(): return [1, 2]\n", f"{package}/data.py")
    path = write_script(f"{imported} import rows\nprint('rows', sum(rows()))\n", script)
    drop(runner.zone, path.parents[script.count("/")] if is_folder else path)
    settle(bridge, qtbot)
    run_id = run_it(runner, bridge, qtbot)
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), timeout=DEADLINE_MS)
    assert workspace.runs.files.read_log(run_id).data == b"rows 3\n"
    assert workspace.runs.get(run_id).summary.script.endswith("train.py")
