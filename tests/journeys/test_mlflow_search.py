"""Every filter and order that MLflow takes finds the same runs here, in the same order, as in MLflow's own store."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from desktop_aml.domain.filters import finding
from desktop_aml.domain.filters.clauses import InvalidFilter, parsed, parsed_order
from desktop_aml.domain.parameters import Parameter
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.store import documents, metrics, parameters, runs
from desktop_aml.store.database import Database
from desktop_aml.store.run_table import searching
from desktop_aml.store.tracking.search import RunSearch, find
from tests.mlflow_pythons import python_with

SCRIPT = Path(__file__).with_name("mlflow_search.py")
STATES = {"FINISHED": "Completed", "FAILED": "Failed", "KILLED": "Canceled", "RUNNING": "Running"}
RUNS, SEARCHES = 24, 250
ANSWER_S = 170
NUMBERS = [0.0, 1.0, -2.5, 1e-3, 1e300, float("inf"), float("nan"), 0.5]
TEXTS = ["rbf", "RBF", "r_f", "10", "9", "1e1", "", "a b", "50%"]
METRICS, PARAMS, TAGS = ["loss", "val/acc", "a b"], ["kernel", "C", "x.y"], ["team", "mlflow.user", "a-b"]


def some_run(pick: random.Random, number: int) -> dict[str, Any]:
    start = 1_700_000_000_000 + pick.randrange(5) * 1000
    points = [
        (key, pick.choice(NUMBERS), start + 10 * turn, pick.randrange(3))
        for key in METRICS
        if pick.random() < 0.7
        for turn in range(pick.randrange(1, 4))
    ]
    status = pick.choice(list(STATES))
    return {
        "name": pick.choice(["Run a", "run A", "other"]) + str(number % 3),
        "user": pick.choice(["ann", "bob"]),
        "start_time": start,
        "end_time": None if status == "RUNNING" else start + pick.randrange(3) * 1000,
        "status": status,
        "metrics": points,
        "params": {key: pick.choice(TEXTS[:6] + TEXTS[7:]) for key in PARAMS if pick.random() < 0.7},
        "tags": {key: pick.choice(TEXTS) for key in TAGS if key != "mlflow.user" and pick.random() < 0.7},
        "dataset": [pick.choice(["iris", "Wine"]), pick.choice(["train", "test"])] if pick.random() < 0.5 else None,
    }


def key_of(pick: random.Random, prefix: str, name: str) -> str:
    prefix = pick.choice([prefix, prefix.rstrip("s")])
    # Without quotes MLflow takes letters, digits, _ and dots alone; what it refuses is understood here.
    quote = pick.choice(["", "`", '"']) if name.replace(".", "").isalnum() else pick.choice(["`", '"'])
    return f"{prefix}.{quote}{name}{quote}"


def a_clause(pick: random.Random) -> str:
    kind = pick.choice(["metric", "metric", "param", "param", "tag", "text", "time", "dataset"])
    text = pick.choice(["'{}'", '"{}"']).format(pick.choice([*TEXTS, "r%", "%", "_bf", "%B%"]))
    if kind == "metric":
        value = pick.choice(["0", "1", "0.5", "-2.5", "1e-3", "0.001", "1e300"])
        return (
            f"{key_of(pick, 'metrics', pick.choice(METRICS))} {pick.choice(['>', '>=', '<', '<=', '=', '!='])} {value}"
        )
    if kind in {"param", "tag"}:
        key = key_of(pick, f"{kind}s", pick.choice(PARAMS if kind == "param" else ["team", "a-b"]))
        op = pick.choice(["=", "!=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL", "like"])
        return f"{key} {op}" if "NULL" in op else f"{key} {op} {text}"
    if kind == "text":
        key, values = pick.choice(
            [
                ("status", ["FINISHED", "FAILED", "KILLED", "RUNNING", "finished"]),
                ("attributes.run_name", ["Run a0", "run a%", "%A_", "other1"]),
                ("user_id", ["ann", "b%"]),
            ]
        )
        return f"{key} {pick.choice(['=', '!=', 'LIKE', 'ILIKE'])} '{pick.choice(values)}'"
    if kind == "time":
        key = pick.choice(["start_time", "attributes.end_time", "created"])
        op = pick.choice([">", ">=", "<", "<=", "=", "!="])
        return f"{key} {op} {1_700_000_000_000 + pick.randrange(6) * 1000}"
    key, values = pick.choice(
        [("name", ["iris", "wine", "i%"]), ("digest", ["digest-iris"]), ("context", ["train", "t%"])]
    )
    if pick.random() < 0.3:
        return f"datasets.{key} IN ('{values[0]}', 'Wine')"
    return f"dataset.{key} {pick.choice(['=', '!=', 'LIKE', 'ILIKE'])} '{pick.choice(values)}'"


def some_order(pick: random.Random) -> list[str]:
    every = ["start_time", "end_time", "status", "attributes.run_name", "metrics.loss", "metrics.`a b`", "params.C"]
    every += ["tags.team", "params.kernel"]
    return [f"{key}{pick.choice(['', ' ASC', ' DESC', ' desc'])}" for key in pick.sample(every, pick.randrange(3))]


def kept(db: Database, run_id: str, one: dict[str, Any]) -> None:
    request = SubmitRun(
        run_id=run_id, experiment="e", script="s.py", environment="x", display_name=one["name"], target="external"
    )
    runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)
    runs.set_labels(db, run_id, "tag", one["tags"])
    parameters.put(db, run_id, [Parameter(key, text) for key, text in one["params"].items()])
    metrics.add_points(db, run_id, [(key, step, at / 1000, value) for key, value, at, step in one["metrics"]])
    known: dict[tuple[str, str], object] = {
        ("mlflow.run", "start"): {"start_time": one["start_time"], "user_id": one["user"]}
    }
    if one["dataset"]:
        name, context = one["dataset"]
        told = [{"key": "mlflow.data.context", "value": context}]
        known["mlflow.input", name] = {"dataset": {"name": name, "digest": f"digest-{name}"}, "tags": told}
    if one["status"] != "RUNNING":
        known["mlflow.run", "claim"] = {"status": one["status"], "end_time": one["end_time"]}
    documents.put(db, run_id, known)
    db.run("UPDATE run SET state = ? WHERE id = ?", (STATES[one["status"]], run_id))


class Both:
    """The same runs in MLflow's own store, which a process of its own keeps, and in ours."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        pick = random.Random(20261129)
        made = [some_run(pick, number) for number in range(RUNS)]
        ids = self._ask(made)
        with Database(folder / "desktop_aml.db", read_only=False) as opened, opened.transaction():
            for run_id, one in zip(ids, made, strict=True):
                kept(opened, run_id, one)
        self._places = {run_id: number for number, run_id in enumerate(ids)}
        self.db = Database(folder / "desktop_aml.db", read_only=True)
        self.told_apart = 0

    def _ask(self, value: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(value), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def theirs(self, text: str, order: list[str]) -> Any:
        """Return the places of the runs that MLflow finds, in its order, or what it says against the search."""
        found = self._ask([text, order])
        self.told_apart += isinstance(found, list) and 0 < len(found) < RUNS
        return found

    def ours(self, search: RunSearch) -> list[int]:
        """Return the places of the runs that we find, in our order."""
        return [self._places[run_id] for run_id in find(self.db, search, offset=0, limit=100)]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW_", "AZUREML_"))}
    command = [python_with("3", "sqlalchemy", "alembic"), SCRIPT]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**kept, **quiet}, text=True
    ) as process:
        opened = Both(process, tmp_path_factory.mktemp("searched"))
        yield opened
        opened.db.close()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(ANSWER_S) == 0


def some_search(pick: random.Random) -> tuple[str, list[str]]:
    text = pick.choice([" and ", " AND "]).join(a_clause(pick) for _ in range(pick.randrange(4)))
    return text, some_order(pick)


searches = st.randoms(use_true_random=False).map(some_search)
enough = settings(max_examples=SEARCHES, deadline=None, derandomize=True)


def test_what_mlflow_finds_is_found_in_its_order(both: Both) -> None:
    @enough
    @given(searches)
    def holds(asked: tuple[str, list[str]]) -> None:
        text, order = asked
        expected = both.theirs(text, order)
        try:
            found: object = both.ours(RunSearch(parsed(text), [parsed_order(one) for one in order]))
        except InvalidFilter as error:
            found = error.message
        assert found == expected or (isinstance(found, str) and isinstance(expected, str))

    holds()
    assert both.told_apart > SEARCHES // 4


def test_the_search_of_the_terminal_and_the_window_means_the_same(both: Both) -> None:
    @enough
    @given(searches)
    def holds(asked: tuple[str, list[str]]) -> None:
        text, _ = asked
        expected = both.theirs(text, [])
        if isinstance(expected, list):
            for written in (text, f"({text}) or ({text})" if text else text):
                node = finding.read(written, 0.0)
                also = ("1", []) if node is None else searching.condition(both.db, node, 0.0)
                assert sorted(both.ours(RunSearch(also=also))) == sorted(expected), written

    holds()
