"""What a sweep is after: the metric, how many trials, how they are chosen, and when one is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.goals import Goal, goal_of
from desktop_aml.domain.sweeps.records import MOST_TRIALS, SweepSpec
from desktop_aml.domain.sweeps.space import Search, Variation, describe
from desktop_aml.domain.sweeps.stopping import HALVINGS, RuleKind, StoppingRule
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.settings_fields import WholeNumber
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel

_TRIALS: Final = 20
_AT_ONCE: Final = 2
_MOST_AT_ONCE: Final = 999
_SLACK: Final = 10
_REDUCTION: Final = 3
_REPORTS: Final = 27
_MOST_REPORTS: Final = 1_000_000


class SweepSettings(QWidget):
    """The fields that are there once an argument varies."""

    changed = Signal()
    metrics_wanted = Signal()
    """It came into sight: `list_metrics` may have more to offer by now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_goal_chosen = False
        self.metrics = ChoiceField(self, editable=True)
        self.metric_name = QLineEdit(self)
        self.metrics.setLineEdit(self.metric_name)
        self.metric_name.setPlaceholderText(self.tr("Exactly as the script logs it"))
        self.goal = ChoiceField(self)
        self.goal.set_choices(((self.tr("More is better"), Goal.MAXIMIZE), (self.tr("Less is better"), Goal.MINIMIZE)))
        self.trials = WholeNumber(1, MOST_TRIALS, "", self)
        self.trials.setValue(_TRIALS)
        self.at_once = WholeNumber(1, _MOST_AT_ONCE, "", self)
        self.at_once.setValue(_AT_ONCE)
        self.search = ChoiceField(self)
        self.search.set_choices(
            (
                (self.tr("At random"), Search.RANDOM),
                (self.tr("Spread evenly"), Search.QUASI),
                (self.tr("Every combination"), Search.GRID),
                (self.tr("By earlier trials (TPE)"), Search.TPE),
                (self.tr("By earlier trials, few and long (GP)"), Search.GP),
            ),
        )
        self.rule = ChoiceField(self)
        self.rule.set_choices(
            (
                (self.tr("No trial"), None),
                (self.tr("Those far from the best"), RuleKind.BANDIT),
                (self.tr("Those below the median"), RuleKind.MEDIAN),
                (self.tr("The lowest part"), RuleKind.TRUNCATION),
                (self.tr("All but a third, again and again"), RuleKind.HALVING),
                (self.tr("The same in brackets (Hyperband)"), RuleKind.HYPERBAND),
            )
        )
        self.rule.setCurrentIndex(0)
        self.percent = WholeNumber(1, 99, self.tr(" %"), self)
        self.percent.setValue(_SLACK)
        self.reports = WholeNumber(2, _MOST_REPORTS, self.tr(" reports"), self)
        self.reports.setValue(_REPORTS)
        self.note = SecondaryLabel("", self, small=True)
        self._lay_out()
        self._connect()
        self._on_rule_changed()

    def _lay_out(self) -> None:
        rule = QHBoxLayout()
        rule.setSpacing(theme.SPACE_XS)
        rule.addWidget(self.rule, 1)
        rule.addWidget(self.percent)
        rule.addWidget(self.reports)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE_M)
        form.setVerticalSpacing(theme.SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Metric"), self.metrics),
            (self.tr("Goal"), self.goal),
            (self.tr("Trials"), self.trials),
            (self.tr("At once"), self.at_once),
            (self.tr("Search"), self.search),
        )
        for label, field in rows:
            form.addRow(label, field)
            field.setAccessibleName(label)
            field.setMinimumHeight(theme.FIELD_HEIGHT)
        self.metric_name.setAccessibleName(self.tr("Metric"))
        self.rule.setAccessibleName(self.tr("Stop early"))
        self.percent.setAccessibleName(self.tr("How far, or how many"))
        self.reports.setAccessibleName(self.tr("How often a trial logs the metric"))
        self.reports.setToolTip(self.tr("How often a trial logs the metric when nothing stops it"))
        for field in (self.percent, self.reports):
            field.setMinimumHeight(theme.FIELD_HEIGHT)
        form.addRow(self.tr("Stop early"), rule)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(Heading(self.tr("What to look for"), 2, self))
        column.addLayout(form)
        column.addWidget(self.note)

    def _connect(self) -> None:
        self.metric_name.textChanged.connect(self._on_name_changed)
        self.goal.activated.connect(self._on_goal_activated)
        for choice in (self.goal, self.search):
            choice.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.rule.currentIndexChanged.connect(lambda _index: self._on_rule_changed())
        for number in (self.trials, self.at_once, self.percent, self.reports):
            number.valueChanged.connect(lambda _value: self.changed.emit())

    def _on_rule_changed(self) -> None:
        kind = self.rule.value()
        self.percent.setVisible(kind in (RuleKind.BANDIT, RuleKind.TRUNCATION))
        self.reports.setVisible(kind == RuleKind.HYPERBAND)
        tips = {
            RuleKind.BANDIT: self.tr("How much worse than the best a trial may be"),
            RuleKind.TRUNCATION: self.tr("How many of a hundred trials are stopped"),
        }
        self.percent.setToolTip(tips.get(kind, "") if isinstance(kind, RuleKind) else "")
        self.changed.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Ask what may be looked for: runs may have logged more by now."""
        super().showEvent(event)
        if not event.spontaneous():
            self.metrics_wanted.emit()

    def _on_name_changed(self, name: str) -> None:
        """Take the goal that the name tells, until a person chose one."""
        told = goal_of(name)
        if told is not None and not self._is_goal_chosen:
            self.goal.set_value(told)
        self.changed.emit()

    def _on_goal_activated(self) -> None:
        self._is_goal_chosen = True

    def list_metrics(self, names: Iterable[str]) -> None:
        """Offer the numbers that earlier runs logged, the likeliest last; what stands in the field stays."""
        offered = tuple(names)
        text = self.metric_name.text()
        self.metrics.set_choices((name, name) for name in offered)
        self.metric_name.setText(text or next(reversed(offered), ""))

    def spec(self, space: Sequence[Variation], seed: int = 0) -> SweepSpec:
        """Return the sweep that is filled in.

        Raises
        ------
        InvalidInput
            When it makes no sense.
        """
        return SweepSpec(
            space=tuple(space),
            metric=self.metric_name.text().strip(),
            goal=Goal(str(self.goal.value())),
            trials=self.trials.value(),
            concurrent=self.at_once.value(),
            search=Search(str(self.search.value())),
            seed=seed,
            rule=self._rule(),
        )

    def _rule(self) -> StoppingRule | None:
        kind = self.rule.value()
        if not isinstance(kind, RuleKind):
            return None
        if kind is RuleKind.BANDIT:
            return StoppingRule(kind, slack_factor=self.percent.value() / 100)
        if kind in HALVINGS:
            most = self.reports.value() if kind is RuleKind.HYPERBAND else 0
            return StoppingRule(kind, reduction=_REDUCTION, least=1, most=most)
        return StoppingRule(kind, percentage=self.percent.value() if kind is RuleKind.TRUNCATION else 0)

    def fault(self, space: Sequence[Variation]) -> str:
        """Return what is wrong; empty when nothing is. The note says how many combinations there are."""
        try:
            spec = self.spec(space)
        except InvalidInput as error:
            self.note.setText("")
            is_named = bool(self.metric_name.text().strip())
            return error.message if is_named else self.tr("Name the metric that decides, under “What to look for”.")
        self.note.setText(describe(spec.search, spec.space))
        return ""
