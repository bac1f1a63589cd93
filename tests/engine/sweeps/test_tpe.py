"""Optuna's search: proposals follow from what is known alone, get better, and a sweep opens in stock Optuna."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import optuna
import pytest

from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import Search, space_of
from desktop_aml.engine.sweeps import tpe_worker
from desktop_aml.engine.sweeps.known_trials import KnownTrials
from desktop_aml.engine.sweeps.tpe import OptunaProcess, asked_of
from desktop_aml.run_folder import snapshot
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table
from tests.conftest import DrivenEngine

SPACE = space_of(
    {
        "x": parse("uniform(-5, 5)"),
        "c": parse("loguniform(0.01, 100)"),
        "k": parse("a, b, 3"),
        "n": parse("integers(1, 9)"),
        "r": parse("randint(4)"),
        "q": parse("quniform(0, 1, 0.1)"),
    }
)
SPEC = SweepSpec(SPACE, "m", Goal.MINIMIZE, 40, search=Search.TPE, seed=4)


def sweep_of(trials: tuple[Trial, ...], spec: SweepSpec = SPEC) -> Sweep:
    return Sweep(
        "s", spec, Wanted.RUNNING, RunState.RUNNING, display_name="", experiment="e", script="t.py", created_at=0.0,
        started_at=0.0, ended_at=None, trials=trials,
    )  # fmt: skip


@pytest.fixture(scope="module")
def process() -> Iterator[OptunaProcess]:
    made = OptunaProcess()
    yield made
    made.close()


def tried(process: OptunaProcess, count: int, trials: tuple[Trial, ...] = ()) -> tuple[Trial, ...]:
    """Try one after the other: what is far from x = 2 is worse."""
    for number in range(len(trials), count):
        values = process.propose(sweep_of(trials))
        loss = (dict(values)["--x"] - 2) ** 2
        trials = (*trials, Trial(number, f"s_{number}", values, loss, 1, RunState.COMPLETED))
    return trials


def test_another_process_goes_on_with_the_same_proposals_and_they_get_better(process: OptunaProcess) -> None:
    whole = tried(process, 24)
    other = OptunaProcess()
    try:
        assert tried(other, 16, whole[:12]) == whole[:16]
    finally:
        other.close()
    assert len({trial.values for trial in whole}) == 24
    assert min(trial.best for trial in whole[12:]) < min(trial.best for trial in whole[:6])
    for values in (dict(trial.values) for trial in whole):
        assert values["--k"] in {"a", "b", 3}
        assert values["--q"] in {n / 10 for n in range(11)}
        assert isinstance(values["--n"], int)


def test_trials_that_go_on_side_by_side_are_told_as_another_process_would_know_them(process: OptunaProcess) -> None:
    trials = tried(process, 11)
    for number in (11, 12):
        values = process.propose(sweep_of(trials))
        trials = (*trials, Trial(number, f"s_{number}", values, None, 0, RunState.RUNNING))
    ended = (replace(trials[11], best=3.0, state=RunState.COMPLETED), replace(trials[12], state=RunState.FAILED))
    other = OptunaProcess()
    try:
        for known in ((*trials[:11], ended[0], trials[12]), (*trials[:11], *ended), trials[:9]):
            assert process.propose(sweep_of(known)) == other.propose(sweep_of(known))
            other.close()
    finally:
        other.close()


def test_what_a_subcommand_takes_is_searched_where_that_subcommand_is_better(process: OptunaProcess) -> None:
    space = space_of(
        {
            "lr": parse("loguniform(0.001, 1)"),
            "svm --C": parse("uniform(0, 10)"),
            "svm --kernel": parse("linear, rbf"),
            "forest --trees": parse("integers(1, 50)"),
        }
    )
    spec = replace(SPEC, space=space)

    def search(count: int, trials: tuple[Trial, ...] = ()) -> tuple[Trial, ...]:
        for number in range(len(trials), count):
            values = process.propose(sweep_of(trials, spec))
            known = dict(values)
            loss = (known["--C"] - 8) ** 2 if known["command"] == "svm" else 200.0
            trials = (*trials, Trial(number, f"s_{number}", values, loss, 1, RunState.COMPLETED))
        return trials

    whole = search(40)
    taken = {"svm": ["--lr", "command", "--C", "--kernel"], "forest": ["--lr", "command", "--trees"]}
    assert all([name for name, _ in one.values] == taken[dict(one.values)["command"]] for one in whole)
    late = [dict(one.values) for one in whole[20:]]
    assert sum(one["command"] == "svm" for one in late) > 14
    assert min(one.best for one in whole[20:]) < 1
    assert search(24, whole[:20]) == whole[:24]


def test_trials_under_way_and_those_of_an_earlier_space_are_taken_into_account(process: OptunaProcess) -> None:
    trials = tried(process, 12)
    best = min(trials, key=lambda trial: trial.best)
    running = replace(best, best=None, state=RunState.RUNNING)
    under_way = tuple(running if trial is best else trial for trial in trials)
    assert process.propose(sweep_of(under_way)) != process.propose(sweep_of(trials))
    narrower = replace(SPEC, space=space_of({"x": parse("uniform(1, 3)"), "k": parse("a, c")}))
    assert 1 <= dict(process.propose(sweep_of(trials, narrower)))["--x"] <= 3


def test_a_gaussian_process_is_asked_there_too(process: OptunaProcess) -> None:
    space = space_of({"x": parse("uniform(-5, 5)"), "seed": parse("seeds(2)")})
    spec = replace(SPEC, space=space, search=Search.GP)
    trials: tuple[Trial, ...] = ()
    for number in range(8):
        values = process.propose(sweep_of(trials, spec))
        assert dict(values)["--seed"] == 0
        trials = (*trials, Trial(number, f"s_{number}", values, (dict(values)["--x"] - 2) ** 2, 1, RunState.COMPLETED))
    assert process.propose(sweep_of(trials[:7], spec)) == trials[7].values
    assert min(trial.best for trial in trials if trial.best is not None) < 0.1


def test_a_process_that_was_killed_is_started_again(process: OptunaProcess) -> None:
    first = process.propose(sweep_of(()))
    process._process.kill()
    process._process.wait()
    assert process.propose(sweep_of(())) == first


def test_what_it_cannot_draw_is_refused_before() -> None:
    with pytest.raises(InvalidInput, match="normal"):
        replace(SPEC, space=space_of({"x": parse("normal(0, 1)")}))


def test_stock_optuna_opens_what_is_exported(process: OptunaProcess, tmp_path: Path) -> None:
    trials = tried(process, 4)
    failed = replace(trials[-1], best=None, state=RunState.FAILED)
    assert process.export(sweep_of((*trials[:-1], failed)), str(tmp_path / "study.db")) == 4
    study = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path / 'study.db'}")
    assert study.best_value == min(trial.best for trial in trials[:-1])
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 3 + ["FAIL"]
    assert study.trials[0].params["--x"] == dict(trials[0].values)["--x"]
    assert study.trials[0].user_attrs["run_id"] == "s_0"
    with pytest.raises(DesktopAMLError, match="Optuna"):
        process.export(sweep_of(trials), str(tmp_path / "study.db"))


def test_the_argument_that_matters_explains_most_of_the_differences(process: OptunaProcess) -> None:
    trials = tuple(
        Trial(n, f"s_{n}", (("--x", n / 20), ("--kind", "ab"[n % 2])), best=n / 20, state=RunState.COMPLETED)
        for n in range(20)
    )
    space = space_of({"--x": parse("uniform(0, 1)"), "--kind": parse("a, b"), "--seed": parse("seeds(2)")})
    sweep = sweep_of(trials)
    sweep = replace(sweep, spec=replace(sweep.spec, space=space))
    (first, most), (second, less) = process.importances(sweep)
    assert (first, second) == ("--x", "--kind")
    assert most > 0.8 > 0.2 > less
    same = replace(sweep, trials=tuple(replace(trial, best=1.0) for trial in trials))
    assert process.importances(same) == ()


@pytest.mark.filterwarnings("ignore")
def test_what_optuna_is_told_that_trials_have_in_common_is_what_it_finds_itself(
    process: OptunaProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = tried(process, 13)
    # One of an earlier space, one that goes on and one that failed.
    odd = replace(trials[10], values=(("--x", 1.0), *trials[10].values[3:]))
    trials = (*trials[:10], odd, replace(trials[11], best=None, state=RunState.RUNNING), replace(trials[12], best=None))
    asked: list[dict[str, object]] = []

    def found(sampler: Any, study: optuna.Study, _: object) -> dict[str, object]:
        known = optuna.search_space.intersection_search_space(study.get_trials(deepcopy=False), include_pruned=True)
        asked.append({name: one for name, one in known.items() if not one.single()})
        assert sampler.common == asked[-1]
        return asked[-1]

    monkeypatch.setattr(tpe_worker._sampler_class(), "infer_relative_search_space", found)
    for known in (trials[:3], trials[:11], trials):
        tpe_worker.propose(asked_of(sweep_of(known)))
    assert [len(one) for one in asked] == [6, 4, 4]


def test_of_the_trials_only_what_changed_is_sent(process: OptunaProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = tried(process, 5)
    sent: list[dict[str, Any]] = []
    news = OptunaProcess._news
    monkeypatch.setattr(OptunaProcess, "_news", lambda *given: sent.append(news(*given)) or sent[-1])
    process.propose(sweep_of(trials))
    assert (sent[-1]["known"], [number for number, _ in sent[-1]["news"]]) == (4, [4])
    process.propose(sweep_of((trials[0], replace(trials[1], best=0.5), *trials[2:])))
    assert (sent[-1]["known"], [number for number, _ in sent[-1]["news"]]) == (5, [1])
    process.propose(sweep_of(trials, replace(SPEC, goal=Goal.MAXIMIZE)))
    assert (sent[-1]["known"], len(sent[-1]["news"])) == (0, 5)


def test_a_sweep_of_the_engine_asks_optuna(
    driven: DrivenEngine, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes, threads = table.outcomes, set[threading.Thread]()
    monkeypatch.setattr(table, "outcomes", lambda *given: threads.add(threading.current_thread()) or outcomes(*given))
    script = write_script(
        "import sys\nfrom azureml.core.run import Run\nRun.get_context().log('m', float(sys.argv[2]))\n"
    )
    space = space_of({"x": parse("uniform(0, 1)"), "seed": parse("seeds(2)")})
    spec = replace(SPEC, space=space, trials=4, concurrent=2)
    snapshot.take(script.parent, driven.folder.run("s"), driven.folder.blobs)
    driven.ask(SubmitRun(run_id="s", experiment="e", script=script.name, environment="this-python", sweep=spec))
    assert driven.until_over("s") is RunState.COMPLETED
    assert threads
    assert threading.current_thread() not in threads, "All trials are read while the engine's loop goes on."
    with Database(driven.folder.database, read_only=True) as db:
        sweep = table.read(db, "s")
        known = KnownTrials().read(db, "s", sweep.spec).trials
    assert [(one.number, one.run_id, one.values, one.best, one.state) for one in known] == [
        (one.number, one.run_id, one.values, one.best, one.state) for one in sweep.trials
    ]
    assert [trial.state for trial in sweep.trials] == [RunState.COMPLETED] * 4
    # Optuna chooses settings; each is tried with all its seeds before the next one.
    assert [dict(trial.values)["--seed"] for trial in sweep.trials] == [0, 1, 0, 1]
    xs = [trial.best for trial in sweep.trials]
    assert xs == [xs[0], xs[0], xs[2], xs[2]] != [xs[0]] * 4
    assert [trial.best for trial in sweep.trials] == [dict(trial.values)["--x"] for trial in sweep.trials]
