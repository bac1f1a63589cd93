"""What will be copied for a run: one line, and a list behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import SnapshotPreview

_LISTED: Final = 2000


class SnapshotLine(QWidget):
    """“12 files, 34 kB will be copied; 3 left out”, with a button that lists them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: SnapshotPreview | None = None
        self.label = SecondaryLabel("", self, small=True)
        self.button = QPushButton(self.tr("Show files"), self)
        self.button.setProperty("quiet", True)
        self.button.clicked.connect(self.show_files)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self.show_preview(None)

    def show_preview(self, preview: SnapshotPreview | None, problem: str = "") -> None:
        """Show what was found, or why nothing was."""
        self._preview = preview
        self.button.setVisible(preview is not None)
        if preview is None:
            self.label.setText(problem)
            return
        count = preview.file_count
        files = formats.files(count)
        words = self.tr("{0}, {1} will be copied").format(files, formats.size(preview.size_bytes))
        if preview.ignored:
            words += self.tr("; {0} left out").format(formats.count(len(preview.ignored)))
        self.label.setText("\n".join([words + ".", *preview.warnings]))

    def show_files(self) -> None:
        """List the files that will be copied and those that will not."""
        if self._preview is not None:
            SnapshotDialog(self._preview, self).open()


class SnapshotDialog(QDialog):
    """Every file with its size, and everything that is left out with the reason."""

    def __init__(self, preview: SnapshotPreview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("snapshot_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Files of the run"))
        self.resize(520, 480)
        tree = self.tree = QTreeWidget(self)
        tree.setHeaderLabels([self.tr("File"), self.tr("Size")])
        tree.setItemDelegate(PaddedDelegate(tree))
        tree.headerItem().setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        tree.setRootIsDecorated(True)
        tree.setAccessibleName(self.tr("Files of the run"))
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(0, tree.header().ResizeMode.Stretch)
        rule = preview.ignore_file or self.tr("the built-in list")
        self._add(self.tr("Copied"), [(path, formats.size(size)) for path, size in preview.files], "file")
        if preview.ignored:
            self._add(self.tr("Left out by {0}").format(rule), [(path, "") for path in preview.ignored], "canceled")
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Files of the run"), 1, self))
        hint = self.tr("The script runs in a copy. Name files to leave out in an .amlignore file, as in .gitignore.")
        layout.addWidget(SecondaryLabel(hint, self))
        layout.addWidget(tree, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)

    def _add(self, title: str, rows: list[tuple[str, str]], icon: str) -> None:
        top = QTreeWidgetItem([f"{title} ({formats.count(len(rows))})", ""])
        top.setFont(0, theme.font("strong"))
        top.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
        for path, size in rows[:_LISTED]:
            item = QTreeWidgetItem([path, size])
            item.setIcon(0, icons.icon(icon, "secondary"))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setSizeHint(0, QSize(0, theme.ROW_HEIGHT))
            top.addChild(item)
        if len(rows) > _LISTED:
            top.addChild(QTreeWidgetItem([self.tr("… and {0} more").format(formats.count(len(rows) - _LISTED)), ""]))
        self.tree.addTopLevelItem(top)
        top.setExpanded(True)
