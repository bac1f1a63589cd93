"""Every filter and order that MLflow takes finds the same runs here, in the same order, as in MLflow's own store."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def asked() -> dict[str, Any]:
    pick = random.Random(20261129)
    made = [some_run(pick, number) for number in range(RUNS)]
    searches: list[tuple[str, list[str]]] = [
        (pick.choice([" and ", " AND "]).join(a_clause(pick) for _ in range(pick.randrange(4))), some_order(pick))
        for _ in range(SEARCHES)
    ]
    return {"runs": made, "searches": searches}


@pytest.fixture(scope="module")
def theirs(asked: dict[str, Any]) -> dict[str, Any]:
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("MLFLOW_", "AZUREML_"))}
    done = subprocess.run(
        [python_with("3", "sqlalchemy", "alembic"), SCRIPT],
        input=json.dumps(asked),
        env={**kept, **quiet},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.fixture
def db(tmp_path: Path, asked: dict[str, Any], theirs: dict[str, Any]) -> Database:
    with Database(tmp_path / "desktop_aml.db", read_only=False) as opened, opened.transaction():
        for run_id, one in zip(theirs["ids"], asked["runs"], strict=True):
            kept(opened, run_id, one)
    return Database(tmp_path / "desktop_aml.db", read_only=True)


def test_what_mlflow_finds_is_found_in_its_order(db: Database, asked: dict[str, Any], theirs: dict[str, Any]) -> None:
    places = {run_id: number for number, run_id in enumerate(theirs["ids"])}
    wrong = []
    for (text, order), expected in zip(asked["searches"], theirs["found"], strict=True):
        try:
            search = RunSearch(parsed(text), [parsed_order(one) for one in order])
            found: object = [places[run_id] for run_id in find(db, search, offset=0, limit=100)]
        except InvalidFilter as error:
            found = error.message
        if found != expected and not (isinstance(found, str) and isinstance(expected, str)):
            wrong.append((text, order, expected, found))
    assert wrong == []
    assert sum(isinstance(one, list) and 0 < len(one) < RUNS for one in theirs["found"]) > SEARCHES // 4


def test_the_search_of_the_terminal_and_the_window_means_the_same(
    db: Database, asked: dict[str, Any], theirs: dict[str, Any]
) -> None:
    places = {run_id: number for number, run_id in enumerate(theirs["ids"])}
    for (text, _), expected in zip(asked["searches"], theirs["found"], strict=True):
        if isinstance(expected, list):
            for written in (text, f"({text}) or ({text})" if text else text):
                node = finding.read(written, 0.0)
                also = ("1", []) if node is None else searching.condition(db, node, 0.0)
                found = find(db, RunSearch(also=also), offset=0, limit=100)
                assert sorted(places[run_id] for run_id in found) == sorted(expected), written
