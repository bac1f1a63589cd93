"""Ask for what makes a cluster: workers here, machines by ssh, a batch system, or a scheduler's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypedDict

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.domain.computes.batch import BatchJobs
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.targets import FAR_PYTHON, LONGEST_IDLE_S, MOST_NODES, TlsFiles
from desktop_aml.ui.computes.batch_fields import BatchFields
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.settings_fields import SettingsFields, WholeNumber
from desktop_aml.ui.widgets.target_field import look_at_targets
from desktop_aml.ui.widgets.widgets import Heading, PrimaryButton

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_OWN: Final = "own"
_ADDRESS: Final = "address"
_SSH: Final = "ssh"
_BATCH: Final = "batch"
_IDLE_S: Final = 120
_FIELDS_HEIGHT: Final = 264


class _Asked(TypedDict, total=False):
    """What a compute is made of."""

    address: str
    tls: TlsFiles
    min_nodes: int
    max_nodes: int
    idle_s: int
    hosts: tuple[str, ...]
    python: str
    batch: BatchJobs


class AddComputeDialog(QDialog):
    """Adds a compute and goes to its page; `open` it, it does not block."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("add_compute_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Add a compute"))
        self.setMinimumWidth(480)
        self._workspace, self._bridge = workspace, bridge
        self.name = QLineEdit("pool", self)
        self.kind = ChoiceField(self)
        self.kind.set_choices(
            (
                (self.tr("Workers of this computer"), _OWN),
                (self.tr("Machines by ssh"), _SSH),
                (self.tr("A batch system"), _BATCH),
                (self.tr("A Dask scheduler that is there"), _ADDRESS),
            )
        )
        self.least = WholeNumber(0, MOST_NODES, "", self)
        self.most = WholeNumber(1, MOST_NODES, "", self)
        self.most.setValue(2)
        self.idle = WholeNumber(0, LONGEST_IDLE_S, self.tr(" s"), self)
        self.idle.setValue(_IDLE_S)
        self.address = QLineEdit(self)
        self.address.setPlaceholderText("tls://host:8786")
        self.ca, self.certificate, self.key = (QLineEdit(self) for _ in range(3))
        self.hosts = QLineEdit(self)
        self.hosts.setPlaceholderText("me@lab1, me@lab2:2222")
        self.python = QLineEdit(FAR_PYTHON, self)
        self.error = ErrorLine(self)
        self.add_button = PrimaryButton(self.tr("Add"), self)
        self.add_button.setDefault(True)
        self.add_button.clicked.connect(self.add)
        buttons = dialog_foot(self, self.tr("Cancel"), self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Add a compute"), 1, self))
        head = SettingsFields()
        head.add(self.tr("Name"), self.name, self.tr("What runs name as their target."))
        head.add(self.tr("What it is"), self.kind, self.tr("Workers are started when runs need them."))
        layout.addLayout(head)
        self._own, self._machines, self._theirs = self._own_fields(), self._ssh_fields(), self._their_fields()
        self.batch = BatchFields(self)
        layout.addWidget(self._scrolled((self._machines, self.batch, self._own, self._theirs)), 1)
        layout.addWidget(self.error)
        layout.addLayout(buttons)
        self.kind.currentIndexChanged.connect(self._show_fields)
        self._show_fields()

    def _scrolled(self, boxes: tuple[QWidget, ...]) -> QScrollArea:
        """Return what holds the fields of all kinds, also where they need more room than the screen has."""
        page, area = QWidget(self), QScrollArea(self)
        self._rows = rows = QVBoxLayout(page)
        rows.setSpacing(theme.SPACE_M)
        for box in boxes:
            rows.addWidget(box)
        rows.addStretch(1)
        area.setWidget(page)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setMinimumHeight(_FIELDS_HEIGHT)
        return area

    def _own_fields(self) -> QWidget:
        box, fields = QWidget(self), SettingsFields()
        fields.add(self.tr("Nodes that stay"), self.least, self.tr("Also when nothing runs."))
        fields.add(self.tr("Nodes at most"), self.most, self.tr("Each carries out one run at a time."))
        fields.add(self.tr("Idle time"), self.idle, self.tr("After it a node that has nothing to do ends."))
        fields.setContentsMargins(0, 0, 0, 0)
        box.setLayout(fields)
        return box

    def _ssh_fields(self) -> QWidget:
        box, fields = QWidget(self), SettingsFields()
        fields.add(self.tr("Machines"), self.hosts, self.tr("Linux; ssh lets you in there without a question."))
        fields.add(self.tr("Their Python"), self.python, self.tr("3.10 or newer, with the “distributed” that is here."))
        fields.setContentsMargins(0, 0, 0, 0)
        box.setLayout(fields)
        return box

    def _their_fields(self) -> QWidget:
        box, fields = QWidget(self), SettingsFields()
        fields.add(self.tr("Address"), self.address, self.tr("tcp:// is for this computer alone."))
        fields.add(self.tr("Certificate of who signs"), self.ca, self.tr("A PEM file; needed for tls://."))
        fields.add(self.tr("Your certificate"), self.certificate, self.tr("A PEM file."))
        fields.add(self.tr("Its key"), self.key, self.tr("A PEM file."))
        fields.setContentsMargins(0, 0, 0, 0)
        box.setLayout(fields)
        return box

    def _show_fields(self) -> None:
        self._own.setVisible(self.kind.value() in {_OWN, _BATCH})
        self.batch.setVisible(self.kind.value() == _BATCH)
        # These alone are longer than the dialog, whose bar needs room.
        self._rows.setContentsMargins(0, 0, theme.SPACE_M if self.kind.value() == _BATCH else 0, 0)
        self._machines.setVisible(self.kind.value() == _SSH)
        self._theirs.setVisible(self.kind.value() == _ADDRESS)

    def add(self) -> None:
        """Add it, or say why that cannot be."""
        name, asked = self.name.text().strip(), self._asked()
        self.add_button.setEnabled(False)
        call_for(
            self,
            self._bridge,
            lambda: self._workspace.computes.create(name, **asked),
            lambda _: self._on_added(name),
            self._on_refused,
        )

    def _asked(self) -> _Asked:
        if self.kind.value() == _SSH:
            hosts = tuple(self.hosts.text().replace(",", " ").split())
            # Without a machine it would be a cluster of this computer.
            return {"hosts": hosts or ("?",), "python": self.python.text().strip() or FAR_PYTHON}
        if self.kind.value() == _ADDRESS:
            ca, certificate, key = (field.text().strip() for field in (self.ca, self.certificate, self.key))
            tls = TlsFiles(ca=ca, certificate=certificate, key=key)
            return {"address": self.address.text().strip() or "?", "tls": tls}
        asked: _Asked = {
            "min_nodes": self.least.value(),
            "max_nodes": self.most.value(),
            "idle_s": self.idle.value(),
        }
        if self.kind.value() == _BATCH:
            asked |= {"batch": self.batch.asked(), "python": self.batch.their_python()}
        return asked

    def _on_added(self, name: str) -> None:
        self.accept()
        self._bridge.computes_changed.emit()
        look_at_targets(self._bridge, self._workspace, self._bridge)
        self._bridge.go_to("compute", name)

    def _on_refused(self, error: DesktopAMLError) -> None:
        self.error.show_error(error)
        self.add_button.setEnabled(True)
