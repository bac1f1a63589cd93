"""The trials of a sweep as a sheet: what each was given, against what it came to."""

from __future__ import annotations

from desktop_aml.domain.compare.sheet import RunSheet, SheetColumn
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.sweeps.records import Sweep


def sheet_of(sweep: Sweep) -> RunSheet:
    """Return a row for each trial; a column for each argument that any was given, and one for the metric."""
    names = dict.fromkeys(one.name for one in sweep.spec.space)
    names |= dict.fromkeys(name for trial in sweep.trials for name, _ in trial.values)
    given = [dict(trial.values) for trial in sweep.trials]
    columns = [
        SheetColumn(FieldKind.PARAMETER, name.lstrip("-"), tuple(own.get(name) for own in given)) for name in names
    ]
    best = SheetColumn(FieldKind.METRIC, sweep.spec.metric, tuple(trial.best for trial in sweep.trials))
    return RunSheet(
        tuple(trial.run_id for trial in sweep.trials),
        tuple(str(trial.number) for trial in sweep.trials),
        (*columns, best),
    )
