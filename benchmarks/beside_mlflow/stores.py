"""What a point, a curve and a list cost here and with MLflow's package on a SQLite file of its own, as ratios.

Needs an interpreter with the whole `mlflow` package: ``MLFLOW_PYTHON=PATH python -m benchmarks.beside_mlflow.stores``;
without one it says so and measures nothing. Calls and ingest are told by the clock, as both sync to the disk; curves
and lists by processor time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ingest, log_call, queries
from benchmarks.history import note
from desktop_aml.store.database import Database

POINTS, RUNS = 1_000_000, 1_000
THEIRS = Path(__file__).with_name("theirs.py")
LONGEST_S = 1800


def theirs(python: str, folder: Path) -> dict[str, float]:
    """Return what MLflow needs."""
    told = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
    kept = {name: text for name, text in os.environ.items() if not name.startswith("MLFLOW_")}
    done = subprocess.run(
        [python, THEIRS, folder, str(POINTS), str(RUNS)],
        cwd=folder,
        env={**kept, **told},
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
    )
    if done.returncode:
        sys.exit(done.stderr)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def ours(folder: Path) -> dict[str, float]:
    """Return what it takes here."""
    found = {"call": log_call.median_us(folder / "run-log") / 1e6}
    (folder / "ingest").mkdir()
    with Database(folder / "ingest" / "a.db", read_only=False) as db:
        ingest.prepare(db)
        ingest.map_numbers(folder / "ingest" / "run" / "journal")
        began = time.perf_counter()
        ingest.ingest(db, folder / "ingest" / "run")
        found["points/s"] = ingest.POINTS / (time.perf_counter() - began)
    found["curve"] = queries.of_curve(folder / "curve.db", POINTS, 20) / 1000
    found["bytes"] = (folder / "curve.db").stat().st_size / POINTS
    found["list"] = queries.of_wide_runs(folder / "wide.db") / 1000
    return found


def main() -> None:
    """Measure and print."""
    python = os.environ.get("MLFLOW_PYTHON", "")
    if not python:
        print("Set MLFLOW_PYTHON to an interpreter that has the whole mlflow package; nothing was measured.")
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        own, other = ours(Path(name)), theirs(python, Path(name))
    print(f"MLflow {other['version']} on SQLite, both on the same disk:")
    for name, words, unit, scale, bar in (
        ("call", "run.log, log_metric", "µs", 1e6, "2,500 times"),
        ("points/s", "durable points a second", "", 1.0, "2,000 times"),
        ("bytes", "bytes a point in the database", "", 1.0, "30 to 237"),
        ("curve", f"a curve of {POINTS:,} points at 2,000", "ms", 1000, "20 ms to 4.7 s"),
        ("list", f"{RUNS:,} runs with 20 parameters and 20 metrics", "ms", 1000, "20 ms to 1.8 s"),
    ):
        ratio = own[name] / other[name] if name == "points/s" else other[name] / own[name]
        note(f"beside_mlflow: {words}", [1 / ratio])
        here, there = (f"{one[name] * scale:,.1f}{f' {unit}' if unit else ''}" for one in (own, other))
        print(f"{words}: ours {here}; MLflow {there}, {ratio:,.0f} times (bar {bar})")


if __name__ == "__main__":
    main()
