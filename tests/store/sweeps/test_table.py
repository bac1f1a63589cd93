"""What lists and commands ask of a sweep without reading its trials is what the trials say."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from desktop_aml.domain.requests import SubmitRun
from desktop_aml.domain.runs import RunEvent
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.store import metrics, runs
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table

VALUES = (
    [0.5],
    [0.25, 0.75],
    [0.75],
    [math.nan],
    [],
    ["text"],
    [1],
    [math.inf],
    [-math.inf, math.nan],
    [10**30],
    [True],
)


def insert(db: Database, run_id: str) -> SubmitRun:
    request = SubmitRun(run_id=run_id, experiment="e", script="s.py", environment="x")
    runs.insert(db, request, environment="x", version=None, seed=0, at=1.0)
    return request


@pytest.mark.parametrize("goal", list(Goal))
def test_a_line_and_the_best_are_what_the_trials_say(tmp_path: Path, goal: Goal) -> None:
    pick = random.Random(3)
    with Database(tmp_path / "desktop_aml.db", read_only=False) as db:
        for number in range(25):
            sweep_id = f"s{number}"
            spec = SweepSpec(space_of({"C": parse("uniform(0, 1)")}), "m", goal, 20)
            trials = [f"{sweep_id}_{place}" for place in range(pick.randrange(9))]
            with db.transaction():
                template = insert(db, sweep_id)
                table.save(
                    db, table.StoredSweep(run_id=sweep_id, spec=spec, template=template, exhausted=number % 2 == 0)
                )
                for place, run_id in enumerate(trials):
                    insert(db, run_id)
                    table.add_trial(db, sweep_id, place, run_id, (("C", 0.5),))
                    metrics.add_points(db, run_id, [("m", None, 1.0, value) for value in pick.choice(VALUES)])
                    for event in (RunEvent.CANCEL,) if pick.random() < 0.6 else ():
                        runs.move(db, run_id, event, at=2.0)
                if trials and pick.random() < 0.4:
                    runs.delete(db, pick.choice(trials))
            whole, line = table.read(db, sweep_id), table.read_line(db, sweep_id)
            best = whole.best()
            assert table.best_trial(db, sweep_id, spec) == (None if best is None else best.number)
            assert (line.over, line.total, line.best) == (whole.over(), whole.total, best and best.best)
            assert (line.display_name, line.state, line.wanted) == (whole.display_name, whole.state, whole.wanted)
