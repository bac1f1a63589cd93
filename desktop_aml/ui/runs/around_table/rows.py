"""The rows of the runs table: their texts, and how the numbers of each column are written."""

from __future__ import annotations

import time
from collections.abc import Sequence

from desktop_aml.domain.runs import RunSummary
from desktop_aml.domain.summaries.groups import RunGroup
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.runs.columns import Column, group_spread, group_text


class RowForms:
    """How the numbers of each column are written: as all rows need it that were shown since the query changed."""

    def __init__(self) -> None:
        self._forms: dict[str, NumberColumn] = {}

    def copy(self) -> RowForms:
        """Return others that know the same."""
        found = RowForms()
        found._forms = {key: form.copy() for key, form in self._forms.items()}
        return found

    def of(self, column: Column) -> NumberColumn:
        """Return the form of a column."""
        return self._forms.setdefault(column.key, NumberColumn())

    def learn(self, run: RunSummary | RunGroup, columns: Sequence[Column]) -> bool:
        """Take the numbers of a row into account; return whether rows that were written before look different now."""
        changed = False
        for column in columns:
            if isinstance(run, RunSummary):
                value = column.number(run) if column.number is not None else None
            else:
                spread = group_spread(run, column)
                value = spread.mean if spread is not None else None
            if value is not None:
                form = self.of(column)
                before = form.form
                form.learn(value)
                changed = changed or form.form != before
        return changed


class Row:
    """One run with its texts, one for each column, written when the row is first shown."""

    __slots__ = ("group", "run", "texts")

    def __init__(self, run: RunSummary | RunGroup, columns: tuple[Column, ...], forms: RowForms) -> None:
        self.run = run if isinstance(run, RunSummary) else None
        self.group = None if isinstance(run, RunSummary) else run
        now = time.time()
        if isinstance(run, RunSummary):
            self.texts = tuple([_text(run, column, now, forms) for column in columns])
        else:
            self.texts = tuple([group_text(run, column, forms.of(column)) for column in columns])


def _text(run: RunSummary, column: Column, now: float, forms: RowForms) -> str:
    if column.number is not None:
        form = forms.of(column)
        # Numbers without a form of the column are written as they were given.
        if form.form is not None and (value := column.number(run)) is not None:
            return form.text(value)
    return column.text(run, now)


Page = list[Row | RunSummary | None]


def first_page(runs: Sequence[RunSummary | None], columns: tuple[Column, ...], forms: RowForms) -> Page:
    """Return rows with their texts, which all know of each other's numbers. For a worker."""
    for run in runs:
        if run is not None:
            forms.learn(run, columns)
    return [run and Row(run, columns, forms) for run in runs]
