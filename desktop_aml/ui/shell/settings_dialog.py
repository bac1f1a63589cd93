"""The user's settings, applied at once and saved at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.computes.container_files import FileSharing
from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.domain.errors import StorageError
from desktop_aml.settings import DOCKER_BASE_IMAGE, Settings, Theme
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.trusted_list import TrustedList
from desktop_aml.ui.widgets.choice_field import ChoiceField
from desktop_aml.ui.widgets.settings_fields import SettingsFields, WholeNumber
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.ui.session.session import Session

_MEGABYTE: Final = 1_000_000
_MOST: Final = 1_000_000
_NETWORKS: Final = ("bridge", "none", "host")


class SettingsDialog(QDialog):
    """Changes the settings. What makes no sense is said below its field and not saved."""

    def __init__(self, preferences: Preferences, session: Session | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Settings"))
        self._preferences = preferences
        self._session = session
        self.fields = SettingsFields()
        self._make_fields()
        self._fill_form()
        self._lay_out()
        self._show(preferences.value)
        self._connect()

    # Building.

    def _make_fields(self) -> None:
        self.theme = ChoiceField(self)
        self.theme.set_choices(
            [
                (self.tr("As the system"), str(Theme.SYSTEM)),
                (self.tr("Light"), str(Theme.LIGHT)),
                (self.tr("Dark"), str(Theme.DARK)),
            ]
        )
        self.limit = WholeNumber(1, 256, parent=self)
        self.grace = WholeNumber(0, 3600, self.tr(" s"), self)
        self.restore = QCheckBox(self)
        self.warm = QCheckBox(self)
        self.capture = QCheckBox(self)
        self.capture.setEnabled(self._session is not None)
        self.snapshot_size = WholeNumber(1, _MOST, self.tr(" MB"), self)
        self.snapshot_files = WholeNumber(1, _MOST, self.tr(" files"), self)
        self.python = ChoiceField(self)
        self.python.set_choices(
            [
                (self.tr("Only exactly the one asked for"), str(PythonPinPolicy.EXACT)),
                (self.tr("Same minor version, with a note"), str(PythonPinPolicy.SAME_MINOR)),
                (self.tr("The nearest one, with a note"), str(PythonPinPolicy.RELAXED)),
            ]
        )
        self.builds = QLineEdit(self)
        self.builds.setPlaceholderText(self.tr("The user's cache folder"))
        self.base_image = QLineEdit(self)
        self.base_image.setPlaceholderText(DOCKER_BASE_IMAGE)
        self.network = ChoiceField(self, editable=True)
        self.network.set_choices((name, name) for name in _NETWORKS)
        self.files = ChoiceField(self)
        self.files.set_choices(
            [
                (self.tr("By where the engine is"), str(FileSharing.AUTO)),
                (self.tr("Mount them"), str(FileSharing.MOUNT)),
                (self.tr("Copy them there and back"), str(FileSharing.COPY)),
            ]
        )
        self.gpus = QCheckBox(self)
        self.trusted = TrustedList(self)

    def _fill_form(self) -> None:
        add, tr = self.fields.add, self.tr
        self.fields.section(tr("Window"))
        add(tr("&Colors"), self.theme, tr("Light and dark can follow the system."))
        self.fields.section(tr("Runs"))
        add(tr("&Runs at once"), self.limit, tr("Runs beyond that wait in the queue."))
        add(
            tr("Seconds to &stop in"),
            self.grace,
            tr("A canceled script that still goes on then is ended. Counts from the next start of the workspace."),
        )
        add(
            tr("Restore names that newer &libraries removed"),
            self.restore,
            tr("Scripts for an older numpy, scikit-learn, pandas or Python find them again; the run's log says which."),
        )
        add(
            tr("Start runs that follow each other &warm"),
            self.warm,
            tr("They are forked from a Python that has imported what they import. Results are the same."),
        )
        help_text = tr(
            "What they fit, score and search with scikit-learn, and print of results. Saved with the workspace."
        )
        add(tr("Record what plain scripts d&o, in this workspace"), self.capture, help_text)
        add(
            tr("Warn of a source folder larger &than"),
            self.snapshot_size,
            tr("A larger folder is copied all the same. Azure's own limit is 300 MB."),
        )
        add(tr("Warn of &more files than"), self.snapshot_files, tr("Azure's own limit is 2,000 files."))
        self.fields.section(tr("Environments"))
        add(
            tr("&Python of environments"),
            self.python,
            tr("What stands in for a Python that an environment names and that is missing."),
        )
        add(
            tr("&Built environments"),
            self.builds,
            tr("Folder in which they are kept for all workspaces. Counts from the next start of the workspace."),
        )
        self.fields.section(tr("Docker"))
        add(
            tr("Base &image"),
            self.base_image,
            tr("What images of environments are built on; {version} stands for the Python version."),
        )
        add(
            tr("&Network of runs"),
            self.network,
            tr("bridge, none, host, or the name of a network of Docker. Counts from the next start of the workspace."),
        )
        add(
            tr("&Files of runs"),
            self.files,
            tr(
                "An engine on this computer sees them, to one elsewhere they are copied. "
                "Counts from the next start of the workspace."
            ),
        )
        add(
            tr("Give runs the &GPUs of the engine"),
            self.gpus,
            tr("A run is refused where the engine has none. Counts from the next start of the workspace."),
        )
        self.fields.section(tr("Trust"))
        add(
            tr("&Trusted workspaces"),
            self.trusted,
            tr("What waits in them runs without a question. One that is forgotten is asked about at its next opening."),
        )

    def _lay_out(self) -> None:
        page = QWidget(self)
        page.setLayout(self.fields)
        self.fields.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self.fields.setContentsMargins(0, 0, theme.SPACE_M, 0)
        self.reset_button = QPushButton(self.tr("Reset"), self)
        self.reset_button.setAutoDefault(False)
        close = QPushButton(self.tr("Close"), self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.reset_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_M)
        layout.addWidget(Heading(self.tr("Settings"), 1, self))
        layout.addWidget(SecondaryLabel(self.tr("Applied and saved at once."), self, small=True))
        layout.addWidget(area, 1)
        layout.addLayout(buttons)
        self.resize(520, 640)

    def _connect(self) -> None:
        self.theme.currentIndexChanged.connect(self._on_theme_changed)
        self.limit.valueChanged.connect(self._on_limit_changed)
        self.grace.valueChanged.connect(lambda value: self._change(grace_s=float(value)))
        self.restore.toggled.connect(lambda on: self._change(restore_removed_names=on))
        self.warm.toggled.connect(lambda on: self._change(warm_starts=on))
        self.capture.toggled.connect(self._on_capture_toggled)
        self.snapshot_size.valueChanged.connect(lambda size: self._change(snapshot_warning_bytes=size * _MEGABYTE))
        self.snapshot_files.valueChanged.connect(lambda count: self._change(snapshot_warning_files=count))
        self.python.currentIndexChanged.connect(self._on_python_changed)
        self.builds.editingFinished.connect(self._on_builds_finished)
        self.base_image.editingFinished.connect(self._on_base_image_finished)
        self.network.currentTextChanged.connect(self._on_network_changed)
        self.files.currentIndexChanged.connect(
            lambda _: self._change(docker_files=FileSharing(str(self.files.value())))
        )
        self.gpus.toggled.connect(lambda on: self._change(docker_gpus=on))
        self.reset_button.clicked.connect(self._on_reset_button_clicked)

    def _show(self, value: Settings) -> None:
        self.theme.set_value(str(value.theme))
        self.limit.setValue(value.max_concurrent_runs)
        self.grace.setValue(round(value.grace_s))
        self.restore.setChecked(value.restore_removed_names)
        self.capture.setChecked(self._session is not None and self._session.workspace.captures())
        self.warm.setChecked(value.warm_starts)
        self.snapshot_size.setValue(max(1, round(value.snapshot_warning_bytes / _MEGABYTE)))
        self.snapshot_files.setValue(value.snapshot_warning_files)
        self.python.set_value(str(value.python_pin_policy))
        self.builds.setText(value.environments_directory)
        self.base_image.setText("" if value.docker_base_image == DOCKER_BASE_IMAGE else value.docker_base_image)
        self.network.setCurrentText(value.docker_network)
        self.files.set_value(str(value.docker_files))
        self.gpus.setChecked(value.docker_gpus)

    # Changing.

    def _on_capture_toggled(self, on: bool) -> None:
        if self._session is None or self._session.workspace.captures() == on:
            return
        try:
            self._session.workspace.set_captures(wanted=on)
        except StorageError as error:
            self._show(self._preferences.value)
            self.fields.show_fault(self.capture, error.message, error.hint)

    def _change(self, **changes: Any) -> None:
        self._preferences.change(**changes)
        if self._session is not None:
            self._session.workspace.apply_settings(self._preferences.value)

    def _change_if_sound(self, field: QWidget, hint: str, **changes: Any) -> None:
        fault = self._preferences.value.fault(**changes)
        self.fields.show_fault(field, fault, hint if fault else "")
        if not fault:
            self._change(**changes)

    def _on_theme_changed(self, _index: int) -> None:
        choice = Theme(str(self.theme.value()))
        self._preferences.change(theme=choice)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, str(choice))

    def _on_limit_changed(self, limit: int) -> None:
        self._preferences.change(max_concurrent_runs=limit)
        if self._session is not None:
            self._session.workspace.set_run_limit(limit)

    def _on_python_changed(self, _index: int) -> None:
        self._change(python_pin_policy=PythonPinPolicy(str(self.python.value())))

    def _on_builds_finished(self) -> None:
        hint = self.tr("Write it from the root on, or nothing for the user's cache folder.")
        self._change_if_sound(self.builds, hint, environments_directory=self.builds.text().strip())

    def _on_base_image_finished(self) -> None:
        hint = self.tr("Write it as Docker does, such as python:{version}-slim.")
        name = self.base_image.text().strip() or DOCKER_BASE_IMAGE
        self._change_if_sound(self.base_image, hint, docker_base_image=name)

    def _on_network_changed(self, name: str) -> None:
        self._change_if_sound(self.network, self.tr("Write one word, such as bridge."), docker_network=name.strip())

    def _on_reset_button_clicked(self) -> None:
        self._show(Settings())
        for finish in (self._on_builds_finished, self._on_base_image_finished):
            finish()
