"""Questions in SQL are answered from documented views; nothing else can be read, written, set or kept busy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop_aml.cli import main
from desktop_aml.domain.environments import EnvironmentKind
from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.registry import ModelVersion
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import environments, metrics, registry, runs
from desktop_aml.store.database import Database
from desktop_aml.workspace import Workspace
from tests.attached_sources import RUN, mlflow_database


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "ws")
    with Database(made.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        for n, loss in enumerate((0.5, 0.25, float("nan"))):
            request = SubmitRun(
                run_id=f"r{n}",
                experiment="e",
                script="fit.py",
                environment="env",
                arguments=("--C", str(n), "--token", "hidden-word"),
                env_vars={"SECRET": "hidden-word"},
                tags={"fold": str(n)},
            )
            runs.insert(db, request, environment="env", version=None, seed=1, at=1000.0 + n)
            metrics.add_points(db, request.run_id, [("loss", 0, 1.0, 1.0), ("loss", 1, 2.0, loss)])
    yield made
    made.close()


def test_a_question_over_several_views_is_answered(workspace: Workspace) -> None:
    found = workspace.queries.ask(
        "WITH best AS (SELECT run_id, min FROM metrics WHERE name = 'loss')"
        " SELECT r.id, p.number, t.value, b.min FROM runs r JOIN best b ON b.run_id = r.id"
        " JOIN params p ON p.run_id = r.id AND p.name = 'C' JOIN tags t ON t.run_id = r.id ORDER BY b.min, r.id"
    )
    assert found.columns == ("id", "number", "value", "min")
    assert found.rows == (("r1", 1, "1", 0.25), ("r0", 0, "0", 0.5), ("r2", 2, "2", 1.0))
    last = workspace.queries.ask("SELECT last, (SELECT count(*) FROM points WHERE is_nan) FROM metrics", limit=3)
    assert last.rows == ((0.5, 1), (0.25, 1), (None, 1))
    assert workspace.queries.ask("SELECT id FROM runs", limit=2).more
    assert workspace.queries.ask("SELECT value FROM json_each('[1, 2]')").rows == ((1,), (2,))


def test_what_is_in_the_trash_says_so_in_every_view_of_things_that_have_one(workspace: Workspace) -> None:
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        for version, at in ((1, 5.0), (2, None)):
            registry.insert_model(db, ModelVersion("m", version, 1.0, deleted_at=at))
            environments.register(db, "e", EnvironmentKind.PIP, f"numpy=={version}", "", 1.0)
        db.run("UPDATE environment SET deleted_at = 5.0 WHERE version = 1")
        db.run("UPDATE run SET deleted_at = 5.0 WHERE id <> 'r0'")
    assert {view for view, names in workspace.queries.views().items() if "deleted_at" in names} == {
        "environments",
        "experiments",
        "models",
        "runs",
    }
    for view in ("models", "environments"):
        found = workspace.queries.ask(f"SELECT version, deleted_at FROM {view} ORDER BY 1")
        assert found.rows == ((1, 5.0), (2, None))
    assert workspace.queries.ask("SELECT id FROM runs WHERE deleted_at IS NULL").rows == (("r0",),)


def test_packed_points_are_rows_with_all_their_digits(workspace: Workspace) -> None:
    values = [0.1, 2.0**0.5 * 1e-300, 3, -7, float("inf"), float("nan"), 1 / 3]
    logged = [
        ("long", None if n < 2048 else n, 1.7e9 + n / 7, values[n % 7] if n != 2050 else "x") for n in range(5000)
    ]
    with Database(workspace.path / "desktop_aml.db", read_only=False) as db, db.transaction():
        metrics.add_points(db, "r1", logged)
    found = workspace.queries.ask(
        "SELECT n, step, at, value, is_nan FROM points WHERE run_id = 'r1' AND name = 'long' ORDER BY n", limit=6000
    )
    assert found.rows == tuple(
        (n, step, at, *((None, 1) if value != value else (value, 0))) for n, (_, step, at, value) in enumerate(logged)
    )
    kinds = workspace.queries.ask("SELECT typeof(value), count(*) FROM points WHERE name = 'long' GROUP BY 1")
    assert dict(kinds.rows) == {"real": 2857, "integer": 1429, "null": 714} | {"integer": 1428, "text": 1}


@pytest.mark.parametrize(
    ("sql", "hint"),
    [
        ("SELECT nme FROM runs", "Did you mean “name”? "),
        ("SELECT r.Durations FROM runs AS r", "Did you mean “duration”? "),
        ("SELECT * FROM rnus", "Did you mean “runs”? "),
        ("SELECT id FROM runs WHERE name = rbf", "A text stands in single quotes: 'rbf'. "),
        ("SELECT zzzzzz FROM runs", "A text stands in single quotes: 'zzzzzz'. "),
        ("SELECT count(* FROM runs", ""),
    ],
)
def test_a_name_that_is_none_is_told_the_nearest(workspace: Workspace, sql: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be answered") as refused:
        workspace.queries.ask(sql)
    assert refused.value.hint == f"{hint}Views and columns: desktop-aml query --views"


def test_every_view_and_column_is_documented_and_answers(workspace: Workspace) -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "query.md").read_text()
    for view, columns in workspace.queries.views().items():
        assert f"| `{view}` |" in page
        line = next(line for line in page.splitlines() if line.startswith(f"| `{view}` |"))
        assert all(f"`{column}`" in line for column in columns), (view, columns)
        assert workspace.queries.ask(f"SELECT * FROM {view}").columns == columns


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM run",
        "UPDATE runs SET name = 'x'",
        "INSERT INTO tags VALUES ('r0', 'k', 'v')",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP VIEW v AS SELECT 1",
        "DROP VIEW runs",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "PRAGMA query_only=OFF",
        "PRAGMA table_info(run)",
        "VACUUM INTO '/tmp/stolen.db'",
        "BEGIN",
        "ANALYZE",
        "REINDEX",
        "SELECT * FROM run",
        "SELECT * FROM main.run_detail",
        "SELECT env_vars FROM run_detail",
        "SELECT (SELECT env_vars FROM run_detail LIMIT 1) FROM runs",
        "WITH runs AS (SELECT * FROM run_detail) SELECT * FROM runs",
        "WITH run AS (SELECT env_vars AS a FROM main.run_detail) SELECT a FROM run",
        "SELECT count(*) FROM main.request",
        "SELECT count(*) FROM sqlite_schema",
        "WITH run_detail AS (SELECT 1), metrics(a) AS (SELECT handle FROM main.run_detail) SELECT a FROM metrics",
        "SELECT a FROM (SELECT env_vars AS a FROM main.run_detail) AS runs",
        "SELECT (WITH tags AS (SELECT nonce FROM main.run_detail) SELECT * FROM tags)",
        "SELECT * FROM runs JOIN main.run_detail AS metrics",
        "SELECT sql FROM sqlite_schema",
        "SELECT * FROM temp.sqlite_schema",
        "SELECT * FROM pragma_database_list",
        "SELECT * FROM pragma_table_info('run')",
        "SELECT load_extension('/tmp/x')",
        "SELECT rowid FROM run_text WHERE run_text MATCH 'abc'",
        "SELECT 1; DELETE FROM run",
        "EXPLAIN SELECT * FROM run_detail",
        "",
        "-- nothing",
        "SELEC 1",
        "SELECT nothing FROM runs",
        "SELECT '\0'",
        "SELECT '" + "x" * 100_001 + "'",
    ],
)
def test_what_is_no_question_over_the_views_is_refused(workspace: Workspace, sql: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        workspace.queries.ask(sql)
    assert "hidden-word" not in str(refused.value)
    assert workspace.runs.count() == 3


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "SELECT count(*) FROM points a, points b, points c, points d, points e, points f, points g, points h, points i",
    ],
)
def test_a_question_without_end_is_ended(workspace: Workspace, sql: str) -> None:
    with pytest.raises(InvalidInput, match=r"longer than 0.1 s"):
        workspace.queries.ask(sql, timeout_s=0.1)


def test_no_value_grows_without_bound(workspace: Workspace) -> None:
    for sql in (
        "SELECT zeroblob(1000000000)",
        "SELECT randomblob(100000000)",
    ):
        with pytest.raises(InvalidInput):
            workspace.queries.ask(sql)


def test_no_answer_grows_without_bound(workspace: Workspace) -> None:
    big = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) SELECT zeroblob(9000000) FROM n"
    with pytest.raises(InvalidInput, match="more than 200 MB"):
        workspace.queries.ask(big)
    assert len(workspace.queries.ask(big, limit=2).rows) == 2


def test_no_secret_of_a_run_is_in_any_view(workspace: Workspace) -> None:
    for view in workspace.queries.views():
        assert "hidden-word" not in repr(workspace.queries.ask(f"SELECT * FROM {view}").rows)


def test_attached_runs_are_asked_beside_our_own(workspace: Workspace, tmp_path: Path) -> None:
    workspace.attachments.attach(mlflow_database(tmp_path / "mlflow.db"))
    found = workspace.queries.ask(
        "SELECT r.id, m.min FROM runs r JOIN metrics m ON m.run_id = r.id WHERE r.target = 'attached' ORDER BY 1"
    )
    assert found.rows == ((f"{RUN}0", 1.0), (f"{RUN}1", 0.0))
    with pytest.raises(InvalidInput):
        workspace.queries.ask("SELECT * FROM attached.run_detail")


def test_the_terminal_prints_tables_json_and_csv(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.path)

    def said(*words: str, code: int = 0) -> str:
        capsys.readouterr()
        assert main(["query", *words]) == code
        return capsys.readouterr().out

    sql = "SELECT run_id, last FROM metrics WHERE run_id <> 'r1' ORDER BY 1"
    assert json.loads(said(sql, "--json")) == [{"run_id": "r0", "last": 0.5}, {"run_id": "r2", "last": None}]
    assert said(sql, "--csv") == "run_id,last\nr0,0.5\nr2,\n"
    assert said(sql).splitlines()[0].split() == ["RUN_ID", "LAST"]
    assert "metrics" in said("--views")
    said("DROP TABLE run", code=InvalidInput.exit_code)
    said(code=2)
