"""Deploy a model with a name, a port and keys of one's own choice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QLineEdit,
    QVBoxLayout,
)

from desktop_aml.domain.errors import DesktopAMLError, InvalidName
from desktop_aml.domain.names import check_endpoint_name
from desktop_aml.domain.registry import Endpoint, ModelVersion
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.labelled_fields import LabelledFields
from desktop_aml.ui.widgets.number_field import NumberField
from desktop_aml.ui.widgets.target_field import TargetField, look_at_targets
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from collections.abc import Collection

    from PySide6.QtWidgets import QWidget

    from desktop_aml.workspace import Workspace

_LONGEST: Final = 32
_PRIVILEGED: Final = 1024
_LAST_PORT: Final = 65535


class DeployDialog(QDialog):
    """Asks how to serve a version of a model; `open` it, it does not block."""

    deployed = Signal(object)
    """The new `Endpoint`."""

    def __init__(
        self, workspace: Workspace, bridge: Bridge, model: ModelVersion, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("deploy_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Deploy"))
        self._workspace = workspace
        self._bridge = bridge
        self._model = model
        self._taken: frozenset[str] = frozenset()
        self._build()
        call_for(self, bridge, lambda: frozenset(e.name for e in workspace.endpoints.list()), self._on_endpoints_known)
        self._check()

    def _build(self) -> None:
        self.setMinimumWidth(400)
        self.name = QLineEdit(endpoint_name(self._model.name), self)
        self.port = NumberField(whole=True, start=5001, minimum=0, parent=self)
        self.port.set_placeholder(self.tr("Any free port"))
        self.keys = QCheckBox(self.tr("&Require a key"), self)
        self.network = QCheckBox(self.tr("Let the model &use the network"), self)
        self.target = TargetField(self)
        self.target.look_wanted.connect(lambda: look_at_targets(self, self._workspace, self._bridge))
        self._bridge.targets_seen.connect(self.target.show_targets)
        self.target.changed.connect(self._check)
        self.error = ErrorLine(self)
        self.deploy_button = PrimaryButton(self.tr("Deploy"), self, icon="deploy")
        self.deploy_button.setDefault(True)
        self.deploy_button.clicked.connect(self.deploy)
        self.name.textChanged.connect(self._check)
        self.port.value_changed.connect(self._check)
        form = LabelledFields()
        form.add(self.tr("&Name"), self.name, self.tr("Name of the endpoint"))
        form.add(self.tr("&Port"), self.port, self.tr("Port; empty for any free one"))
        form.add(self.tr("&Target"), self.target, self.tr("Where the model is served"))
        form.add("", self.keys, self.tr("Require a key"))
        form.add("", self.network, self.tr("Let the model use the network"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Deploy {0}").format(self._model.label), 1, self))
        note = SecondaryLabel(self.tr("It is served to programs on this computer only."), self)
        note.setWordWrap(False)
        layout.addWidget(note)
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addStretch(1)
        buttons = dialog_foot(self, self.tr("Cancel"), self.deploy_button)
        layout.addLayout(buttons)

    def deploy(self) -> None:
        """Deploy, and close when the endpoint is on its way."""
        name, port, keys, model = (
            self.name.text().strip(),
            int(self.port.value() or 0),
            self.keys.isChecked(),
            self._model,
        )
        target, network = self.target.value(), self.network.isChecked()
        self.deploy_button.setEnabled(False)
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.endpoints.deploy(
                model.name,
                version=model.version,
                name=name,
                port=port,
                auth_enabled=keys,
                overwrite=False,
                target=target,
                network=network,
            ),
            self._on_deployed,
            self._on_deploy_failed,
        )

    def _on_deployed(self, endpoint: Endpoint) -> None:
        self.deployed.emit(endpoint)
        self._bridge.go_to("endpoint", endpoint.name)
        self.accept()

    def _on_deploy_failed(self, error: DesktopAMLError) -> None:
        self.deploy_button.setEnabled(True)
        self.error.show_error(error)

    def _on_endpoints_known(self, names: frozenset[str]) -> None:
        untouched = self.name.text() == endpoint_name(self._model.name)
        self._taken = names
        if untouched:
            self.name.setText(endpoint_name(self._model.name, names))
        self._check()

    def _check(self) -> None:
        self.error.show_text(self._problem())
        self.deploy_button.setEnabled(not self._problem() and not self.target.fault())

    def _problem(self) -> str:
        name = self.name.text().strip()
        try:
            check_endpoint_name(name)
        except InvalidName as error:
            return error.hint
        if name in self._taken:
            return self.tr("There is an endpoint “{0}” already.").format(name)
        port = self.port.value() or 0
        if self.port.is_faulty() or (port and not _PRIVILEGED <= port <= _LAST_PORT):
            return self.tr("Use a port from 1024 to 65535, or leave it empty for any free one.")
        return ""


def endpoint_name(model_name: str, taken: Collection[str] = ()) -> str:
    """Return a name for an endpoint of a model: the model's own, made to fit the rule, with a number when taken."""
    base = re.sub(r"[^a-z0-9]+", "-", model_name.lower()).strip("-")[:_LONGEST].rstrip("-") or "endpoint"
    name, number = base, 2
    while name in taken:
        ending = f"-{number}"
        name, number = base[: _LONGEST - len(ending)].rstrip("-") + ending, number + 1
    return name
