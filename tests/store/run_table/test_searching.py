"""Searches find the runs that a person means, against a real database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from desktop_aml.domain.filters import finding
from desktop_aml.domain.filters.clauses import InvalidFilter
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunQuery
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.run_table import searching
from desktop_aml.store.run_table.view import RunView

DAY = datetime.fromisoformat("2025-11-28 12:00").timestamp()
GIVEN = {
    "a": ("--kernel", "rbf", "--C", "10", "--learning-rate", "1e-2"),
    "b": ("--kernel", "linear", "--C", "9"),
    "c": ("--kernel", "RBF", "--C", "auto", "--odd", "x%y"),
    "d": (),
}
LOGGED = {
    "a": {"loss": (3.0, 0.5, 1.0), "accuracy": (0.5, 0.9, 0.8)},
    "b": {"loss": (2.0, 2.5), "accuracy": (0.95,)},
    "c": {"loss": (float("nan"),), "note": ("fine",)},
}


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunView]:
    path: Path = tmp_path_factory.mktemp("searching") / "desktop_aml.db"
    with Database(path, read_only=False) as db, db.transaction():
        for place, (name, given) in enumerate(GIVEN.items()):
            request = SubmitRun(
                run_id=f"id-{name}",
                experiment="train",
                script=f"fit_{name}.py",
                environment="env",
                display_name=f"Run {name}",
                arguments=given,
                tags={"fold": str(place), "who": "Ann"} if place else {},
                description="try again later" if name == "b" else "",
            )
            runs.insert(db, request, environment="env", version=None, seed=1, at=DAY + place * 86400)
            for metric, values in LOGGED.get(name, {}).items():
                metrics.add_points(db, request.run_id, [(metric, n, 1.0, value) for n, value in enumerate(values)])
            db.run(
                "UPDATE run SET started_at = created_at, ended_at = created_at + ? WHERE id = ?",
                (60 * (place + 1) if name != "d" else None, request.run_id),
            )
        db.run("UPDATE run SET state = 'Failed' WHERE id = 'id-b'")
    view = RunView(path)
    yield view
    view.close()


def found(view: RunView, text: str) -> str:
    snapshot = view.apply(RunQuery(search=text, descending=False))
    return "".join(run.id[-1] for run in view.page(snapshot.token, 0, 10) if run)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "abcd"),
        ("rbf", "ac"),
        ("kernel = rbf", "ac"),
        ("kernel = 'rbf'", "a"),
        ("kernel != rbf", "b"),
        ("not kernel = rbf", "bd"),
        ("kernel in (rbf, linear)", "abc"),
        ("kernel not in (rbf)", "bd"),
        ("loss < 1.1", "a"),
        ("loss > 0", "ab"),
        ("loss != 1", "bc"),
        ("loss = nan", "c"),
        ("loss != nan", "ab"),
        ("failed", "b"),
        ("!failed && loss > 0", "a"),
        ("state = failed or state = finished", "b"),
        ("min.loss < 1", "a"),
        ("max.loss >= 2.5", "ab"),
        ("first.loss = 3", "a"),
        ("best.loss <= 2", "ab"),
        ("best.accuracy > 0.9", "b"),
        ("last.accuracy = 0.8", "a"),
        ("last.note = fine", "c"),
        ("loss between 1 and 2.5", "ab"),
        ("C > 9", "a"),
        ("C >= 9 and C < 10", "b"),
        ("C = auto", "c"),
        ("params.C between 9 and 10", "ab"),
        ("learning-rate = 0.01", "a"),
        ("LOSS < 1.1", "a"),
        ("args.learning_rate is not null or tags.fold > 2", "ad"),
        ("odd = 'x%y' or odd LIKE 'nothing'", "c"),
        ("fold <= 2 who ~ ann", "bc"),
        ("duration > 90s and duration < 1h", "bc"),
        ("duration > 10d", "d"),
        ("created < 2025-11-29", "a"),
        ("created = 2025-11-29 or created > 2025-11-30", "bd"),
        ("created between 2025-11-29 and '2025-11-30 13:00'", "bc"),
        ("later", "b"),
        ("notes ~ AGAIN", "b"),
        ("notes is null", "acd"),
        ("'run a'", "a"),
        ("name = 'Run a'", "a"),
        ("name = 'run a'", ""),
        ("script LIKE 'fit__.py' and not (id = id-a or id = id-b)", "cd"),
        ("state = failed", "b"),
        ("status = 'FAILED' or status = scheduled", "abcd"),
        ("fit_b", "b"),
        ("kernel=rbf loss<1.1", "a"),
        ("C=1 or (kernel = rbf and (loss > 5 or not loss > 5))", "ac"),
        ("metrics.loss < 1.1 or metrics.none > 1", "a"),
        ("metrics.loss != 1 or params.none = 'x'", "bc"),
    ],
)
def test_a_search_finds_what_a_person_means(view: RunView, text: str, expected: str) -> None:
    assert found(view, text) == expected


@pytest.mark.parametrize(
    ("text", "hint", "column"),
    [
        ("rbf and los < 1.1", "Did you mean metrics.loss?", 9),
        ("kernal = rbf", "Did you mean params.kernel?", 1),
        ("foold = 2", "Did you mean tags.fold?", 1),
        ("durtion > 5 min", "Did you mean duration?", 1),
        ("zzz = 2", "Arguments, metrics and tags of runs can be compared.", 1),
        ("best.note = 2", "Say which is meant: min.note or max.note.", 1),
    ],
)
def test_a_name_that_no_run_has_is_told_with_the_nearest(view: RunView, text: str, hint: str, column: int) -> None:
    with pytest.raises(InvalidFilter) as caught:
        found(view, text)
    assert caught.value.hint.startswith(hint)
    assert caught.value.column == column


def test_no_text_of_a_search_is_a_statement(view: RunView) -> None:
    for text in ("name = ''' OR 1=1 --'", '"x\' OR 1=1"', "kernel = '); DROP TABLE run; --'"):
        assert found(view, text) == ""
    assert found(view, "") == "abcd"


def test_a_comparison_of_arguments_is_answered_by_their_index_alone(view: RunView) -> None:
    node = finding.read("C > 5 and kernel = rbf", DAY)
    assert node is not None
    with Database(view._path, read_only=True) as db:
        sql, values = searching.condition(db, node, DAY)
        plan = [row[3] for row in db.all(f"EXPLAIN QUERY PLAN SELECT n FROM run WHERE {sql}", values)]
    asked = [step for step in plan if " parameter " in step]
    assert len(asked) == 2
    assert all("COVERING INDEX" in step for step in asked), plan


ATOMS = (
    "C > 9", "kernel = rbf", "C != 10", "C in (9, 10)", "kernel is not null", "loss < 2",
    "best.loss < 0.6", "max.loss >= 2.5", "first.loss != 3", "loss = nan", "accuracy between 0.5 and 0.9",
    "note = fine", "fold = 1", "state = Failed", "rbf",
)  # fmt: skip


def test_conditions_together_find_what_each_finds(view: RunView) -> None:
    def found(text: str) -> set[str]:
        return {run.id for run in view.page(view.apply(RunQuery(search=text)).token, 0, 10) if run}

    alone, everything = {text: found(text) for text in ATOMS}, found("")
    assert len({*map(frozenset, alone.values())}) > 6
    for first, second in itertools.combinations(ATOMS, 2):
        assert found(f"{first} and {second}") == alone[first] & alone[second], (first, second)
        assert found(f"not ({first} and {second})") == everything - (alone[first] & alone[second]), (first, second)
        assert found(f"({first} or {second}) and C > 8") == (alone[first] | alone[second]) & found("C > 8")
    for three in itertools.combinations(ATOMS[:6], 3):
        assert found(" and ".join(three)) == set.intersection(*(alone[one] for one in three)), three


def test_the_latest_run_is_the_newest_that_somebody_started(tmp_path: Path) -> None:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as db:
        with db.transaction():
            for name, parent in (("mine", ""), ("sweep", ""), ("trial", "sweep"), ("child", "mine")):
                request = SubmitRun(run_id=name, experiment="e", script="s.py", environment="x", parent=parent)
                runs.insert(db, request, environment="x", version=None, seed=1, at=DAY)
        assert runs.find(db, "latest") == "sweep"
