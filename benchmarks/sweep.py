"""A sweep of very many trials: choosing the next one, and reading what there is. A fake executor: no script runs.

Run: .venv/bin/python -m benchmarks.sweep [TRIALS]
Printed is processor time. The bounds: the next trial within 5 ms at random, within 30 ms by earlier trials (TPE) at
1,000 of them and within 60 ms at 5,000, end to end.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from benchmarks.scale import Played
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.space import Search, proposals, space_of
from desktop_aml.engine.sweeps.known_trials import KnownTrials
from desktop_aml.engine.sweeps.open_sweep import OpenSweep
from desktop_aml.engine.sweeps.tpe import OptunaProcess
from desktop_aml.run_folder import snapshot
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table
from desktop_aml.workspace import Workspace

SPACE = space_of({"lr": parse("loguniform(0.0001, 1)"), "units": parse("integers(8, 512)"), "kind": parse("a, b, c")})
SWEEP = "many"


def took(what: str, act: Callable[[], object], times: int = 1) -> None:
    """Print what an act takes, each of many times."""
    began, at = time.process_time(), time.perf_counter()
    for _ in range(times):
        act()
    cpu, wall = (1000 * seconds / times for seconds in (time.process_time() - began, time.perf_counter() - at))
    print(f"{what:52} {cpu:10.2f} ms (by the clock {wall:.2f})", flush=True)


def peak() -> str:
    """Return the greatest memory of this process so far."""
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"


def fill(played: Played, count: int) -> None:
    """Begin a sweep that waits, and write `count` trials that are over straight into its tables."""
    asked = played.engine.ask(_sweep(played, count))
    while not asked.done():
        played.engine.tick()
    asked.result()
    # From here on the engine has no turn: what it would make of these trials is measured by itself.
    drawn = proposals(Search.RANDOM, SPACE, 1)
    with Database(played.folder.database, read_only=False) as db, db.transaction():
        db.run(
            "WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < ? - 1)"
            " INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at,"
            " started_at, ended_at, parent) SELECT ? || '_' || i, i + 2, 'scale', 'trial-' || i, 'Completed',"
            " 'script.py', 'local', 'e', i, i, i + 1, ? FROM c",
            (count, SWEEP, SWEEP),
        )
        for number in range(count):
            table.add_trial(db, SWEEP, number, f"{SWEEP}_{number}", next(drawn))
        db.run(
            "INSERT INTO metric (run_id, name, kind, count, first_kind, first, last_kind, last, least_kind, least,"
            " greatest_kind, greatest) SELECT run_id, 'acc', 'scalar', 1, 'n', number % 997, 'n', number % 997, 'n',"
            " number % 997, 'n', number % 997 FROM trial WHERE sweep_id = ?",
            (SWEEP,),
        )
        db.run("DELETE FROM outbox")


def _sweep(played: Played, count: int) -> SubmitRun:
    snapshot.take(played.source, played.folder.run(SWEEP), played.folder.blobs, workspace=played.folder.root)
    return SubmitRun(
        run_id=SWEEP,
        experiment="scale",
        script="script.py",
        source_directory=str(played.source),
        environment="this-python",
        sweep=SweepSpec(SPACE, "acc", Goal.MAXIMIZE, count + 1000, concurrent=1, search=Search.RANDOM, seed=1),
    )


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="benchmark-", ignore_cleanup_errors=True) as place:
        os.environ["DESKTOP_AML_HOME"] = f"{place}/user"
        played = Played(Path(place), 10)
        fill(played, count)
        print(f"{count:,} trials that are over; memory {peak()}")
        with Database(played.folder.database, read_only=True) as db:
            one = OpenSweep.load(db, SWEEP)
            took("taken up by an engine", lambda: OpenSweep.load(db, SWEEP))
            took("its first next trial (random)", lambda: one.next_values(db))

            def another() -> None:
                one.began("", one.stored)
                one.trials.clear()
                one.next_values(db)

            took("each next trial (random)", another, 200)
            known = KnownTrials()
            took("all trials read for a proposal (TPE)", lambda: known.read(db, SWEEP, one.stored.spec))
            took("what became of them since (TPE)", lambda: known.read(db, SWEEP, one.stored.spec), 5)
        print(f"memory of the engine {peak()}")
        with Workspace.open(Path(place) / "workspace") as space:
            took("its best, in a command or a window", lambda: space.sweeps.best(SWEEP))
            took("all of it, in a command or a window", lambda: space.sweeps.get(SWEEP))
            took("the list of sweeps", space.sweeps.lines)
        print(f"memory of the reader {peak()}")
        played.close()
    for known in (1000, 5000):
        tpe(known)


def tpe(known: int) -> None:
    """Print what the next trial takes by `known` earlier ones."""
    spec = SweepSpec(SPACE, "acc", Goal.MAXIMIZE, known + 10, search=Search.TPE, seed=1)
    drawn = proposals(Search.RANDOM, SPACE, 1)
    trials = tuple(Trial(n, f"r_{n}", next(drawn), n % 97 / 97, 1, RunState.COMPLETED) for n in range(known))
    sweep = Sweep(
        SWEEP, spec, Wanted.RUNNING, RunState.RUNNING, display_name="", experiment="e", script="t.py", created_at=0.0,
        started_at=0.0, ended_at=None, trials=trials,
    )  # fmt: skip
    optuna, sweeps = OptunaProcess(), [sweep]

    def another() -> None:
        number, values = len(sweeps[-1].trials), optuna.propose(sweeps[-1])
        ended = Trial(number, f"r_{number}", values, number % 97 / 97, 1, RunState.COMPLETED)
        sweeps.append(replace(sweeps[-1], trials=(*sweeps[-1].trials, ended)))

    another()
    process = psutil.Process().children()[-1]
    before = process.cpu_times().user
    took(f"next trial by {known:,} earlier ones (TPE), the engine's part", another, 20)
    print(f"{'':52} {50 * (process.cpu_times().user - before):10.2f} ms of the process with Optuna", flush=True)
    optuna.close()


if __name__ == "__main__":
    main()
