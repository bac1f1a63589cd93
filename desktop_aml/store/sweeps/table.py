"""Sweeps in the database: what they are to do, and the runs that are their trials.

What a trial came to is not kept twice: it is read from its run and from what that logged.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import msgspec

from desktop_aml.domain.errors import NotFound
from desktop_aml.domain.metrics import number_of
from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.records import Sweep, SweepLine, SweepSpec, Trial, Wanted, total_of
from desktop_aml.domain.sweeps.space import Values
from desktop_aml.domain.sweeps.stopping import Verdict
from desktop_aml.domain.values import dataclass
from desktop_aml.store.database import Database
from desktop_aml.store.points import table as points
from desktop_aml.store.record import readable
from desktop_aml.store.summaries.scalars import sortable


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSweep:
    """What the engine goes by.

    Parameters
    ----------
    template : SubmitRun
        What every trial is, but for its id and what varies.
    space_from : int
        The first trial that was drawn from the present space: an earlier space is not counted on in a wider one.
    exhausted : bool
        Whether the space holds nothing more to try.
    paused_at, paused_s : float or None, float
        Since when it is paused, and how long it was before, or had ended.
    planned : tuple of Values
        Trials that were asked for by their values, and are to come.
    as_planned : tuple of int
        Which of the trials that were made had been asked for so: they take no place of those that are drawn, and no
        rule stops them, as a value that is cut short says nothing about chance.
    """

    run_id: str
    spec: SweepSpec
    template: SubmitRun
    wanted: Wanted = Wanted.RUNNING
    space_from: int = 0
    exhausted: bool = False
    remark: str = ""
    paused_at: float | None = None
    paused_s: float = 0.0
    planned: tuple[Values, ...] = ()
    as_planned: tuple[int, ...] = ()

    def seconds_left(self, started_at: float | None, now: float) -> float:
        """Return how long trials may still run; without a limit for ever."""
        if self.spec.time_limit_s is None or started_at is None:
            return math.inf
        return started_at + self.paused_s + self.spec.time_limit_s - (self.paused_at or now)


def save(db: Database, sweep: StoredSweep) -> None:
    """Store a sweep, new or changed. Call inside a transaction, after its run."""
    body = db.portable.kept(asdict(sweep))
    db.run(
        "INSERT INTO sweep (run_id, body) VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET body = excluded.body",
        (sweep.run_id, json.dumps(body)),
    )


@readable.record("sweep")
def get(db: Database, run_id: str) -> StoredSweep:
    """Return a sweep.

    Raises
    ------
    NotFound
        When the run is none.
    """
    row = db.one("SELECT body FROM sweep WHERE run_id = ?", (run_id,))
    if row is None:
        raise NotFound(f"The run “{run_id}” is no sweep.", "List sweeps with: desktop-aml sweep list")
    return msgspec.convert(db.portable.here(json.loads(row["body"])), StoredSweep)


def exists(db: Database, run_id: str) -> bool:
    """Whether a run is a sweep."""
    return db.one("SELECT 1 FROM sweep WHERE run_id = ?", (run_id,)) is not None


def ids(db: Database, *, active: bool = False) -> list[str]:
    """Return the runs that are sweeps, newest first; only those that have not ended where `active`."""
    over = [state for state in RunState if state.is_terminal()] if active else []
    marks = ", ".join("?" * len(over))
    sql = f"SELECT run_id FROM sweep JOIN run ON id = run_id WHERE state NOT IN ({marks}) ORDER BY n DESC"  # noqa: S608
    return [row["run_id"] for row in db.all(sql, tuple(over))]


def add_trial(db: Database, sweep_id: str, number: int, run_id: str, values: Values) -> None:
    """Store a trial. Call in the transaction that queues its run."""
    db.run(
        "INSERT INTO trial (sweep_id, number, run_id, given) VALUES (?, ?, ?, ?)",
        (sweep_id, number, run_id, json.dumps(values)),
    )


def count(db: Database, sweep_id: str) -> int:
    """Return how many trials were decided on."""
    row = db.one("SELECT count(*) AS n FROM trial WHERE sweep_id = ?", (sweep_id,))
    return int(row["n"]) if row else 0


def sweep_of(db: Database, run_id: str) -> tuple[str, int] | None:
    """Return the sweep that a run is a trial of, and the trial's number."""
    row = db.one("SELECT sweep_id, number FROM trial WHERE run_id = ?", (run_id,))
    return (row["sweep_id"], row["number"]) if row else None


def values(db: Database, sweep_id: str) -> list[Values]:
    """Return what each trial was given, in order."""
    rows = db.all("SELECT given FROM trial WHERE sweep_id = ? ORDER BY number", (sweep_id,))
    return [_values(row["given"]) for row in rows]


def stop(db: Database, sweep_id: str, number: int, verdict: Verdict) -> None:
    """Store why a trial is stopped. Call in the transaction that asks for the end of its run."""
    db.run(
        "UPDATE trial SET stopped = ? WHERE sweep_id = ? AND number = ? AND stopped = ''",
        (json.dumps(asdict(verdict)), sweep_id, number),
    )


def set_judged(db: Database, sweep_id: str, number: int, reports: int) -> None:
    """Store up to which report the stopping rule has looked at a trial."""
    db.run("UPDATE trial SET judged = ? WHERE sweep_id = ? AND number = ?", (reports, sweep_id, number))


def open_trials(db: Database, sweep_id: str) -> list[tuple[int, str, int | None]]:
    """Return number, run and judged reports of trials that have not ended; None for those that are being stopped."""
    there = [state for state in RunState if not state.is_terminal()]
    # From the runs that have not ended, by their index, to their trials: those that have are very many.
    rows = db.all(
        "SELECT trial.number, run_id, judged, stopped FROM run CROSS JOIN trial ON run_id = id"  # noqa: S608
        f" WHERE state IN ({', '.join('?' * len(there))}) AND sweep_id = ? ORDER BY trial.number",
        (*there, sweep_id),
    )
    return [(row["number"], row["run_id"], None if row["stopped"] else row["judged"]) for row in rows]


def best_value(db: Database, sweep_id: str, spec: SweepSpec) -> float | None:
    """Return the best value of all trials, without reading them."""
    pick, which = ("greatest", "max") if spec.goal is Goal.MAXIMIZE else ("least", "min")
    row = db.one(
        f"SELECT {which}({sortable(pick)}) AS best FROM trial JOIN metric ON metric.run_id = trial.run_id"  # noqa: S608
        " AND name = ? AND metric.kind = 'scalar' WHERE sweep_id = ?",
        (spec.metric, sweep_id),
    )
    return None if row is None or row["best"] is None else float(row["best"])


def best_trial(db: Database, sweep_id: str, spec: SweepSpec) -> int | None:
    """Return the number of the trial with the best value, of equal ones the first, without making a value of each."""
    pick, direction = ("greatest", "DESC") if spec.goal is Goal.MAXIMIZE else ("least", "ASC")
    row = db.one(
        f"SELECT trial.number, {sortable(pick)} AS best FROM trial JOIN metric ON metric.run_id = trial.run_id"  # noqa: S608
        f" AND name = ? AND metric.kind = 'scalar' WHERE sweep_id = ? AND {pick} IS NOT NULL"
        f" ORDER BY best {direction}, trial.number LIMIT 1",
        (spec.metric, sweep_id),
    )
    return None if row is None else int(row["number"])


@readable.record("sweep")
def read_line(db: Database, run_id: str) -> SweepLine:
    """Return what a list says of a sweep, without reading its trials.

    Raises
    ------
    NotFound
        When the run is none.
    """
    stored = get(db, run_id)
    row = db.one("SELECT state, display_name, created_at FROM run WHERE id = ?", (run_id,))
    assert row is not None  # the table of sweeps refers to it
    state, made = RunState(row["state"]), count(db, run_id)
    best = best_trial(db, run_id, stored.spec)
    return SweepLine(
        run_id=run_id,
        display_name=row["display_name"],
        state=state,
        wanted=stored.wanted,
        over=made - len(open_trials(db, run_id)),
        total=total_of(stored.spec, state, made, len(stored.planned), exhausted=stored.exhausted),
        metric=stored.spec.metric,
        best=None if best is None else trial(db, run_id, stored.spec, best)[0].best,
        created_at=row["created_at"],
    )


def curves(
    db: Database, sweep_id: str, metric: str, numbers: Sequence[int] | None = None
) -> dict[int, list[tuple[int, float]]]:
    """Return what each trial, or each of `numbers`, reported of a metric: place and value of each number."""
    rows = db.all(
        "SELECT number, metric.id FROM trial JOIN metric ON metric.run_id = trial.run_id"
        " AND name = ? AND metric.kind = 'scalar' WHERE sweep_id = ?"
        " AND (? IS NULL OR number IN (SELECT value FROM json_each(?))) ORDER BY number",
        (metric, sweep_id, *[None if numbers is None else json.dumps(list(numbers))] * 2),
    )
    found: dict[int, list[tuple[int, float]]] = {}
    with db.reading():
        for number, metric_id in rows:
            reported = [
                (n, number_of(value))
                for n, _, _, value in points.read(db, metric_id)
                if isinstance(value, (bool, int, float))
            ]
            if reported:
                found[number] = reported
    return found


@readable.record("sweep")
def read(db: Database, run_id: str) -> Sweep:
    """Return everything about a sweep.

    Raises
    ------
    NotFound
        When the run is none.
    """
    stored = get(db, run_id)
    row = db.one(
        "SELECT state, display_name, experiment, script, created_at, started_at, ended_at FROM run WHERE id = ?",
        (run_id,),
    )
    assert row is not None  # the table of sweeps refers to it
    return Sweep(
        run_id=run_id,
        spec=stored.spec,
        wanted=stored.wanted,
        state=RunState(row["state"]),
        display_name=row["display_name"],
        experiment=row["experiment"],
        script=stored.template.script,
        created_at=row["created_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        trials=tuple(_trials(db, run_id, stored.spec)),
        remark=stored.remark,
        metrics=_logged(db, run_id),
        exhausted=stored.exhausted,
        planned=len(stored.planned),
        paused_s=stored.paused_s,
    )


def trial(db: Database, sweep_id: str, spec: SweepSpec, number: int) -> tuple[Trial, tuple[str, ...]]:
    """Return one trial, and the names of all metrics that it logged."""
    found = next(_trials(db, sweep_id, spec, number))
    rows = db.all("SELECT DISTINCT name FROM metric WHERE run_id = ? ORDER BY name", (found.run_id,))
    return found, tuple(row["name"] for row in rows)


def outcomes(db: Database, sweep_id: str, spec: SweepSpec) -> Iterator[tuple[str, str | None, float | None]]:
    """Yield the run of each trial, its state (None for one that was deleted) and its best value, by number."""
    # Only what changes: of thousands of trials all the rest takes five times as long.
    pick = "greatest" if spec.goal is Goal.MAXIMIZE else "least"
    sql = (
        f"SELECT run_id, state, (SELECT {sortable(pick)} FROM metric WHERE metric.run_id = trial.run_id"  # noqa: S608
        " AND name = ? AND metric.kind = 'scalar') FROM trial LEFT JOIN run ON id = run_id WHERE sweep_id = ?"
        " ORDER BY trial.number"
    )
    yield from db.tuples(sql, (spec.metric, sweep_id))


def given(db: Database, sweep_id: str, first: int) -> list[Values]:
    """Return what the trials were given, from number `first` on."""
    sql = "SELECT given FROM trial WHERE sweep_id = ? AND number >= ? ORDER BY number"
    return [_values(text) for (text,) in db.tuples(sql, (sweep_id, first))]


def _trials(db: Database, sweep_id: str, spec: SweepSpec, number: int | None = None) -> Iterator[Trial]:
    pick = "greatest" if spec.goal is Goal.MAXIMIZE else "least"
    sql = (
        "SELECT trial.number, run_id, given, stopped, state, display_name, started_at, ended_at, error,"  # noqa: S608
        f" (SELECT {sortable(pick)} FROM metric WHERE metric.run_id = trial.run_id"
        " AND name = ? AND metric.kind = 'scalar') AS best,"
        " (SELECT count FROM metric WHERE metric.run_id = trial.run_id AND name = ? AND kind = 'scalar') AS reports"
        " FROM trial LEFT JOIN run ON id = run_id WHERE sweep_id = ? AND trial.number = coalesce(?, trial.number)"
        " ORDER BY trial.number"
    )
    for row in db.all(sql, (spec.metric, spec.metric, sweep_id, number)):
        yield Trial(
            number=row["number"],
            run_id=row["run_id"],
            values=_values(row["given"]),
            best=None if row["best"] is None else float(row["best"]),
            reports=row["reports"] or 0,
            state=RunState(row["state"]) if row["state"] else None,
            stopped=_verdict(row),
            display_name=row["display_name"] or "",
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            error=row["error"] or "",
        )


def _verdict(row: sqlite3.Row) -> Verdict | None:
    return msgspec.convert(json.loads(row["stopped"]), Verdict) if row["stopped"] else None


def _logged(db: Database, sweep_id: str) -> tuple[str, ...]:
    rows = db.all(
        "SELECT DISTINCT name FROM trial JOIN metric ON metric.run_id = trial.run_id WHERE sweep_id = ? ORDER BY name",
        (sweep_id,),
    )
    return tuple(row["name"] for row in rows)


def _values(text: str) -> Values:
    return tuple((name, value) for name, value in json.loads(text))
