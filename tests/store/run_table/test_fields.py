"""What lists and searches ask grows with the runs, not with their square; of one run they ask what it has alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunQuery
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.store import metric_columns, metrics
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.run_table import fields
from desktop_aml.store.run_table.view import RunView

FEW, MANY = 150, 600
_RUN = (
    "INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at)"
    " VALUES (?, 1, 'e', 'n', 'Completed', 's.py', 'local', 'v', 1.0)"
)
_METRIC = (
    "INSERT INTO metric (run_id, name, kind, count, last_kind, last, least_kind, least)"
    " VALUES (?, ?, 'scalar', 1, 'n', ?, 'n', ?)"
)


@pytest.fixture(scope="module")
def sized(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    made = {}
    for count in (FEW, MANY):
        path = made[count] = tmp_path_factory.mktemp("scale") / "desktop_aml.db"
        migrate(path)
        with Database(path, read_only=False) as db, db.transaction():
            ids = [f"r{n:04}" for n in range(count)]
            db.run_many(_RUN, [(one,) for one in ids])
            given = [(one, name, n, str(n % 7), n % 7) for one in ids for n, name in enumerate(("C", "fold", "seed"))]
            db.run_many("INSERT INTO parameter VALUES (?, 'argument', ?, ?, ?, 'int', ?)", given)
            db.run_many(_METRIC, [(one, name, n, n) for n, one in enumerate(ids) for name in ("loss", "accuracy")])
            db.run_many("INSERT INTO label VALUES (?, 'tag', 'fold', '1')", [(one,) for one in ids])
    return made


def steps(db: Database, act) -> int:
    """Return how many hundred steps SQLite takes, which no load of the computer changes."""
    counted = [0]

    def count() -> int:
        counted[0] += 1
        return 0

    db.lend().set_progress_handler(count, 100)
    act()
    db.lend().set_progress_handler(None, 0)
    return counted[0]


@pytest.mark.parametrize(
    "query",
    [
        RunQuery(),
        RunQuery(search="C > 1"),
        RunQuery(search="fold = 1 and seed = 2 and min.loss < 100"),
        RunQuery(search="not C = 3 or params.seed != 2"),
        RunQuery(search="params.C > '1'"),
        RunQuery(order_by="parameter:C"),
        RunQuery(search="tags.fold = 1 order by seed", order_by="metric:accuracy"),
        RunQuery(group_by="parameter:C"),
    ],
    ids=lambda query: f"{query.search} {query.order_by} {query.group_by}",
)
def test_a_question_over_more_runs_takes_as_much_longer(sized: dict[int, Path], query: RunQuery):
    taken = {}
    for count, path in sized.items():
        view = RunView(path)
        taken[count] = steps(view._builder, lambda view=view: view.apply(query)) + 10
        view.close()
    assert taken[MANY] < 1.6 * MANY / FEW * taken[FEW]


def test_a_page_and_a_run_ask_for_no_more_where_there_are_more_runs(sized: dict[int, Path]):
    paged, single = {}, {}
    for count, path in sized.items():
        view = RunView(path)
        token = view.apply(RunQuery()).token
        paged[count] = steps(view._reader, lambda view=view, token=token: view.page(token, 0, 20))
        view.close()
        with Database(path, read_only=True) as db:
            for act in (metrics.last_values, metrics.read, metric_columns.sizes, metrics.read_records):
                single[count] = single.get(count, 0) + steps(db, lambda act=act, db=db: act(db, "r0000"))
    assert paged[MANY] <= paged[FEW] * 1.2 + 2
    assert single[MANY] <= single[FEW] + 1


def test_the_newest_sweep_says_which_way_a_metric_is_better(tmp_path: Path) -> None:
    migrate(tmp_path / "desktop_aml.db")
    specs = [
        {"metric": "loss", "goal": "maximize"},
        {"metric": "loss", "goal": "minimize"},
        {"metric": "auc", "goal": "maximize"},
        {"metric": "", "goal": "maximize"},
        {"metric": "rmse", "goal": "sideways"},
        {"goal": "maximize"},
    ]
    with Database(tmp_path / "desktop_aml.db", read_only=False) as db:
        with db.transaction():
            for n, spec in enumerate(specs):
                db.run(_RUN, (f"s{n}",))
                db.run("INSERT INTO sweep VALUES (?, ?)", (f"s{n}", json.dumps({"spec": spec})))
        assert fields.goals(db) == {"loss": Goal.MINIMIZE, "auc": Goal.MAXIMIZE}
