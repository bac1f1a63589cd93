"""What MLflow's package needs with a SQLite store of its own. Run by an interpreter that has MLflow, with a folder.

For each line of its input, the name of a new folder, it logs points into a new store there and tells the seconds that
each took; when there are no more, what a curve of a million points takes, as its pages sample it, and a list of 1,000
runs. The curve and the runs are put into its tables by SQL, as its own calls would take an hour; they are asked for by
its own calls. A line of JSON each, after `=`.
"""

import json
import logging
import sqlite3
import statistics
import sys
import time
import warnings
from pathlib import Path

warnings.simplefilter("ignore")

import mlflow  # noqa: E402

FOLDER, POINTS, RUNS, CALLS = Path(sys.argv[1]), *map(int, sys.argv[2:5])
SHOWN = 2000


def tell(found):
    print("=" + json.dumps(found), flush=True)


def logged(folder):
    """Return the seconds that each call of `log_metric` takes in a new store."""
    folder.mkdir()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    taken = []
    with mlflow.start_run():
        # What it loads at its first call is not counted.
        mlflow.log_metric("warm", 0.0)
        for number in range(CALLS):
            began = time.perf_counter()
            mlflow.log_metric(f"c{number % 4}", number / 7)
            taken.append(time.perf_counter() - began)
    return taken


def wide_run():
    """Return a run with 20 parameters and 20 metrics."""
    with mlflow.start_run() as run:
        mlflow.log_params({f"p{number}": number for number in range(20)})
        mlflow.log_metrics({f"m{number}": number / 7 for number in range(20)})
    return run.info.run_id


def fill(file, run_id):
    """Put in a long curve, and so many runs as the first with what it has; return the bytes that a point takes."""
    before = file.stat().st_size
    with sqlite3.connect(file) as base:
        rows = ((("long", 1.0 / (n + 1), 1000 + n, run_id, n, 0)) for n in range(POINTS))
        base.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
    base.close()
    point_bytes = (file.stat().st_size - before) / POINTS
    experiment = mlflow.create_experiment("wide")
    with sqlite3.connect(file) as base:
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


def asked():
    """Return what a point takes of the disk, and what a curve and a list take."""
    file = FOLDER / "mlflow.db"
    mlflow.set_tracking_uri(f"sqlite:///{file}")
    run_id = wide_run()
    point_bytes, experiment = fill(file, run_id)
    client = mlflow.MlflowClient()
    store = client._tracking_client.store  # noqa: SLF001 - what its server asks

    def sampled():
        found = store.get_metric_history_bulk_interval([run_id], "long", SHOWN, None, None)
        assert SHOWN - 2 <= len(found) <= SHOWN + 2, len(found)

    def listed():
        found = client.search_runs([experiment], max_results=RUNS)
        assert len(found) == RUNS
        assert len(found[0].data.params) == len(found[0].data.metrics) == 20

    return {"bytes": point_bytes, "curve": of_processor(sampled, 3), "list": of_processor(listed, 3)}


def main():
    """Do it."""
    logging.disable(logging.INFO)
    for line in sys.stdin:
        tell(logged(Path(line.strip())))
    tell({**asked(), "version": mlflow.__version__})


main()
