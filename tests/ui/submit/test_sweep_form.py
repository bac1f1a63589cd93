"""Vary an argument in the form, start the sweep with mouse and keys, follow it on its page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog

from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.records import Wanted
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.domain.sweeps.stopping import RuleKind
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.extend_dialog import ExtendDialog
from desktop_aml.ui.runs.page import RunPage
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace

SCRIPT = dedent(
    """
    import argparse, os, time
    from azureml.core.run import Run
    p = argparse.ArgumentParser()
    p.add_argument("--kernel", choices=["linear", "rbf"], default="linear")
    p.add_argument("--penalty", type=float, required=True)
    p.add_argument("--depth", type=int, default=3)
    p.add_argument("--verbose", action="store_true")
    p.add_argument("--names", nargs="*")
    p.add_argument("--gate", default="")
    found = p.parse_args()
    Run.get_context().log("Accuracy", found.penalty * (2 if found.kernel == "rbf" else 1))
    while found.gate and not os.path.exists(found.gate):
        time.sleep(0.01)
    """
)
DEADLINE_MS = 60_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def runner(workspace: Workspace, bridge: Bridge, qtbot, qapp, write_script: Callable[..., Path], monkeypatch):
    monkeypatch.setenv("UV_OFFLINE", "1")
    theme.apply(qapp, "light")
    made = ScriptRunner(workspace, bridge)
    qtbot.addWidget(made)
    made.resize(360, 900)
    made.show()
    made.load_script(write_script(SCRIPT))
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)
    return made


def test_the_metrics_of_runs_that_ended_meanwhile_are_offered_and_their_names_tell_the_goal(
    runner: ScriptRunner, workspace: Workspace, bridge: Bridge, qtbot, write_script: Callable[..., Path]
) -> None:
    script = write_script("from azureml.core.run import Run\nRun.get_context().log('val/loss', 0.5)\n" + SCRIPT)
    words = ("--penalty", "1")
    run_id = workspace.runs.submit(script, arguments=words)
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state.is_terminal(), timeout=DEADLINE_MS)
    press_vary(runner, "--depth", qtbot)
    qtbot.waitUntil(lambda: bool(runner.sweep.metric_name.text()), timeout=DEADLINE_MS)
    assert {runner.sweep.metrics.itemText(row) for row in range(runner.sweep.metrics.count())} >= {"val/loss"}
    runner.sweep.metric_name.setText("")
    assert "Name the metric" in runner.reason.text() or "--penalty" in runner.reason.text()
    runner.sweep.metric_name.setText("val/loss")
    assert runner.sweep.goal.value() is Goal.MINIMIZE
    runner.sweep.goal.setCurrentIndex(0)
    runner.sweep.goal.activated.emit(0)
    runner.sweep.metric_name.setText("train/loss")
    assert runner.sweep.goal.value() is Goal.MAXIMIZE, "what a person chose stays"


def press_vary(runner: ScriptRunner, key: str, qtbot):
    field = runner.form.fields[key]
    qtbot.mouseClick(field.vary_button, LEFT)
    return field


def type_into(field, text: str, qtbot) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_only_named_arguments_with_one_value_can_vary(runner: ScriptRunner) -> None:
    can = {key for key, field in runner.form.fields.items() if not field.vary_button.isHidden()}
    assert can == {"--kernel", "--penalty", "--depth", "--gate"}
    assert runner.sweep.isHidden()
    assert runner.run_button.text() == "Run"


def test_a_field_begins_with_the_choices_or_a_range_around_the_default(runner: ScriptRunner, qtbot) -> None:
    assert str(press_vary(runner, "--kernel", qtbot).vary.expression()) == "choice(linear, rbf)"
    assert str(press_vary(runner, "--depth", qtbot).vary.expression()) == "integers(1, 30)"
    assert runner.run_button.text() == "Start sweep"
    assert runner.sweep.isVisible()


@pytest.mark.parametrize(
    ("key", "kind", "words", "wanted"),
    [
        ("--penalty", "quniform", ("0", "1", "0.25"), "quniform(0, 1, 0.25)"),
        ("--penalty", "normal", ("3", "0.5", ""), "normal(3, 0.5)"),
        ("--penalty", "lognormal", ("0", "1", ""), "lognormal(0, 1)"),
        ("--depth", "quniform", ("10", "90", "20"), "quniform(10, 90, 20)"),
        ("--depth", "seeds", ("4", "", ""), "seeds(4)"),
    ],
)
def test_steps_normal_ranges_and_seeds_are_filled_in(runner: ScriptRunner, qtbot, key, kind, words, wanted) -> None:
    vary = press_vary(runner, key, qtbot).vary
    assert vary.kind.findData(kind) >= 0
    vary.kind.set_value(kind)
    for field, text in zip((vary.low, vary.high, vary.step), words, strict=True):
        assert field.isHidden() is not bool(text)
        field.setText(text)
    assert str(vary.expression()) == wanted
    runner.form.show_arguments(runner.form._described)
    assert str(runner.form.varied()[key]) == wanted


def test_rules_of_halving_and_an_even_spread_are_chosen(runner: ScriptRunner, qtbot) -> None:
    press_vary(runner, "--kernel", qtbot)
    settings = runner.sweep
    settings.metric_name.setText("Accuracy")
    settings.search.set_value(Search.QUASI)
    settings.rule.set_value(RuleKind.HALVING)
    assert settings.reports.isHidden()
    assert settings.percent.isHidden()
    assert str(settings.spec(space_of(runner.form.varied())).rule) == "halving(reduction_factor=3, min_reports=1)"
    settings.rule.set_value(RuleKind.HYPERBAND)
    settings.reports.setValue(9)
    spec = settings.spec(space_of(runner.form.varied()))
    assert str(spec.rule) == "hyperband(reduction_factor=3, min_reports=1, max_reports=9)"
    assert spec.search is Search.QUASI


def test_what_is_wrong_is_said_and_keeps_the_sweep_from_starting(runner: ScriptRunner, qtbot) -> None:
    penalty = press_vary(runner, "--penalty", qtbot)
    type_into(penalty.vary.values, "1, 1", qtbot)
    assert "twice" in runner.reason.text()
    type_into(penalty.vary.values, "1, 2", qtbot)
    assert "metric" in runner.reason.text()
    assert not runner.can_run()
    type_into(runner.sweep.metric_name, "Accuracy", qtbot)
    assert runner.can_run(), runner.reason.text()
    penalty.vary.kind.set_value("loguniform")
    type_into(penalty.vary.low, "0", qtbot)
    type_into(penalty.vary.high, "1", qtbot)
    assert "greater than 0" in runner.reason.text()
    # A form that is read anew, because the script was saved, keeps what varies.
    type_into(penalty.vary.low, "0.1", qtbot)
    runner.form.show_arguments(runner.form._described)
    assert str(runner.form.varied()["--penalty"]) == "loguniform(0.1, 1)"
    qtbot.mouseClick(runner.form.fields["--penalty"].vary_button, LEFT)
    assert runner.run_button.text() == "Run"


def test_a_sweep_is_started_followed_paused_extended_and_its_best_model_registered(
    runner: ScriptRunner, workspace: Workspace, bridge: Bridge, qtbot, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    press_vary(runner, "--kernel", qtbot)
    type_into(press_vary(runner, "--penalty", qtbot).vary.values, "1, 2", qtbot)
    type_into(runner.form.fields["--gate"].editor, str(gate), qtbot)
    type_into(runner.sweep.metric_name, "Accuracy", qtbot)
    type_into(runner.sweep.trials, "3", qtbot)
    type_into(runner.sweep.at_once, "1", qtbot)
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    qtbot.mouseClick(runner.run_button, LEFT)
    qtbot.waitUntil(lambda: any(one.kind == "run" for one in wanted), timeout=DEADLINE_MS)
    run_id = next(one.key for one in wanted if one.kind == "run")
    page = RunPage(workspace, bridge, run_id)
    qtbot.addWidget(page)
    page.resize(900, 700)
    page.show()
    qtbot.waitUntil(lambda: hasattr(page, "sweep") and page.sweep.sweep is not None, timeout=DEADLINE_MS)
    tab = page.sweep
    assert page.tabs.currentWidget() is tab
    assert page.header.again_button.isHidden()

    def look():
        tab.refresh()
        return tab.sweep

    qtbot.waitUntil(lambda: len(look().trials) == 1, timeout=DEADLINE_MS)
    qtbot.mouseClick(tab.pause_button, LEFT)
    qtbot.waitUntil(lambda: look().wanted is Wanted.PAUSED, timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: tab.pause_button.text() == "Resume", timeout=DEADLINE_MS)
    gate.touch()
    qtbot.mouseClick(tab.extend_button, LEFT)
    dialog = tab.findChild(QDialog)
    assert isinstance(dialog, ExtendDialog)
    type_into(dialog.trials, "4", qtbot)
    qtbot.mouseClick(dialog.extend_button, LEFT)
    qtbot.waitUntil(lambda: look().spec.trials == 4, timeout=DEADLINE_MS)
    qtbot.mouseClick(tab.pause_button, LEFT)
    qtbot.waitUntil(lambda: look().state.is_terminal(), timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: tab.pause_button.isHidden(), timeout=DEADLINE_MS)
    assert tab.words.text().startswith("4 of 4 trials")
    assert "best Accuracy: 4" in tab.words.text()
    best = tab.sweep.best()
    assert dict(best.values) == {"--kernel": "rbf", "--penalty": 2}
    assert workspace.runs.get(best.run_id).arguments[-4:] == ("--kernel", "rbf", "--penalty", "2")
    shown = tab.table.keys()
    marked = [key for place, key in enumerate(shown) if "★" in tab.table.topLevelItem(place).text(0)]
    assert marked == [best.run_id]
    # A trial leads to its own page.
    tab.table.choose(best.run_id)
    tab.table.setFocus()
    qtbot.keyClick(tab.table, Qt.Key.Key_Return)
    assert wanted[-1] == Destination("run", best.run_id)
    qtbot.mouseClick(tab.register_button, LEFT, pos=QPoint(10, 10))
    qtbot.waitUntil(lambda: bool(page.findChildren(QDialog, "register_dialog")), timeout=DEADLINE_MS)
    # The next form of this script offers what its runs logged.
    runner.load_script(runner._script)
    qtbot.waitUntil(lambda: runner.sweep.metrics.findText("Accuracy") >= 0, timeout=DEADLINE_MS)
