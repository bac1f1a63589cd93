"""The settings of a sweep that tries each with several seeds: a row each, and whether it is told from the best."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from desktop_aml.domain.sweeps.expressions import Value
from desktop_aml.domain.sweeps.space import spelled
from desktop_aml.domain.sweeps.standings import Setting, Standing, Standings
from desktop_aml.ui.look import formats
from desktop_aml.ui.widgets.list_table import Cell, ListTable

_MOST_ROWS: Final = 4


def given_words(setting: Setting) -> str:
    """Return what a setting gives its trials, numbers with four digits."""
    return "  ".join(f"{name.lstrip('-')} {_short(value)}" for name, value in setting.values)


def _short(value: Value) -> str:
    return formats.number4(value) if isinstance(value, float) else str(value)


class SettingsTable(ListTable):
    """One row a setting, best first; a row opens the best trial of its setting."""

    def __init__(self, metric: str, parent: QWidget | None = None) -> None:
        super().__init__(("", metric, "", "", ""), "", parent, numbers=(1, 2, 3))
        titles = (self.tr("Setting"), metric, self.tr("Deviation"), self.tr("Runs"), self.tr("Against the best"))
        self.setHeaderLabels(titles)
        self.setAccessibleName(self.tr("Settings"))
        for column, width in enumerate((120, 104, 64, 340), 1):
            self.setColumnWidth(column, width)

    def show_standings(self, found: Standings) -> None:
        """Show how the settings stand; the method is told as the tip of the table."""
        self.setToolTip(found.method)
        self.fill((row.setting.trials[0].run_id, self._cells(row, len(found.rows))) for row in found.rows)
        self.fit_height(_MOST_ROWS)

    def _cells(self, row: Standing, count: int) -> tuple[Cell, ...]:
        setting = row.setting
        given = given_words(setting) or self.tr("All")
        exact = "  ".join(f"{name} {spelled(value)}" for name, value in setting.values)
        return (
            Cell(given, exact, tip=exact),
            Cell.of_number(setting.mean),
            Cell.of_number(setting.deviation, ""),
            Cell(formats.count(len(setting.trials)), len(setting.trials)),
            Cell(self._verdict(row, count), tip=self._verdict(row, count)),
        )

    def _verdict(self, row: Standing, count: int) -> str:
        if row.is_best:
            return self.tr("Best") if count > 1 else ""
        if row.is_worse is None:
            return self.tr("Cannot be told")
        if row.is_worse:
            return self.tr("Worse")
        if row.more_runs is None:
            return self.tr("Not distinguishable")
        return self.tr("Not distinguishable; about {0} more runs of both").format(formats.count(row.more_runs))
