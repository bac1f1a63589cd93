"""Ask for the name of a copy of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from desktop_aml.domain.environments import EnvironmentVersion
from desktop_aml.domain.errors import DesktopAMLError, InvalidName
from desktop_aml.domain.names import check_environment_name
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


class CloneDialog(QDialog):
    """Copies an environment to a new name and goes to it; `open` it, it does not block.

    Parameters
    ----------
    name : str
        The environment to copy.
    version : int
        0 is the newest.
    """

    def __init__(
        self, workspace: Workspace, bridge: Bridge, name: str, version: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("clone_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Clone environment"))
        self.setMinimumWidth(400)
        self._workspace = workspace
        self._bridge = bridge
        self._source = (name, version)
        self.name = QLineEdit(f"my-{name}", self)
        self.name.setAccessibleName(self.tr("Name of the copy"))
        self.name.setMinimumHeight(theme.FIELD_HEIGHT)
        self.name.selectAll()
        self.error = ErrorLine(self)
        self.clone_button = PrimaryButton(self.tr("Clone"), self)
        self.clone_button.setDefault(True)
        self.clone_button.clicked.connect(self.clone)
        self.name.textChanged.connect(self._check)
        form = LabelledFields()
        form.add(self.tr("&New name"), self.name)
        buttons = dialog_foot(self, self.tr("Cancel"), self.clone_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Clone {0}").format(name), 1, self))
        layout.addWidget(SecondaryLabel(self.tr("The copy is yours to change."), self))
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addStretch(1)
        layout.addLayout(buttons)

    def _check(self) -> None:
        try:
            check_environment_name(self.name.text().strip())
        except InvalidName as error:
            self.error.show_error(error)
            self.clone_button.setEnabled(False)
            return
        self.error.show_text("")
        self.clone_button.setEnabled(True)

    def clone(self) -> None:
        """Make the copy."""
        new = self.name.text().strip()
        name, version = self._source
        self.clone_button.setEnabled(False)
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.environments.clone(name, new, version),
            self._on_cloned,
            self._on_refused,
        )

    def _on_cloned(self, made: EnvironmentVersion) -> None:
        self.accept()
        self._bridge.go_to("environment", made.name)

    def _on_refused(self, error: DesktopAMLError) -> None:
        self.error.show_error(error)
        self.clone_button.setEnabled(True)
