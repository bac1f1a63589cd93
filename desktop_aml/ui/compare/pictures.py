"""Pictures of the runs that are compared, side by side: one that all logged under a name, or left under a path.

A series is leafed through in all of them at once, by a slider.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.metrics import Record
from desktop_aml.domain.runs import RunSummary
from desktop_aml.ui.compare.swatch import swatch_icon
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.record_groups import RecordGroup, group_records
from desktop_aml.ui.runs.record_card import load_record
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.picture import PictureDialog, Thumbnail
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.widgets import ElidedLabel, EmptyState, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_ENDS: Final = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".svg")
_CARD: Final = 208
_PICTURE: Final = QSize(640, 320)
_SETTLE_MS: Final = 60

Series = dict[str, dict[str, RecordGroup]]
"""By name, by run."""


class ComparePictures(QWidget):
    """Reads what pictures there are when it is seen, and those that are chosen off the window's thread."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace, self._bridge = workspace, bridge
        self._runs: Sequence[RunSummary] = ()
        self._series: Series = {}
        self._is_stale = False
        self.cards: list[QWidget] = []
        self.picture = ChoiceField(self)
        self.picture.setAccessibleName(self.tr("Picture"))
        self.picture.setMinimumContentsLength(20)
        self.picture.setMaximumWidth(264)
        self.picture.currentIndexChanged.connect(lambda _: self._show_series())
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Place in the series"))
        self.slider.setMaximumWidth(320)
        self.slider.valueChanged.connect(self._on_slider_changed)
        self.place_label = QLabel(self)
        self.place_label.setProperty("role", "secondary")
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_L, theme.SPACE_XS, theme.SPACE_L, theme.SPACE_XS)
        bar.setSpacing(theme.SPACE_M)
        bar.addWidget(self.picture)
        bar.addWidget(self.slider, 1)
        bar.addWidget(self.place_label)
        bar.addStretch(1)
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        self._grid = QGridLayout(self.body)
        self._grid.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        self._grid.setHorizontalSpacing(theme.SPACE_L)
        self._grid.setVerticalSpacing(theme.SPACE_L)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self.body)
        self.area.installEventFilter(self)
        shown = QWidget(self)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.area, 1)
        self.empty = EmptyState("image", self.tr("None of these runs logged a picture, or left one."), parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(shown)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._load)

    def show_runs(self, runs: Sequence[RunSummary]) -> None:
        """Show the pictures of runs, as soon as somebody looks."""
        self._runs, self._is_stale = runs, True
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read what was not read for nobody."""
        super().showEvent(event)
        if self._is_stale:
            self._read()

    def _read(self) -> None:
        self._is_stale = False
        ids = [run.id for run in self._runs]
        call_for(self, self._bridge, lambda: self._found(ids), self._offer)

    def _found(self, ids: Sequence[str]) -> Series:
        """Return the series of pictures of runs; those of most runs first. Called on a worker."""
        found: Series = {}
        for run_id in ids:
            for group in group_records(self._workspace.runs.curves.records(run_id)):
                if group.kind == "image":
                    found.setdefault(group.name, {})[run_id] = group
            for file in self._workspace.runs.files.list(run_id):
                if file.path.lower().endswith(_ENDS):
                    record = Record(file.path, "image", 0, 0.0, {"path": file.path})
                    found.setdefault(file.path, {})[run_id] = RecordGroup(file.path, "image", (record,))
        return dict(sorted(found.items(), key=lambda one: -len(one[1])))

    def _offer(self, found: Series) -> None:
        self._series = found
        words = self.tr("{0} ({1} of {2} runs)")
        total = formats.count(len(self._runs))
        choices = [(words.format(name, formats.count(len(by_run)), total), name) for name, by_run in found.items()]
        self.picture.set_choices(choices)
        self.stack.setCurrentIndex(1 if found else 0)
        self._show_series()

    def _chosen(self) -> dict[str, RecordGroup]:
        return self._series.get(str(self.picture.value()), {})

    def _show_series(self) -> None:
        longest = max((len(group.paths()) for group in self._chosen().values()), default=0)
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, longest - 1))
        self.slider.blockSignals(False)
        for widget in (self.slider, self.place_label):
            widget.setVisible(longest > 1)
        self._say_place()
        self._load()

    def _on_slider_changed(self, _value: int) -> None:
        self._say_place()
        self._settle.start()

    def _say_place(self) -> None:
        at, last = formats.count(self.slider.value() + 1), formats.count(self.slider.maximum() + 1)
        self.place_label.setText(self.tr("{0} of {1}").format(at, last))

    def _load(self) -> None:
        chosen, at, runs = self._chosen(), self.slider.value(), tuple(self._runs)
        files = self._workspace.runs.files

        def work() -> list[QImage | str]:
            found: list[QImage | str] = []
            for run in runs:
                group = chosen.get(run.id)
                if group is None or at >= len(group.paths()):
                    found.append("")
                    continue
                try:
                    image = load_record(group, at, lambda path, run_id=run.id: files.path(run_id, path)).image  # type: ignore[misc]
                    found.append("" if image is None else image)
                except DesktopAMLError as error:
                    found.append(error.message)
            return found

        def show(found: list[QImage | str]) -> None:
            # A slower answer to an earlier question is not shown.
            if at == self.slider.value() and runs == tuple(self._runs) and chosen is self._chosen():
                self._show(runs, found)

        call_for(self, self._bridge, work, show)

    def _show(self, runs: Sequence[RunSummary], found: Sequence[QImage | str]) -> None:
        for card in self.cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self.cards = [self._card(place, run, found[place]) for place, run in enumerate(runs)]
        self._place()

    def _card(self, place: int, run: RunSummary, content: QImage | str) -> QWidget:
        card = QWidget(self.body)
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        name = ElidedLabel(run.display_name, card)
        swatch = QLabel(card)
        swatch.setPixmap(swatch_icon(place).pixmap(20, theme.ICON_SIZE))
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(swatch)
        head.addWidget(name, 1)
        column.addLayout(head)
        if isinstance(content, str):
            column.addWidget(SecondaryLabel(content or self.tr("Nothing here"), card))
        else:
            words = f"{self.picture.value()}, {run.display_name}"
            thumbnail = Thumbnail(content, words, _PICTURE, card)
            thumbnail.clicked.connect(lambda: PictureDialog(content, words, self).open())
            column.addWidget(thumbnail)
        column.addStretch(1)
        return card

    def _place(self) -> None:
        columns = max(1, min(len(self.cards), self.area.width() // _CARD))
        for number in range(max(columns, self._grid.columnCount())):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)
        for number, card in enumerate(self.cards):
            self._grid.addWidget(card, number // columns, number % columns)
        below = -(-len(self.cards) // columns)
        for row in range(max(below + 1, self._grid.rowCount())):
            self._grid.setRowStretch(row, int(row == below))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Change the number of columns."""
        if event.type() is QEvent.Type.Resize and self.cards:
            self._place()
        return super().eventFilter(watched, event)
