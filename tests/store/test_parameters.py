"""Parameters come back as they were given, and the database compares them as numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.parameters import Parameter, ParameterSource
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import experiments, parameters, runs
from desktop_aml.store.database import CURRENT_SCHEMA, Database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        for number, rate in enumerate(("10", "9.5", "1e-3")):
            request = SubmitRun(
                run_id=f"r{number}", experiment="e", script="s.py", environment="x", arguments=("--rate", rate)
            )
            with opened.transaction():
                runs.insert(opened, request, environment="x", version=None, seed=0, at=1.0)
        yield opened


def test_arguments_are_parameters_of_the_run_that_sort_as_numbers(db: Database) -> None:
    assert runs.get(db, "r1").parameters == (Parameter("rate", "9.5", ParameterSource.ARGUMENT),)
    rows = db.all("SELECT run_id FROM parameter WHERE name = 'rate' ORDER BY number")
    assert [row[0] for row in rows] == ["r2", "r1", "r0"]


def test_what_is_logged_stands_beside_an_argument_of_its_name(db: Database) -> None:
    with db.transaction():
        parameters.put(db, "r0", [Parameter("rate", "11"), Parameter("kernel", "rbf"), Parameter("rate", "12")])
    assert [(one.name, one.text, one.source.value) for one in parameters.of_run(db, "r0")] == [
        ("rate", "10", "argument"),
        ("rate", "12", "logged"),
        ("kernel", "rbf", "logged"),
    ]


@pytest.mark.parametrize("text", ["nan", "inf", "9" * 40, "\udcff", "", "True"])
def test_any_text_comes_back(db: Database, text: str) -> None:
    with db.transaction():
        parameters.put(db, "r0", [Parameter("x", text)])
    found = parameters.of_run(db, "r0")[-1]
    assert found.text == text.replace("\udcff", "\\xff")


def test_runs_of_an_earlier_version_get_their_arguments_as_parameters(db: Database, tmp_path: Path) -> None:
    db.run("DROP TABLE parameter")
    db.run("DROP TABLE document")
    db.run("DELETE FROM _sqlite_migrations WHERE name = 'add_parameters_and_documents'")
    db.run(f"PRAGMA user_version={CURRENT_SCHEMA - 1}")
    db.close()
    with Database(tmp_path / "desktop_aml.db", read_only=False) as migrated:
        assert runs.get(migrated, "r0").parameters == (Parameter("rate", "10", ParameterSource.ARGUMENT),)


def test_a_run_that_moves_to_another_experiment_gets_its_next_number(db: Database) -> None:
    with db.transaction():
        experiments.move_run(db, "r1", "other name", at=2.0)
        experiments.move_run(db, "r2", "other name", at=2.0)
        experiments.move_run(db, "r2", "other name", at=2.0)
    found = [runs.get(db, run_id).summary for run_id in ("r1", "r2")]
    assert [(one.experiment, one.number) for one in found] == [("other name", 1), ("other name", 2)]
