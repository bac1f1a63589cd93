"""A study of Optuna becomes an ended sweep; what is no study is refused in words, and changes nothing."""

from __future__ import annotations

import os
from pathlib import Path

import optuna
import pytest

from desktop_aml.domain.errors import Conflict, InvalidInput, NotFound
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.foreign import ForeignStudy, ForeignTrial, named, space_of_study
from desktop_aml.engine.rebuilding.rebuild import rebuild
from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.store.sweeps import table
from desktop_aml.workspace import Workspace

S = RunState


def write_study(path: Path, name: str = "my study", directions: tuple[str, ...] = ("maximize",)) -> Path:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name=name, storage=f"sqlite:///{path}", directions=list(directions))
    floats = optuna.distributions.FloatDistribution(0.001, 10, log=True)
    kinds = optuna.distributions.CategoricalDistribution(["svc", "rf", None])
    states = optuna.trial.TrialState
    if len(directions) == 1:
        for state, value, steps in (
            (states.COMPLETE, 0.5, {0: 0.9, 1: 0.5}),
            (states.PRUNED, None, {0: 0.1}),
            (states.COMPLETE, 0.8, {}),
            (states.FAIL, None, {}),
            (states.RUNNING, None, {}),
        ):
            study.add_trial(
                optuna.trial.create_trial(
                    state=state,
                    value=value,
                    params={"svc C": 0.5, "kind": "rf"},
                    distributions={"svc C": floats, "kind": kinds},
                    intermediate_values=steps,
                )
            )
    return path


def test_a_study_becomes_an_ended_sweep_that_comes_back_from_its_folders(workspace: Workspace, tmp_path: Path) -> None:
    file = write_study(tmp_path / "study.db")
    before = file.read_bytes()
    sweep_id = workspace.sweeps.import_study(file)
    assert workspace.sweeps.import_study(file) == sweep_id
    assert file.read_bytes() == before
    sweep = workspace.sweeps.get("my study")
    assert (sweep.run_id, sweep.state, sweep.spec.goal) == (sweep_id, S.COMPLETED, Goal.MAXIMIZE)
    # The one that had not ended is left out.
    assert [trial.state for trial in sweep.trials] == [S.COMPLETED, S.CANCELED, S.COMPLETED, S.FAILED]
    assert [trial.best for trial in sweep.trials] == [0.5, None, 0.8, None]
    assert sweep.trials[0].values == (("--svc-C", 0.5), ("--kind", "rf"))
    assert [str(one.expression) for one in sweep.spec.space] == ["loguniform(0.001, 10.0)", "choice(svc, rf, None)"]
    curves = workspace.runs.curves.list(sweep.trials[0].run_id)
    assert {one.name: one.count for one in curves} == {"value": 1, "intermediate": 2}
    assert {child.id for child in workspace.runs.children(sweep_id)} == {trial.run_id for trial in sweep.trials}
    with pytest.raises(Conflict, match="no script"):
        workspace.sweeps.extend(sweep_id, trials=9)
    workspace.close()
    folder = WorkspaceFolder(workspace.path)
    folder.database.unlink()
    rebuild(folder)
    with Database(folder.database, read_only=True) as db:
        assert table.read(db, sweep_id) == sweep


def test_what_is_no_study_is_refused_in_words(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("nonsense")
    os.mkfifo(tmp_path / "pipe.db")
    many = write_study(write_study(tmp_path / "many.db", "one"), "two")
    for file, error, words in (
        (tmp_path / "none.db", NotFound, "no file"),
        (tmp_path / "pipe.db", InvalidInput, "plain file"),
        (tmp_path / "text.db", InvalidInput, "not a database"),
        (many, InvalidInput, "one, two"),
        (write_study(tmp_path / "goals.db", "g", ("minimize", "maximize")), InvalidInput, "several goals"),
    ):
        with pytest.raises(error, match=words):
            workspace.sweeps.import_study(file)
    assert workspace.sweeps.list() == ()
    assert not [one for one in (workspace.path / "runs").glob("*") if one.is_dir()]


Range = tuple[float, float, float | None, bool]


def study_of(*values: tuple[tuple[str, object], ...], **ranges: Range) -> ForeignStudy:
    trials = tuple(ForeignTrial("COMPLETE", 1.0, one) for one in values)
    return ForeignStudy("s", "m", Goal.MINIMIZE, trials, ranges, {})


def test_any_name_becomes_one_of_an_argument_and_none_comes_twice() -> None:
    study = study_of((("a b", 1), ("a-b", 1), ("1", 1), ("", 1), ("ß/ü", 1)))
    assert list(named(study).values()) == ["--a-b", "--a-b-2", "--x1", "--x", "--ß-ü"]
    assert len(space_of_study(study)) == 5


@pytest.mark.parametrize(
    ("value", "given", "wanted"),
    [
        (2, (1, 9, 1, False), "integers(1, 9)"),
        (2.0, (1.0, 9.0, None, True), "loguniform(1.0, 9.0)"),
        (2.0, (1.0, 9.0, 0.5, False), "quniform(1.0, 9.0, 0.5)"),
        (20, (10, 90, 10, False), "quniform(10, 90, 10)"),
        (2.0, (2.0, 2.0, None, False), "choice(2.0)"),
    ],
)
def test_a_range_of_optuna_is_one_of_ours(value: float, given: Range, wanted: str) -> None:
    assert str(space_of_study(study_of((("x", value),), x=given))[0].expression) == wanted


def test_a_study_whose_trials_were_given_nothing_has_a_space_all_the_same() -> None:
    assert str(space_of_study(study_of(()))[0].expression) == "choice(none)"
