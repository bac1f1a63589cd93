"""The rows of the runs table: their texts, and how the numbers of each column are written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from desktop_aml.domain.runs import RunSummary
from desktop_aml.domain.summaries.groups import RunGroup
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.runs.columns import Column, group_spread, group_text


class RowForms:
    """How the numbers of each column are written: as all cells need it that were shown since the query changed."""

    def __init__(self) -> None:
        self._forms: dict[str, NumberColumn] = {}
        self.version = 0
        """Grows whenever what was written before looks different now."""
        self.told: Callable[[], object] = lambda: None
        """Called then."""

    def copy(self) -> RowForms:
        """Return others that know the same."""
        found = RowForms()
        found._forms = {key: form.copy() for key, form in self._forms.items()}
        return found

    def of(self, column: Column) -> NumberColumn:
        """Return the form of a column."""
        return self._forms.setdefault(column.key, NumberColumn())

    def learn(self, run: RunSummary | RunGroup, column: Column) -> None:
        """Take the number of a cell into account."""
        if isinstance(run, RunSummary):
            value = column.number(run) if column.number is not None else None
        else:
            spread = group_spread(run, column)
            value = spread.mean if spread is not None else None
        if value is not None:
            form = self.of(column)
            before = form.form
            form.learn(value)
            if form.form != before:
                self.version += 1
                self.told()


class Row:
    """One run with its texts, each written when it is first asked for: of many columns few are in sight."""

    __slots__ = ("_columns", "_forms", "_is_learned", "_now", "_of", "_texts", "_version", "group", "run")

    def __init__(self, run: RunSummary | RunGroup, columns: tuple[Column, ...], forms: RowForms) -> None:
        self.run = run if isinstance(run, RunSummary) else None
        self.group = None if isinstance(run, RunSummary) else run
        self._of, self._columns, self._forms, self._now = run, columns, forms, time.time()
        self._is_learned = bytearray(len(columns))
        self._version = forms.version
        self._texts: list[str | None] = [None] * len(columns)

    def learn(self, number: int) -> None:
        """Take the number in a column into account, once."""
        if not self._is_learned[number]:
            self._is_learned[number] = True
            self._forms.learn(self._of, self._columns[number])

    def text(self, number: int) -> str:
        """Return what stands in a column."""
        self.learn(number)
        if self._version != self._forms.version:
            self._version, self._texts = self._forms.version, [None] * len(self._columns)
        found = self._texts[number]
        if found is None:
            found = self._texts[number] = self._written(self._columns[number])
        return found

    def _written(self, column: Column) -> str:
        if self.group is not None:
            return group_text(self.group, column, self._forms.of(column))
        assert self.run is not None
        return _text(self.run, column, self._now, self._forms)


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
    page: Page = [run and Row(run, columns, forms) for run in runs]
    rows, numbers = [row for row in page if isinstance(row, Row)], range(len(columns))
    for act in (Row.learn, Row.text):
        for row in rows:
            for number in numbers:
                act(row, number)
    return page
