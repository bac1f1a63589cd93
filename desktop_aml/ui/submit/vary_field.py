"""How one argument varies in a sweep: a list of values, or a range of numbers."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from desktop_aml.domain.errors import InvalidInput
from desktop_aml.domain.scripts.arguments import Action, ArgumentType, ScriptArgument
from desktop_aml.domain.sweeps.expressions import Expression, Value, parse
from desktop_aml.domain.sweeps.standings import is_seed
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.choice_field import ChoiceField

LIST: Final = "choice"
_SEEDS: Final = "seeds"
_STEPPED: Final = "quniform"
_AROUND: Final = ("normal", "lognormal")
_MANY_SEEDS: Final = "5"
_FACTOR: Final = 10
_NOTHING: Final = '""'


class VaryField(QWidget):
    """Edits the expression of an argument that varies."""

    changed = Signal()

    def __init__(self, argument: ScriptArgument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._argument = argument
        self.kind = ChoiceField(self)
        self.kind.setAccessibleName(self.tr("How {0} varies").format(argument.key))
        self.kind.set_choices(self._kinds())
        self.values = QLineEdit(self)
        self.values.setPlaceholderText(self.tr("Values, with commas between"))
        self.values.setAccessibleName(self.tr("Values of {0}").format(argument.key))
        self.low, self.high = QLineEdit(self), QLineEdit(self)
        self.low.setAccessibleName(self.tr("Lowest value of {0}").format(argument.key))
        self.high.setAccessibleName(self.tr("Highest value of {0}").format(argument.key))
        self.step = QLineEdit(self)
        self.step.setAccessibleName(self.tr("Step of {0}").format(argument.key))
        self._to, self._by = QLabel(self.tr("to"), self), QLabel(self.tr("by"), self)
        self._lay_out()
        self._suggest()
        self.kind.currentIndexChanged.connect(lambda _index: self._on_kind_changed())
        for field in (self.values, self.low, self.high, self.step):
            field.setMinimumHeight(theme.FIELD_HEIGHT)
            field.textChanged.connect(lambda _text: self.changed.emit())
        self._show_fields()

    def _kinds(self) -> list[tuple[str, object]]:
        found: list[tuple[str, object]] = [(self.tr("List of values"), LIST)]
        if self._argument.type is not ArgumentType.INTEGER:
            found += [(self.tr("Range"), "uniform"), (self.tr("Range, logarithmic"), "loguniform")]
        found += [(self.tr("Range of whole numbers"), "integers"), (self.tr("Range in steps"), _STEPPED)]
        if self._argument.type is not ArgumentType.INTEGER:
            found += [(self.tr("Around a mean"), "normal"), (self.tr("Around a mean of the logarithm"), "lognormal")]
        return [*found, (self.tr("Seeds: each setting with all of them"), _SEEDS)]

    def _lay_out(self) -> None:
        bounds = QHBoxLayout()
        bounds.setSpacing(theme.SPACE_XS)
        bounds.addWidget(self.low, 1)
        bounds.addWidget(self._to)
        bounds.addWidget(self.high, 1)
        bounds.addWidget(self._by)
        bounds.addWidget(self.step, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self.kind)
        column.addWidget(self.values)
        column.addLayout(bounds)

    def _suggest(self) -> None:
        """Begin with the choices of the argument, or with a range around its default."""
        argument = self._argument
        start = argument.starting_value
        if is_seed(argument.key):
            self.kind.set_value(_SEEDS)
            self.low.setText(_MANY_SEEDS)
        elif argument.choices:
            self.values.setText(str(Expression(LIST, _distinct(argument.choices)))[len("choice(") : -1])
        elif isinstance(start, (int, float)) and not isinstance(start, bool) and start > 0:
            is_whole = argument.type is ArgumentType.INTEGER
            self.kind.set_value("integers" if is_whole else "loguniform")
            self.low.setText(str(max(1, int(start) // _FACTOR)) if is_whole else f"{start / _FACTOR:g}")
            self.high.setText(str(int(start) * _FACTOR) if is_whole else f"{start * _FACTOR:g}")
        elif isinstance(start, str) and start:
            self.values.setText(start)

    def _on_kind_changed(self) -> None:
        self._show_fields()
        self.changed.emit()

    def _show_fields(self) -> None:
        kind = self.kind.value()
        self.values.setVisible(kind == LIST)
        self.low.setVisible(kind != LIST)
        for widget in (self._to, self.high):
            widget.setVisible(kind not in (LIST, _SEEDS))
        for widget in (self._by, self.step):
            widget.setVisible(kind == _STEPPED)
        self._to.setText("±" if kind in _AROUND else self.tr("to"))
        key = self._argument.key
        if kind == _SEEDS:
            self.low.setAccessibleName(self.tr("How many seeds of {0}").format(key))
        elif kind in _AROUND:
            self.low.setAccessibleName(self.tr("Mean of {0}").format(key))
            self.high.setAccessibleName(self.tr("Deviation of {0}").format(key))
        else:
            self.low.setAccessibleName(self.tr("Lowest value of {0}").format(key))
            self.high.setAccessibleName(self.tr("Highest value of {0}").format(key))
        self.low.setToolTip(self.low.accessibleName())
        self.high.setToolTip(self.high.accessibleName())

    def state(self) -> tuple[str, ...]:
        """Return what was filled in, for `restore`."""
        return str(self.kind.value()), *(one.text() for one in (self.values, self.low, self.high, self.step))

    def restore(self, state: tuple[str, ...]) -> None:
        """Fill in what another field of this argument held."""
        self.kind.set_value(state[0])
        for field, text in zip((self.values, self.low, self.high, self.step), state[1:], strict=True):
            field.setText(text)

    def expression(self) -> Expression:
        """Return what was filled in.

        Raises
        ------
        InvalidInput
            When it makes no sense.
        """
        kind = str(self.kind.value())
        if kind == LIST:
            return parse(f"choice({self.values.text()})")
        fields = {_SEEDS: (self.low,), _STEPPED: (self.low, self.high, self.step)}.get(kind, (self.low, self.high))
        return parse(f"{kind}({', '.join(field.text().strip() or _NOTHING for field in fields)})")

    def fault(self) -> str:
        """Return what is wrong with it; empty when nothing is."""
        try:
            self.expression()
        except InvalidInput as error:
            return error.message
        return ""


def can_vary(argument: ScriptArgument) -> bool:
    """Whether a sweep can give an argument other values: it has a name, and takes one value."""
    return bool(argument.flags) and not argument.is_list and argument.action is Action.STORE


def _distinct(values: tuple[object, ...]) -> tuple[Value, ...]:
    known = (value if isinstance(value, (str, int, float)) else str(value) for value in values)
    return tuple({repr(value): value for value in known}.values())
