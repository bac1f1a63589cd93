"""A small dialog: how many trials a sweep has in all, and how many at once."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from desktop_aml.domain.sweeps.records import MOST_TRIALS, Sweep
from desktop_aml.ui.widgets.settings_fields import SettingsFields, WholeNumber

_MOST_AT_ONCE = 999
_MORE = 10


class ExtendDialog(QDialog):
    """Asks for new numbers; trials that were made already stay."""

    extend_wanted = Signal(int, int)
    """How many trials in all, and how many at once."""

    def __init__(self, sweep: Sweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Extend the sweep"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.trials = WholeNumber(max(1, len(sweep.trials)), MOST_TRIALS, "", self)
        self.trials.setValue(sweep.spec.trials + _MORE)
        self.at_once = WholeNumber(1, _MOST_AT_ONCE, "", self)
        self.at_once.setValue(sweep.spec.concurrent)
        fields = SettingsFields()
        fields.add(self.tr("Trials in all"), self.trials, self.tr("Those that were made count, too."))
        fields.add(self.tr("At once"), self.at_once, self.tr("How many are queued or under way."))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.extend_button = buttons.addButton(self.tr("Extend"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(fields)
        column.addWidget(buttons)

    def _on_accepted(self) -> None:
        self.extend_wanted.emit(self.trials.value(), self.at_once.value())
        self.accept()
