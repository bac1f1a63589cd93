"""The runs table's positions and pages, against a real database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.run_fields import FieldKind, RunField
from desktop_aml.domain.runs import RUN_COLUMNS, RunEvent, RunQuery, RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.summaries.groups import Spread
from desktop_aml.domain.summaries.metrics import MetricSummary
from desktop_aml.store import metrics as store_metrics
from desktop_aml.store import parameters, runs
from desktop_aml.store.database import Database
from desktop_aml.store.run_table.fields import VALUES
from desktop_aml.store.run_table.view import RunView


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as database:
        yield database


@pytest.fixture
def add(db: Database) -> Callable[..., str]:
    def add(
        name: str, *, experiment: str = "train", script: str = "train.py", at: float = 0.0, **metrics: float
    ) -> str:
        request = SubmitRun(
            run_id=f"id-{name}", experiment=experiment, script=script, environment="this-python", display_name=name
        )
        with db.transaction():
            runs.insert(db, request, environment="this-python", version=None, seed=1, at=at)
            points = [(metric, None, at, value) for metric, value in metrics.items()]
            store_metrics.add_points(db, request.run_id, points)
        return request.run_id

    return add


@pytest.fixture
def view(db: Database) -> Iterator[RunView]:
    view = RunView(db.path)
    yield view
    view.close()


def names(view: RunView, query: RunQuery) -> list[str]:
    snapshot = view.apply(query)
    return [run.display_name if run else "-" for run in view.page(snapshot.token, 0, snapshot.count)]


def test_the_newest_run_comes_first(view: RunView, add: Callable[..., str]) -> None:
    for at, name in enumerate(("first", "second", "third")):
        add(name, at=at)
    assert names(view, RunQuery()) == ["third", "second", "first"]
    assert names(view, RunQuery(descending=False)) == ["first", "second", "third"]


def test_names_sort_without_regard_to_case(view: RunView, add: Callable[..., str]) -> None:
    for name in ("beta", "Alpha", "Gamma"):
        add(name)
    assert names(view, RunQuery(order_by="display_name", descending=False)) == ["Alpha", "beta", "Gamma"]


@pytest.mark.parametrize("column", RUN_COLUMNS)
def test_every_offered_column_can_be_sorted_by(view: RunView, add: Callable[..., str], column: str) -> None:
    add("one")
    assert names(view, RunQuery(order_by=column)) == ["one"]


def test_an_unknown_column_is_refused(view: RunView) -> None:
    with pytest.raises(InvalidInput, match="drop table"):
        view.apply(RunQuery(order_by="drop table"))


@pytest.mark.parametrize("text", ["OTTER", "tte", "er", "r-1", "id-swift"])
def test_text_is_found_anywhere_in_name_or_id(view: RunView, add: Callable[..., str], text: str) -> None:
    add("swift-otter-1")
    add("calm-heron-2")
    assert "swift-otter-1" in names(view, RunQuery(text=text))


@pytest.mark.parametrize("text", ['"', 'a" OR "b', "NEAR(", "*", "%", "résumé😀"])
def test_marks_of_the_search_language_are_plain_text(view: RunView, add: Callable[..., str], text: str) -> None:
    add("swift-otter-1")
    add(f"odd {text} name")
    assert names(view, RunQuery(text=text)) == [f"odd {text} name"]


def test_experiment_and_states_narrow_the_list_but_not_the_total(
    view: RunView, db: Database, add: Callable[..., str]
) -> None:
    run_id = add("one")
    add("two")
    add("elsewhere", experiment="other")
    with db.transaction():
        runs.move(db, run_id, RunEvent.CLAIMED, at=1.0)
    snapshot = view.apply(RunQuery(experiment="train", states=(RunState.PREPARING,)))
    assert (snapshot.count, snapshot.total) == (1, 2)
    assert dict(snapshot.by_state) == {RunState.QUEUED: 1, RunState.PREPARING: 1}


def test_runs_sort_by_a_metric_with_the_ones_without_it_last(view: RunView, add: Callable[..., str]) -> None:
    add("without")
    add("low", accuracy=0.5)
    add("high", accuracy=0.75, loss=float("nan"))
    assert names(view, RunQuery(order_by="metric:accuracy")) == ["high", "low", "without"]
    assert names(view, RunQuery(order_by="metric:accuracy", descending=False)) == ["low", "high", "without"]


def test_the_metrics_that_most_runs_logged_come_first(view: RunView, add: Callable[..., str]) -> None:
    for index in range(3):
        add(f"run{index}", loss=0.1, **{f"only{index}{n}": 1.0 for n in range(3)})
    fields = view.apply(RunQuery()).fields.fields
    assert fields[0] == RunField(FieldKind.METRIC, "loss", differs=False, is_number=True)
    assert len(fields) == 10


def test_a_view_says_in_what_its_runs_differ(view: RunView, db: Database, add: Callable[..., str]) -> None:
    for number, kernel in enumerate(("rbf", "linear", "rbf")):
        run_id = add(f"run{number}", script="train.py")
        given = of_arguments(["--kernel", kernel, "--C", str(number), "--folds", "5"])
        with db.transaction():
            parameters.put(db, run_id, given)
            db.run("INSERT INTO label (run_id, kind, key, value) VALUES (?, 'tag', 'owner', ?)", (run_id, "me"))
            noted = [("commit", f"c{number}"), ("desktop_aml.retries", "2")]
            db.run_many("INSERT INTO label VALUES (?, 'property', ?, ?)", [(run_id, *one) for one in noted])
    snapshot = view.apply(RunQuery())
    found = snapshot.fields
    assert found.fields == (
        RunField(FieldKind.PARAMETER, "kernel", differs=True, is_number=False),
        RunField(FieldKind.PARAMETER, "C", differs=True, is_number=True),
        RunField(FieldKind.PARAMETER, "folds", differs=False, is_number=True),
        RunField(FieldKind.TAG, "owner", differs=False, is_number=False),
        RunField(FieldKind.PROPERTY, "commit", differs=True, is_number=False),
    )
    runs = view.page(snapshot.token, 0, 3)
    assert [run.properties for run in runs] == [{"commit": "c2"}, {"commit": "c1"}, {"commit": "c0"}]
    by_commit = RunQuery(order_by="property:commit", descending=False)
    assert names(view, by_commit) == ["run0", "run1", "run2"]
    assert view.apply(RunQuery(group_by="property:commit")).count == 3
    assert found.constant == {"experiment", "script", "environment", "target"}


def test_runs_sort_by_a_parameter_as_the_number_it_is(view: RunView, db: Database, add: Callable[..., str]) -> None:
    for text in ("9", "1e1", "0.5", "auto", ""):
        run_id = add(f"run {text or 'without'}")
        if text:
            with db.transaction():
                parameters.put(db, run_id, of_arguments(["--depth", text]))
    assert names(view, RunQuery(order_by="parameter:depth", descending=False)) == [
        "run 0.5",
        "run 9",
        "run 1e1",
        "run auto",
        "run without",
    ]


def test_runs_are_found_by_what_they_were_given(view: RunView, db: Database, add: Callable[..., str]) -> None:
    for kernel in ("rbf", "linear"):
        run_id = add(f"run {len(kernel)}")
        with db.transaction():
            parameters.put(db, run_id, of_arguments(["--kernel", kernel]))
    add("third")
    with db.transaction():
        db.run("INSERT INTO label VALUES ('id-third', 'tag', 'team', 'Lions')")
    assert names(view, RunQuery(text="RBF")) == ["run 3"]
    assert names(view, RunQuery(text="kernel=lin")) == ["run 6"]
    assert names(view, RunQuery(text="lions")) == ["third"]
    assert names(view, RunQuery(text="bf")) == ["run 3"]


def test_a_page_holds_what_its_runs_were_given(view: RunView, db: Database, add: Callable[..., str]) -> None:
    add("one")
    with db.transaction():
        parameters.put(db, "id-one", of_arguments(["--lr", "1e-3"]))
        db.run("INSERT INTO label VALUES ('id-one', 'tag', 'owner', 'me')")
    (run,) = view.page(view.apply(RunQuery()).token, 0, 10)
    assert run is not None
    assert run.parameters == {"lr": "1e-3"}
    assert run.tags == {"owner": "me"}


def test_a_page_shows_a_run_as_it_is_now(view: RunView, db: Database, add: Callable[..., str]) -> None:
    run_id = add("one")
    snapshot = view.apply(RunQuery())
    with db.transaction():
        runs.move(db, run_id, RunEvent.CLAIMED, at=1.0)
    (run,) = view.page(snapshot.token, 0, 10)
    assert run is not None
    assert run.state is RunState.PREPARING


def test_a_deleted_run_leaves_a_gap_in_an_old_snapshot(view: RunView, db: Database, add: Callable[..., str]) -> None:
    add("one", at=1)
    run_id = add("two", at=2)
    add("three", at=3)
    snapshot = view.apply(RunQuery())
    with db.transaction():
        runs.delete(db, run_id)
    assert [run and run.display_name for run in view.page(snapshot.token, 0, 3)] == ["three", None, "one"]


def test_position_of_a_run_is_its_place_in_the_snapshot(view: RunView, add: Callable[..., str]) -> None:
    ids = [add(f"run{index}", at=index) for index in range(5)]
    snapshot = view.apply(RunQuery())
    assert [view.position_of(snapshot.token, run_id) for run_id in ids] == [4, 3, 2, 1, 0]
    assert view.position_of(snapshot.token, "gone") is None


def test_new_runs_on_top_are_told_from_other_changes(view: RunView, db: Database, add: Callable[..., str]) -> None:
    run_id = add("one", at=1)
    old = view.apply(RunQuery()).token
    add("two", at=2)
    add("three", at=3)
    new = view.apply(RunQuery()).token
    assert view.rows_added_on_top(old, new) == 2
    with db.transaction():
        runs.delete(db, run_id)
    assert view.rows_added_on_top(new, view.apply(RunQuery()).token) is None


def test_pages_of_a_forgotten_snapshot_are_empty(view: RunView, add: Callable[..., str]) -> None:
    add("one")
    first = view.apply(RunQuery()).token
    for _ in range(5):
        view.apply(RunQuery())
    assert view.page(first, 0, 10) == ()


def test_the_view_cannot_write(view: RunView) -> None:
    with pytest.raises(Exception, match="cannot be written"):
        view._builder.run("DELETE FROM run")


def test_a_closed_view_is_empty(view: RunView, add: Callable[..., str]) -> None:
    add("one")
    token = view.apply(RunQuery()).token
    view.close()
    assert view.apply(RunQuery()).count == 0
    assert view.page(token, 0, 10) == (None,)
    assert view.positions_of(token, ("id-one",)) == {}


def test_runs_sort_by_the_least_greatest_first_and_best_of_a_metric(
    view: RunView, db: Database, add: Callable[..., str]
) -> None:
    for name, values in {"a": (5.0, 1.0, 3.0), "b": (4.0, 2.0, 9.0), "c": (6.0,)}.items():
        run_id = add(name)
        with db.transaction():
            store_metrics.add_points(db, run_id, [("loss", None, 1.0, value) for value in values])
    order = {kind: names(view, RunQuery(order_by=f"{kind}:loss", descending=False)) for kind in VALUES}
    order[FieldKind.BEST] = names(view, RunQuery(order_by="best:loss", descending=False))
    assert order[FieldKind.METRIC] == ["a", "c", "b"]
    assert order[FieldKind.LEAST] == order[FieldKind.BEST] == ["a", "b", "c"]
    assert order[FieldKind.GREATEST] == ["a", "c", "b"]
    assert order[FieldKind.FIRST] == ["b", "a", "c"]


def test_what_is_best_is_told_by_a_sweep_or_the_name_and_else_asked_for(
    view: RunView, db: Database, add: Callable[..., str]
) -> None:
    run_id = add("sweep", oddity=1.0)
    with pytest.raises(InvalidInput, match="less or more of “oddity”"):
        view.apply(RunQuery(order_by="best:oddity"))
    with db.transaction():
        body = json.dumps({"spec": {"metric": "oddity", "goal": "maximize"}})
        db.run("INSERT INTO sweep (run_id, body) VALUES (?, ?)", (run_id, body))
    assert names(view, RunQuery(order_by="best:oddity")) == ["sweep"]
    assert view.apply(RunQuery()).fields.goals == {"oddity": Goal.MAXIMIZE}


def test_a_page_says_first_last_least_and_greatest_of_every_metric(view: RunView, add: Callable[..., str]) -> None:
    add("one", **{f"m{number}": float(number) for number in range(20)})
    [run] = view.page(view.apply(RunQuery()).token, 0, 1)
    assert run is not None
    assert list(run.metrics) == [f"m{number}" for number in range(20)]
    assert run.metrics["m12"] == MetricSummary(12.0, 12.0, 12.0, 12.0, count=1)


def test_runs_sort_by_what_they_used_of_the_computer(view: RunView, db: Database, add: Callable[..., str]) -> None:
    add("unknown")
    for name, memory in (("small", "900"), ("large", "10000000000"), ("middle", "20000")):
        run_id = add(name)
        with db.transaction():
            runs.set_labels(db, run_id, "property", {"desktop_aml.use.peak_memory_bytes": memory})
    assert names(view, RunQuery(order_by="use:peak_memory_bytes")) == ["large", "middle", "small", "unknown"]
    snapshot = view.apply(RunQuery())
    assert snapshot.fields.fields == (RunField(FieldKind.USE, "peak_memory_bytes", is_number=True),)
    page = {run.display_name: dict(run.use) for run in view.page(snapshot.token, 0, 9) if run}
    assert page["large"] == {"peak_memory_bytes": 1e10}
    assert page["unknown"] == {}


def test_groups_fold_runs_into_lines_with_mean_deviation_and_count(
    view: RunView, db: Database, add: Callable[..., str]
) -> None:
    for place, (C, loss) in enumerate((("1", 0.5), ("10", 3.0), ("1.0", 1.5), ("", float("nan")))):
        run_id = add(f"run{place}", loss=loss)
        if C:
            with db.transaction():
                parameters.put(db, run_id, of_arguments(["--C", C]))
    query = RunQuery(group_by="parameter:C", open_groups=("1",), descending=False)
    snapshot = view.apply(query)
    groups = [view.group_at(snapshot.token, place) for place in range(snapshot.count)]
    assert (snapshot.count, snapshot.matching, snapshot.total) == (5, 4, 4)
    assert [group and (group.name, group.count, group.is_open) for group in groups] == [
        ("1", 2, True),
        None,
        None,
        ("10", 1, False),
        ("", 1, False),
    ]
    assert groups[0] is not None
    assert groups[0].metrics["loss"] == Spread(1.0, pytest.approx(0.7071067811865476), 2)
    assert groups[3] is not None
    assert groups[3].metrics["loss"] == Spread(3.0, None, 1)
    assert groups[4] is not None
    assert groups[4].metrics == {}
    page = view.page(snapshot.token, 0, 10)
    assert [run and run.display_name for run in page] == [None, "run0", "run2", None, None]
    assert view.ids(snapshot.token, 0, 4) == ["id-run0", "id-run2"]
    narrowed = view.apply(RunQuery(group_by="experiment", search="loss > 1"))
    assert (narrowed.count, narrowed.matching) == (1, 2)
    with pytest.raises(InvalidInput, match="cannot be grouped"):
        view.apply(RunQuery(group_by="metric:loss"))
