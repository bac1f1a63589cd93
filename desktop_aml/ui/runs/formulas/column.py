"""A metric by a formula as a column of the runs table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from PySide6.QtCore import QCoreApplication

from desktop_aml.domain.compare.sheet import SheetColumn
from desktop_aml.domain.metrics import number_of
from desktop_aml.domain.parameters import typed
from desktop_aml.domain.run_fields import FieldKind
from desktop_aml.domain.runs import RunSummary
from desktop_aml.domain.summaries.formulas import Formula, Name
from desktop_aml.ui.look import formats
from desktop_aml.ui.runs.columns import FORMULA, Column

_WIDTH: Final = 112
_PARTS: Final = {
    "last": attrgetter("last"),
    "min": attrgetter("least"),
    "max": attrgetter("greatest"),
    "first": attrgetter("first"),
}


def formula_column(formula: Formula) -> Column:
    """Return the column, shown as long as nobody chose."""

    def value(run: RunSummary) -> float:
        return formula.value(lambda name: _value_of(run, name))

    def raw(run: RunSummary) -> str:
        found = value(run)
        return "" if math.isnan(found) else repr(found)

    def text(run: RunSummary, _: float) -> str:
        found = value(run)
        return formats.NOTHING if math.isnan(found) else formats.number4(found)

    def number(run: RunSummary) -> float | None:
        found = value(run)
        return None if math.isnan(found) else found

    words = QCoreApplication.translate("RunsTable", "{0} = {1}").format(formula.name, formula.text)
    return Column(f"{FORMULA}{formula.name}", formula.name, _WIDTH, text, raw, True, True, words, number=number)


def _value_of(run: RunSummary, name: Name) -> float:
    if name.part == "param":
        given = name.given(run.parameters)
        return math.nan if given is None else number_of(typed(given))
    found = run.metrics.get(name.name)
    return math.nan if found is None else number_of(_PARTS[name.part](found))


def formula_values(formula: Formula, runs: Sequence[RunSummary]) -> SheetColumn:
    """Return the values of a formula for runs, None where there is none."""
    values = [formula.value(lambda name, run=run: _value_of(run, name)) for run in runs]  # type: ignore[misc]
    return SheetColumn(FieldKind.METRIC, formula.name, tuple(None if math.isnan(one) else one for one in values))
