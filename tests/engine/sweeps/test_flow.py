"""The way of a sweep: a real engine ticked by hand, real scripts, real processes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from desktop_aml.domain.requests import CancelRun, DeleteRun, Done, Refusal, SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.scripts.command_lines import CommandLine, TakenArgument
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Wanted
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.domain.sweeps.stopping import parse_rule
from desktop_aml.engine.runs import finalization
from desktop_aml.engine.sweeps.flow import SweepFlow
from desktop_aml.engine.sweeps.open_sweep import OpenSweep
from desktop_aml.record import manifests
from desktop_aml.run_folder import script_variables, snapshot
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.sweeps import table as sweeps
from tests.conftest import DrivenEngine
from tests.fakes import FakeClock

Write = Callable[..., Path]
S = RunState

LOGS = """
import sys
from azureml.core.run import Run
given = dict(zip(sys.argv[1::2], sys.argv[2::2]))
run = Run.get_context()
run.log("score", float(given["--x"]))
"""


def spec_of(**changes: object) -> SweepSpec:
    known = {
        "space": space_of({"x": parse("1, 2, 3, 4")}),
        "metric": "score",
        "goal": Goal.MAXIMIZE,
        "trials": 10,
        "concurrent": 2,
        "search": Search.GRID,
    }
    return SweepSpec(**{**known, **changes})


def request_of(driven: DrivenEngine, source: Path, spec: SweepSpec, run_id: str, **options: object) -> SubmitRun:
    folder = driven.folder.run(run_id)
    snapshot.take(source.parent, folder, driven.folder.blobs)
    known = {"experiment": "exp", "environment": "this-python"}
    request = SubmitRun(run_id=run_id, sweep=spec, **{**known, "script": source.name, **options})
    manifests.write_request(driven.folder, request)
    return request


def begin(driven: DrivenEngine, script: Path, spec: SweepSpec, run_id: str = "s", **options: object) -> str:
    assert driven.ask(request_of(driven, script, spec, run_id, **options)) == Done(name=run_id)
    return run_id


def look(driven: DrivenEngine, run_id: str = "s") -> Sweep:
    with Database(driven.folder.database, read_only=True) as db:
        return sweeps.read(db, run_id)


def test_a_sweep_of_one_combination_says_so(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(space=space_of({"x": parse("choice(3)")})), arguments=("--y", "5"))
    assert driven.until_over("s") is S.COMPLETED
    assert look(driven).remark == "The only combination was tried."


def test_a_sweep_tries_every_combination_and_knows_the_best(driven: DrivenEngine, write_script: Write) -> None:
    line = CommandLine((TakenArgument(name="shift", flags=("--y",)), TakenArgument(name="x", flags=("--x",))))
    given = {"arguments": ("--x", "0", "--y", "5"), "command_line": line}
    begin(driven, write_script(LOGS), spec_of(), tags={"a": "b"}, **given)
    assert driven.until_over("s") is S.COMPLETED
    sweep = look(driven)
    assert [dict(trial.values)["--x"] for trial in sweep.trials] == [1, 2, 3, 4]
    assert [trial.run_id for trial in sweep.trials] == ["s_0", "s_1", "s_2", "s_3"]
    assert {trial.state for trial in sweep.trials} == {S.COMPLETED}
    assert [trial.best for trial in sweep.trials] == [1.0, 2.0, 3.0, 4.0]
    assert sweep.best().number == 3
    assert sweep.remark == "All 4 combinations were tried."
    with Database(driven.folder.database, read_only=True) as db:
        child = runs.get(db, "s_2")
        parent = runs.get(db, "s")
    assert child.arguments == ("--y", "5", "--x", "3")
    assert {one.name: one.value for one in child.parameters} == {"shift": 5, "x": 3}
    assert (child.summary.parent, child.tags, child.summary.target) == ("s", {"a": "b"}, "local")
    assert parent.properties["best_child_run_id"] == "s_3"
    log = (driven.folder.run("s") / "logs" / "std_log.txt").read_text()
    assert "The best is trial 3: score = 4" in log
    assert "score = 4 (the best so far)" in log
    assert "--x is given by the sweep" in log


def test_no_more_trials_are_queued_at_once_than_asked_for(driven: DrivenEngine, write_script: Write) -> None:
    most = 0

    def watch() -> bool:
        nonlocal most
        sweep = look(driven)
        most = max(most, sum(not (trial.state.is_terminal() or trial.state is S.FINALIZING) for trial in sweep.trials))
        return sweep.state.is_terminal()

    begin(driven, write_script("pass"), spec_of(trials=4, concurrent=2))
    driven.until(watch)
    assert most == 2


def test_a_trial_that_learns_from_nobody_does_not_wait_for_what_the_last_one_left(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, collect = threading.Event(), finalization.collect.collect

    def slow(*args: object, **options: object) -> object:
        assert goes_on.wait(60)
        return collect(*args, **options)

    monkeypatch.setattr(finalization.collect, "collect", slow)
    begin(driven, write_script(LOGS), spec_of(trials=3, concurrent=1))
    driven.until(lambda: [trial.state for trial in look(driven).trials] == [S.FINALIZING] * 2)
    for _ in range(10):
        driven.engine.tick()
    assert len(look(driven).trials) == 2, "collecting falls behind by no more than that"
    with Database(driven.folder.database, read_only=True) as db:
        one = OpenSweep.load(db, "s")
    for search in (Search.GRID, Search.TPE):
        one.change(replace(one.stored, spec=replace(one.stored.spec, search=search, concurrent=2)))
        assert one.finishes("s_0") is not search.learns
    goes_on.set()
    assert driven.until_over("s") is S.COMPLETED
    assert [trial.state for trial in look(driven).trials] == [S.COMPLETED] * 3


def test_the_same_request_again_changes_nothing(driven: DrivenEngine, write_script: Write) -> None:
    request = request_of(driven, write_script(LOGS), spec_of(trials=1), "s")
    assert driven.ask(request) == Done(name="s")
    assert driven.ask(request) == Done(name="s", changed=False)
    driven.until_over("s")
    assert len(look(driven).trials) == 1


@pytest.mark.parametrize(
    "change", [{"script": "other.py"}, {"target": "moon"}, {"target": "sweep"}, {"environment": "none"}]
)
def test_a_sweep_that_could_make_no_trial_is_refused(
    driven: DrivenEngine, write_script: Write, change: dict[str, str]
) -> None:
    reply = driven.ask(request_of(driven, write_script("pass"), spec_of(), **{"run_id": "s", **change}))
    assert isinstance(reply, Refusal)


def test_a_run_cannot_pass_as_a_sweep(driven: DrivenEngine, write_script: Write) -> None:
    request = replace(request_of(driven, write_script("pass"), spec_of(), "s", target="sweep"), sweep=None)
    assert isinstance(driven.ask(request), Refusal)


@pytest.mark.parametrize("interval", [1, 3])
def test_a_stopped_trial_ends_canceled_with_the_rule_and_its_numbers(
    driven: DrivenEngine, write_script: Write, tmp_path: Path, interval: int
) -> None:
    script = write_script(
        "import os, sys, time\nfrom azureml.core.run import Run\nrun = Run.get_context()\nx = float(sys.argv[2])\n"
        "for n in range(3): run.log('score', x)\n"
        f"while x < 4 and not os.path.exists({str(tmp_path / 'gate')!r}): time.sleep(0.01)\n"
    )
    rule = parse_rule(f"bandit(slack_factor=0.1, evaluation_interval={interval})")
    begin(driven, script, spec_of(space=space_of({"x": parse("4, 1")}), rule=rule, concurrent=1))
    driven.until(lambda: len(look(driven).trials) == 2 and look(driven).trials[1].state.is_terminal())
    (tmp_path / "gate").touch()
    assert driven.until_over("s") is S.COMPLETED
    kept, gone = look(driven).trials
    assert (kept.state, kept.stopped) == (S.COMPLETED, None)
    assert gone.state is S.CANCELED
    assert (gone.stopped.interval, gone.stopped.value, gone.stopped.compared) == (interval, 1.0, 2)
    with Database(driven.folder.database, read_only=True) as db:
        note = runs.history(db, "s_1")[-1].note
    assert note == str(gone.stopped)
    assert "bandit(slack_factor=0.1" in note


def test_a_paused_sweep_begins_no_trial_until_it_is_resumed(
    driven: DrivenEngine, write_script: Write, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = write_script(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.01)\n")
    begin(driven, script, spec_of(concurrent=1))
    driven.until(lambda: len(look(driven).trials) == 1)
    driven.ask(ChangeSweep(run_id="s", wanted="paused"))
    gate.touch()
    driven.until(lambda: look(driven).over() == 1)
    for _ in range(20):
        driven.engine.tick()
    assert (len(look(driven).trials), look(driven).wanted) == (1, Wanted.PAUSED)
    driven.ask(ChangeSweep(run_id="s", wanted="running"))
    assert driven.until_over("s") is S.COMPLETED
    assert look(driven).over() == 4


def test_a_sweep_is_extended_and_made_wider_while_it_goes_on(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=2, search=Search.RANDOM, seed=3))
    driven.until(lambda: len(look(driven).trials) == 2)
    driven.ask(ChangeSweep(run_id="s", trials=6, concurrent=4, space=space_of({"x": parse("1, 2, 3, 4, 5, 6")})))
    assert driven.until_over("s") is S.COMPLETED
    assert sorted(dict(trial.values)["--x"] for trial in look(driven).trials) == [1, 2, 3, 4, 5, 6]


def test_canceling_a_sweep_cancels_its_trials(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script("import time\ntime.sleep(600)\n"), spec_of(concurrent=3))
    driven.until(lambda: len(look(driven).trials) == 3 and look(driven).trials[0].state is S.RUNNING)
    driven.ask(CancelRun(run_id="s"))
    assert driven.until_over("s") is S.CANCELED
    assert [trial.state for trial in look(driven).trials] == [S.CANCELED] * 3


def test_the_time_limit_ends_the_trying_and_pauses_do_not_count(folder: WorkspaceFolder, write_script: Write) -> None:
    clock = FakeClock()
    driven = DrivenEngine(folder, clock=clock)
    begin(driven, write_script("import time\ntime.sleep(600)\n"), spec_of(concurrent=1, time_limit_s=100))
    driven.until(lambda: len(look(driven).trials) == 1 and look(driven).trials[0].state is S.RUNNING)
    driven.ask(ChangeSweep(run_id="s", wanted="paused"))
    clock.advance(1000)
    driven.ask(ChangeSweep(run_id="s", wanted="running"))
    assert look(driven).trials[0].state is S.RUNNING
    clock.advance(101)
    assert driven.until_over("s") is S.COMPLETED
    assert look(driven).trials[0].state is S.CANCELED
    assert "time limit" in look(driven).remark
    driven.close()


def test_a_sweep_of_failures_fails_with_the_first_error(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script("raise ValueError('no rows')"), spec_of(trials=2))
    assert driven.until_over("s") is S.FAILED
    with Database(driven.folder.database, read_only=True) as db:
        assert "All 2 trials failed. The first one said: ValueError: no rows" in runs.get(db, "s").summary.error


def test_a_metric_of_another_name_is_told_with_the_nearest(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(metric="Score", trials=1))
    assert driven.until_over("s") is S.COMPLETED
    assert look(driven).best() is None
    assert "Did you mean “score”?" in look(driven).explanation()
    assert "Did you mean “score”?" in (driven.folder.run("s") / "logs" / "std_log.txt").read_text()


def test_trials_get_the_variables_and_secrets_of_the_sweep_which_go_with_its_end(
    driven: DrivenEngine, write_script: Write
) -> None:
    script = write_script("import os\nassert os.environ['API_KEY'] == 'k1' and os.environ['PLAIN'] == 'p'\n")
    request = request_of(driven, script, spec_of(trials=3, concurrent=1), "s")
    script_variables.keep(driven.folder.run("s"), {}, {"API_KEY": "k1", "PLAIN": "p"}, script.parent)
    driven.ask(request)
    assert driven.until_over("s") is S.COMPLETED
    assert [trial.state for trial in look(driven).trials] == [S.COMPLETED] * 3
    assert not list((driven.folder.root / "runs").rglob("secrets.json"))


def test_azure_code_finds_what_trials_were_given_as_tags(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=1), sweep_properties={"runTemplate": "HyperDrive"})
    driven.until_over("s")
    with Database(driven.folder.database, read_only=True) as db:
        parent = runs.get(db, "s")
        assert runs.get(db, "s_0").properties.get("runTemplate") is None
    assert json.loads(parent.tags["_aml_system_s_0"]) == {"--x": 1}
    log = (driven.folder.run("s") / "logs" / "hyperdrive.txt").read_text()
    assert log.startswith("<START>[")
    assert "[SCHEDULER][INFO]" in log


def test_a_second_engine_goes_on_with_a_sweep_and_repeats_no_trial(
    folder: WorkspaceFolder, write_script: Write
) -> None:
    first = DrivenEngine(folder)
    begin(first, write_script(LOGS), spec_of(space=space_of({"x": parse("uniform(0, 1)")}), search=Search.RANDOM))
    first.until(lambda: len(look(first).trials) == 3)
    first.close()
    second = DrivenEngine(folder)
    assert second.until_over("s") is S.COMPLETED
    drawn = [dict(trial.values)["--x"] for trial in look(second).trials]
    assert len(set(drawn)) == 10
    begin(second, write_script(LOGS), spec_of(space=space_of({"x": parse("uniform(0, 1)")}), search=Search.RANDOM), "t")
    second.until_over("t")
    assert [dict(trial.values)["--x"] for trial in look(second, "t").trials] == drawn
    second.close()


@pytest.mark.parametrize("step", ["copy_manifest", "hand_on", "write_request", "add_trial"])
def test_an_engine_that_dies_while_it_begins_a_trial_loses_and_doubles_none(
    folder: WorkspaceFolder, write_script: Write, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        """Ends a tick as a kill would: nothing after it happens."""

    module = {"copy_manifest": snapshot, "hand_on": script_variables, "write_request": manifests, "add_trial": sweeps}
    first = DrivenEngine(folder)
    begin(first, write_script(LOGS), spec_of())
    first.until(lambda: len(look(first).trials) == 1)
    with monkeypatch.context() as patch:

        def die(*_: object) -> None:
            raise Killed

        patch.setattr(module[step], step, die)
        with pytest.raises(Killed):
            first.until(lambda: look(first).state.is_terminal())
    first.close()
    second = DrivenEngine(folder)
    assert second.until_over("s") is S.COMPLETED
    assert [dict(trial.values)["--x"] for trial in look(second).trials] == [1, 2, 3, 4]
    with Database(folder.database, read_only=True) as db:
        assert len(runs.children(db, "s")) == 4
    second.close()


def test_a_step_that_fails_for_good_ends_the_sweep_in_words(
    driven: DrivenEngine, write_script: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SweepFlow, "_begin", lambda *_: 1 / 0)
    begin(driven, write_script(LOGS), spec_of())
    assert driven.until_over("s") is S.FAILED
    with Database(driven.folder.database, read_only=True) as db:
        assert "ZeroDivisionError" in runs.get(db, "s").summary.error


def test_a_run_that_has_the_id_of_a_trial_is_left_alone(driven: DrivenEngine, write_script: Write) -> None:
    other = write_script("print('mine')", folder="other")
    driven.ask(replace(request_of(driven, other, spec_of(), "s_0"), sweep=None))
    driven.until_over("s_0")
    before = snapshot.manifest(driven.folder.run("s_0"))
    begin(driven, write_script(LOGS), spec_of())
    assert driven.until_over("s") is S.FAILED
    assert look(driven).trials == ()
    assert snapshot.manifest(driven.folder.run("s_0")) == before
    with Database(driven.folder.database, read_only=True) as db:
        assert "“s_0” already" in runs.get(db, "s").summary.error


def test_deleting_a_sweep_leaves_its_trials_as_runs_of_their_own(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=2))
    driven.until_over("s")
    driven.ask(DeleteRun(run_id="s_0"))
    assert [trial.state for trial in look(driven).trials] == [None, S.COMPLETED]
    driven.ask(DeleteRun(run_id="s"))
    with Database(driven.folder.database, read_only=True) as db:
        assert sweeps.ids(db) == []
        assert runs.get(db, "s_1").summary.parent == ""
