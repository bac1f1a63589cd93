"""One record of a run as a card: its name, and the picture, chart or table that it is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from desktop_aml.domain.charts import Chart, read_chart
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput, StorageError
from desktop_aml.system.files import open_regular, read_regular
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.chart_rows import Rows, rows_of, rows_of_columns
from desktop_aml.ui.plots.record_groups import RecordGroup
from desktop_aml.ui.runs.record_table import rows_table
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.viewers.picture_file import read_picture
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_CHART_BYTES: Final = 8 << 20
_LARGEST_IMAGE: Final = 4096
_PICTURE: Final = QSize(640, 320)


@dataclass(frozen=True, slots=True)
class LoadedRecord:
    """What was read of a record: a picture, a chart, or the columns of a table."""

    image: QImage | None = None
    chart: Chart | None = None
    columns: dict[str, list[object]] | None = None


def load_record(group: RecordGroup, place: int, find_file: Callable[[str], Path]) -> LoadedRecord:
    """Read one record. Called off the GUI thread.

    Raises
    ------
    DesktopAMLError
        When there is nothing to show; its words say why.
    """
    if group.kind in {"table", "list"}:
        return LoadedRecord(columns=group.columns())
    paths = group.paths()
    if not paths:
        raise InvalidInput("This record names no file.")
    path = find_file(paths[place])
    return LoadedRecord(image=_image(path)) if group.kind == "image" else LoadedRecord(chart=_chart(group.kind, path))


def _image(path: Path) -> QImage:
    try:
        with open_regular(path) as stream:
            image, words = read_picture(stream, _LARGEST_IMAGE)
    except OSError as error:
        raise StorageError(f"The picture's file cannot be read: {error.strerror}.") from None
    if image.isNull():
        raise InvalidInput(f"This picture cannot be read: {words}.")
    return image


def _chart(kind: str, path: Path) -> Chart:
    try:
        data = read_regular(path, _CHART_BYTES + 1)
        if len(data) > _CHART_BYTES:
            raise InvalidInput("This chart is too large to draw.", "Look at its file under Outputs.")
        content = json.loads(data)
    except OSError as error:
        raise StorageError(f"The chart's file cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise InvalidInput("This cannot be drawn: the file is no JSON.", "Look at it under Outputs.") from None
    return read_chart(kind, content)


class RecordCard(QWidget):
    """Reads its record when it is seen for the first time. Several of one name are leafed through."""

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, group: RecordGroup, parent: QWidget) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._bridge = bridge
        self._run_id = run_id
        self._is_asked = False
        self._place = 0
        self._image: QImage | None = None
        self._rows: Rows | None = None
        self.content: QWidget | None = None
        self._build(group.name)
        self.show_group(group)

    def _build(self, name: str) -> None:
        self.name_label = ElidedLabel(name, self)
        self.name_label.setFont(theme.font("strong"))
        self.back_button = IconButton("chevron-left", self.tr("Earlier one"), self)
        self.back_button.clicked.connect(lambda: self.turn_to(self._place - 1))
        self.place_label = SecondaryLabel("", self)
        self.place_label.setWordWrap(False)
        self.on_button = IconButton("chevron-right", self.tr("Later one"), self)
        self.on_button.clicked.connect(lambda: self.turn_to(self._place + 1))
        self.table_button = QToolButton(self)
        self.table_button.setText(self.tr("Table"))
        self.table_button.setAccessibleName(self.tr("Show {0} as a table").format(name))
        self.table_button.setCheckable(True)
        self.table_button.setFixedHeight(theme.FIELD_HEIGHT)
        self.table_button.toggled.connect(self._show_table)
        self.menu_button = IconButton("more", self.tr("More"), self)
        self.menu_button.clicked.connect(self._on_menu_button_clicked)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(0, 0, 0, 0)
        self.bar.setSpacing(theme.SPACE_XS)
        self.bar.addWidget(self.name_label, 1)
        for widget in (self.back_button, self.place_label, self.on_button, self.table_button, self.menu_button):
            self.bar.addWidget(widget)
            widget.hide()
        self.words = SecondaryLabel(self.tr("Loading…"), self)
        self.table: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.SPACE_XS)
        self._layout.addLayout(self.bar)
        self._layout.addWidget(self.words)
        self._layout.addStretch(1)

    def show_group(self, group: RecordGroup) -> None:
        """Show a record, or what was added to it."""
        self.group = group
        self._count = 1 if group.kind in {"table", "list"} else max(1, len(group.paths()))
        self.turn_to(self._count - 1)

    def turn_to(self, place: int) -> None:
        """Show one of several records of the name."""
        self._place = max(0, min(self._count - 1, place))
        for widget in (self.back_button, self.place_label, self.on_button):
            widget.setVisible(self._count > 1)
        self.back_button.setEnabled(self._place > 0)
        self.on_button.setEnabled(self._place < self._count - 1)
        self.place_label.setText(self.tr("{0} of {1}").format(self._place + 1, self._count))
        if self._is_asked:
            self.load()

    def is_wide(self) -> bool:
        """Whether the record wants the whole width of the page."""
        return self.group.kind == "accuracy_table" or (self.group.kind == "table" and len(self.group.columns()) > 4)

    def load(self) -> None:
        """Read the record and show it."""
        self._is_asked = True
        group, place, run_id = self.group, self._place, self._run_id
        call_for(
            self,
            self._bridge,
            lambda: load_record(group, place, lambda path: self._workspace.runs.files.path(run_id, path)),
            lambda loaded: self._on_loaded(loaded, place),
            self._on_load_failed,
        )

    def _on_loaded(self, loaded: LoadedRecord, place: int) -> None:
        if place != self._place:
            return
        self._clear()
        self._image = loaded.image
        content: QWidget | None
        if loaded.image is not None:
            content = self._picture(loaded.image)
        elif loaded.chart is not None:
            from desktop_aml.ui.plots.chart_content import chart_content

            self._rows = rows_of(loaded.chart)
            content = chart_content(loaded.chart, self)
        else:
            columns = loaded.columns or {}
            self._rows = rows_of_columns(columns)
            content = self._curves(columns)
        self._show_content(content)

    def _curves(self, columns: dict[str, list[object]]) -> QWidget | None:
        from desktop_aml.ui.plots.chart_content import curves_content

        return curves_content(columns, self) if self.group.kind == "table" else None

    def _show_content(self, content: QWidget | None) -> None:
        self.words.hide()
        self.content = content
        self.menu_button.show()
        self.table_button.setVisible(content is not None and self._rows is not None)
        if content is not None:
            self._layout.insertWidget(1, content)
        self._show_table(content is None or self.table_button.isChecked())

    def _on_load_failed(self, error: DesktopAMLError) -> None:
        self._clear()
        self.words.setText(str(error))
        self.words.show()

    def _clear(self) -> None:
        for widget in (self.content, self.table):
            if widget is not None:
                self._layout.removeWidget(widget)
                widget.deleteLater()
        self.content = self.table = self._rows = self._image = None

    def _picture(self, image: QImage) -> QWidget:
        from desktop_aml.ui.viewers.picture import Thumbnail

        picture = Thumbnail(image, self.group.name, _PICTURE, self)
        picture.clicked.connect(self.look_closer)
        return picture

    def look_closer(self) -> None:
        """Open the picture in a window of its own."""
        from desktop_aml.ui.viewers.picture import PictureDialog

        if self._image is not None:
            PictureDialog(self._image, self.group.name, self).open()

    def _show_table(self, on: bool) -> None:
        if self._rows is None:
            return
        if on and self.table is None:
            self.table = rows_table(self._rows, self)
            self.table.setAccessibleName(self.group.name)
            self._layout.insertWidget(2, self.table)
        if self.content is not None:
            self.content.setVisible(not on)
        if self.table is not None:
            self.table.setVisible(on)

    # What can be taken along.

    def menu(self) -> RowMenu:
        """Return what can be done with the record."""
        menu = RowMenu(self)
        if self._rows is not None:
            menu.entry("copy", self.tr("Copy as tab-separated text"), self.copy_rows)
        if self.content is not None:
            menu.entry("image", self.tr("Copy as image"), self.copy_image)
            menu.entry("save", self.tr("Save as image…"), self._choose_image_file)
        if self._image is not None:
            menu.entry("eye", self.tr("Look closer"), self.look_closer)
        return menu

    def _on_menu_button_clicked(self) -> None:
        self.menu().popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer the same at the pointer, and for the Menu key."""
        self.menu().popup(event.globalPos())

    def copy_rows(self) -> None:
        """Copy the numbers with all their digits."""
        if self._rows is not None:
            QGuiApplication.clipboard().setText(self._rows.as_tsv())
            self._bridge.tell(self.tr("Copied."))

    def image(self) -> QImage:
        """Return the picture, or a picture of the chart."""
        if self._image is not None or self.content is None:
            return self._image or QImage()
        return self.content.grab().toImage()

    def copy_image(self) -> None:
        """Copy the picture, or a picture of the chart."""
        QGuiApplication.clipboard().setImage(self.image())
        self._bridge.tell(self.tr("Copied."))

    def _choose_image_file(self) -> None:
        def save(path: Path) -> None:
            self.image().save(str(path), b"PNG")

        ask_where_to_save(self, self.tr("Save as image"), save, filters=[self.tr("PNG image (*.png)")], suffix="png")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Read the record when it comes into view for the first time."""
        super().paintEvent(event)
        if not self._is_asked:
            self.load()
