"""The settings of a sweep, and the runs that would tell two of them apart: one click has them made."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.sweeps.standings import Standing, Standings
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.runs.tuning.settings_table import SettingsTable, given_words
from desktop_aml.ui.widgets.widgets import SecondaryLabel


class SettingsPart(QWidget):
    """The table of the settings; below it what would tell the chosen one from the best."""

    more_wanted = Signal(object, int)
    """Numbers of two trials, whose settings are to run again, and how often each."""

    def __init__(self, metric: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._standings: Standings | None = None
        self._meant: Standing | None = None
        self.table = SettingsTable(metric, self)
        self.table.chosen.connect(lambda _key: self._offer())
        self.words = SecondaryLabel("", self)
        self.run_button = QPushButton(self.tr("Run them"), self)
        icons.set_icon(self.run_button, "start", "secondary")
        self.run_button.clicked.connect(self._on_run_button_clicked)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.words, 1)
        row.addWidget(self.run_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addWidget(self.table)
        column.addLayout(row)

    def show_standings(self, found: Standings) -> None:
        """Show how the settings stand, and offer the runs that would tell the chosen one from the best."""
        self._standings = found
        self.table.show_standings(found)
        self._offer()

    def _offer(self) -> None:
        if self._standings is None:
            return
        open_ones = [row for row in self._standings.rows if row.more_runs is not None]
        key = self.table.current_key()
        chosen = [row for row in open_ones if row.setting.trials[0].run_id == key]
        self._meant = next(iter(chosen or open_ones), None)
        self.run_button.setVisible(self._meant is not None)
        self.words.setVisible(self._meant is not None)
        if self._meant is not None:
            one, best = given_words(self._meant.setting), given_words(self._standings.rows[0].setting)
            count = formats.count(self._meant.more_runs or 0)
            self.words.setText(self.tr("About {0} more runs each would tell {1} from {2}.").format(count, one, best))

    def _on_run_button_clicked(self) -> None:
        if self._meant is not None and self._standings is not None:
            pair = (self._standings.rows[0].setting.trials[0].number, self._meant.setting.trials[0].number)
            self.more_wanted.emit(pair, self._meant.more_runs or 1)
