"""Files or a folder become the next version of a dataset."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.datasets import DatasetVersion
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.widgets import ElidedLabel, Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_WIDTH: Final = 480


class RegisterDataDialog(QDialog):
    """Asks for files and a name; `open` it, it does not block.

    Parameters
    ----------
    paths : sequence of Path
        Files, or a folder, chosen already.
    name : str
        Of a dataset that gets its next version; empty to offer one after the files.
    """

    def __init__(
        self,
        workspace: Workspace,
        bridge: Bridge,
        parent: QWidget | None = None,
        *,
        paths: Sequence[Path] = (),
        name: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("register_data_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Register data"))
        self.setMinimumWidth(_WIDTH)
        self._workspace, self._bridge = workspace, bridge
        self._paths: tuple[Path, ...] = ()
        self._busy = False
        self.files = ElidedLabel()
        choose = QPushButton(self.tr("Files…"))
        choose.setAutoDefault(False)
        choose.clicked.connect(lambda: self._choose(folder=False))
        folder = QPushButton(self.tr("Folder…"))
        folder.setAutoDefault(False)
        folder.clicked.connect(lambda: self._choose(folder=True))
        where = QWidget()
        row = QHBoxLayout(where)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.files, 1)
        row.addWidget(choose)
        row.addWidget(folder)
        self.name = QLineEdit(name)
        self.description = QLineEdit()
        form = LabelledFields()
        form.add(self.tr("Data"), where, self.tr("Files of the dataset"))
        form.add(self.tr("&Name"), self.name, self.tr("Name of the dataset"))
        form.add(self.tr("&Description"), self.description, self.tr("Description of this version"))
        self.error = ErrorLine(self)
        self.register_button = PrimaryButton(self.tr("Register"), self)
        self.register_button.setDefault(True)
        self.register_button.clicked.connect(self.register)
        buttons = dialog_foot(self, self.tr("Cancel"), self.register_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Register data"), 1))
        layout.addWidget(SecondaryLabel(self.tr("The data stays where it is; the hash of each file is kept.")))
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.name.textChanged.connect(self._check)
        self.choose_paths(paths)

    def _choose(self, *, folder: bool) -> None:
        dialog = QFileDialog(self, self.tr("Folder of the data") if folder else self.tr("Files of the data"))
        if folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
            dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        else:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.choose_paths([Path(one) for one in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def choose_paths(self, paths: Sequence[Path]) -> None:
        """Take other files, and offer a name after them while none is typed."""
        self._paths = tuple(paths)
        if len(paths) == 1:
            self.files.setText(str(paths[0]))
        else:
            self.files.setText(formats.files(len(paths)) if paths else self.tr("None chosen"))
        self.files.setToolTip("\n".join(map(str, paths[:20])))
        if paths and not self.name.text().strip():
            self.name.setText(name_after(paths[0]))
        self._check()

    def _check(self) -> None:
        ready = bool(self._paths) and bool(self.name.text().strip()) and not self._busy
        self.register_button.setEnabled(ready)
        words = self.tr("Hashing…") if self._busy else self.tr("Register")
        self.register_button.setText(words)

    def register(self) -> None:
        """Register, and go to the dataset's page."""
        name, description, paths = self.name.text().strip(), self.description.text().strip(), self._paths
        datasets = self._workspace.datasets
        self._busy = True
        self._check()
        call_for(
            self,
            self._bridge,
            lambda: datasets.register_files(paths, name=name, description=description),
            self._on_registered,
            self._on_failed,
        )

    def _on_registered(self, made: DatasetVersion) -> None:
        self.accept()
        self._bridge.go_to("dataset", made.name)

    def _on_failed(self, error: DesktopAMLError) -> None:
        self._busy = False
        self._check()
        self.error.show_error(error)


def name_after(path: Path) -> str:
    """Return a name for a dataset that begins with the file or folder `path`."""
    words = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")
    return words[:60] or "data"
