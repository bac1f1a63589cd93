"""What MLflow's package needs with a SQLite store of its own; prints it as JSON. Run by an interpreter that has MLflow.

A point, a curve of a million points as its pages sample it, and a list of 1,000 runs. The curve and the runs are put
into its tables by SQL, as its own calls would take an hour; they are asked for by its own calls.
"""

import json
import sqlite3
import statistics
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import mlflow  # noqa: E402

FOLDER, POINTS, RUNS = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
CALLS, SHOWN = 200, 2000
FILE = FOLDER / "mlflow.db"


def logged():
    """Return the seconds that each call of `log_metric` takes, and the run."""
    taken = []
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{number}": number for number in range(20)})
        mlflow.log_metrics({f"m{number}": number / 7 for number in range(20)})
        mlflow.log_metric("warm", 0.0)
        for step in range(CALLS):
            began = time.perf_counter()
            mlflow.log_metric("loss", step / 7, step=step)
            taken.append(time.perf_counter() - began)
    return taken, run.info.run_id


def fill(run_id):
    """Put in a long curve, and so many runs as the first with what it has; return the bytes that a point takes."""
    before = FILE.stat().st_size
    with sqlite3.connect(FILE) as base:
        rows = ((("long", 1.0 / (n + 1), 1000 + n, run_id, n, 0)) for n in range(POINTS))
        base.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    base.close()
    point_bytes = (FILE.stat().st_size - before) / POINTS
    experiment = mlflow.create_experiment("wide")
    with sqlite3.connect(FILE) as base:
        for table, kept in (
            ("runs", ""),
            ("params", ""),
            ("tags", ""),
            ("latest_metrics", "AND key LIKE 'm%'"),
            ("metrics", "AND key LIKE 'm%'"),
        ):
            names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
            asked = ", ".join(
                "? AS run_uuid" if name == "run_uuid" else "? AS e" if name == "experiment_id" else name
                for name in names
            )
            for number in range(RUNS):
                own = {"run_uuid": f"{number:032x}", "experiment_id": experiment}
                given = [own[name] for name in names if name in own]
                base.execute(
                    f"INSERT INTO {table} ({', '.join(names)}) SELECT {asked} FROM {table} WHERE run_uuid = ? {kept}",
                    [*given, run_id],
                )
    base.close()
    return point_bytes, experiment


def of_processor(act, rounds):
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main():
    """Do it."""
    mlflow.set_tracking_uri(f"sqlite:///{FILE}")
    taken, run_id = logged()
    point_bytes, experiment = fill(run_id)
    client = mlflow.MlflowClient()
    store = client._tracking_client.store  # noqa: SLF001 - what its server asks

    def sampled():
        found = store.get_metric_history_bulk_interval([run_id], "long", SHOWN, None, None)
        assert SHOWN - 2 <= len(found) <= SHOWN + 2, len(found)

    def listed():
        found = client.search_runs([experiment], max_results=RUNS)
        assert len(found) == RUNS
        assert len(found[0].data.params) == len(found[0].data.metrics) == 20

    told = {
        "call": statistics.median(taken),
        "points/s": CALLS / sum(taken),
        "bytes": point_bytes,
        "curve": of_processor(sampled, 3),
        "list": of_processor(listed, 3),
        "version": mlflow.__version__,
    }
    print(json.dumps(told))


main()
