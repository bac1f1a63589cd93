"""Parameters of runs in the database, as text and as the number they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from desktop_aml.domain.parameters import Parameter, ParameterSource
from desktop_aml.store.database import Database
from desktop_aml.store.parameter_rows import INSERT, rows


def put(db: Database, run_id: str, parameters: Sequence[Parameter]) -> None:
    """Add parameters of a run; what was logged or given before under the same name is replaced."""
    kept = [replace(one, text=db.portable.kept(one.text)) for one in parameters]
    db.run_many(INSERT, rows(run_id, kept))


def of_run(db: Database, run_id: str) -> tuple[Parameter, ...]:
    """Return the parameters of a run: arguments, what it logged, what was captured, each in the order it came."""
    found = db.all(
        "SELECT source, name, text FROM parameter WHERE run_id = ? ORDER BY source = 'captured', source, place",
        (run_id,),
    )
    here = db.portable.here
    return tuple(Parameter(row["name"], here(row["text"]), ParameterSource(row["source"])) for row in found)
