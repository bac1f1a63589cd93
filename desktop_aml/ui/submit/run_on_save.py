"""The switch beside Run: each save of the script runs it again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from desktop_aml.domain.events import RunMoved
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.submit.script_reading import Reading

FAILURES: Final = 3
"""So many failed runs in a row switch it off: something else is wrong than what is being typed."""


class RunOnSave(QCheckBox):
    """Begins a run for each new text of the script that can be a script; one at a time, the newest text last.

    Parameters
    ----------
    can_run : callable
        Whether a run can begin now.
    start_run : callable
        Begins one.
    """

    def __init__(
        self, bridge: Bridge, can_run: Callable[[], bool], start_run: Callable[[], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setText(self.tr("Run on save"))
        self.setToolTip(self.tr("Begin a run whenever the script is saved with another text"))
        self._bridge = bridge
        self._can_run, self._start_run = can_run, start_run
        self._seen = ""
        self._under_way = ""
        self._is_starting = self._waits = False
        self._ended: dict[str, RunState] = {}
        self._failures = 0
        self.hide()
        self.toggled.connect(self._on_toggled)
        bridge.listen(self._on_event_happened, RunMoved)

    def follow(self, *, possible: bool) -> None:
        """Begin with another script: off, and there only where what is saved is what runs."""
        self.setChecked(False)
        self.setVisible(possible)
        self._seen = ""

    def saw(self, reading: Reading) -> None:
        """Take the script as it is now; called for each look at it."""
        before, self._seen = self._seen, reading.digest
        # An editor may empty the file first; and nobody wants half of a line run.
        if self.isChecked() and before and before != self._seen and reading.digest and reading.arguments.is_source:
            self._begin()

    def began(self, run_id: str) -> bool:
        """Take note of a run that was submitted; return whether this had begun it."""
        was_ours, self._is_starting = self._is_starting, False
        ended, self._ended = self._ended, {}
        if was_ours:
            self._under_way = run_id
            # A short run may have ended before it was known which one it is.
            if run_id in ended:
                self._on_end(ended[run_id])
        return was_ours

    def could_not_begin(self) -> None:
        """Take note that the run which was to begin did not."""
        self._is_starting = False

    def _begin(self) -> None:
        if self._under_way or self._is_starting or not self._can_run():
            self._waits = True
            return
        self._waits, self._is_starting = False, True
        self._start_run()

    def _on_toggled(self, _checked: bool) -> None:
        self._failures = 0
        self._waits = False
        self._under_way = ""

    def _on_event_happened(self, event: RunMoved) -> None:
        if event.state.is_terminal():
            if event.run_id == self._under_way:
                self._on_end(event.state)
            elif self._is_starting:
                self._ended[event.run_id] = event.state

    def _on_end(self, state: RunState) -> None:
        self._under_way = ""
        self._failures = self._failures + 1 if state is RunState.FAILED else 0
        if self._failures >= FAILURES:
            self.setChecked(False)
            words = self.tr("Run on save is off: {0} runs in a row failed.").format(FAILURES)
            self._bridge.tell(words, "warning", action=(self.tr("Switch on"), lambda: self.setChecked(True)))
        elif self._waits:
            self._begin()


def side_by_side(button: QWidget, switch: QWidget) -> QWidget:
    """Return a row of a button that takes the room there is, and a switch beside it."""
    row = QWidget(button.parentWidget())
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.SPACE_M)
    layout.addWidget(button, 1)
    layout.addWidget(switch)
    return row
