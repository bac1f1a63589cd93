"""Groups of the runs that are compared: mean and deviation of every metric, and which settings can be told apart."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.compare.grouped import SETTING, RunSet, spreads, told_apart
from desktop_aml.domain.compare.runs import RunComparison
from desktop_aml.domain.summaries.goals import Goal, goal_of
from desktop_aml.domain.summaries.groups import Spread
from desktop_aml.ui.compare.swatch import swatch_icon
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.look.number_column import NumberColumn
from desktop_aml.ui.runs.tuning.settings_table import SettingsTable
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import SecondaryLabel

_METRIC_WIDTH = 168
_COUNT_WIDTH = 64
_MOST_METRICS = 12


class GroupsView(QWidget):
    """A table of groups; for settings that seeds repeat, also how they stand against the best."""

    open_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found = RunComparison((), ())
        self._key = ""
        self.table: ListTable | None = None
        self.settings: SettingsTable | None = None
        self.metric_field = ChoiceField(self)
        self.metric_field.setAccessibleName(self.tr("Metric that tells settings apart"))
        self.metric_field.setMaximumWidth(208)
        self.metric_field.currentIndexChanged.connect(lambda _: self._show_goal())
        self.goal = ChoiceField(self)
        self.goal.setAccessibleName(self.tr("Which values are better"))
        self.goal.set_choices(
            [(self.tr("Less is better"), str(Goal.MINIMIZE)), (self.tr("More is better"), str(Goal.MAXIMIZE))]
        )
        self.goal.currentIndexChanged.connect(lambda _: self._show_standings())
        self.method = SecondaryLabel("", self, small=True)
        self.method.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_S)
        self.bar = QWidget(self)
        bar = QHBoxLayout(self.bar)
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(QLabel(self.tr("Told apart by"), self.bar))
        bar.addWidget(self.metric_field)
        bar.addWidget(self.goal)
        bar.addStretch(1)
        self.tables = QStackedWidget(self)
        self.standing = QStackedWidget(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tables, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.standing, 1)
        layout.addWidget(self.method)

    def show_groups(self, found: RunComparison, key: str, sets: Sequence[RunSet]) -> None:
        """Show groups of a comparison, in the colours of their lines."""
        self._found, self._key = found, key
        by_metric = spreads(found, sets)
        names = list(by_metric)[:_MOST_METRICS]
        titles = (self.tr("Group"), self.tr("Runs"), *names)
        table = ListTable(titles, self.tr("Groups of runs"), self, numbers=range(1, len(titles)))
        for column in range(1, len(titles)):
            table.setColumnWidth(column, _COUNT_WIDTH if column == 1 else _METRIC_WIDTH)
        forms = {name: NumberColumn(one.mean for one in by_metric[name] if one is not None) for name in names}
        table.fill(
            (
                one.id,
                (
                    Cell(one.display_name, one.display_name, icon=swatch_icon(number)),
                    Cell(formats.count(len(one.places)), len(one.places)),
                    *(self._cell(by_metric[name][number], forms[name]) for name in names),
                ),
            )
            for number, one in enumerate(sets)
        )
        _put(self.tables, table)
        self.table = table
        is_setting = key == SETTING
        for widget in (self.bar, self.standing, self.method):
            widget.setVisible(is_setting)
        if is_setting:
            self._offer_metrics(list(by_metric))

    def _cell(self, spread: Spread | None, form: NumberColumn) -> Cell:
        if spread is None:
            return Cell("")
        mean = form.text(spread.mean)
        words = mean if spread.deviation is None else f"{mean} ± {form.text(spread.deviation)}"
        tip = self.tr("{0} of {1} runs").format(repr(spread.mean), formats.count(spread.count))
        return Cell(words, spread.mean, tip=tip)

    def _offer_metrics(self, names: Sequence[str]) -> None:
        before = self.metric_field.value()
        self.metric_field.set_choices([(name, name) for name in names])
        if before is None:
            first = next((name for name in names if goal_of(name) is not None), None)
            self.metric_field.blockSignals(True)
            self.metric_field.set_value(first)
            self.metric_field.blockSignals(False)
        self._show_goal()

    def _show_goal(self) -> None:
        told = goal_of(str(self.metric_field.value() or ""))
        if told is not None:
            self.goal.blockSignals(True)
            self.goal.set_value(str(told))
            self.goal.blockSignals(False)
        self._show_standings()

    def _show_standings(self) -> None:
        metric = str(self.metric_field.value() or "")
        found = told_apart(self._found, metric, Goal(str(self.goal.value())))
        if found is None:
            self.method.setText(self.tr("No argument repeats a setting."))
            return
        table = SettingsTable(self.tr("Mean {0}").format(metric), self)
        table.open_wanted.connect(self.open_wanted)
        table.show_standings(found)
        _put(self.standing, table)
        self.settings = table
        self.method.setText(found.method)


def _put(stack: QStackedWidget, table: QWidget) -> None:
    """Let `table` stand in the place of what was there."""
    before = stack.currentWidget()
    stack.addWidget(table)
    stack.setCurrentWidget(table)
    if before is not None:
        stack.removeWidget(before)
        before.deleteLater()
