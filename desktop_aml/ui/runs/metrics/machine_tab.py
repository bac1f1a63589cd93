"""What a run uses of the computer: its curves, live while it goes on, and its sums."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.domain.summaries import machine_use
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.domain.summaries.machine_use import UsePoint
from desktop_aml.domain.summaries.stacks import in_words
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.runs.metrics.stack_dialog import StackDialog
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.session.turns import in_turns
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.ui.plots.machine_curves import MachineCurves
    from desktop_aml.workspace import Workspace

_REFRESH_MS: Final = 2000


class MachineTab(QWidget):
    """Reads the curve when it is looked at, and again while the run goes on."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._bridge, self._run_id = workspace, bridge, run_id
        self._is_active = False
        self.curves: MachineCurves | None = None
        self.sums = SecondaryLabel("", self)
        self.empty = EmptyState("info", self.tr("Nothing was measured of this run."), parent=self)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.stack = QStackedWidget(self)
        # Bare until it was read: that nothing was measured is not known before.
        self.stack.addWidget(self.area)
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        self.sums.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, 0)
        self.stack_button = QPushButton(self.tr("Show where it is now"), self)
        self.stack_button.setToolTip(self.tr("The stack of each thread of its Python processes; the run goes on"))
        self.stack_button.clicked.connect(self.show_stacks)
        self.stack_button.hide()
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, theme.SPACE_M, 0)
        head.addWidget(self.sums, 1)
        head.addStretch()
        head.addWidget(self.stack_button)
        layout.addLayout(head)
        layout.addWidget(self.stack, 1)
        self._timer = QTimer(self, interval=_REFRESH_MS)
        self._timer.timeout.connect(self.load)

    def show_detail(self, detail: RunDetail) -> None:
        """Tell the sums of a run, and whether it goes on."""
        used = machine_use.of_properties(detail.properties)
        words = []
        if machine_use.CPU in used:
            words.append(self.tr("CPU {0} of one core").format(formats.duration(used[machine_use.CPU])))
        for name, text in (
            (machine_use.MEMORY, self.tr("peak memory {0}")),
            (machine_use.WRITTEN, self.tr("{0} written")),
            (machine_use.READ, self.tr("{0} read from disks")),
            (machine_use.GPU_MEMORY, self.tr("peak GPU memory {0}")),
        ):
            if name in used:
                words.append(text.format(formats.size(int(used[name]))))
        if machine_use.GPU in used:
            words.append(self.tr("GPUs busy at most {0}").format(f"{used[machine_use.GPU]:g}"))
        self.sums.setText(", ".join(words))
        self.sums.setVisible(bool(words))
        was_active, self._is_active = self._is_active, not detail.summary.state.is_terminal()
        self.stack_button.setVisible(detail.summary.state in {RunState.RUNNING, RunState.CANCEL_REQUESTED})
        if self.isVisible() and (was_active or self._is_active):
            self.load()
        self._pace()

    def show_stacks(self) -> None:
        """Ask the run's processes where they are, and show it."""
        space, run_id = self._workspace, self._run_id
        self.stack_button.setEnabled(False)
        call_for(
            self,
            self._bridge,
            lambda: in_words(space.runs.queue.stacks(run_id)),
            self._show_text,
            lambda error: self._show_text(str(error)),
        )

    def _show_text(self, text: str) -> None:
        self.stack_button.setEnabled(True)
        StackDialog(self.tr("Where the run is now"), text, self).open()

    def load(self) -> None:
        """Read the curve."""
        space, run_id = self._workspace, self._run_id
        files = space.runs.files
        call_for(self, self._bridge, lambda: (files.machine_use(run_id), files.gpu_use(run_id)), self._on_read)

    def _on_read(self, read: tuple[tuple[UsePoint, ...], tuple[GpuPoint, ...]]) -> None:
        points, on_gpus = read
        if not points and not on_gpus:
            self.stack.setCurrentWidget(self.empty)
            return
        if self.curves is None:
            # Here: it brings the library of plots.
            from desktop_aml.ui.plots.machine_curves import MachineCurves

            self.curves = MachineCurves(self)
            self.area.setWidget(self.curves)
        self.stack.setCurrentWidget(self.area)
        steps = self.curves.steps_to(points, on_gpus)
        if steps:
            in_turns(self, self._bridge, steps)

    def _pace(self) -> None:
        if self._is_active and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read what is new."""
        super().showEvent(event)
        self.load()
        self._pace()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Read no more."""
        super().hideEvent(event)
        self._pace()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.curves is not None:
            self.curves.restyle()
