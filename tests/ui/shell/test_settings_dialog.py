"""Every setting has a field with a help text; what makes sense is saved at once, what does not is said."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import PythonPinPolicy
from desktop_aml.settings import Settings
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.settings_dialog import SettingsDialog
from desktop_aml.ui.widgets.number_field import NumberField


class Opened:
    """The dialog, what it saves, and what the workspace hears."""

    def __init__(self, path: Path, qtbot: QtBot) -> None:
        self.path = path
        self.applied: list[Settings] = []
        self.captures = True
        workspace = SimpleNamespace(
            set_run_limit=lambda _: None,
            apply_settings=self.applied.append,
            captures=lambda: self.captures,
            set_captures=self.set_captures,
        )
        self.dialog = SettingsDialog(Preferences(path), SimpleNamespace(workspace=workspace))  # type: ignore[arg-type]
        qtbot.addWidget(self.dialog)

    def set_captures(self, *, wanted: bool) -> None:
        self.captures = wanted

    def saved(self) -> Settings:
        return Preferences(self.path).value


@pytest.fixture
def opened(tmp_path: Path, qtbot: QtBot) -> Opened:
    return Opened(tmp_path / "settings.json", qtbot)


def test_each_setting_is_saved_and_told_to_the_workspace(opened: Opened) -> None:
    dialog = opened.dialog
    dialog.restore.click()
    dialog.snapshot_size.setValue(50)
    dialog.snapshot_files.setValue(10)
    dialog.python.set_value("relaxed")
    dialog.network.setCurrentText("my-net")
    dialog.base_image.setText("registry.example.org/base/python:{version}")
    dialog.base_image.editingFinished.emit()
    saved = opened.saved()
    assert not saved.restore_removed_names
    assert (saved.snapshot_warning_bytes, saved.snapshot_warning_files) == (50_000_000, 10)
    assert saved.python_pin_policy is PythonPinPolicy.RELAXED
    assert saved.docker_network == "my-net"
    assert saved.docker_base_image == "registry.example.org/base/python:{version}"
    assert opened.applied[-1] == dialog._preferences.value


@pytest.mark.parametrize("name", ["python {version}", "Python:{version}", "python:{version}\\nRUN id", "{version}:"])
def test_a_base_image_that_is_none_is_said_below_its_field_and_not_saved(opened: Opened, name: str) -> None:
    field = opened.dialog.base_image
    field.setText(name)
    field.editingFinished.emit()
    assert "is not the name of an image" in opened.dialog.fields.fault_of(field)
    assert opened.saved().docker_base_image == Settings().docker_base_image
    field.setText("")
    field.editingFinished.emit()
    assert opened.dialog.fields.fault_of(field) == ""


def test_a_network_and_a_folder_that_are_none_are_said(opened: Opened) -> None:
    dialog = opened.dialog
    dialog.network.setCurrentText("two words")
    dialog.builds.setText("some/folder")
    dialog.builds.editingFinished.emit()
    assert "network of Docker" in dialog.fields.fault_of(dialog.network)
    assert "whole path" in dialog.fields.fault_of(dialog.builds)
    assert (opened.saved().docker_network, opened.saved().environments_directory) == ("bridge", "")


def test_how_files_come_into_containers_and_gpus_are_saved(opened: Opened) -> None:
    opened.dialog.files.set_value("copy")
    opened.dialog.gpus.click()
    assert (opened.saved().docker_files, opened.saved().docker_gpus) == ("copy", True)


def test_reset_brings_back_what_is_usual(opened: Opened) -> None:
    dialog = opened.dialog
    dialog.restore.click()
    dialog.network.setCurrentText("none")
    dialog.base_image.setText("base:{version}")
    dialog.base_image.editingFinished.emit()
    dialog.snapshot_size.setValue(7)
    dialog.files.set_value("copy")
    dialog.gpus.click()
    dialog.reset_button.click()
    assert opened.saved() == Settings()


@pytest.mark.parametrize("colors", ["light", "dark"])
def test_every_field_has_a_name_and_a_help_text_and_fits_the_width(
    opened: Opened, qapp: QApplication, colors: str
) -> None:
    theme.apply(qapp, colors)
    dialog = opened.dialog
    dialog.resize(420, 400)
    dialog.show()
    choices = (dialog.theme, dialog.python, dialog.network, dialog.files)
    for field in (dialog.limit, dialog.restore, dialog.base_image, dialog.gpus, *choices):
        assert field.accessibleName()
        assert field.accessibleDescription()
        assert field.mapTo(dialog, field.rect().topRight()).x() <= dialog.width()
    theme.apply(qapp, "light")


def test_a_number_keeps_its_distance_from_the_border_of_its_field(opened: Opened, qtbot: QtBot) -> None:
    number = NumberField(whole=True)
    qtbot.addWidget(number)
    for field in (opened.dialog.snapshot_files, number):
        assert field.lineEdit().textMargins().left() == 6


def test_whether_plain_scripts_are_recorded_belongs_to_the_workspace(opened: Opened) -> None:
    assert opened.dialog.capture.isChecked()
    opened.dialog.capture.click()
    assert (opened.captures, opened.saved()) == (False, Settings())
    opened.dialog.capture.click()
    assert opened.captures
