"""Makes runs in MLflow's own store, in a database of its own, and searches them.

Run by the interpreter of an environment with MLflow and what its store needs. The first line of the standard input is
the runs, each further one a search, all as JSON; each is answered by a line: the ids, and what came of the search.
"""

import json
import sys
import tempfile
from pathlib import Path

from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    Metric,
    Param,
    RunStatus,
    RunTag,
    ViewType,
)
from mlflow.exceptions import MlflowException
from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore


def made(store, experiment, number, one):
    """Make a run and return its id."""
    run = store.create_run(experiment, one["user"], one["start_time"], [], one["name"])
    run_id = run.info.run_id
    metrics = [Metric(key, float(value), at, step) for key, value, at, step in one["metrics"]]
    params = [Param(key, text) for key, text in one["params"].items()]
    store.log_batch(run_id, metrics, params, [RunTag(key, text) for key, text in one["tags"].items()])
    if one["dataset"]:
        name, context = one["dataset"]
        dataset = Dataset(name, "digest-" + name, "local", "source")
        store.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", context)])])
    if one["status"] != "RUNNING":
        store.update_run_info(run_id, RunStatus.from_string(one["status"]), one["end_time"], None)
    return run_id


def searched(store, experiment, places, text, order):
    """Return the places of the runs that are found, or what MLflow says against it."""
    try:
        found = store.search_runs([experiment], text, ViewType.ACTIVE_ONLY, 100, order, None)
    except MlflowException as error:
        return str(error)
    return [places[run.info.run_id] for run in found]


def answer(value):
    """Print a line of JSON."""
    print(json.dumps(value), flush=True)


def main():
    """Do it."""
    runs = json.loads(sys.stdin.readline())
    with tempfile.TemporaryDirectory() as folder:
        store = SqlAlchemyStore("sqlite:///" + str(Path(folder) / "mlflow.db"), str(Path(folder) / "artifacts"))
        experiment = store.create_experiment("searched")
        ids = [made(store, experiment, number, one) for number, one in enumerate(runs)]
        places = {run_id: number for number, run_id in enumerate(ids)}
        answer(ids)
        for line in sys.stdin:
            answer(searched(store, experiment, places, *json.loads(line)))


main()
