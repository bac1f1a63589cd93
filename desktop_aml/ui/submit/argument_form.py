"""The arguments of a script as a form, with a free line for everything the form does not know."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.scripts.arguments import ScriptArgument, ScriptArguments, Value, join_words, parse_words
from desktop_aml.domain.scripts.subcommands import command_of, split_words, words_with
from desktop_aml.domain.sweeps.expressions import Expression
from desktop_aml.ui.look import theme
from desktop_aml.ui.submit.argument_field import ArgumentField
from desktop_aml.ui.submit.subcommand_choice import SubcommandChoice
from desktop_aml.ui.submit.tab_order import place_behind
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel

_FORMLESS: Final = ("argparse", "sys.argv")
_MANY: Final = 8
"""From how many arguments on there is a filter."""


class ArgumentForm(QWidget):
    """Shows what `describe_arguments` found and gives back the words of the command line."""

    changed = Signal()
    preset_menu_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._described = ScriptArguments()
        self._made_of = (self._described, "")
        self._is_filling = False
        self.fields: dict[str, ArgumentField] = {}
        self._groups: dict[str, QLabel] = {}
        self._reset = QPushButton(self.tr("Reset all"), self)
        self._reset.setProperty("quiet", True)
        self._reset.clicked.connect(self.reset)
        self.presets_button = QPushButton(self.tr("Presets"), self)
        self.presets_button.setProperty("quiet", True)
        self.presets_button.setToolTip(self.tr("Named sets of values"))
        self.presets_button.clicked.connect(self.preset_menu_wanted)
        self.description = SecondaryLabel("", self)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter arguments"))
        self.filter.setAccessibleName(self.tr("Filter arguments"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._show_matching)
        self._notes = SecondaryLabel("", self, small=True)
        self._rows, self._command_rows = QWidget(self), QWidget(self)
        self.command = SubcommandChoice(self)
        self.command.chosen.connect(self._on_command_chosen)
        self._aside: dict[str, Value] = {}
        self.extra = QLineEdit(self)
        self.extra.setFont(theme.font("mono"))
        self.extra.setAccessibleName(self.tr("Extra arguments"))
        self.extra.textChanged.connect(self._on_field_changed)
        self._extra_fault = QLabel(self)
        self._extra_fault.setProperty("role", "error")
        self._extra_fault.setWordWrap(True)
        self._lay_out()
        self.show_arguments(ScriptArguments())

    def show_arguments(self, described: ScriptArguments) -> None:
        """Make the form for `described`. What was filled in stays where the argument is still there."""
        kept = self._aside | {key: field.value() for key, field in self.fields.items() if field.is_modified()}
        varied = {key: field.vary.state() for key, field in self.fields.items() if field.is_varied()}
        self._described = described
        self.command.show_commands(described)
        with self._filling():
            self._rebuild()
            for key, value in kept.items():
                if key in self.fields:
                    self.fields[key].set_value(value)
            for key, state in varied.items():
                if key in self.fields and not self.fields[key].vary_button.isHidden():
                    self.fields[key].vary.restore(state)
                    self.fields[key].vary_button.setChecked(True)
        self._notes.setText("\n".join(self._note_lines()))
        self._notes.setVisible(bool(self._notes.text()))
        self.description.setText(described.description)
        self.description.setVisible(bool(described.description))
        has_many = len(self.fields) >= _MANY
        self.filter.setVisible(has_many)
        if not has_many:
            self.filter.clear()
        self._show_matching()
        self.extra.setPlaceholderText(self.tr("As on the command line"))
        self._on_field_changed()

    def values(self) -> dict[str, Value]:
        """Return what is filled in, by `ScriptArgument.key`; what varies is left to the sweep."""
        return {key: None if field.is_varied() else field.value() for key, field in self.fields.items()}

    def varied(self) -> dict[str, Expression]:
        """Return how arguments vary, by name.

        Raises
        ------
        InvalidInput
            When what was filled in makes no sense.
        """
        # The words of a trial come last, and so are the subcommand's: they need not say whose they are.
        return {one.argument.key: one.vary.expression() for one in self.fields.values() if one.is_varied()}

    def is_varied(self) -> bool:
        """Whether any argument varies."""
        return any(field.is_varied() for field in self.fields.values())

    def argv(self) -> tuple[str, ...]:
        """Return the words of the command line."""
        name = self.command.name()
        return words_with(self._described, self.values(), name, self._own_values(), self._extra_words())

    def _own_values(self) -> dict[str, Value]:
        """Return what is filled in for the subcommand, by the keys of its own arguments."""
        prefix = f"{self.command.name()} "
        return {key.removeprefix(prefix): value for key, value in self.values().items() if key.startswith(prefix)}

    def set_argv(self, words: tuple[str, ...]) -> None:
        """Fill the form with the words of an earlier command line."""
        own, name, more = split_words(self._described, words)
        self.command.choose(name)
        values, rest = self._described.from_argv(own)
        if name:
            given, unknown = command_of(self._described, name).from_argv(more)
            values, rest = values | {f"{name} {key}": value for key, value in given.items()}, (*rest, *unknown)
        with self._filling():
            if self._made_of[0] is not self._described or self._made_of[1] != self.command.name():
                self._rebuild()
            for key, field in self.fields.items():
                field.vary_button.setChecked(False)
                field.set_value(values.get(key, field.argument.starting_value))
            self.extra.setText(join_words((*self._unshown_words(values), *rest)))
        self._show_matching()
        self._on_field_changed()

    def fault(self) -> str:
        """Return the first thing that keeps the script from taking the form; empty when all is well."""
        return next(iter(self._faults().values()), "")

    def is_modified(self) -> bool:
        """Whether anything differs from the script's defaults."""
        return bool(self.extra.text() or self.command.name()) or any(
            field.is_modified() for field in self.fields.values()
        )

    def clear(self) -> None:
        """Forget the script and everything that was filled in."""
        self.fields = {}
        self._aside = {}
        self.extra.clear()
        self.show_arguments(ScriptArguments())

    def reset(self) -> None:
        """Put every field back to the script's default."""
        with self._filling():
            for field in self.fields.values():
                field.reset()
            self._aside = {}
            self.extra.clear()
        self.command.choose("")
        self._on_command_chosen()

    def _on_command_chosen(self) -> None:
        """Show what another subcommand takes; what was filled in for the one before is there when it comes back."""
        self._aside |= {key: field.value() for key, field in self.fields.items() if field.is_modified()}
        self.show_arguments(self._described)

    def _unshown_words(self, values: dict[str, Value]) -> tuple[str, ...]:
        """Return the words for what no field can hold, such as an empty text."""
        name = self.command.name()
        shown, _ = self._described.from_argv(self._described.to_argv(self.values()))
        own = command_of(self._described, name)
        given, _ = own.from_argv(own.to_argv(self._own_values()))
        shown |= {f"{name} {key}": value for key, value in given.items()}
        lost = {}
        for key, value in values.items():
            if key in self.fields and shown.get(key) != value and self.fields[key].argument.is_given(value):
                self.fields[key].reset()
                lost[key] = value
        of_command = {key.removeprefix(f"{name} "): value for key, value in lost.items() if key.startswith(f"{name} ")}
        return (*self._described.to_argv(lost), *own.to_argv(of_command))

    # --------------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(Heading(self.tr("Arguments"), 2, self))
        top.addStretch(1)
        top.addWidget(self._reset)
        top.addWidget(self.presets_button)
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        extra = QLabel(self.tr("Extra arguments"), self)
        extra.setBuddy(self.extra)
        below = QVBoxLayout()
        below.setSpacing(theme.SPACE_XS)
        below.addWidget(extra)
        below.addWidget(self.extra)
        below.addWidget(self._extra_fault)
        column = self._column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addWidget(self.description)
        column.addWidget(self._notes)
        column.addWidget(self.filter)
        column.addWidget(self._rows)
        column.addWidget(self.command)
        column.addWidget(self._command_rows)
        column.addSpacing(theme.SPACE_XS)
        column.addLayout(below)

    @contextmanager
    def _filling(self) -> Iterator[None]:
        """Fill in much at once: what that means for the whole is for whoever does, once, at the end."""
        self._is_filling = True
        try:
            yield
        finally:
            self._is_filling = False

    def _rebuild(self) -> None:
        self.fields = {}
        self._groups = {}
        self._rows = self._rows_in_place_of(self._rows, self._described.arguments)
        name = self.command.name()
        self._made_of = (self._described, name)
        own = command_of(self._described, name).arguments
        self._command_rows = self._rows_in_place_of(self._command_rows, own, f"{name} ")
        place_behind(self.filter, self._rows)
        place_behind(self.command.choice, self._command_rows)

    def _rows_in_place_of(self, before: QWidget, arguments: Sequence[ScriptArgument], prefix: str = "") -> QWidget:
        rows = QWidget(self)
        column = QVBoxLayout(rows)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_M)
        group = ""
        for argument in arguments:
            if argument.group != group and argument.group:
                self._groups[prefix + argument.group] = self._group_label(argument.group, rows)
                column.addWidget(self._groups[prefix + argument.group])
            group = argument.group
            field = ArgumentField(argument, rows)
            field.changed.connect(self._on_field_changed)
            self.fields[prefix + argument.key] = field
            column.addWidget(field)
        self._column.replaceWidget(before, rows)
        before.hide()
        before.deleteLater()
        rows.setVisible(bool(arguments))
        return rows

    def _show_matching(self) -> None:
        typed = self.filter.text().strip().casefold()
        kept: set[str] = set()
        for key, field in self.fields.items():
            argument = field.argument
            said = " ".join((*argument.flags, argument.dest, argument.help, argument.group)).casefold()
            field.setVisible(typed in said)
            if typed in said:
                kept.add(key.removesuffix(argument.key) + argument.group)
        for group, label in self._groups.items():
            label.setVisible(group in kept)

    def _group_label(self, text: str, parent: QWidget) -> QLabel:
        label = SecondaryLabel(text, parent)
        label.setFont(theme.font("strong"))
        return label

    def _note_lines(self) -> list[str]:
        lines = []
        others = [name for name in self._described.uses if name not in _FORMLESS]
        if others:
            text = self.tr("This script reads its arguments with {0}: type them as text.")
            lines.append(text.format(", ".join(others)))
        elif "sys.argv" in self._described.uses and not self.fields:
            lines.append(self.tr("This script reads its words from sys.argv: type them as text."))
        elif not self.fields and not self._described.problems and not self._described.subcommands:
            lines.append(self.tr("The text of this script declares no arguments."))
        own = command_of(self._described, self.command.name())
        shown = [name for name, _ in self._described.commands]
        untold = own.subcommands if shown else self._described.subcommands
        if untold:
            text = self.tr("This script has subcommands ({0}): type the one you want, with its arguments, as text.")
            lines.append(text.format(", ".join(untold)))
        return [*lines, *self._described.problems, *own.problems]

    def _extra_words(self) -> tuple[str, ...]:
        try:
            return parse_words(self.extra.text())
        except ValueError:
            return ()

    def _faults(self) -> dict[str, str]:
        # A word of the free line may answer what the form misses.
        said = " ".join(self._extra_words())
        found = {
            key: text
            for key, text in self._described_faults().items()
            if key not in said and not (key in self.fields and self.fields[key].is_varied())
        }
        found |= {key: fault for key, field in self.fields.items() if (fault := field.own_fault())}
        try:
            parse_words(self.extra.text())
        except ValueError:
            found["extra"] = self.tr("A quotation mark in the extra arguments is not closed.")
        late = [a.key for a in self._described.arguments if self.command.name() and self.fields[a.key].is_varied()]
        text = self.tr("{0} cannot vary beside a subcommand: its values would come behind that one.")
        found |= {key: text.format(key) for key in late}
        if self.command.is_missing() and not any(word in self.command.names() for word in self._extra_words()):
            found["command"] = self.tr("Choose a subcommand: {0}.").format(", ".join(self.command.names()))
        after = (self.command.name(), *self._extra_words()) if self.command.name() else self._extra_words()
        taker = self._described.swallowing(self.values(), after)
        if taker and self.command.name():
            text = self.tr("{0} would take “{1}” for one more of its own words. Give another option, too.")
            found.setdefault(taker, text.format(taker, after[0]))
        elif taker:
            text = self.tr(
                "{0} would take “{1}” of the extra arguments for one more of its own words. Give another option, too."
            )
            found.setdefault(taker, text.format(taker, self._extra_words()[0]))
        return found

    def _described_faults(self) -> dict[str, str]:
        """Return what is wrong with the values, by the keys of the fields."""
        name, found = self.command.name(), self._described.faults(self.values())
        own = command_of(self._described, name).faults(self._own_values())
        return found | {f"{name} {key}": words for key, words in own.items()}

    def _on_field_changed(self) -> None:
        if self._is_filling:
            return
        faults = self._faults()
        for key, field in self.fields.items():
            # An empty field that is needed is said beside the button, not in red before anybody typed.
            wanted = field.argument.required and field.value() is None and not field.own_fault()
            field.show_fault("" if wanted else faults.get(key, ""))
        self._extra_fault.setText(faults.get("extra", ""))
        self._extra_fault.setVisible("extra" in faults)
        self._extra_fault.setTextFormat(Qt.TextFormat.PlainText)
        self._reset.setVisible(self.is_modified())
        self.changed.emit()
