"""How long the questions take that pages and commands ask of a large workspace: curves, lists, searches.

    python -m benchmarks.queries [RUNS]

Processor time, the median of several rounds, warm: of curves of 1,000,000 and 10,000,000 points; of RUNS runs (100,000
unless said otherwise) with 8 arguments and 2 metrics each; and of 1,000 runs with 20 arguments and 20 metrics.
"""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import runs_table
from benchmarks.history import note
from desktop_aml.domain.parameters import of_arguments
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunQuery
from desktop_aml.store import metric_columns, metrics, parameters, runs
from desktop_aml.store.database import Database, migrate
from desktop_aml.store.facts import kept
from desktop_aml.store.run_table.view import RunView
from desktop_aml.ui.plots.data import CurveData

_POINTS = 1_000_000
_VERY_MANY = 10_000_000
_BUCKETS = 1000
"""Each gives two points."""

_WIDE = 1_000
_WORDS = "C > 5 and kernel = rbf and best.loss < 0.3"


def timed(label: str, bar_ms: float, act: Callable[[], object], rounds: int = 5) -> float:
    """Print and return the median of the processor time that a call takes, in milliseconds."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        act()
        taken.append((time.process_time() - begun) * 1000)
    note(f"queries: {label.strip()}", [one / 1000 for one in taken], "cpu")
    print(f"{label:58} {statistics.median(taken):8.1f} ms (bar {bar_ms:g})", flush=True)
    return statistics.median(taken)


def of_curve(path: Path, count: int, bar_ms: float) -> float:
    """Ask for one long curve: the points that show how it runs, whose milliseconds are returned, and all of them."""
    migrate(path)
    with Database(path, read_only=False) as db, db.transaction():
        runs.insert(
            db, SubmitRun(run_id="r", experiment="e", script="s.py", environment="v"), environment="v", version=None,
            seed=0, at=1.0,
        )  # fmt: skip
        for first in range(0, count, 50_000):
            points = [("loss", at, 1000.0 + at, 1.0 / (at + 1)) for at in range(first, first + 50_000)]
            metrics.add_points(db, "r", points)
    print(f"bytes a point in the database {path.stat().st_size / count:.1f} (bar 30)", flush=True)
    with Database(path, read_only=True) as db:

        def drawn() -> None:
            columns = metric_columns.read(db, "r", "loss")
            curve = CurveData("loss")
            curve.take(columns)
            curve.outline("step", 0.0, log=False)

        shown = f"a curve of {count:,} points at 2,000 points"
        taken_ms = timed(shown, bar_ms, lambda: metric_columns.outline(db, "r", "loss", _BUCKETS))
        timed("  the same, all of it read and outlined", math.nan, drawn, rounds=3)
    return taken_ms


def of_runs(path: Path, count: int) -> None:
    """Ask for lists of runs."""
    migrate(path)
    runs_table.fill(path, count)
    view = RunView(path)
    for label, query in (
        (f"{count:,} runs, the newest first", RunQuery()),
        (f"{count:,} runs, three conditions and a sort", RunQuery(search=_WORDS, order_by="metric:accuracy")),
        (f"{count:,} runs, the best value of a metric", RunQuery(search="best.loss < 0.3")),
    ):
        timed(label, 100, lambda query=query: view.page(view.apply(query).token, 0, 100))  # type: ignore[misc]
    view.close()


def of_wide_runs(path: Path) -> float:
    """Ask for all of 1,000 runs with 20 arguments and 20 metrics; return the milliseconds."""
    migrate(path)
    names = [f"m{number}" for number in range(20)]
    with Database(path, read_only=False) as db, db.transaction():
        for number in range(_WIDE):
            request = SubmitRun(run_id=f"r{number}", experiment="e", script="s.py", environment="v")
            runs.insert(db, request, environment="v", version=None, seed=number, at=float(number))
            parameters.put(db, request.run_id, of_arguments([f"--p{one}={number}" for one in range(20)]))
            metrics.add_points(
                db, request.run_id, [(name, 0, 1.0, number / 7 + place) for place, name in enumerate(names)]
            )
        # As the engine does where runs have ended.
        kept.keep(db, _WIDE)
    view = RunView(path)
    query = RunQuery()

    def listed() -> None:
        for run in view.page(view.apply(query).token, 0, _WIDE):
            assert run is not None
            assert len(run.parameters) == len(names)
            assert run.metrics["m19"].last is not None

    taken_ms = timed(f"a list of {_WIDE:,} runs with 20 arguments and 20 last metrics", 20, listed)
    view.close()
    return taken_ms


def main(count: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        of_curve(Path(folder) / "curve.db", _POINTS, 20)
        of_curve(Path(folder) / "long.db", _VERY_MANY, 60)
        of_wide_runs(Path(folder) / "wide.db")
        of_runs(Path(folder) / "runs.db", count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
