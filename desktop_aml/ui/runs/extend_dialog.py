"""A dialog: how many trials a sweep has in all, how many at once, and where those to come are drawn from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.sweeps.expressions import parse
from desktop_aml.domain.sweeps.records import MOST_TRIALS, Sweep
from desktop_aml.domain.sweeps.space import Variation, check_search, space_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.settings_fields import SettingsFields, WholeNumber
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

_MOST_AT_ONCE = 999
_MORE = 10
_WIDTH = 480
_MOST_HEIGHT = 600


class ExtendDialog(QDialog):
    """Asks for new numbers and a new space; trials that were made already stay."""

    extend_wanted = Signal(int, int, object)
    """How many trials in all, how many at once, and the new space; none where it stays as it is."""

    def __init__(self, sweep: Sweep, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sweep = sweep
        self.setWindowTitle(self.tr("Extend the sweep"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.trials = WholeNumber(max(1, len(sweep.trials)), MOST_TRIALS, "", self)
        self.trials.setValue(sweep.total + _MORE)
        self.at_once = WholeNumber(1, _MOST_AT_ONCE, "", self)
        self.at_once.setValue(sweep.spec.concurrent)
        self._fields = SettingsFields()
        self._fields.add(self.tr("Trials in all"), self.trials, self.tr("Those that were made count, too."))
        self._fields.add(self.tr("At once"), self.at_once, self.tr("How many are queued or under way."))
        self.spaces: dict[str, QLineEdit] = {}
        for one in sweep.spec.space:
            field = QLineEdit(str(one.expression), self)
            field.setFont(theme.font("mono"))
            field.textChanged.connect(lambda _text: self._check())
            self.spaces[one.key] = field
            self._fields.add(one.key, field, self.tr("Until now {0}").format(one.expression))
        self.extend_button = PrimaryButton(self.tr("Extend"), self)
        self.extend_button.setDefault(True)
        self.extend_button.clicked.connect(self._on_accepted)
        self._lay_out()

    def _lay_out(self) -> None:
        buttons = dialog_foot(self, self.tr("Cancel"), self.extend_button)
        # A sweep of many arguments is higher than the screen.
        scroll = QScrollArea(self)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder = QWidget(scroll)
        holder.setLayout(self._fields)
        # Rings of focus are drawn around fields.
        self._fields.setContentsMargins(theme.SPACE_XS, 0, theme.SPACE_S, theme.SPACE_S)
        self._fields.addStretch(1)
        scroll.setWidget(holder)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(Heading(self.tr("Extend the sweep"), 1))
        hint = self.tr("Lists are written as choice(1, 2, 3), ranges as uniform(0, 1) or loguniform(0.001, 1).")
        column.addWidget(SecondaryLabel(self.tr("What is set here is for the trials to come. {0}").format(hint)))
        column.addWidget(scroll, 1)
        column.addLayout(buttons)
        needed = column.sizeHint().height() - scroll.sizeHint().height() + holder.sizeHint().height()
        self.resize(_WIDTH, min(_MOST_HEIGHT, needed))

    def space(self) -> tuple[Variation, ...]:
        """Return what is filled in.

        Raises
        ------
        InvalidInput
            When it makes no sense.
        """
        found = space_of({name: parse(field.text()) for name, field in self.spaces.items()})
        check_search(self._sweep.spec.search, found)
        return found

    def _check(self) -> None:
        """Say below each field what is wrong with it."""
        search, is_right = self._sweep.spec.search, True
        for name, field in self.spaces.items():
            fault = ""
            try:
                check_search(search, space_of({name: parse(field.text())}))
            except InvalidInput as error:
                fault, is_right = error.message, False
            self._fields.show_fault(field, fault)
        self.extend_button.setEnabled(is_right)

    def _on_accepted(self) -> None:
        space = self.space()
        is_new = space != self._sweep.spec.space
        self.extend_wanted.emit(self.trials.value(), self.at_once.value(), space if is_new else ())
        self.accept()
