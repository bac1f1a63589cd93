"""One argument of a script as a row of the form: its flag, a fitting field, its help, a mark when it was changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.scripts.arguments import Action, ArgumentType, ScriptArgument, Value, join_words, parse_words
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.submit.tab_order import place_behind
from desktop_aml.ui.submit.vary_field import VaryField, can_vary
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.number_field import NumberField
from desktop_aml.ui.widgets.widgets import IconButton, SecondaryLabel

_MAX_CHOICES: Final = 200


class ArgumentField(QWidget):
    """Edits the value of one argument. An untouched field leaves the script's own default alone."""

    changed = Signal()

    def __init__(self, argument: ScriptArgument, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.argument = argument
        self._start = argument.starting_value
        self._read: Callable[[], Value] = lambda: None
        self._write: Callable[[Value], object] = lambda _value: None
        self.editor = self._make_editor()
        self.editor.setAccessibleName(argument.key)
        self.editor.setAccessibleDescription(argument.help)
        self.editor.setToolTip(self._tooltip())
        self._name = QLabel(self)
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setText(argument.key if argument.flags else argument.metavar or argument.dest)
        self._name.setBuddy(self.editor)
        self._mark = QLabel("•", self)
        self._reset = IconButton("rerun", self.tr("Back to the default"), self)
        self._reset.setFixedSize(20, 20)
        self._reset.clicked.connect(self.reset)
        self.vary_button = QPushButton(self.tr("Vary"), self)
        self.vary_button.setProperty("quiet", True)
        self.vary_button.setCheckable(True)
        self.vary_button.setAccessibleName(self.tr("Vary {0}").format(argument.key))
        self.vary_button.setToolTip(self.tr("Try other values of {0} in a sweep").format(argument.key))
        self.vary_button.setVisible(can_vary(argument))
        icons.set_icon(self.vary_button, "plus", "secondary")
        self.vary_button.toggled.connect(self._on_vary_toggled)
        self._fault = QLabel(self)
        self._fault.setTextFormat(Qt.TextFormat.PlainText)
        self._fault.setProperty("role", "error")
        self._fault.setWordWrap(True)
        self._lay_out()
        self.reset()
        self.changed.connect(self._show_marks)
        theme.changed.connect(self._show_marks)
        self._show_marks()

    @cached_property
    def vary(self) -> VaryField:
        """How the argument varies. Made when it does: few do, and it has more fields than all the rest of the row."""
        field = VaryField(self.argument, self)
        field.hide()
        field.changed.connect(self.changed)
        self._column.insertWidget(self._column.indexOf(self._whole_editor) + 1, field)
        place_behind(self.vary_button, field)
        return field

    def value(self) -> Value:
        """Return what was filled in; None leaves the argument out."""
        return self._read()

    def set_value(self, value: Value) -> None:
        """Show `value`."""
        self._write(value)

    def reset(self) -> None:
        """Go back to what the script does by itself."""
        self.vary_button.setChecked(False)
        self.set_value(self.argument.starting_value)

    def is_modified(self) -> bool:
        """Whether the field would say something on the command line that nobody has to say."""
        if self.is_varied():
            return True
        value = self.value()
        if self.argument.required:
            return value is not None and value != self.argument.starting_value
        return self.argument.is_given(value)

    def is_varied(self) -> bool:
        """Whether a sweep is to try several values."""
        return self.vary_button.isChecked()

    def _on_vary_toggled(self, is_on: bool) -> None:
        if is_on or "vary" in self.__dict__:
            self.vary.setVisible(is_on)
        icons.set_icon(self.vary_button, "check" if is_on else "plus", "accent" if is_on else "secondary")
        self._whole_editor.setVisible(not is_on)
        self.changed.emit()

    def show_fault(self, text: str) -> None:
        """Write what is wrong below the field; an empty text takes it away."""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))

    def own_fault(self) -> str:
        """Return what makes the text in the field no value at all."""
        if self.is_varied():
            return self.vary.fault()
        if isinstance(self.editor, NumberField) and self.editor.is_faulty():
            whole = self.argument.type is ArgumentType.INTEGER
            return self.tr("Write a whole number.") if whole else self.tr("Write a number.")
        if self.argument.is_list:
            return self._list_fault()
        return ""

    # Layout ---------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_XS)
        is_switch = isinstance(self.editor, QCheckBox)
        if is_switch:
            self._name.hide()
            top.addWidget(self.editor)
        else:
            top.addWidget(self._name)
        top.addWidget(self._mark)
        top.addStretch(1)
        top.addWidget(self.vary_button)
        top.addWidget(self._reset)
        self._whole_editor = QWidget(self)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(top)
        if not is_switch:
            self._whole_editor.setLayout(self._editor_row())
            column.addWidget(self._whole_editor)
        column.addWidget(self._fault)
        if self.argument.help:
            column.addWidget(SecondaryLabel(self.argument.help, self, small=True))

    def _editor_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(self.editor)
        if self.argument.type is ArgumentType.PATH and isinstance(self.editor, QLineEdit):
            browse = IconButton("folder-open", self.tr("Browse for {0}").format(self.argument.key), self)
            browse.clicked.connect(self._on_browse_clicked)
            row.addWidget(browse)
        return row

    def _show_marks(self) -> None:
        modified = self.is_modified()
        self._mark.setVisible(modified)
        self._mark.setToolTip(self.tr("Changed from the default"))
        palette = self._mark.palette()
        palette.setColor(self._mark.foregroundRole(), theme.color("accent"))
        self._mark.setPalette(palette)
        # It keeps its place, so that rows do not move while one types.
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._reset.setVisible(modified)

    def _tooltip(self) -> str:
        default = self.argument.default_text
        lines = [" ".join(self.argument.flags), self.argument.help]
        if default and not self.argument.default_known:
            lines.append(self.tr("Default: what the script works out from {0}").format(default))
        elif default:
            lines.append(self.tr("Default: {0}").format(default))
        return "\n".join(line for line in lines if line)

    # Editors --------------------------------------------------------------------------------------------------

    def _make_editor(self) -> QWidget:
        argument = self.argument
        if argument.action is Action.SWITCH or (argument.action is Action.YES_NO and argument.default is not None):
            return self._check_box()
        if argument.is_list:
            return self._words_field()
        if argument.action is Action.YES_NO or (argument.type is ArgumentType.BOOLEAN and not argument.choices):
            return self._choice_field(((self.tr("Yes"), True), (self.tr("No"), False)))
        if argument.choices and len(argument.choices) <= _MAX_CHOICES:
            return self._choice_field(tuple((str(choice), choice) for choice in argument.choices))
        if argument.action is Action.COUNT:
            return self._number_field(whole=True, minimum=argument.count_start)
        if argument.type in (ArgumentType.INTEGER, ArgumentType.NUMBER):
            return self._number_field(whole=argument.type is ArgumentType.INTEGER, minimum=None)
        return self._text_field()

    def _check_box(self) -> QCheckBox:
        box = QCheckBox(self.argument.key, self)
        box.setMinimumHeight(20)
        box.toggled.connect(lambda _on: self.changed.emit())
        self._read = box.isChecked
        self._write = lambda value: box.setChecked(bool(value))
        return box

    def _choice_field(self, choices: tuple[tuple[str, object], ...]) -> ChoiceField:
        field = ChoiceField(self)
        start = self.argument.starting_value
        first: tuple[tuple[str, object], ...] = ()
        if not any(start == value and type(start) is type(value) for _, value in choices):
            first = (((self.tr("Choose…") if self.argument.required else self._default_words()), None),)
        field.set_choices((*first, *choices))
        field.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self._read = field.value  # type: ignore[assignment]

        # A default that is none of the offered values stands first, as None.
        def write(value: Value) -> None:
            if not field.set_value(value):
                field.setCurrentIndex(0)

        self._write = write
        return field

    def _number_field(self, *, whole: bool, minimum: int | None) -> NumberField:
        start = self.argument.starting_value
        known = start if isinstance(start, int | float) else None
        field = NumberField(whole=whole, start=known, minimum=minimum, parent=self)
        field.set_placeholder(self._default_words())
        field.value_changed.connect(self.changed)
        self._read = field.value
        self._write = lambda value: field.set_value(
            None if not isinstance(value, int | float) or not self._is_anew(value) else value
        )
        return field

    def _text_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(self._default_words())
        field.textChanged.connect(lambda _text: self.changed.emit())
        self._read = lambda: field.text() or None
        self._write = lambda value: field.setText(str(value) if value is not None and self._is_anew(value) else "")
        return field

    def _words_field(self) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(self._default_words() or self.tr("Words, with spaces between"))
        field.textChanged.connect(lambda _text: self.changed.emit())

        def read() -> Value:
            try:
                return tuple(self.argument.value_of(word) for word in parse_words(field.text())) or None
            except ValueError:
                return None

        def write(value: Value) -> None:
            words = value if isinstance(value, tuple) and self._is_anew(value) else ()
            field.setText(join_words(self.argument.words(word) for word in words))

        self._read, self._write = read, write
        return field

    def _is_anew(self, value: Value) -> bool:
        """Whether a field that is empty while nobody touches it has to show `value`."""
        return self._start is not value and self.argument.is_given(value)

    def _list_fault(self) -> str:
        assert isinstance(self.editor, QLineEdit)
        try:
            for word in parse_words(self.editor.text()):
                self.argument.value_of(word)
        except ValueError:
            return (
                self.tr("Write words with spaces between; put quotes around a word that holds a space.")
                if (self.argument.type in (ArgumentType.TEXT, ArgumentType.PATH))
                else self.tr("Write numbers with spaces between.")
            )
        return ""

    def _default_words(self) -> str:
        if self.argument.required:
            return self.tr("Needed")
        if not self.argument.default_known and self.argument.default_text:
            return self.tr("Script's default: {0}").format(self.argument.default_text)
        if self.argument.action is Action.COUNT:
            return self.argument.default_text or "0"
        if self.argument.action in (Action.APPEND, Action.EXTEND) and self.argument.default_text:
            return self.tr("Added to {0}").format(self.argument.default_text)
        return self.argument.default_text or self.tr("Script's default")

    def _on_browse_clicked(self) -> None:
        dialog = QFileDialog(self, self.tr("Choose a file for {0}").format(self.argument.key))
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.set_value(path))
        dialog.open()
