"""The sheet of a sweep's trials: a row each, a column for what any of them was given."""

from __future__ import annotations

from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.runs import RunState
from desktop_aml.domain.summaries.goals import Goal
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import Sweep, SweepSpec, Trial, Wanted
from desktop_aml.domain.sweeps.sheet import sheet_of
from desktop_aml.domain.sweeps.space import space_of


def test_a_column_for_each_argument_and_one_for_the_metric() -> None:
    spec = SweepSpec(space_of({"--C": parse("1,2")}), "loss", Goal.MINIMIZE, trials=2)
    trials = (
        Trial(1, "s_1", (("--C", 1), ("--seed", 7)), best=0.5),
        Trial(2, "s_2", (("--C", 2),)),
    )
    found = sheet_of(Sweep("s", spec, Wanted.RUNNING, RunState.RUNNING, "", "", "", 0.0, 0.0, 1.0, trials=trials))
    assert (found.ids, found.names) == (("s_1", "s_2"), ("1", "2"))
    assert [(one.kind, one.name, one.values) for one in found.columns] == [
        (FieldKind.PARAMETER, "C", (1, 2)),
        (FieldKind.PARAMETER, "seed", (7, None)),
        (FieldKind.METRIC, "loss", (0.5, None)),
    ]
