"""The choice of a script's subcommand, with a line that says what it is."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from desktop_aml.domain.scripts.arguments import ScriptArguments
from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.choice_field import ChoiceField


class SubcommandChoice(QWidget):
    """Is there only where the script has subcommands whose names are known."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._is_needed = False
        self.choice = ChoiceField(self)
        self.choice.setAccessibleName(self.tr("Subcommand"))
        self.choice.activated.connect(lambda _: self.chosen.emit())
        label = QLabel(self.tr("Subcommand"), self)
        label.setFont(theme.font("strong"))
        label.setBuddy(self.choice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.SPACE_S, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        layout.addWidget(label)
        layout.addWidget(self.choice)
        self.hide()

    def show_commands(self, described: ScriptArguments) -> None:
        """Offer the subcommands of a script; the one that was chosen stays where it is still there."""
        names, before = tuple(name for name, _ in described.commands), self.name()
        self.setVisible(bool(names))
        if (names, described.needs_command) == (self._names, self._is_needed):
            return
        self._names, self._is_needed = names, described.needs_command
        none = self.tr("Choose one…") if self._is_needed else self.tr("None")
        self.choice.set_choices([(none, ""), *((name, name) for name in names)])
        self.choose(before)

    def names(self) -> tuple[str, ...]:
        """Return the subcommands that are offered."""
        return self._names

    def name(self) -> str:
        """Return the subcommand that is chosen; empty for none."""
        return str(self.choice.value() or "")

    def choose(self, name: str) -> None:
        """Choose a subcommand, none for a name that the script does not have."""
        self.choice.set_value(name if name in self._names else "")

    def is_missing(self) -> bool:
        """Whether one is needed and none is chosen."""
        return self._is_needed and bool(self._names) and not self.name()
