"""What an environment resolved to is read, and taken along in the forms that other tools read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics, QGuiApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import EnvironmentLock, LockedPackage
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.lock_export import LockFormat
from desktop_aml.ui.environments.lock_table import LockTable

TEXT = "joblib==1.4.2 --hash=sha256:abc\n"
LOCK = EnvironmentLock(
    "3.11.7",
    "linux-x86_64",
    "uv",
    (LockedPackage("joblib", "1.4.2", ("sha256:abc",)),),
    TEXT,
    ("A note.",),
    chosen_because="Every package is on PyPI.",
)


@pytest.fixture
def table(qtbot: QtBot) -> LockTable:
    made = LockTable()
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_builder_and_why_it_was_chosen_stand_above_the_packages(table: LockTable):
    table.show_lock(LOCK, "sk:2")
    assert "built by uv" in table.summary.text()
    assert table.notes.text() == "Every package is on PyPI.\nA note."
    assert table.table.item(0, 0).text() == "joblib"


def test_a_version_is_shown_whole_however_long_it_is(table: LockTable):
    version = "2026.10.30.dev20261030.post1+cu124"
    packages = (*LOCK.packages, LockedPackage("torch", version, ()))
    table.show_lock(replace(LOCK, packages=packages), "sk:2")
    item = table.table.item(1, 1)
    assert QFontMetrics(item.font()).horizontalAdvance(version) < table.table.columnWidth(1)
    table.show_lock(LOCK, "sk:2")
    assert table.table.columnWidth(1) == 100


def test_only_the_forms_that_can_say_it_are_offered(table: LockTable):
    table.show_lock(LOCK, "sk:2")
    offered = {action.text(): action.isEnabled() for action in table.menu().actions() if action.text()}
    assert offered["Copy requirements.txt with hashes"]
    assert offered["Save conda YAML with exact versions…"]
    assert not offered["Copy conda explicit list"]


def test_a_lock_is_copied_and_saved_with_its_hashes(table: LockTable, tmp_path: Path):
    table.show_lock(LOCK, "sk:2")
    table.copy()
    assert TEXT in QGuiApplication.clipboard().text()
    table.save(LockFormat.YAML, tmp_path / "environment.yml")
    assert "    - joblib==1.4.2" in (tmp_path / "environment.yml").read_text()


def test_a_folder_that_cannot_be_written_is_told(table: LockTable, tmp_path: Path):
    heard: list[DesktopAMLError] = []
    table.failed.connect(heard.append)
    table.show_lock(LOCK)
    table.save(LockFormat.REQUIREMENTS, tmp_path / "none" / "requirements.txt")
    table.copy(LockFormat.CONDA_EXPLICIT)
    assert "cannot be written" in heard[0].message
    assert "conda has no files" in heard[1].message


def test_an_environment_that_was_never_resolved_says_when_it_will_be(table: LockTable):
    table.show_lock(None)
    assert table.empty.isVisible()
    assert table.exported(LockFormat.YAML) == ""
