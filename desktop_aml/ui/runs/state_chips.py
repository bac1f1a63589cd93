"""Counts of runs by state, each a button that filters the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from desktop_aml.domain.runs import RunState, ViewSnapshot
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.tokens import STATE_ROLES
from desktop_aml.ui.widgets.widgets import state_word

GROUPS: Final = (
    (RunState.RUNNING, (RunState.PREPARING, RunState.RUNNING, RunState.CANCEL_REQUESTED, RunState.FINALIZING)),
    (RunState.QUEUED, (RunState.QUEUED,)),
    (RunState.COMPLETED, (RunState.COMPLETED,)),
    (RunState.FAILED, (RunState.FAILED,)),
    (RunState.CANCELED, (RunState.CANCELED,)),
)
"""The state that names each chip, and the states it stands for: everything that holds a place counts as running."""


class StateChips(QWidget):
    """One chip for each group of states that has runs, or that is chosen."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: dict[RunState, QPushButton] = {}
        self._shown: tuple[object, object] = ((), ())
        self._counts: dict[RunState, str] = {}
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_XS)
        for name, _ in GROUPS:
            chip = QPushButton(self)
            chip.setCheckable(True)
            chip.setProperty("quiet", True)
            chip.setVisible(False)
            icons.set_icon(chip, icons.state_icon_name(name), STATE_ROLES[name])
            chip.toggled.connect(self.changed)
            layout.addWidget(chip)
            self._chips[name] = chip
        layout.addStretch(1)
        # In a narrow page the words go; without this they would keep the page from being narrow.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave out the words where there is no room for them: the icon and the count say enough."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        for has_words in (True, False):
            for name, count in self._counts.items():
                words = f"{state_word(name)}  {count}" if has_words else count
                if self._chips[name].text() != words:
                    self._chips[name].setText(words)
            self._row.invalidate()
            if self._row.minimumSize().width() <= self.width():
                return

    def states(self) -> tuple[RunState, ...]:
        """Return the states that are chosen; empty for all."""
        return tuple(state for name, states in GROUPS if self._chips[name].isChecked() for state in states)

    def choose(self, states: Sequence[RunState]) -> None:
        """Choose states, without a signal."""
        for name, of_chip in GROUPS:
            chip = self._chips[name]
            chip.blockSignals(True)
            chip.setChecked(any(state in states for state in of_chip))
            chip.blockSignals(False)

    def chip(self, name: RunState) -> QPushButton:
        """Return the chip of a group."""
        return self._chips[name]

    def show_counts(self, snapshot: ViewSnapshot) -> None:
        """Show how many runs are in each group."""
        chosen = self.states()
        if (snapshot.by_state, chosen) == self._shown:
            return
        self._shown = (snapshot.by_state, chosen)
        counts = dict(snapshot.by_state)
        for name, states in GROUPS:
            count = sum(counts.get(state, 0) for state in states)
            chip = self._chips[name]
            self._counts[name] = formats.count(count)
            chip.setToolTip(self.tr("Show only runs in this state: {0}").format(state_word(name)))
            chip.setAccessibleName(self.tr("{0}: {1} runs").format(state_word(name), formats.count(count)))
            chip.setVisible(count > 0 or chip.isChecked())
        self._fit()
