"""What is asked of a sweep that there is: also one that has ended goes on, with what was asked for and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from desktop_aml.domain.requests import CancelRun, Done, Refusal, SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, Wanted
from desktop_aml.domain.sweeps.requests import ChangeSweep
from desktop_aml.domain.sweeps.space import Search, proposals, space_of
from desktop_aml.domain.sweeps.stopping import parse_rule
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.engine.sweeps.changes import words_about
from desktop_aml.store import runs
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table as sweeps
from desktop_aml.store.sweeps.table import StoredSweep
from tests.conftest import DrivenEngine
from tests.engine.sweeps.test_flow import LOGS, begin, look, spec_of

Write = Callable[..., Path]
S = RunState


def xs(driven: DrivenEngine) -> list[object]:
    return [dict(trial.values)["--x"] for trial in look(driven).trials]


def test_a_sweep_that_has_ended_goes_on_where_it_stopped(driven: DrivenEngine, write_script: Write) -> None:
    spec = spec_of(space=space_of({"x": parse("uniform(0, 1)")}), search=Search.RANDOM, trials=2, seed=5)
    begin(driven, write_script(LOGS), spec)
    assert driven.until_over("s") is S.COMPLETED
    first = look(driven)
    assert driven.ask(ChangeSweep(run_id="s", trials=4)) == Done()
    assert driven.state("s") is not S.COMPLETED
    assert driven.until_over("s") is S.COMPLETED
    sweep = look(driven)
    drawn = proposals(spec.search, spec.space, spec.seed)
    assert [trial.values for trial in sweep.trials] == [next(drawn) for _ in range(4)]
    assert sweep.trials[:2] == first.trials
    assert {trial.state for trial in sweep.trials} == {S.COMPLETED}
    with Database(driven.folder.database, read_only=True) as db:
        detail = runs.get(db, "s")
    assert [one.state for one in detail.history].count(S.COMPLETED) == 2
    assert (detail.summary.started_at, detail.summary.attempt) == (first.started_at, 1)
    log = (driven.folder.run("s") / "logs" / "std_log.txt").read_text()
    assert log.index("Trial 0 is Completed") < log.index("Changed: 4 trials") < log.index("Trial 3 is Completed")


def test_a_wider_space_holds_for_a_sweep_that_has_ended(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of())
    driven.until_over("s")
    driven.ask(ChangeSweep(run_id="s", trials=10, space=space_of({"x": parse("3, 4, 5, 6")})))
    driven.until_over("s")
    assert xs(driven) == [1, 2, 3, 4, 5, 6]


def test_a_canceled_sweep_does_what_is_asked_for_and_not_what_was_left(
    driven: DrivenEngine, write_script: Write
) -> None:
    begin(driven, write_script("import time\ntime.sleep(60)"), spec_of(concurrent=1))
    driven.until(lambda: look(driven).trials)
    driven.ask(CancelRun(run_id="s"))
    assert driven.until_over("s") is S.CANCELED
    driven.ask(ChangeSweep(run_id="s", planned=((("--x", 9),),), concurrent=2))
    driven.until(lambda: len(look(driven).trials) == 2)
    driven.ask(CancelRun(run_id="s"))
    assert driven.until_over("s") is S.CANCELED
    assert xs(driven) == [1, 9]


def test_trials_that_are_asked_for_take_no_place_of_those_that_are_drawn(
    driven: DrivenEngine, write_script: Write
) -> None:
    begin(driven, write_script(LOGS), spec_of(concurrent=1))
    driven.until(lambda: look(driven).trials)
    asked = ChangeSweep(run_id="s", planned=((("--x", 8), ("--seed", 1)), (("--x", 8), ("--seed", 2))))
    assert driven.ask(asked) == Done()
    # The same click twice.
    assert driven.ask(asked) == Done()
    assert look(driven).spec.trials == 12
    driven.until_over("s")
    assert sorted(xs(driven)) == [1, 2, 3, 4, 8, 8]
    assert look(driven).trials[-1].number == 5


def test_no_rule_stops_a_trial_that_was_asked_for(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=2, rule=parse_rule("bandit(slack_amount=0)")))
    driven.until_over("s")
    driven.ask(ChangeSweep(run_id="s", planned=((("--x", -5), ("--seed", 1)),)))
    driven.until_over("s")
    last = look(driven).trials[-1]
    assert (last.best, last.state, last.stopped) == (-5.0, S.COMPLETED, None)


def test_a_sweep_with_nothing_to_try_stays_ended_and_says_so(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=1))
    driven.until_over("s")
    for request in (
        ChangeSweep(run_id="s", trials=1, concurrent=5),
        ChangeSweep(run_id="s", planned=(look(driven).trials[0].values,)),
    ):
        reply = driven.ask(request)
        assert isinstance(reply, Refusal)
        assert "nothing to try" in reply.message
    for request, message, hint in (
        (ChangeSweep(run_id="s", wanted="paused"), "neither pause nor go on", "more than its 1 trials"),
        (ChangeSweep(run_id="s", wanted="running"), "neither pause nor go on", "more than its 1 trials"),
        (ChangeSweep(run_id="s", trials=0), "has 1 trials already", "Ask for more than 1."),
    ):
        reply = driven.ask(request)
        assert isinstance(reply, Refusal)
        assert message in reply.message
        assert hint in reply.hint
    assert driven.state("s") is S.COMPLETED


def test_a_trial_that_cannot_be_given_to_a_script_is_refused(driven: DrivenEngine, write_script: Write) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=1))
    driven.until_over("s")
    for values in ((), (("", 1),), (("x y", 1),), (("--x", 1), ("-x", 2))):
        assert isinstance(driven.ask(ChangeSweep(run_id="s", planned=(values,))), Refusal)
    assert driven.state("s") is S.COMPLETED


def test_a_time_limit_that_was_reached_does_not_end_what_is_asked_for_after_it(
    driven: DrivenEngine, write_script: Write
) -> None:
    begin(driven, write_script("import time\ntime.sleep(60)"), spec_of(time_limit_s=0.05, concurrent=1))
    driven.until_over("s")
    driven.ask(ChangeSweep(run_id="s", trials=2 + len(look(driven).trials)))
    sweep = look(driven)
    assert (sweep.spec.time_limit_s, sweep.remark, sweep.exhausted) == (None, "", False)
    driven.ask(CancelRun(run_id="s"))
    driven.until_over("s")


def test_an_engine_that_dies_after_opening_a_sweep_again_loses_and_doubles_nothing(
    driven: DrivenEngine, write_script: Write
) -> None:
    begin(driven, write_script(LOGS), spec_of(trials=1, concurrent=1))
    driven.until_over("s")
    driven.ask(ChangeSweep(run_id="s", planned=((("--x", 7),), (("--x", 8),))))
    driven.until(lambda: len(look(driven).trials) == 2)
    driven.close()
    again = DrivenEngine(driven.folder)
    try:
        assert again.until_over("s") is S.COMPLETED
        assert xs(again) == [1, 7, 8]
    finally:
        again.close()


def test_what_was_asked_for_comes_back_with_a_database_that_is_made_again(
    driven: DrivenEngine, write_script: Write
) -> None:
    begin(driven, write_script("import time\ntime.sleep(60)"), spec_of(trials=1, concurrent=1))
    driven.until(lambda: look(driven).trials)
    driven.ask(ChangeSweep(run_id="s", planned=((("--x", 7), ("--seed", 3)),), wanted="paused"))
    driven.ask(CancelRun(run_id="s_0"))
    driven.until_over("s_0")
    driven.until(lambda: driven.engine.is_idle() or look(driven).trials[0].ended_at)
    driven.close()
    before = stored(driven)
    assert before[0].planned == ((("--x", 7), ("--seed", 3)),)
    driven.folder.database.unlink()
    rebuild(driven.folder)
    assert stored(driven) == before


def stored(driven: DrivenEngine) -> tuple[StoredSweep, Sweep]:
    with Database(driven.folder.database, read_only=True) as db:
        return sweeps.get(db, "s"), sweeps.read(db, "s")


def test_the_log_says_what_changed_and_nothing_else() -> None:
    spec = spec_of(time_limit_s=5.0)
    old = StoredSweep(
        run_id="s", spec=spec, template=SubmitRun(run_id="s", experiment="e", script="s.py", environment="x")
    )
    assert words_about(old, old) == []
    assert words_about(old, replace(old, wanted=Wanted.PAUSED)) == ["Paused: no further trial begins."]
    assert words_about(replace(old, wanted=Wanted.PAUSED), old) == ["Resumed."]
    more = f"Changed: {spec.trials} trials, 7 at once."
    assert words_about(old, replace(old, spec=replace(spec, concurrent=7))) == [more]
    unlimited = replace(old, spec=replace(spec, time_limit_s=None))
    held = "The time limit, which was reached, holds no more."
    assert held in words_about(old, unlimited)
    assert held not in words_about(unlimited, old) + words_about(unlimited, unlimited)
    wider = words_about(old, replace(old, spec=replace(spec, space=space_of({"--y": parse("1, 2")}))))
    assert wider[1:] == ["--y from choice(1, 2)"]
    asked = replace(old, planned=((("--x", 1),), (("--x", 2),)))
    assert words_about(old, asked) == ["2 trials were asked for by their values."]
    assert words_about(asked, old) == []
