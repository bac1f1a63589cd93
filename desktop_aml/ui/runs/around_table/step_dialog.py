"""The dialog for a metric at a step: which metric, and which step; it becomes a column of the runs table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from desktop_aml.domain.run_fields import FieldKind, field_key, field_of_key, metric_and_step, name_at_step
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

_WIDTH: Final = 400


class StepDialog(QDialog):
    """Asks for one.

    Parameters
    ----------
    names : sequence of str
        The metrics that runs of the table have.
    """

    wanted = Signal(str)
    """The key of the field that was asked for."""

    def __init__(self, names: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Metric at a step"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.chosen = QComboBox(self)
        self.chosen.addItems(list(names))
        self.step = QLineEdit(self)
        self.step.setPlaceholderText("100")
        self.error = ErrorLine(self)
        self.add_button = PrimaryButton(self.tr("Add column"), self)
        self.add_button.clicked.connect(self._on_add_clicked)
        self.step.textChanged.connect(lambda _: self._look())
        self.step.returnPressed.connect(self._on_add_clicked)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE_M)
        form.setVerticalSpacing(theme.SPACE_S)
        for words, field in ((self.tr("&Metric"), self.chosen), (self.tr("&Step"), self.step)):
            field.setAccessibleName(words.replace("&", ""))
            form.addRow(words, field)
        hint = self.tr(
            "Runs without a value at just this step show none. Where the script logged no steps, the first value is "
            "at step 0. To take the column away, choose it again among the columns."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(Heading(self.tr("Metric at a step"), 1, self))
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addWidget(SecondaryLabel(hint, self, small=True))
        layout.addLayout(dialog_foot(self, self.tr("Close"), self.add_button))
        self._look()
        self.step.setFocus()

    def _key(self) -> str:
        """Return the key of what was typed; empty while it is no step."""
        found = metric_and_step(f"{self.step.text().strip()}:{self.chosen.currentText()}")
        return field_key(FieldKind.AT_STEP, name_at_step(*found)) if found else ""

    def _look(self) -> None:
        key = self._key()
        self.add_button.setEnabled(bool(key))
        is_wrong = bool(self.step.text().strip()) and not key
        self.error.show_text(*((self.tr("A step is a whole number."), self.tr("Such as 100.")) if is_wrong else ("",)))

    def _on_add_clicked(self) -> None:
        if key := self._key():
            self.wanted.emit(key)
            self.accept()


def is_at_step(key: str) -> bool:
    """Whether a column is a metric at a step."""
    field = field_of_key(key)
    return field is not None and field[0] is FieldKind.AT_STEP and metric_and_step(field[1]) is not None
