"""The user's settings, applied at once and saved at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.settings import Settings, Theme
from desktop_aml.ui import theme
from desktop_aml.ui.choice_field import ChoiceField
from desktop_aml.ui.preferences import Preferences
from desktop_aml.ui.widgets import Heading, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.ui.session import Session


class SettingsDialog(QDialog):
    """Changes the settings."""

    def __init__(self, preferences: Preferences, session: Session | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(480)
        self._preferences = preferences
        self._session = session
        self._build()
        self._show(preferences.value)
        self._connect()

    def _build(self) -> None:
        self.theme = ChoiceField(self)
        self.theme.set_choices(
            [
                (self.tr("As the system"), str(Theme.SYSTEM)),
                (self.tr("Light"), str(Theme.LIGHT)),
                (self.tr("Dark"), str(Theme.DARK)),
            ]
        )
        self.limit = QSpinBox(self)
        self.limit.setRange(1, 256)
        self.grace = QDoubleSpinBox(self)
        self.grace.setRange(0, 3600)
        self.grace.setDecimals(0)
        self.grace.setSuffix(self.tr(" s"))
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
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE_L)
        form.setVerticalSpacing(theme.SPACE_S)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in (
            (self.tr("&Colors"), self.theme),
            (self.tr("&Runs at once"), self.limit),
            (self.tr("Seconds to &stop in"), self.grace),
            (self.tr("&Python of environments"), self.python),
            (self.tr("&Built environments"), self.builds),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label.replace("&", ""))
            field.setMinimumHeight(theme.FIELD_HEIGHT)
        self.reset_button = QPushButton(self.tr("Reset"), self)
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
        layout.addLayout(form)
        layout.addWidget(
            SecondaryLabel(
                self.tr(
                    "Applied at once. The time to stop in and the folder count from the next start of the workspace."
                ),
                self,
                small=True,
            )
        )
        layout.addStretch(1)
        layout.addLayout(buttons)

    def _connect(self) -> None:
        self.theme.currentIndexChanged.connect(self._on_theme_changed)
        self.limit.valueChanged.connect(self._on_limit_changed)
        self.grace.valueChanged.connect(lambda value: self._preferences.change(grace_s=value))
        self.python.currentIndexChanged.connect(self._on_python_changed)
        self.builds.editingFinished.connect(
            lambda: self._preferences.change(environments_directory=self.builds.text().strip())
        )
        self.reset_button.clicked.connect(self._on_reset_button_clicked)

    def _show(self, value: Settings) -> None:
        self.theme.set_value(str(value.theme))
        self.limit.setValue(value.max_concurrent_runs)
        self.grace.setValue(value.grace_s)
        self.python.set_value(str(value.python_pin_policy))
        self.builds.setText(value.environments_directory)

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
        policy = PythonPinPolicy(str(self.python.value()))
        self._preferences.change(python_pin_policy=policy)
        if self._session is not None:
            self._session.workspace.set_python_pin_policy(policy)

    def _on_reset_button_clicked(self) -> None:
        self._show(Settings())
        self._preferences.change(environments_directory="")
