"""What a point, a curve and a list cost here and with MLflow's package on a SQLite file of its own, as ratios.

Needs an interpreter with the whole `mlflow` package: ``MLFLOW_PYTHON=PATH python -m benchmarks.beside_mlflow.stores``;
without one it says so and measures nothing. Curves and lists are told by processor time. Calls and points are told by
the clock, as both sync to the disk, in rounds that take turns, each in a new store; the ratio is that of the medians:

- a call: the median of 20,000 of ``run.log``; of 200 of ``mlflow.log_metric``.
- durable points a second: ours from the first look of the engine's reader at a script's journal until the last of its
  200,000 points is committed and synced, all checks on; MLflow's the time of all 200 calls of ``log_metric``, each of
  which has its point committed and synced when it returns. The points are the same: four curves in turn.
- from the call on: the same with the time that the script needed for its 200,000 calls added to ours, as if reading
  began only when the script had ended. No bar stands for it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import ingest, log_call, queries
from benchmarks.history import note
from desktop_aml.store.database import Database

POINTS, RUNS, CALLS, ROUNDS = 1_000_000, 1_000, 200, 9
THEIRS = Path(__file__).with_name("theirs.py")


class Theirs:
    """MLflow's package in its own interpreter."""

    def __init__(self, python: str, folder: Path) -> None:
        told = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "GIT_PYTHON_REFRESH": "quiet"}
        kept = {name: text for name, text in os.environ.items() if not name.startswith("MLFLOW_")}
        self._errors = folder / "errors.txt"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [python, THEIRS, folder, *map(str, (POINTS, RUNS, CALLS))],
                cwd=folder,
                env={**kept, **told},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def logged(self, folder: Path) -> list[float]:
        """Return the seconds that each logged point took in a new store."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{folder}\n")
        self._process.stdin.flush()
        found: list[float] = self._answer()
        return found

    def asked(self) -> dict[str, Any]:
        """Return what the rest took, and let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        found: dict[str, Any] = self._answer()
        self._process.wait()
        return found

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("="):
                return json.loads(line[1:])
        sys.exit(self._errors.read_text())


def taken_in(folder: Path) -> tuple[float, float]:
    """Return the seconds in which a script logs `ingest.POINTS` points, and those in which they become durable."""
    folder.mkdir()
    with Database(folder / "a.db", read_only=False) as db:
        ingest.prepare(db)
        began = time.perf_counter()
        ingest.map_numbers(folder / "run" / "journal")
        logged = time.perf_counter()
        ingest.ingest(db, folder / "run")
        return logged - began, time.perf_counter() - logged


def in_turn(theirs: Theirs, folder: Path) -> dict[str, tuple[list[float], list[float]]]:
    """Return the seconds of a call and of a point in each round, ours and theirs."""
    run = log_call.run_in(folder / "run-log")
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ("call", "point", "whole")}
    for number in range(ROUNDS):
        call = statistics.median(log_call.measure(lambda step: run.log("loss", 1 / (step + 1), step=step))) / 1e6
        script, stored = taken_in(folder / f"ours-{number}")
        their_calls = theirs.logged(folder / f"theirs-{number}")
        their_point = sum(their_calls) / CALLS
        for name, own, other in (
            ("call", call, statistics.median(their_calls)),
            ("point", stored / ingest.POINTS, their_point),
            ("whole", (script + stored) / ingest.POINTS, their_point),
        ):
            found[name][0].append(own)
            found[name][1].append(other)
    return found


def asked(folder: Path) -> dict[str, float]:
    """Return what a point takes of the disk here, and the seconds of a curve and a list."""
    curve = queries.of_curve(folder / "curve.db", POINTS, 20) / 1000
    stored = (folder / "curve.db").stat().st_size / POINTS
    return {"bytes": stored, "curve": curve, "list": queries.of_wide_runs(folder / "wide.db") / 1000}


def main() -> None:
    """Measure and print."""
    python = os.environ.get("MLFLOW_PYTHON", "")
    if not python:
        print("Set MLFLOW_PYTHON to an interpreter that has the whole mlflow package; nothing was measured.")
        return
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        theirs = Theirs(python, Path(name))
        rounds = in_turn(theirs, Path(name))
        other, own = theirs.asked(), asked(Path(name))
    print(f"MLflow {other['version']} on SQLite, both on the same disk:")
    for name, words, bar in (
        ("call", "run.log, log_metric", " (bar 2,500 times)"),
        ("point", "durable points a second", " (bar 2,000 times)"),
        ("whole", "from the call on", ""),
    ):
        here, there = map(statistics.median, rounds[name])
        each = [one / two for one, two in zip(*rounds[name], strict=True)]
        note(f"beside_mlflow: {words}", each)
        figures = (f"{here * 1e6:,.1f} µs", f"{there * 1e6:,.1f} µs")
        if name != "call":
            figures = (f"{1 / here:,.0f}", f"{1 / there:,.0f}")
        print(f"{words}: ours {figures[0]}; MLflow {figures[1]}, {there / here:,.0f} times{bar};", end=" ")
        print(f"of {ROUNDS} rounds {1 / max(each):,.0f} to {1 / min(each):,.0f}")
    for name, words, unit, scale, bar in (
        ("bytes", "bytes a point in the database", "", 1.0, "30 to 237"),
        ("curve", f"a curve of {POINTS:,} points at 2,000", " ms", 1000, "20 ms to 4.7 s"),
        ("list", f"{RUNS:,} runs with 20 parameters and 20 metrics", " ms", 1000, "20 ms to 1.8 s"),
    ):
        ratio = other[name] / own[name]
        note(f"beside_mlflow: {words}", [1 / ratio])
        here, there = own[name] * scale, other[name] * scale
        print(f"{words}: ours {here:,.1f}{unit}; MLflow {there:,.1f}{unit}, {ratio:,.0f} times (bar {bar})")


if __name__ == "__main__":
    main()
