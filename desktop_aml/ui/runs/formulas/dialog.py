"""The dialog for metrics of one's own: a name, a formula that is read while it is typed, and those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.summaries.formulas import Formula, read
from desktop_aml.ui.look import theme
from desktop_aml.ui.runs.formulas.kept import KeptFormulas
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

_WIDTH: Final = 480
_NAMES_SAID: Final = 8
_LIST_ROWS: Final = 3


class FormulaDialog(QDialog):
    """Adds a metric by a formula, changes one, removes one."""

    kept_one = Signal(object)
    """The `Formula` that was kept."""

    def __init__(
        self,
        kept: KeptFormulas,
        names: Sequence[str],
        parent: QWidget | None = None,
        *,
        offer_undo: Callable[[str, Callable[[], object]], object] = lambda *_: None,
    ) -> None:
        super().__init__(parent)
        self._offer_undo = offer_undo
        self._kept = kept
        self.setWindowTitle(self.tr("Metric by a formula"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(_WIDTH)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("gap"))
        self.text = QLineEdit(self)
        self.text.setPlaceholderText('"val/loss" - "train/loss"')
        self.text.setFont(theme.font("mono"))
        self.error = ErrorLine(self)
        self.known = QListWidget(self)
        self.known.setAccessibleName(self.tr("Metrics by a formula"))
        self.known.setFixedHeight(_LIST_ROWS * theme.ROW_HEIGHT)
        self.known.currentItemChanged.connect(lambda *_: self._on_chosen())
        self.remove_button = QPushButton(self.tr("Remove"), self)
        self.remove_button.clicked.connect(self._on_remove_clicked)
        self.keep_button = PrimaryButton(self.tr("Keep metric"), self)
        self.keep_button.clicked.connect(self._on_keep_clicked)
        self._lay_out(names)
        for field in (self.name, self.text):
            field.textChanged.connect(lambda _: self._look())
            field.returnPressed.connect(self._on_keep_clicked)
        self._show_known()
        self._look()

    def _lay_out(self, names: Sequence[str]) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(Heading(self.tr("Metric by a formula"), 1, self))
        for words, field in ((self.tr("&Name"), self.name), (self.tr("&Formula"), self.text)):
            label = QLabel(words, self)
            label.setBuddy(field)
            field.setAccessibleName(words.replace("&", ""))
            layout.addWidget(label)
            layout.addWidget(field)
        layout.addWidget(self.error)
        said = ", ".join(written(names)[:_NAMES_SAID])
        said = self.tr("Metrics here: {0}").format(said) if said else ""
        hint = self.tr(
            "A metric's name stands for its last value; min.NAME, max.NAME and first.NAME for its other values, "
            "param.NAME for an argument. There are + - * / ^ ( ) and min, max, abs, sqrt, log, log10, exp."
        )
        layout.addWidget(SecondaryLabel(f"{hint}\n{said}" if said else hint, self, small=True))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.known, 1)
        row.addWidget(self.remove_button, 0, Qt.AlignmentFlag.AlignTop)
        self.kept_row = QWidget(self)
        row.setContentsMargins(0, theme.SPACE_S, 0, 0)
        self.kept_row.setLayout(row)
        layout.addWidget(self.kept_row)
        buttons = dialog_foot(self, self.tr("Close"), self.keep_button)
        buttons.setContentsMargins(0, theme.SPACE_S, 0, 0)
        layout.addLayout(buttons)

    def _show_known(self) -> None:
        formulas = self._kept.all()
        self.known.blockSignals(True)
        self.known.clear()
        self.known.addItems([f"{one.name} = {one.text}" for one in formulas])
        self.known.blockSignals(False)
        self.kept_row.setVisible(bool(formulas))
        self.remove_button.setEnabled(self.known.currentRow() >= 0)

    def formula(self) -> Formula | None:
        """Return what was typed; None while it cannot be read."""
        try:
            return read(self.name.text(), self.text.text())
        except InvalidInput:
            return None

    def _look(self) -> None:
        """Say what is wrong, as soon as there is something to be wrong."""
        self.keep_button.setEnabled(self.formula() is not None)
        self.error.show_text("")
        if self.text.text().strip():
            try:
                read(self.name.text() or "-", self.text.text())
            except InvalidInput as error:
                self.error.show_text(error.message, error.hint)

    def _on_keep_clicked(self) -> None:
        formula = self.formula()
        if formula is not None:
            self._kept.add(formula)
            self.kept_one.emit(formula)
            self.accept()

    def _on_chosen(self) -> None:
        row = self.known.currentRow()
        formulas = self._kept.all()
        self.remove_button.setEnabled(0 <= row < len(formulas))
        if 0 <= row < len(formulas):
            self.name.setText(formulas[row].name)
            self.text.setText(formulas[row].text)

    def _on_remove_clicked(self) -> None:
        row, formulas = self.known.currentRow(), self._kept.all()
        if 0 <= row < len(formulas):
            gone, kept = formulas[row], self._kept
            kept.remove(gone.name)
            self._offer_undo(self.tr("The metric “{0}” is removed.").format(gone.name), lambda: kept.add(gone))
            self._show_known()


def written(names: Iterable[str]) -> list[str]:
    """Return names as a formula spells them: what is no plain word in quotes."""
    return [name if name.isidentifier() else f'"{name}"' for name in names]
