"""What is known of the trials of a sweep, from one proposal to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import SweepSpec
from desktop_aml.domain.sweeps.space import space_of
from desktop_aml.engine.sweeps.known_trials import KnownTrials
from desktop_aml.store.database import Database
from desktop_aml.store.sweeps import table


def test_what_did_not_change_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = SweepSpec(space_of({"x": parse("a, b, c")}), "m", Goal.MAXIMIZE, 3)
    with Database(tmp_path / "desktop_aml.db", read_only=False) as db:
        db.run("PRAGMA foreign_keys=OFF")

        def begin(number: int) -> None:
            db.run(
                "INSERT INTO run (id, number, experiment, display_name, state, script, target, environment, created_at)"
                " VALUES (?, ?, 'e', '', 'Running', 't.py', 'local', 'e', 1.0)",
                (f"s_{number}", number),
            )
            table.add_trial(db, "s", number, f"s_{number}", (("--x", "abc"[number]),))

        begin(0), begin(1)
        known = KnownTrials()
        first = known.read(db, "s", spec).trials
        assert [(one.run_id, one.values, one.state) for one in first] == [
            (f"s_{number}", (("--x", "ab"[number]),), RunState.RUNNING) for number in (0, 1)
        ]
        begin(2)
        db.run("UPDATE run SET state = 'Failed' WHERE id = 's_1'")
        db.run("DELETE FROM run WHERE id = 's_0'")
        values, given = table._values, list[str]()
        monkeypatch.setattr(table, "_values", lambda text: given.append(text) or values(text))
        later = known.read(db, "s", spec).trials
        assert [one.state for one in later] == [None, RunState.FAILED, RunState.RUNNING]
        assert len(given) == 1
        assert all(now is was for now, was in zip(known.read(db, "s", spec).trials, later, strict=True))
