"""What is kept for lists is what the tables say, after any acts, or it is not kept."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from desktop_aml.domain.metrics import MetricSource
from desktop_aml.domain.parameters import Parameter, ParameterSource
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunEvent, RunQuery
from desktop_aml.domain.summaries.machine_use import NAMES, PROPERTY
from desktop_aml.store import metrics, parameters, runs
from desktop_aml.store.database import CURRENT_SCHEMA, Database, migrate
from desktop_aml.store.facts import derived, kept
from desktop_aml.store.organising.attempts import forget_logged
from desktop_aml.store.run_table.view import RunView
from desktop_aml.store.summaries import captured

RUNS = ("r0", "r1", "r2")
SCALARS = st.floats() | st.integers(-3, 3) | st.sampled_from([10**30, -(10**400), True, None, "text", "é\n\"'", 1e-320])
NAME = st.sampled_from(["a", "b", "é 'x'\x00"])
TEXT = st.sampled_from(["1", "1.5", "nan", "text", "true", "é \"\\' 🚀", ""])
RUN = st.sampled_from(RUNS)
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("points"), RUN, NAME, st.lists(SCALARS, min_size=1, max_size=3)),
        st.tuples(st.just("record"), RUN, NAME, TEXT),
        st.tuples(st.just("captured"), RUN, NAME, SCALARS),
        st.tuples(st.just("make way"), RUN, NAME, st.none()),
        st.tuples(st.sampled_from(list(ParameterSource)), RUN, NAME, TEXT),
        st.tuples(st.just("tag"), RUN, NAME, TEXT),
        st.tuples(st.just("untag"), RUN, NAME, st.none()),
        st.tuples(st.just("used"), RUN, st.sampled_from(NAMES), st.sampled_from(["1.5", "3", "x"])),
        st.tuples(st.just("begin anew"), RUN, NAME, st.none()),
        st.tuples(st.just("remove"), RUN, NAME, st.none()),
        st.tuples(st.just("keep"), RUN, NAME, st.none()),
    ),
    max_size=14,
)


def insert(db: Database, run_id: str) -> None:
    request = SubmitRun(run_id=run_id, experiment="e", script="s.py", environment="x", arguments=("--rate", "0.5"))
    runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened:
        yield opened


def said(found: Mapping[str, derived.RunFacts]) -> dict[str, str]:
    """Return facts as texts, in which NaN is NaN, 1 is not 1.0, and the order of names counts."""
    return {run_id: repr([dict(part) for part in facts[:4]] + sorted(facts[4])) for run_id, facts in found.items()}


def do(db: Database, act: str, run_id: str, name: str, value: object) -> None:
    if db.one("SELECT 1 FROM run WHERE id = ?", (run_id,)) is None:
        insert(db, run_id)
    match act:
        case "points":
            metrics.add_points(db, run_id, [(name, None, 1.0, one) for one in value])
        case "record":
            metrics.add_records(db, run_id, [(name, "row", 1.0, {"x": value})])
        case "captured":
            captured.add(db, run_id, [(MetricSource.CAPTURED, (name, None, 1.0, value))], [])
        case "make way":
            captured.make_way(db, run_id, [name])
        case "tag":
            runs.set_labels(db, run_id, "tag", {name: str(value)})
        case "untag":
            runs.remove_tags(db, run_id, [name])
        case "used":
            runs.set_labels(db, run_id, "property", {f"{PROPERTY}{name}": str(value)})
        case "begin anew":
            forget_logged(db, run_id)
        case "remove":
            runs.delete(db, run_id)
        case "keep":
            kept.keep(db, 10)
        case source:
            parameters.put(db, run_id, [Parameter(name, str(value), ParameterSource(source))])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(acts=ACTS, many=st.booleans())
def test_what_is_kept_is_what_the_tables_say_after_any_acts(db: Database, acts: list[tuple], many: bool) -> None:
    with db.transaction():
        db.run("DELETE FROM run")
        for run_id in RUNS:
            insert(db, run_id)
    for act in acts:
        with db.transaction():
            do(db, *act)
            if many:
                kept.keep(db, 10)
        ids = [row[0] for row in db.all("SELECT id FROM run ORDER BY n")]
        assert said(kept.of_runs(db, ids)) == said(derived.of_runs(db, ids))
    with db.transaction():
        kept.keep(db, 10)
    assert not kept.is_due(db)


@pytest.mark.parametrize("quickly", [True, False])
def test_every_value_comes_back_as_it_was(db: Database, monkeypatch: pytest.MonkeyPatch, quickly: bool) -> None:
    values = [
        0.1,
        -0.0,
        1.0,
        1,
        True,
        10**40,
        -(2**63),
        2**64,
        math.nan,
        math.inf,
        5e-324,
        1e22,
        1.7976931348623157e308,
    ]
    with db.transaction():
        insert(db, "r0")
        metrics.add_points(db, "r0", [(f"m{place}", None, 1.0, value) for place, value in enumerate(values)])
        metrics.add_points(db, "r0", [("text", None, 1.0, "x" * 300), ("none", None, 1.0, None)])
        kept.keep(db, 10)
    if not quickly:
        monkeypatch.delitem(sys.modules, "msgspec")
    [found] = kept.of_runs(db, ["r0"]).values()
    assert repr([summary.last for summary in found.metrics.values()]) == repr([*values, "x" * 100, None])
    assert said({"r0": found}) == said(derived.of_runs(db, ["r0"]))


@pytest.mark.parametrize("values", [[0.1, math.nan, -0.0], [1, -(2**63)], [1.5, 2]])
def test_plain_numbers_are_kept_bit_by_bit_and_read_in_either_form(db: Database, values: list) -> None:
    with db.transaction():
        insert(db, "r0")
        metrics.add_points(db, "r0", [(f"m{place}", None, 1.0, value) for place, value in enumerate(values)])
        kept.keep(db, 10)
        right = said(derived.of_runs(db, ["r0"]))
        names, numbers = db.one("SELECT names, packed FROM run_facts")
        assert json.loads(names)[3].strip("dq") == ""
        assert said(kept.of_rows(db, [("r0", names, numbers)])) == right
        # As an earlier release kept them: their digits, and no layout.
        fields = [field for one in derived.of_runs(db, ["r0"])["r0"].metrics.values() for field in one]
        older = json.loads(names)[:3], [json.loads(numbers)[0], fields, {}, {}]
        assert said(kept.of_rows(db, [("r0", *map(json.dumps, older))])) == right
        for wrong in ("abcd", "zz", numbers[:-40]):
            torn = json.dumps([json.loads(numbers)[0], wrong, {}, {}])
            assert said(kept.of_rows(db, [("r0", names, torn)])) == right


def changes() -> list[str]:
    of_metric = ["first", "last", "least", "greatest"]
    return [
        "UPDATE metric SET count = 7",
        *(f"UPDATE metric SET {name} = 7" for name in of_metric),
        *(f"UPDATE metric SET {name}_kind = 's', {name} = 'x'" for name in of_metric),
        "UPDATE metric SET name = 'other'",
        "UPDATE metric SET kind = 'row'",
        "DELETE FROM metric",
        "UPDATE parameter SET text = 'x'",
        "UPDATE parameter SET kind = 'text'",
        "UPDATE parameter SET name = 'other'",
        "DELETE FROM parameter",
        "UPDATE label SET value = 'x'",
        "DELETE FROM label",
    ]


def test_what_changes_by_whatever_way_is_told_as_it_is(db: Database) -> None:
    with db.transaction():
        insert(db, "r0")
        do(db, "points", "r0", "m", [0.5])
        do(db, "tag", "r0", "colour", "red")
    for change in changes():
        with db.transaction():
            kept.keep(db, 10)
            before = said(kept.of_runs(db, ["r0"]))
            db.run("SAVEPOINT whole")
            db.run(change)
            assert said(kept.of_runs(db, ["r0"])) == said(derived.of_runs(db, ["r0"])) != before, change
            db.run("ROLLBACK TO whole")


def test_a_run_that_goes_on_is_not_kept_until_it_ends(db: Database) -> None:
    with db.transaction():
        insert(db, "r0")
        runs.move(db, "r0", RunEvent.CLAIMED, at=1.0)
        assert kept.keep(db, 10) == 0
        runs.move(db, "r0", RunEvent.STARTED, at=1.0)
        runs.move(db, "r0", RunEvent.LOST, at=2.0)
        assert kept.keep(db, 10) == 1
    assert not kept.is_due(db)


def test_what_another_program_wrote_there_is_passed_over(db: Database) -> None:
    with db.transaction():
        insert(db, "r0")
        kept.keep(db, 10)
        right = said(kept.of_runs(db, ["r0"]))
        before = tuple(db.one("SELECT names, packed FROM run_facts"))
        for wrong in ("", "[", "{}", "[[], [1], {}, {}]", '[[], "", {}, {}]', "null", '[[], [], [], "x"]'):
            for column in ("packed", "names"):
                db.run(f"UPDATE run_facts SET {column} = ?", (wrong,))
                assert said(kept.of_runs(db, ["r0"])) == right
                db.run("UPDATE run_facts SET names = ?, packed = ?", before)


def test_a_page_says_the_same_of_runs_that_are_kept_and_of_others(db: Database) -> None:
    with db.transaction():
        for run_id in RUNS:
            insert(db, run_id)
            do(db, "points", run_id, "m", [0.5, 0.25])
            do(db, "tag", run_id, "colour", "red")
            do(db, "used", run_id, NAMES[0], "1.5")
    view = RunView(db.path)
    before = view.apply(RunQuery())
    page = view.page(before.token, 0, 10)
    with db.transaction():
        assert kept.keep(db, 2) == 2
    after = view.apply(RunQuery())
    assert view.page(after.token, 0, 10) == page
    assert after.fields == before.fields
    view.close()


def test_runs_of_an_older_database_are_due_when_it_is_opened(db: Database) -> None:
    with db.transaction():
        insert(db, "r0")
        for row in db.all(
            "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%\\_facts' ESCAPE '\\'"
        ):
            db.run(f"DROP TRIGGER {row[0]}")
        db.run("DROP TABLE run_facts")
        db.run("DELETE FROM _sqlite_migrations WHERE name = 'add_facts_of_runs'")
    db.run(f"PRAGMA user_version={CURRENT_SCHEMA - 1}")
    db.close()
    assert migrate(db.path)
    with Database(db.path, read_only=False) as opened, opened.transaction():
        assert kept.keep(opened, 10) == 1
        assert kept.of_runs(opened, ["r0"])["r0"].parameters == {"rate": "0.5"}
