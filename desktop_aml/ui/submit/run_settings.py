"""Where a run goes and how it is kept: environment, target, experiment, name, time limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLineEdit, QWidget

from desktop_aml.domain.environments import THIS_PYTHON, BuildPlace, EnvironmentKind, place_fault
from desktop_aml.domain.errors import InvalidInput, InvalidName
from desktop_aml.domain.names import check_experiment_name
from desktop_aml.domain.runs import DOCKER
from desktop_aml.ui.look import theme
from desktop_aml.ui.submit import given_words
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.settings_fields import WholeNumber
from desktop_aml.ui.widgets.target_field import TargetField
from desktop_aml.ui.widgets.widgets import IconButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import ExperimentSummary


class RunSettings(QWidget):
    """The fields below the arguments."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._kinds: dict[str, EnvironmentKind] = {}
        self.environment = ChoiceField(self)
        self.environment.setAccessibleName(self.tr("Environment"))
        self.use_file_button = IconButton("environment", "", self)
        self.file_note = SecondaryLabel("", self, small=True)
        # Whoever shows these settings puts it where it is seen before Run is pressed.
        self.fetch_note = SecondaryLabel("", self, small=True)
        self.fetch_note.hide()
        self.target = TargetField(self)
        self.experiments = ChoiceField(self, editable=True)
        self.experiment = QLineEdit(self)
        self.experiments.setLineEdit(self.experiment)
        self.experiment.setAccessibleName(self.tr("Experiment"))
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Chosen for you"))
        self.limit = WholeNumber(0, 10_000_000, self.tr(" s"), self)
        self.limit.setSpecialValueText(self.tr("None"))
        self.variables = self._line("DATA=/mnt/data SEED=7", self.tr("Variables for the script, KEY=VALUE"))
        self.folders = self._line("~/data:/data:ro", self.tr("Folders of this computer that the container shows"))
        self.ports = self._line("8000 8080:80", self.tr("Ports of the container, reached at 127.0.0.1"))
        self.capture = QCheckBox(self.tr("Results of scikit-learn"), self)
        self.capture.setToolTip(
            self.tr("Estimators, scores, searches, warnings and printed results, beside what it logs itself")
        )
        self.capture.setChecked(True)
        self._lay_out()
        self.list_environments(())
        self.experiment.textChanged.connect(lambda _text: self.changed.emit())
        self.environment.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.target.changed.connect(self._on_target_changed)

    def _line(self, example: str, words: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(example)
        field.setToolTip(words)
        field.textChanged.connect(lambda _text: self.changed.emit())
        return field

    def _on_target_changed(self) -> None:
        for field in (self.folders, self.ports):
            self.form.setRowVisible(field, self.target.value() == DOCKER)
        self.changed.emit()

    def _lay_out(self) -> None:
        environment = QHBoxLayout()
        environment.setSpacing(theme.SPACE_XS)
        environment.addWidget(self.environment, 1)
        environment.addWidget(self.use_file_button)
        self.form = form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.SPACE_M)
        form.setVerticalSpacing(theme.SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(self.tr("Environment"), environment)
        # A row of its own: within another's, a form gives it more lines than it reckons, and the next row has less.
        form.addRow("", self.file_note)
        form.setRowVisible(self.file_note, False)
        for label, field in (
            (self.tr("Target"), self.target),
            (self.tr("Experiment"), self.experiments),
            (self.tr("Run name"), self.name),
            (self.tr("Time limit"), self.limit),
            (self.tr("Variables"), self.variables),
            (self.tr("Folders"), self.folders),
            (self.tr("Ports"), self.ports),
            (self.tr("Record"), self.capture),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
            # Of the target its list alone: a least height of its own would let the words below it be pressed into it.
            (self.target.choice if field is self.target else field).setMinimumHeight(theme.FIELD_HEIGHT)
        self._on_target_changed()

    def env_vars(self) -> dict[str, str]:
        """Return the variables for the script, and what it asks of its container.

        Raises
        ------
        InvalidInput
            When one of the fields means nothing.
        """
        found = given_words.variables_of(self.variables.text())
        if self.target.value() == DOCKER:
            found |= given_words.container_of(self.folders.text(), self.ports.text())
        return found

    def list_environments(self, names: Iterable[str], kinds: Mapping[str, EnvironmentKind] | None = None) -> None:
        """Offer environments by name. What is chosen stays chosen, even a version that is not listed.

        Parameters
        ----------
        kinds : mapping of str to EnvironmentKind, optional
            What the newest version of each is, as far as it is known.
        """
        self._names = tuple(names)
        self._kinds = dict(kinds or {})
        chosen = self.chosen_environment()
        offered = [(self.tr("This computer's Python"), THIS_PYTHON), *((name, name) for name in self._names)]
        if chosen not in (THIS_PYTHON, *self._names):
            offered.append((chosen, chosen))
        self.environment.set_choices(offered)

    def list_experiments(self, found: Iterable[ExperimentSummary]) -> None:
        """Offer the experiments there are; what stands in the field stays."""
        text = self.experiment.text()
        self.experiments.set_choices((one.name, one.name) for one in found)
        if self.experiment.text() != text:
            self.experiment.setText(text)

    def chosen_environment(self) -> str:
        """Return ``name``, ``name:version`` or `THIS_PYTHON`."""
        return str(self.environment.value() or THIS_PYTHON)

    def choose_environment(self, name: str) -> None:
        """Choose an environment, listed or not."""
        if not self.environment.set_value(name):
            self.environment.addItem(name, name)
            self.environment.set_value(name)

    def offer_file(self, file_name: str) -> None:
        """Offer the environment file beside the script; an empty name takes the offer away."""
        self.use_file_button.setVisible(bool(file_name))
        words = self.tr("Use {0} of this folder").format(file_name)
        self.use_file_button.setToolTip(words)
        self.use_file_button.setAccessibleName(words)

    def tell_of_file(self, words: str) -> None:
        """Say how the chosen environment and the file beside the script stand to each other; nothing for no words."""
        self.file_note.setText(words)
        self.form.setRowVisible(self.file_note, bool(words))

    def tell_of_fetch(self, words: str) -> None:
        """Say what the first run in the chosen environment fetches; nothing for no words."""
        self.fetch_note.setText(words)
        self.fetch_note.setVisible(bool(words))

    def keep_as_it_was(self, kept: bool) -> None:
        """Lock what running an old run's code again cannot change."""
        reason = self.tr("Stays as it was in the run") if kept else ""
        own = (self.experiments, self.limit, self.target, self.capture, self.variables, self.folders, self.ports)
        for field in own:
            field.setEnabled(not kept)
            field.setToolTip(reason)

    def fault(self) -> str:
        """Return what is wrong with the experiment's name, the target or the environment; empty when nothing is."""
        try:
            check_experiment_name(self.experiment.text().strip())
        except InvalidName as error:
            return self.tr("Experiment: {0}").format(error.hint)
        try:
            self.env_vars()
        except InvalidInput as error:
            return str(error)
        return self.target.fault() or self._place_fault()

    def _place_fault(self) -> str:
        kind = self._kinds.get(self.chosen_environment())
        place = BuildPlace.LOCAL if self.target.value() == "local" else BuildPlace.IMAGE
        return " ".join(place_fault(kind, place)).strip() if kind else ""
