"""The stages of a run in one line, each with the time it took."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop_aml.domain.runs import RunState, StateChange
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.tokens import STATE_ROLES
from desktop_aml.ui.widgets.loading import BusyBar
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconLabel, SecondaryLabel, state_word

_TIGHT: Final = 440
_COMPACT: Final = 600
_STAGES: Final = (RunState.QUEUED, RunState.PREPARING, RunState.RUNNING, RunState.FINALIZING)


class Stage(QWidget):
    """One stage: icon, word, seconds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.icon = IconLabel("clock", 16, "secondary", self)
        self.word = QLabel(self)
        self.word.setTextFormat(Qt.TextFormat.PlainText)
        self.took = SecondaryLabel("", self, small=True)
        self.took.setWordWrap(False)
        self._is_compact = self._is_tight = self._is_current = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        for widget in (self.icon, self.word, self.took):
            row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_stage(
        self, state: RunState, *, reached: bool, current: bool, seconds: float | None, is_failed: bool = False
    ) -> None:
        """Show one stage as done, present, still to come, or as the one that failed."""
        role = STATE_ROLES.get(str(state), "secondary") if current or state.is_terminal() else "secondary"
        name = icons.state_icon_name(state) if current or state.is_terminal() else "check" if reached else "clock"
        if is_failed:
            role, name = STATE_ROLES[RunState.FAILED], icons.state_icon_name(RunState.FAILED)
        self.icon.set_icon(name, role if reached else "border")
        self.word.setText(state_word(state))
        self.word.setProperty("role", "" if reached else "secondary")
        self.word.style().polish(self.word)
        font = self.word.font()
        font.setWeight(QFont.Weight.DemiBold if current else QFont.Weight.Normal)
        self.word.setFont(font)
        self.took.setText(formats.duration(seconds) if seconds is not None and seconds >= 0.5 else "")
        self._is_current = current
        self.fit(compact=self._is_compact, tight=self._is_tight)
        words = f"{state_word(state)} {self.took.text()}".strip()
        if is_failed:
            words = self.tr("{0}, failed").format(words)
        self.setAccessibleName(words if reached else self.tr("{0}, not reached yet").format(words))

    def fit(self, *, compact: bool, tight: bool) -> None:
        """Show the time where there is one and room for it, and where there is none for words, the present one's.

        An empty label would push the next stage away.
        """
        self._is_compact, self._is_tight = compact, tight
        self.took.setHidden(compact or not self.took.text())
        self.word.setHidden(tight and not self._is_current)
        self.setToolTip(self.word.text() if self.word.isHidden() else "")


class StageStrip(QWidget):
    """Queued, Preparing, Running, Finalizing and the end, with times; progress of the preparation below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stages = [Stage(self) for _ in range(5)]
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        for number, stage in enumerate(self.stages):
            if number:
                dash = SecondaryLabel("–", self)
                dash.setWordWrap(False)
                row.addWidget(dash)
            row.addWidget(stage)
        self.note = ElidedLabel("", self, mode=Qt.TextElideMode.ElideRight)
        self.note.setProperty("role", "secondary")
        self.note.setFont(theme.font("small"))
        self.bar = BusyBar(self)
        self.bar.setFixedSize(120, theme.SPACE_XS)
        self.bar.hide()
        row.addWidget(self.note, 1)
        row.addWidget(self.bar)
        # The strip must not make the page wider than the panes leave room for.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Leave the seconds out where there is no room for them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out the seconds, then the words of stages, so that the note can be read: it says what is waited for."""
        compact = self.width() < _COMPACT
        self._row.setSpacing(theme.SPACE_XS if compact else theme.SPACE_S)
        note = self.note.sizeHint().width() if self.note.text() else 0
        for tight in (False, True):
            for stage in self.stages:
                stage.fit(compact=compact, tight=tight or self.width() < _TIGHT)
            self._row.invalidate()
            if self._row.minimumSize().width() + note <= self.width():
                return

    def show_history(
        self,
        history: tuple[StateChange, ...],
        note: str = "",
        *,
        ran_s: float | None = None,
        has_script_failed: bool = True,
    ) -> None:
        """Show where a run is and how long each stage took.

        Parameters
        ----------
        ran_s : float, optional
            How many seconds the script ran, as the head of the page and the list of jobs say it.
        has_script_failed : bool
            Whether, of a run that failed, it was its script that did.
        """
        state = history[-1].state if history else RunState.QUEUED
        last = {change.state: number for number, change in enumerate(history)}
        end = state if state.is_terminal() else RunState.COMPLETED
        shown = RunState.RUNNING if state is RunState.CANCEL_REQUESTED else state
        culprit = _culprit(last, has_script_failed=has_script_failed) if state is RunState.FAILED else None
        for stage, wanted in zip(self.stages, (*_STAGES, end), strict=True):
            at = last.get(wanted)
            seconds = None if at is None or wanted.is_terminal() else _seconds(history, at)
            if wanted is RunState.RUNNING and ran_s is not None:
                seconds = ran_s
            stage.show_stage(
                RunState.CANCEL_REQUESTED if wanted is shown is not state else wanted,
                reached=at is not None,
                current=wanted is shown,
                seconds=seconds,
                is_failed=wanted is culprit,
            )
        self.note.setText(note)
        self._fit()
        if state is not RunState.PREPARING:
            self.bar.hide()

    def show_progress(self, words: str, fraction: float | None) -> None:
        """Show how far the preparation is; a fraction of None is a bar that only moves."""
        self.note.setText(words[:80])
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(fraction * 1000))
        self.bar.show()
        self._fit()


def _culprit(reached: Mapping[RunState, int], *, has_script_failed: bool) -> RunState | None:
    """Return the stage in which a run failed: the last one that it reached, or that of its script."""
    stages = [stage for stage in _STAGES if stage in reached]
    if has_script_failed and RunState.RUNNING in reached:
        return RunState.RUNNING
    return stages[-1] if stages else None


def _seconds(history: tuple[StateChange, ...], at: int) -> float:
    until = history[at + 1].at if at + 1 < len(history) else time.time()
    return until - history[at].at
